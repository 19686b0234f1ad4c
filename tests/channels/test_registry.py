"""Which settings switch which channels on, and what is said of those that cannot be used."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nightlight.channels import baresip
from nightlight.channels.registry import (
    KINDS,
    ChannelSettingError,
    ChannelSettings,
    hook_secret,
    hook_url,
    listeners,
    switched_on,
)
from tests.channels.stories import now

BARE = ChannelSettings(now=now, base_url="https://circle.example.org", callback_secret=b"of the tests")
PASSWORD = "not-for-a-log"


def test_without_settings_every_channel_is_off() -> None:
    assert switched_on(BARE) == {}


def test_each_setting_switches_its_channel_on_in_the_order_given(tmp_path: Path) -> None:
    on = switched_on(
        replace(
            BARE,
            smtp_urls=("smtp://127.0.0.1:25", "smtps://ana:secret@mail.example.org:465"),
            mail_from="circle@example.org",
            sms_urls=(
                "kannel://night:pw@127.0.0.1:13013",
                "twilio://AC1:pw@texts.example.org/+447700900999",
                "kannels://night:pw@sms.example.org:443",
                "twilio-plain://AC1:pw@127.0.0.1:8080/MG0123456789abcdef0123456789abcdef",
            ),
            matrix_url="matrix://circle:token@chat.example.org",
            apprise=("tgram",),
            sample_dir=tmp_path,
        )
    )
    assert {kind: [channel.provider for channel in channels] for kind, channels in on.items()} == {
        "sms": ["kannel-1", "twilio-1", "kannel-2", "twilio-2"],
        "smtp": ["smtp-1", "smtp-2"],
        "matrix": ["matrix-1"],
        "apprise": ["apprise-1"],
        "sample-text": ["sample-text-1"],
        "sample-mail": ["sample-mail-1"],
    }
    assert all(channel.kind == kind for kind, channels in on.items() for channel in channels)


def test_a_channel_that_is_off_is_absent() -> None:
    assert set(switched_on(replace(BARE, sms_urls=("kannel://a:b@127.0.0.1:1",)))) == {"sms"}


def test_every_kind_has_a_word_for_pages_and_says_what_it_needs() -> None:
    assert [kind.page_word for kind in KINDS.values()] == [
        "text", "email", "Matrix", "another app", "phone", "app", "ntfy", "UnifiedPush",
        "sample text", "sample email",
    ]  # fmt: skip
    assert all(kind.needs for kind in KINDS.values())


SIP_URL = "sip://night:pw@trunk.example.org:5080/+447700900888"


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """All programs that a phone of our own needs are there; call it to take one away."""
    gone: list[str] = []
    monkeypatch.setattr(shutil, "which", lambda name: None if name in gone else f"/usr/bin/{name}")
    return gone.append


def test_phones_ring_through_services_and_trunks_in_the_order_given(programs: Callable[[str], None]) -> None:
    twilio = "twilio://AC1:pw@api.twilio.com/+447700900999"
    on = switched_on(replace(BARE, voice_urls=(SIP_URL, twilio, "sip://night:pw@192.0.2.7")))

    assert [channel.provider for channel in on["voice"]] == ["sip-1", "twilio-1", "sip-2"]
    # What a phone of our own hears is listened to; a service calls us.
    assert [line.name for line in listeners(BARE, on)] == ["sip-1", "sip-2"]


BAD_VOICE = [
    ("http://a:b@example.org:80/+447700900888", "is no voice service"),
    ("sip://night@trunk.example.org", "without a password"),
    ("sip://trunk.example.org", "has no user and password"),
    ("sip://night:not-for-a-log@127.0.0.1:5060", "cannot be on loopback"),
    ("sip://night:not-for-a-log@trunk.example.org/07700900888", "the number that people see"),
    ("sip://night:not-for-a-log@trunk.example.org/+447700900888?x=1", "nothing is known after it"),
    ("sip://night:not-for-a-log%3B@trunk.example.org", "a password cannot be used"),
    ("sip://ni%20ght:not-for-a-log@trunk.example.org", "a user that is not letters"),
    ("twilio://AC1:not-for-a-log@api.twilio.com/MG0123456789abcdef0123456789abcdef", "cannot ring"),
    ("twilio-plain://AC1:not-for-a-log@api.twilio.com/+447700900888", "this very machine only"),
    ("twilio://AC1:not-for-a-log@api.twilio.com/", "does not end in the number"),
]


@pytest.mark.parametrize(("url", "wrong"), BAD_VOICE)
def test_a_voice_url_that_cannot_be_used_is_named_with_its_remedy_and_without_its_password(
    programs: Callable[[str], None], url: str, wrong: str
) -> None:
    with pytest.raises(ChannelSettingError) as caught:
        switched_on(replace(BARE, voice_urls=(url,)))
    assert str(caught.value).startswith("NIGHTLIGHT_VOICE_URL: ")
    assert wrong in str(caught.value)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(("name", "package"), baresip.PROGRAMS.items())
def test_a_program_that_is_missing_is_named_with_its_package(
    programs: Callable[[str], None], name: str, package: str
) -> None:
    programs(name)
    with pytest.raises(ChannelSettingError, match=f"apt-get install {package}"):
        switched_on(replace(BARE, voice_urls=(SIP_URL,)))


BAD_MAIL = [
    f"http://ana:{PASSWORD}@mail.example.org:25",
    f"smtp://ana:{PASSWORD}@mail.example.org",
    f"smtp://ana:{PASSWORD}@:25",
    f"smtp://ana:{PASSWORD}/x@mail.example.org:25",
    f"smtp://ana:{PASSWORD}@mail.example.org:25x",
    f"smtp://ana:{PASSWORD}@mail.example.org:99999",
    f"smtp://ana:{PASSWORD}#x@mail.example.org:25",
    f"smtp://ana:{PASSWORD}@mail.example.org:25/inbox",
    f"smtp://ana:{PASSWORD}@mail.example.org:25?tls=no",
    f"smtp://ana:{PASSWORD}@mail.example.org:25 ",
    f"smtp://:{PASSWORD}@mail.example.org:25",
    "smtp://ana@mail.example.org:25",
    f"smtp://ana:{PASSWORD}@ma<il>:25",
    f"smtp://ana:{PASSWORD}@[::1:25",
    "mail.example.org:25",
    "smtp:",
    "",
]

BAD_TEXT = [
    f"http://night:{PASSWORD}@127.0.0.1:13013",
    "kannel://127.0.0.1:13013",
    f"kannel://night:{PASSWORD}@127.0.0.1",
    f"kannel://night:{PASSWORD}@127.0.0.1:13013?sender=x",
    f"telnet://night:{PASSWORD}@127.0.0.1:13013",
    "",
]

BAD_TWILIO = [
    f"twilio://AC1:{PASSWORD}@texts.example.org",
    f"twilio://AC1:{PASSWORD}@texts.example.org/",
    f"twilio://AC1:{PASSWORD}@texts.example.org/447700900999",
    f"twilio://AC1:{PASSWORD}@texts.example.org/Harbour",
    f"twilio://AC1:{PASSWORD}@texts.example.org/+447700900999/x",
    f"twilio://AC1:{PASSWORD}@texts.example.org/+447700900999?from=x",
    f"twilio://AC%2F..:{PASSWORD}@texts.example.org/+447700900999",
    f"twilio-plain://AC1:{PASSWORD}@texts.example.org/+447700900999",
    "twilio://api.twilio.com/+447700900999",
    f"twilio-other://AC1:{PASSWORD}@texts.example.org/+447700900999",
]


def _mail(url: str) -> ChannelSettings:
    return replace(BARE, smtp_urls=(url,), mail_from="circle@example.org")


def _text(url: str) -> ChannelSettings:
    return replace(BARE, sms_urls=(url,))


@pytest.mark.parametrize(
    ("settings", "url", "name", "right"),
    [(_mail, url, "NIGHTLIGHT_SMTP_URL", "smtp://") for url in BAD_MAIL]
    + [(_text, url, "NIGHTLIGHT_SMS_URL", "kannel://") for url in BAD_TEXT]
    + [(_text, url, "NIGHTLIGHT_SMS_URL", "") for url in BAD_TWILIO],
)
def test_a_url_that_cannot_be_used_is_named_with_its_remedy_and_without_its_password(
    settings: Callable[[str], ChannelSettings], url: str, name: str, right: str
) -> None:
    with pytest.raises(ChannelSettingError) as caught:
        switched_on(settings(url))
    assert str(caught.value).startswith(f"{name}: ")
    assert f"Write {right}" in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


def test_mail_without_a_sender_is_refused() -> None:
    with pytest.raises(ChannelSettingError, match=r"^NIGHTLIGHT_MAIL_FROM: it is needed"):
        switched_on(replace(_mail("smtp://127.0.0.1:25"), mail_from=""))


def test_mail_from_what_is_no_address_is_refused() -> None:
    with pytest.raises(ChannelSettingError, match=r"^NIGHTLIGHT_MAIL_FROM: 'Mira'"):
        switched_on(replace(_mail("smtp://127.0.0.1:25"), mail_from="Mira"))


def test_an_address_of_ours_that_the_gateway_would_mangle_is_refused() -> None:
    settings = replace(_text("kannel://night:pw@127.0.0.1:13013"), base_url="https://circle.example.org/%C3")
    with pytest.raises(ChannelSettingError, match=r"^NIGHTLIGHT_BASE_URL: "):
        switched_on(settings)


def test_odd_signs_in_a_password_are_understood() -> None:
    url = "smtp://ana%40example.org:p%2Fa%3As%25s@mail.example.org:465"
    assert switched_on(_mail(url))["smtp"]


def test_no_settings_show_a_secret() -> None:
    settings = replace(
        BARE, smtp_urls=(f"smtp://a:{PASSWORD}@h.example.org:25",), callback_secret=PASSWORD.encode()
    )
    assert PASSWORD not in repr(settings)


def test_each_provider_has_a_secret_of_its_own_that_stays() -> None:
    first = hook_secret(b"of the tests", "sms", "kannel-1")
    assert first == hook_secret(b"of the tests", "sms", "kannel-1")
    assert (
        len(
            {first, hook_secret(b"of the tests", "sms", "kannel-2"), hook_secret(b"other", "sms", "kannel-1")}
        )
        == 3
    )
    assert first.isalnum()
    assert hook_url(BARE, "sms", "kannel-1") == f"https://circle.example.org/hooks/sms/kannel-1/{first}"


def test_a_mailbox_and_a_chat_are_listened_to_and_a_mailbox_without_mail_is_not() -> None:
    mailbox = f"imaps://circle:{PASSWORD}@mail.example.org/INBOX"
    mail = replace(BARE, smtp_urls=("smtp://127.0.0.1:25",), mail_from="circle@example.org")
    chat = replace(mail, matrix_url="matrix://circle:token@chat.example.org", imap_url=mailbox)

    assert listeners(mail) == ()
    assert [(line.kind, line.name, line.is_shared) for line in listeners(chat)] == [
        ("smtp", "imap-1", True),
        ("matrix", "matrix-1", True),
    ]
    assert listeners(replace(BARE, imap_url=mailbox)) == ()
    [channel] = switched_on(replace(mail, imap_url=mailbox))["smtp"]
    assert getattr(channel, "replies_are_read", None) is True
    [channel] = switched_on(mail)["smtp"]
    assert getattr(channel, "replies_are_read", None) is False


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("NIGHTLIGHT_IMAP_URL", {"imap_url": f"imaps://{PASSWORD}@mail.example.org"}),
        ("NIGHTLIGHT_MATRIX_URL", {"matrix_url": f"matrix-plain://a:{PASSWORD}@chat.example.org"}),
        ("NIGHTLIGHT_MATRIX_URL", {"matrix_url": f"matrix://a:{PASSWORD}@chat.example.org/x"}),
        ("NIGHTLIGHT_MATRIX_URL", {"matrix_url": "matrix://chat.example.org"}),
        ("NIGHTLIGHT_MATRIX_URL", {"matrix_url": f"https://a:{PASSWORD}@chat.example.org"}),
        ("NIGHTLIGHT_APPRISE", {"apprise": ("tgram", "json")}),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_its_remedy(name: str, changes: dict[str, Any]) -> None:
    mail = replace(BARE, smtp_urls=("smtp://127.0.0.1:25",), mail_from="circle@example.org")
    with pytest.raises(ChannelSettingError, match=name) as caught:
        switched_on(replace(mail, **changes))
    assert PASSWORD not in str(caught.value)
