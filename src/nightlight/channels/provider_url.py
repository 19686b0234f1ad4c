"""Reading a provider's URL from a setting, without ever showing the password in it."""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?\Z")


class ChannelSettingError(ValueError):
    """A setting of a channel cannot be used. The text names it, what is wrong and what would be right."""


@dataclass(frozen=True, kw_only=True)
class ProviderUrl:
    """The parts of a provider's URL, decoded. A user comes with a password, or neither is there."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()

    @property
    def on_loopback(self) -> bool:
        """Whether what is said there cannot leave this machine."""
        if self.host.lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def read_provider_url(url: str, *, setting: str, shape: str, default_port: int = 0) -> ProviderUrl:
    """The parts of *url*; *setting* and *shape* are for the error's words, 0 as *default_port* for none.

    Raises ChannelSettingError when it has no scheme, host, port, or only half of its credentials.
    """

    def refuse(wrong: str) -> ChannelSettingError:
        return ChannelSettingError(f"{setting}: {wrong}. Write {shape}")

    if not url.isprintable() or " " in url:
        raise refuse("there is a space or an unprintable character in a URL")
    try:
        parts = urlsplit(url)
        port = parts.port if parts.port is not None else default_port
    except ValueError:
        # The library's own words repeat what it stumbled over, which may be the password.
        raise refuse(
            "a URL cannot be read; / ? # @ : in a password are written %2F %3F %23 %40 %3A"
        ) from None
    if not parts.scheme or not parts.netloc:
        raise refuse("a URL has no scheme or no host")
    if parts.fragment:
        raise refuse("a URL has a #, which is written %23 in a password")
    host = parts.hostname or ""
    if not _is_host(host):
        raise refuse("a URL has no host, or one that cannot be a host's name")
    if not port:
        raise refuse("a URL does not say the port")
    if bool(parts.username) != bool(parts.password):
        raise refuse("a URL has a user without a password, or a password without a user")
    return _decoded(parts, host=host, port=port)


def _decoded(parts: SplitResult, *, host: str, port: int) -> ProviderUrl:
    return ProviderUrl(
        scheme=parts.scheme,
        host=host,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        path=parts.path,
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
    )


def _is_host(host: str) -> bool:
    if _HOST_NAME.match(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
