"""Which channels there are, and which the settings switch on. A new channel is one line in `KINDS`."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from nightlight.channels.addresses import AddressError, check_email, check_number
from nightlight.channels.base import Channel
from nightlight.channels.marking import mark
from nightlight.channels.ntfy import NtfyChannel, check_topic, read_ntfy_url
from nightlight.channels.outside import Network, public_only
from nightlight.channels.provider_url import ChannelSettingError
from nightlight.channels.push import PushChannel
from nightlight.channels.sample import SampleChannel, SamplePhones
from nightlight.channels.sms_kannel import KannelChannel, read_kannel_url
from nightlight.channels.smtp import SmtpChannel, read_smtp_url
from nightlight.channels.unifiedpush import UnifiedPushChannel, check_unifiedpush
from nightlight.channels.web_push import check_subscription

__all__ = [
    "KINDS",
    "AddressError",
    "ChannelSettingError",
    "ChannelSettings",
    "Kind",
    "check_address",
    "hook_secret",
    "hook_url",
    "page_word",
    "switched_on",
]


@dataclass(frozen=True, kw_only=True)
class ChannelSettings:
    """Everything the channels need to be told."""

    now: Callable[[], datetime]
    base_url: str
    """Under which the providers reach our hooks, without a slash at its end."""
    callback_secret: bytes = field(repr=False)
    """From which the secret in each hook's path is derived."""
    smtp_urls: tuple[str, ...] = field(default=(), repr=False)
    mail_from: str = ""
    imap_url: str = field(default="", repr=False)
    sms_urls: tuple[str, ...] = field(default=(), repr=False)
    voice_urls: tuple[str, ...] = field(default=(), repr=False)
    service_name: str = "Nightlight"
    """What the person who is rung hears, and what a notification is headed by."""
    push_contact: str = ""
    push_key: Callable[[], bytes] = field(default=lambda: b"", repr=False)
    """The private key by which push services know us (32 bytes, P-256); asked for when the first push goes out."""
    ntfy_url: str = field(default="", repr=False)
    unifiedpush: bool = False
    matrix_url: str = field(default="", repr=False)
    apprise: tuple[str, ...] = ()
    reachable: tuple[Network, ...] = ()
    """Networks beside the public ones in which addresses that people gave may lie."""
    sample_dir: Path | None = None
    """Where the sample phones lie, when they are switched on."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of way: its page word, how its addresses are written, and how it is switched on."""

    page_word: str
    check: Callable[[str], str]
    switch_on: Callable[[ChannelSettings], tuple[Channel, ...]]
    needs: str
    """What switches it on, for `doctor` and the import's words."""


def switched_on(settings: ChannelSettings) -> Mapping[str, tuple[Channel, ...]]:
    """The channels that *settings* switch on, by kind, in the order in which they are tried.

    Raises ChannelSettingError, which names the setting and never shows a password.
    """
    channels = {name: kind.switch_on(settings) for name, kind in KINDS.items()}
    return MappingProxyType({name: providers for name, providers in channels.items() if providers})


def check_address(kind: str, address: str) -> str:
    """*address* as it is kept for ways of this *kind*. Raises AddressError, which names the remedy."""
    if kind not in KINDS:
        raise AddressError(f"{kind!r} is no channel. There are: {', '.join(KINDS)}.")
    return KINDS[kind].check(address)


def page_word(kind: str) -> str:
    """What people call this kind of way: text, email. In English; the page translates it."""
    return KINDS[kind].page_word if kind in KINDS else kind


def hook_secret(callback_secret: bytes, kind: str, provider: str) -> str:
    """The secret in the path of one provider's hook: 32 letters and digits."""
    told = f"hooks/{kind}/{provider}".encode()
    return hmac.new(callback_secret, told, hashlib.sha256).hexdigest()[:32]


def hook_url(settings: ChannelSettings, kind: str, provider: str) -> str:
    """Where *provider* reports to."""
    secret = hook_secret(settings.callback_secret, kind, provider)
    return f"{settings.base_url.rstrip('/')}/hooks/{kind}/{provider}/{secret}"


def _smtp(settings: ChannelSettings) -> tuple[Channel, ...]:
    if not settings.smtp_urls:
        return ()
    if not settings.mail_from:
        raise ChannelSettingError(
            "NIGHTLIGHT_MAIL_FROM: it is needed to send mail. Write the sender's address"
        )
    try:
        sender = check_email(settings.mail_from)
    except AddressError as error:
        raise ChannelSettingError(f"NIGHTLIGHT_MAIL_FROM: {error}") from None
    servers = [read_smtp_url(url, "NIGHTLIGHT_SMTP_URL") for url in settings.smtp_urls]
    return tuple(
        SmtpChannel(provider=f"smtp-{place}", server=server, sender=sender, now=settings.now)
        for place, server in enumerate(servers, start=1)
    )


def _sms(settings: ChannelSettings) -> tuple[Channel, ...]:
    """Every text gateway, named by its maker and its place among that maker's."""
    places: Counter[str] = Counter()
    channels = []
    for url in settings.sms_urls:
        gateway = read_kannel_url(url, "NIGHTLIGHT_SMS_URL")
        places["kannel"] += 1
        provider = f"kannel-{places['kannel']}"
        callback = hook_url(settings, "sms", provider)
        channels.append(KannelChannel(provider=provider, gateway=gateway, callback_url=callback))
    return tuple(channels)


def _push(settings: ChannelSettings) -> tuple[Channel, ...]:
    if not settings.push_contact:
        return ()
    return (
        PushChannel(
            provider="push-1",
            contact=settings.push_contact,
            key=settings.push_key,
            now=settings.now,
            reach=public_only(settings.reachable),
        ),
    )


def _ntfy(settings: ChannelSettings) -> tuple[Channel, ...]:
    if not settings.ntfy_url:
        return ()
    server, token = read_ntfy_url(settings.ntfy_url, "NIGHTLIGHT_NTFY_URL")
    reach = public_only(settings.reachable)
    return (NtfyChannel(provider="ntfy-1", server=server, token=token, reach=reach),)


def _unifiedpush(settings: ChannelSettings) -> tuple[Channel, ...]:
    if not settings.unifiedpush:
        return ()
    return (UnifiedPushChannel(provider="unifiedpush-1", reach=public_only(settings.reachable)),)


def _sample(kind: str) -> Callable[[ChannelSettings], tuple[Channel, ...]]:
    def switch_on(settings: ChannelSettings) -> tuple[Channel, ...]:
        if settings.sample_dir is None:
            return ()
        phones = SamplePhones(settings.sample_dir)
        return (SampleChannel(kind=kind, provider=f"{kind}-1", phones=phones, now=settings.now),)

    return switch_on


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "sms": Kind(page_word=mark("text"), check=check_number, switch_on=_sms, needs="NIGHTLIGHT_SMS_URL"),
        "smtp": Kind(
            page_word=mark("email"), check=check_email, switch_on=_smtp, needs="NIGHTLIGHT_SMTP_URL"
        ),
        "push": Kind(
            page_word=mark("app"), check=check_subscription, switch_on=_push, needs="NIGHTLIGHT_PUSH_CONTACT"
        ),
        "ntfy": Kind(page_word="ntfy", check=check_topic, switch_on=_ntfy, needs="NIGHTLIGHT_NTFY_URL"),
        "unifiedpush": Kind(
            page_word="UnifiedPush",
            check=check_unifiedpush,
            switch_on=_unifiedpush,
            needs="NIGHTLIGHT_UNIFIEDPUSH",
        ),
        "sample-text": Kind(
            page_word=mark("sample text"),
            check=check_number,
            switch_on=_sample("sample-text"),
            needs="nightlight try",
        ),
        "sample-mail": Kind(
            page_word=mark("sample email"),
            check=check_email,
            switch_on=_sample("sample-mail"),
            needs="nightlight try",
        ),
    }
)
