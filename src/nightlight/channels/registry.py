"""Which channels there are, and which the settings switch on. A new channel is one line in `KINDS`."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import cast

from nightlight.channels.addresses import AddressError, CountryError, check_email, check_matrix, check_number
from nightlight.channels.apprise_ways import AppriseChannel, check_apprise, check_services
from nightlight.channels.base import Channel, Listener
from nightlight.channels.mail_imap import MailboxListener, read_imap_url
from nightlight.channels.mail_reading import Ours
from nightlight.channels.marking import mark
from nightlight.channels.matrix import MatrixChannel, read_matrix_url
from nightlight.channels.ntfy import NtfyChannel, check_topic, read_ntfy_url
from nightlight.channels.outside import Network, public_only
from nightlight.channels.provider_url import ChannelSettingError
from nightlight.channels.push import PushChannel
from nightlight.channels.sample import SampleChannel, SamplePhones
from nightlight.channels.sms_kannel import KannelChannel, read_kannel_url
from nightlight.channels.sms_twilio import TwilioChannel
from nightlight.channels.smtp import SmtpChannel, read_smtp_url
from nightlight.channels.twilio_account import SCHEMES, read_twilio_url
from nightlight.channels.unifiedpush import UnifiedPushChannel, check_unifiedpush
from nightlight.channels.voice_sip import SipVoiceChannel, read_sip_url
from nightlight.channels.voice_twilio import TwilioVoiceChannel
from nightlight.channels.web_push import check_subscription

__all__ = [
    "KINDS",
    "AddressError",
    "ChannelSettingError",
    "ChannelSettings",
    "CountryError",
    "Kind",
    "check_address",
    "hook_secret",
    "hook_url",
    "listeners",
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


def _own_lines(_: ChannelSettings, channels: tuple[Channel, ...]) -> tuple[Listener, ...]:
    """Those of *channels* that are lines to listen on as well: a telephone of our own."""
    return tuple(cast("Listener", channel) for channel in channels if hasattr(channel, "listen"))


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of way: its page word, how its addresses are written, and how it is switched on."""

    page_word: str
    check: Callable[[str], str]
    switch_on: Callable[[ChannelSettings], tuple[Channel, ...]]
    needs: str
    """What switches it on, for `doctor` and the import's words."""
    listen: Callable[[ChannelSettings, tuple[Channel, ...]], tuple[Listener, ...]] = _own_lines
    """The lines on which reports and replies come in, beside its providers' calls to us."""


def switched_on(settings: ChannelSettings) -> Mapping[str, tuple[Channel, ...]]:
    """The channels that *settings* switch on, by kind, in the order in which they are tried.

    Raises ChannelSettingError, which names the setting and never shows a password.
    """
    channels = {name: kind.switch_on(settings) for name, kind in KINDS.items()}
    return MappingProxyType({name: providers for name, providers in channels.items() if providers})


def listeners(
    settings: ChannelSettings, on: Mapping[str, tuple[Channel, ...]] | None = None
) -> tuple[Listener, ...]:
    """The lines to listen on for the channels that are *on*: by default those *settings* switch on.

    Raises ChannelSettingError.
    """
    channels = switched_on(settings) if on is None else on
    return tuple(
        line for kind, providers in channels.items() for line in KINDS[kind].listen(settings, providers)
    )


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
    sender = _mail_from(settings)
    servers = [read_smtp_url(url, "NIGHTLIGHT_SMTP_URL") for url in settings.smtp_urls]
    if settings.imap_url:
        read_imap_url(settings.imap_url, "NIGHTLIGHT_IMAP_URL")
    return tuple(
        SmtpChannel(
            provider=f"smtp-{place}",
            server=server,
            sender=sender,
            now=settings.now,
            replies_are_read=bool(settings.imap_url),
        )
        for place, server in enumerate(servers, start=1)
    )


def _mail_from(settings: ChannelSettings) -> str:
    try:
        return check_email(settings.mail_from)
    except AddressError as error:
        raise ChannelSettingError(f"NIGHTLIGHT_MAIL_FROM: {error}") from None


def _mailbox(settings: ChannelSettings, _: tuple[Channel, ...]) -> tuple[Listener, ...]:
    """The mailbox to which bounces and replies come, when somebody may read it."""
    if not settings.imap_url:
        return ()
    ours = Ours(domain=_mail_from(settings).rpartition("@")[2], base_url=settings.base_url)
    server = read_imap_url(settings.imap_url, "NIGHTLIGHT_IMAP_URL")
    return (MailboxListener(name="imap-1", server=server, ours=ours, now=settings.now),)


def _sms(settings: ChannelSettings) -> tuple[Channel, ...]:
    """Every text gateway, named by its maker and its place among that maker's."""
    places: Counter[str] = Counter()
    channels: list[Channel] = []
    for url in settings.sms_urls:
        maker = "twilio" if url.partition(":")[0] in SCHEMES else "kannel"
        places[maker] += 1
        provider = f"{maker}-{places[maker]}"
        callback = hook_url(settings, "sms", provider)
        if maker == "twilio":
            account = read_twilio_url(url, "NIGHTLIGHT_SMS_URL")
            channels.append(TwilioChannel(provider=provider, account=account, callback_url=callback))
        else:
            gateway = read_kannel_url(url, "NIGHTLIGHT_SMS_URL")
            channels.append(KannelChannel(provider=provider, gateway=gateway, callback_url=callback))
    return tuple(channels)


def _matrix(settings: ChannelSettings) -> tuple[Channel, ...]:
    if not settings.matrix_url:
        return ()
    return (
        MatrixChannel(
            provider="matrix-1",
            server=read_matrix_url(settings.matrix_url, "NIGHTLIGHT_MATRIX_URL"),
            secret=settings.callback_secret,
            service_name=settings.service_name,
        ),
    )


def _apprise(settings: ChannelSettings) -> tuple[Channel, ...]:
    if not settings.apprise:
        return ()
    services = check_services(settings.apprise, "NIGHTLIGHT_APPRISE")
    return (AppriseChannel(provider="apprise-1", services=services, service_name=settings.service_name),)


def _voice(settings: ChannelSettings) -> tuple[Channel, ...]:
    """Every voice service and trunk, named by its maker and its place among that maker's."""
    places: Counter[str] = Counter()
    channels: list[Channel] = []
    for url in settings.voice_urls:
        maker = "twilio" if url.partition(":")[0] in SCHEMES else "sip"
        places[maker] += 1
        provider = f"{maker}-{places[maker]}"
        if maker == "twilio":
            account = read_twilio_url(url, "NIGHTLIGHT_VOICE_URL")
            if not account.sender.startswith("+"):
                raise ChannelSettingError(
                    "NIGHTLIGHT_VOICE_URL: a messaging service cannot ring. End the URL in a number, with its +"
                )
            callback = hook_url(settings, "voice", provider)
            channels.append(TwilioVoiceChannel(provider=provider, account=account, callback_url=callback))
        else:
            trunk = read_sip_url(url, "NIGHTLIGHT_VOICE_URL")
            channels.append(SipVoiceChannel(provider=provider, trunk=trunk))
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
            page_word=mark("email"),
            check=check_email,
            switch_on=_smtp,
            needs="NIGHTLIGHT_SMTP_URL",
            listen=_mailbox,
        ),
        "matrix": Kind(
            page_word=mark("Matrix"), check=check_matrix, switch_on=_matrix, needs="NIGHTLIGHT_MATRIX_URL"
        ),
        "apprise": Kind(
            page_word=mark("another app"), check=check_apprise, switch_on=_apprise, needs="NIGHTLIGHT_APPRISE"
        ),
        "voice": Kind(
            page_word=mark("phone"), check=check_number, switch_on=_voice, needs="NIGHTLIGHT_VOICE_URL"
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
