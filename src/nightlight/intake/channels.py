"""The channels this host has switched on, built once a process from the settings.

`store` never imports channels: the doors pass on what is said here.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from nightlight import clock, config
from nightlight.channels import sample
from nightlight.channels.addresses import check_country, named_countries
from nightlight.channels.base import Channel, Listener
from nightlight.channels.registry import ChannelSettingError, ChannelSettings, check_address, hook_secret
from nightlight.channels.registry import listeners as registry_listeners
from nightlight.channels.registry import switched_on as registry_switched_on
from nightlight.store.push_key import push_key

SAMPLE_DIRECTORY = sample.DIRECTORY


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


def check_way(kind: str, address: str) -> str:
    """*address* as it is kept for a new way of this *kind*. Raises `AddressError`, `CountryError` for its country.

    Ways that are there already are reached wherever they are.
    """
    checked = check_address(kind, address)
    countries = config.current().countries
    if countries and re.fullmatch(r"\+[0-9]+", checked):
        check_country(checked, countries)
    return checked


def countries_here() -> str:
    """The countries whose numbers may be given here, each by how they begin; empty where all may."""
    return named_countries(config.current().countries)


def listeners() -> tuple[Listener, ...]:
    """The lines to listen on; none where others took the place of the settings' channels.

    Raises `ChannelSettingError`.
    """
    return () if _Process.others is not None else registry_listeners(channel_settings(), switched_on())


def names_on() -> tuple[Mapping[str, tuple[str, ...]], str]:
    """The providers that are on, by kind and in their order; and what is wrong with a setting, if all are off for it."""
    try:
        on = switched_on()
    except ChannelSettingError as error:
        return {}, str(error)
    return {kind: tuple(each.provider for each in providers) for kind, providers in on.items()}, ""


def provider_name(kind: str, stored: str, names: Sequence[str]) -> str:
    """The provider behind *stored*, which names its place among those of its *kind*: `sms-2` is the second.

    *names* are those of the settings as they are now.
    """
    channel, _, place = stored.rpartition("-")
    if channel == kind and place.isdecimal() and 1 <= int(place) <= len(names):
        return names[int(place) - 1]
    return stored


def channel_settings() -> ChannelSettings:
    """What the channels are told."""
    settings = config.current()
    phones = settings.data / SAMPLE_DIRECTORY
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
        sample_dir=phones if phones.is_dir() else None,
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
