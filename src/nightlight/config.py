"""What the environment says, read once into one frozen value. Nothing else reads the environment.

Every setting may also be given as `NAME_FILE`, the path of a file that holds the value, so that a
secret need not stand in the environment. `config_report` shows them without secrets.
"""

import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from nightlight.config_values import (
    EXIT_URL_DEFAULT,
    Network,
    SettingError,
    base_url,
    countries,
    database_url,
    exit_url,
    mail_from,
    networks,
    one_provider_url,
    provider_urls,
    push_contact,
    service_name,
    service_names,
    switch,
    watchdog_url,
)

__all__ = [
    "EXIT_URL_DEFAULT",
    "Network",
    "SettingError",
    "Settings",
    "child_environ",
    "current",
    "host_keys",
    "is_loopback",
    "load",
    "name_django_settings",
    "prepare_data",
    "use",
]

KEY_CHARACTERS_MIN = 32
BASE_URL_DEFAULT = "http://127.0.0.1:8000"
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")

NAMES = (
    "NIGHTLIGHT_DATA",
    "NIGHTLIGHT_KEY",
    "NIGHTLIGHT_DATABASE_URL",
    "NIGHTLIGHT_BASE_URL",
    "NIGHTLIGHT_SMTP_URL",
    "NIGHTLIGHT_MAIL_FROM",
    "NIGHTLIGHT_IMAP_URL",
    "NIGHTLIGHT_SMS_URL",
    "NIGHTLIGHT_COUNTRIES",
    "NIGHTLIGHT_VOICE_URL",
    "NIGHTLIGHT_PUSH_CONTACT",
    "NIGHTLIGHT_NTFY_URL",
    "NIGHTLIGHT_UNIFIEDPUSH",
    "NIGHTLIGHT_MATRIX_URL",
    "NIGHTLIGHT_APPRISE",
    "NIGHTLIGHT_REACHABLE",
    "NIGHTLIGHT_WATCHDOG_URL",
    "NIGHTLIGHT_NAME",
    "NIGHTLIGHT_PROXIES",
    "NIGHTLIGHT_EXIT_URL",
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the environment decides. What is a secret stays out of `repr`."""

    data: Path
    """Directory of the SQLite file and, without `keys`, of the key file."""
    keys: tuple[str, ...] = field(default=(), repr=False)
    """Host keys as given, newest first; empty means the key file. Ask `host_keys()` for those in use."""
    database_url: str = field(default="", repr=False)
    """`postgresql://…`; empty means SQLite in `data`."""
    base_url: str = BASE_URL_DEFAULT
    """Begins every link; without a slash at its end."""
    smtp_urls: tuple[str, ...] = field(default=(), repr=False)
    mail_from: str = ""
    imap_url: str = field(default="", repr=False)
    """The mailbox in which replies and bounces arrive; empty when nobody reads them."""
    sms_urls: tuple[str, ...] = field(default=(), repr=False)
    countries: frozenset[str] = frozenset()
    """Countries whose numbers may be given, as two capital letters; empty means all."""
    voice_urls: tuple[str, ...] = field(default=(), repr=False)
    push_contact: str = ""
    """`mailto:` or `https:` address at which push services reach the host; switches Web Push on."""
    ntfy_url: str = field(default="", repr=False)
    """The host's own ntfy server, or a public one; switches ntfy on."""
    unifiedpush: bool = False
    matrix_url: str = field(default="", repr=False)
    apprise: tuple[str, ...] = ()
    """Names of the services of Apprise that are switched on."""
    reachable: tuple[Network, ...] = ()
    """Networks that are not public and may be reached all the same, at addresses people gave."""
    watchdog_url: str = field(default="", repr=False)
    name: str = "Nightlight"
    proxies: tuple[Network, ...] = ()
    exit_url: str = EXIT_URL_DEFAULT
    """Where quick exit leads: a page of somebody else's that anybody might be reading."""
    sources: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}), repr=False, compare=False
    )
    """For each setting that was given, where it came from."""

    @property
    def base_host(self) -> str:
        """The host in `base_url`, without a port."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_https(self) -> bool:
        """Whether links begin with https, so that cookies may be kept to it."""
        return self.base_url.startswith("https://")

    @property
    def uses_postgresql(self) -> bool:
        """Whether the database is PostgreSQL; else it is SQLite in `data`."""
        return bool(self.database_url)

    @property
    def database_file(self) -> Path:
        """Where the SQLite database lies, when it is used."""
        return self.data / "nightlight.sqlite3"

    @property
    def key_file(self) -> Path:
        """Where the host key lies, when none is given."""
        return self.data / "key"


def is_loopback(host: str) -> bool:
    """Whether *host*, a name or an address, is this machine."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load(environ: Mapping[str, str] | None = None, *, data: str | Path | None = None) -> Settings:
    """Read the settings from *environ* (the process's own by default); *data* overrides NIGHTLIGHT_DATA.

    Nothing is created. Raises `SettingError`.
    """
    environ = os.environ if environ is None else environ
    sources: dict[str, str] = {}
    values = {name: _value(environ, name, sources) for name in NAMES}
    if data is not None:
        values["NIGHTLIGHT_DATA"] = str(data)
        sources["NIGHTLIGHT_DATA"] = "--data"
    return Settings(
        data=_data(values["NIGHTLIGHT_DATA"], environ),
        keys=_keys("NIGHTLIGHT_KEY", values["NIGHTLIGHT_KEY"]),
        database_url=database_url(values["NIGHTLIGHT_DATABASE_URL"]),
        base_url=base_url(values["NIGHTLIGHT_BASE_URL"] or BASE_URL_DEFAULT),
        smtp_urls=provider_urls("NIGHTLIGHT_SMTP_URL", values["NIGHTLIGHT_SMTP_URL"]),
        mail_from=mail_from(values["NIGHTLIGHT_MAIL_FROM"]),
        imap_url=one_provider_url("NIGHTLIGHT_IMAP_URL", values["NIGHTLIGHT_IMAP_URL"]),
        sms_urls=provider_urls("NIGHTLIGHT_SMS_URL", values["NIGHTLIGHT_SMS_URL"]),
        countries=countries(values["NIGHTLIGHT_COUNTRIES"]),
        voice_urls=provider_urls("NIGHTLIGHT_VOICE_URL", values["NIGHTLIGHT_VOICE_URL"]),
        push_contact=push_contact(values["NIGHTLIGHT_PUSH_CONTACT"]),
        ntfy_url=one_provider_url("NIGHTLIGHT_NTFY_URL", values["NIGHTLIGHT_NTFY_URL"]),
        unifiedpush=switch("NIGHTLIGHT_UNIFIEDPUSH", values["NIGHTLIGHT_UNIFIEDPUSH"]),
        matrix_url=one_provider_url("NIGHTLIGHT_MATRIX_URL", values["NIGHTLIGHT_MATRIX_URL"]),
        apprise=service_names(values["NIGHTLIGHT_APPRISE"]),
        reachable=networks("NIGHTLIGHT_REACHABLE", values["NIGHTLIGHT_REACHABLE"]),
        watchdog_url=watchdog_url(values["NIGHTLIGHT_WATCHDOG_URL"]),
        name=service_name(values["NIGHTLIGHT_NAME"] or "Nightlight"),
        proxies=networks("NIGHTLIGHT_PROXIES", values["NIGHTLIGHT_PROXIES"]),
        exit_url=exit_url(values["NIGHTLIGHT_EXIT_URL"] or EXIT_URL_DEFAULT),
        sources=MappingProxyType(sources),
    )


class _Process:
    """What is in force in this process."""

    settings: Settings | None = None


def use(settings: Settings) -> None:
    """Make *settings* the ones in force in this process; a command calls it before Django is loaded."""
    _Process.settings = settings


def current() -> Settings:
    """The settings in force: those given to `use()`, else those of the environment, read once."""
    if _Process.settings is None:
        _Process.settings = load()
    return _Process.settings


def name_django_settings() -> None:
    """Tell Django, which looks for it in the environment, where its settings are."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "nightlight.settings"


def child_environ(settings: Settings, *, sample: bool = False) -> dict[str, str]:
    """The environment for a process of ours that is to have *settings*.

    With *sample* it has nothing else of ours: what the environment switches on stays off in `try`.
    """
    ours = {"NIGHTLIGHT_DATA": str(settings.data)}
    if not sample:
        return {**os.environ, **ours}
    others = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTLIGHT_")}
    return {**others, **ours, "NIGHTLIGHT_BASE_URL": settings.base_url}


def prepare_data(settings: Settings) -> None:
    """Create the data directory, readable by its owner alone, unless it is there. Raises `SettingError`."""
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"NIGHTLIGHT_DATA: cannot use {settings.data} as the data directory ({_why(error)});"
            " name a directory that can be written"
        ) from error


def host_keys(settings: Settings) -> tuple[str, ...]:
    """The host keys, newest first; without a setting those of the key file, which is made when missing.

    Raises `SettingError`.
    """
    if settings.keys:
        return settings.keys
    path = settings.key_file
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = _make_key_file(settings)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"the key file {path} cannot be read ({_why(error)}); make it readable to this user,"
            " or set NIGHTLIGHT_KEY"
        ) from error
    keys = _keys(f"the key file {path}", text)
    if not keys:
        raise SettingError(f"the key file {path} is empty; put the host key back, or set NIGHTLIGHT_KEY")
    return keys


def _why(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not UTF-8 text"


def _value(environ: Mapping[str, str], name: str, sources: dict[str, str]) -> str:
    """The value of one setting or, by `NAME_FILE`, of the file that holds it; empty counts as not given."""
    value = environ.get(name, "").strip()
    path = environ.get(f"{name}_FILE", "").strip()
    if value and path:
        raise SettingError(f"{name} and {name}_FILE are both set; set only one of them")
    if value:
        sources[name] = "environment"
        return value
    if not path:
        return ""
    sources[name] = f"file {path}"
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"{name}_FILE: {path} cannot be read ({_why(error)}); name a text file this user can read"
        ) from error
    if not text:
        raise SettingError(f"{name}_FILE: {path} is empty; it must hold the value of {name} and nothing else")
    return text


def _data(value: str, environ: Mapping[str, str]) -> Path:
    if value:
        return Path(value).expanduser().absolute()
    base = Path(environ.get("XDG_DATA_HOME", ""))
    # The XDG rules say that a relative path there is to be ignored.
    if not base.is_absolute():
        base = Path(environ.get("HOME") or Path.home()) / ".local" / "share"
    return base / "nightlight"


def _keys(where: str, value: str) -> tuple[str, ...]:
    keys = tuple(key for key in re.split(r"[\s,]+", value) if key)
    for number, key in enumerate(keys, start=1):
        if len(key) < KEY_CHARACTERS_MIN:
            raise SettingError(
                f"{where}: key {number} has {len(key)} characters; a key has at least {KEY_CHARACTERS_MIN},"
                " chosen by chance, and keys are separated by white space or commas, the newest first"
            )
    if len(set(keys)) != len(keys):
        raise SettingError(f"{where}: one key is given twice; give each once, the newest first")
    return keys


def _make_key_file(settings: Settings) -> str:
    """Make the key file, whole or not at all, and return the key that won when two processes make one."""
    prepare_data(settings)
    key = secrets.token_urlsafe(48)
    try:
        descriptor, draft = tempfile.mkstemp(prefix=".key-", dir=settings.data)  # mode 600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(key + "\n")
                file.flush()
                os.fsync(file.fileno())
            # A hard link, unlike a rename, fails when somebody else's key is already there.
            os.link(draft, settings.key_file)
        except FileExistsError:
            return settings.key_file.read_text(encoding="utf-8")
        finally:
            Path(draft).unlink()
        _sync_directory(settings.data)
    except OSError as error:
        raise SettingError(
            f"the key file {settings.key_file} cannot be made ({_why(error)}); name a directory that can"
            " be written in NIGHTLIGHT_DATA, or set NIGHTLIGHT_KEY"
        ) from error
    return key


def _sync_directory(path: Path) -> None:
    """Without this a power cut could take the new key away from rows already sealed with it."""
    directory = os.open(path, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
