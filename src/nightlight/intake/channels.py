"""The channels this host has switched on, built once a process from the settings.

`store` never imports channels: the doors pass on what is said here.
"""

import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache

from nightlight import clock, config
from nightlight.channels.base import Channel, Listener
from nightlight.channels.registry import ChannelSettings, hook_secret
from nightlight.channels.registry import listeners as registry_listeners
from nightlight.channels.registry import switched_on as registry_switched_on
from nightlight.store.push_key import push_key

SAMPLE_DIRECTORY = "sample-phones"
"""In a data directory made by `try`, and nowhere else."""


Channels = Mapping[str, tuple[Channel, ...]]


class _Process:
    """What takes the place of the settings' channels in this process."""

    others: Channels | None = None


def use(others: Channels | None) -> None:
    """From now on *others* are the channels that are on; None goes back to those of the settings."""
    _Process.others = others
    switched_on.cache_clear()


@lru_cache(maxsize=1)
def switched_on() -> Channels:
    """Every channel that is on, by kind, its providers in the order they are tried.

    Raises `ChannelSettingError`.
    """
    return _Process.others or registry_switched_on(channel_settings())


def kinds_on() -> frozenset[str]:
    """The kinds of way by which somebody can be reached now."""
    return frozenset(switched_on())


def listeners() -> tuple[Listener, ...]:
    """The lines to listen on; none where others took the place of the settings' channels.

    Raises `ChannelSettingError`.
    """
    return () if _Process.others is not None else registry_listeners(channel_settings(), switched_on())


def channel_settings() -> ChannelSettings:
    """What the channels are told."""
    settings = config.current()
    sample = settings.data / SAMPLE_DIRECTORY
    return ChannelSettings(
        now=clock.now,
        base_url=settings.base_url,
        callback_secret=_callback_secrets()[0],
        smtp_urls=settings.smtp_urls,
        mail_from=settings.mail_from,
        imap_url=settings.imap_url,
        sms_urls=settings.sms_urls,
        voice_urls=settings.voice_urls,
        service_name=settings.name,
        push_contact=settings.push_contact,
        push_key=push_key,
        ntfy_url=settings.ntfy_url,
        unifiedpush=settings.unifiedpush,
        matrix_url=settings.matrix_url,
        apprise=settings.apprise,
        reachable=settings.reachable,
        sample_dir=sample if sample.is_dir() else None,
    )


def _callback_secrets() -> tuple[bytes, ...]:
    """One for each host key, the newest first."""
    return tuple(
        hmac.new(key.encode(), b"nightlight hooks v1", hashlib.sha256).digest()
        for key in config.host_keys(config.current())
    )


def find_provider(kind: str, provider: str, secret: str) -> Channel | None:
    """The provider a callback claims to come from, if the secret in its path is right; else None.

    A gateway that was set up under an older host key is still believed.
    """
    known = [hook_secret(own, kind, provider) for own in _callback_secrets()]
    # Every comparison is made, so that the time taken says nothing.
    if sum(hmac.compare_digest(secret.encode(), one.encode()) for one in known) == 0:
        return None
    return next((c for c in switched_on().get(kind, ()) if c.provider == provider), None)
