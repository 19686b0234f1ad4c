"""Ringing through a voice service in the style of Twilio; its answers and calls are those of Twilio's documentation."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from nightlight.channels.base import (
    CallbackRequest,
    ForgedCallback,
    Message,
    PermanentFailure,
    ProviderMisconfigured,
    ReceiptStatus,
    Spoken,
)
from nightlight.channels.twilio_account import read_twilio_url
from nightlight.channels.twilio_signature import FORM
from nightlight.channels.voice_twilio import KEYS_MAX, TWIML_CHARACTERS_MAX, TwilioVoiceChannel
from tests.channels.stories import SAMS_PHONE, text_to_sam
from tests.servers.simulated_twilio import SID, TOKEN, sign
from tests.servers.simulated_twilio_voice import (
    SimulatedTwilioVoice,
    Words,
    read_twiml,
    simulated_twilio_voice,
)

HOOK = "https://circle.example.org/hooks/voice/twilio-1/5ecret"
ASK = Spoken(
    said=("This is Harbour, for Sam.", "If you can, press 4. If you can't, press 7."), waits_for_key=True
)
NEWS = Spoken(said=("This is Harbour, for Sam.", "It's over now."))


@pytest.fixture
def service() -> Iterator[SimulatedTwilioVoice]:
    with simulated_twilio_voice() as made:
        yield made


def through(service: SimulatedTwilioVoice) -> TwilioVoiceChannel:
    account = read_twilio_url(service.url, "NIGHTLIGHT_VOICE_URL")
    return TwilioVoiceChannel(provider="twilio-1", account=account, callback_url=HOOK)


@pytest.fixture
def channel(service: SimulatedTwilioVoice) -> TwilioVoiceChannel:
    return through(service)


def ring(spoken: Spoken | None = ASK) -> Message:
    return text_to_sam(spoken=spoken)


def told(step: str, fields: dict[str, str], *, token: str = TOKEN, **more: str) -> CallbackRequest:
    """A call of theirs, as our hook is given it."""
    url = f"{HOOK}?{urlencode({'attempt': 'a1b2c3', 'step': step} | more)}"
    every = {"AccountSid": SID, "CallSid": "CA1", "To": SAMS_PHONE} | fields
    return CallbackRequest(
        method="POST",
        url=url,
        headers={"X-Twilio-Signature": sign(token, url, every), "Content-Type": FORM},
        query=dict(parse_qsl(urlsplit(url).query)),
        body=urlencode(every).encode(),
    )


# ------------------------------------------------------------------------------------------- ringing


def test_a_phone_is_rung_as_documented_and_everything_is_said_twice(
    service: SimulatedTwilioVoice, channel: TwilioVoiceChannel
) -> None:
    receipt = channel.send(ring())

    [made] = service.rings(SAMS_PHONE)
    assert made.words.said == ASK.said * 2
    assert made.words.languages == {"en-GB"}
    assert dict(parse_qsl(urlsplit(made.words.action).query)) == {
        "attempt": "a1b2c3",
        "step": "key",
        "pressed": "0",
    }
    assert (receipt.status, receipt.reference, receipt.units) == (ReceiptStatus.ACCEPTED, made.sid, 1)


def test_news_waits_for_no_key(service: SimulatedTwilioVoice, channel: TwilioVoiceChannel) -> None:
    channel.send(ring(NEWS))

    assert service.rings()[0].words.action == ""


@pytest.mark.parametrize(
    ("language", "voice"), [("pt", "pt-PT"), ("pt-BR", "pt-BR"), ("en-AU", "en-GB"), ("xx", "en-GB")]
)
def test_each_language_has_its_voice(
    service: SimulatedTwilioVoice, channel: TwilioVoiceChannel, language: str, voice: str
) -> None:
    channel.send(ring(replace(ASK, language=language)))

    assert service.rings()[0].words.languages == {voice}


@pytest.mark.parametrize(
    "words", ['<Dial>+447700900999</Dial> & "more"', "]]>", "a" * 3000, "\x00\x1b\ud800", "🙂" * 300, ""]
)
def test_no_words_become_anything_but_words(
    service: SimulatedTwilioVoice, channel: TwilioVoiceChannel, words: str
) -> None:
    """What somebody called themselves is said, and never done."""
    channel.send(ring(replace(ASK, said=(words, *ASK.said))))

    [made] = service.rings()
    assert set(ASK.said) <= set(made.words.said) or len(words) > 1000


def test_words_for_four_people_still_fit() -> None:
    said = tuple("Somebody with a long name: if you can, press 4. If you can't, press 7." for _ in range(4))
    account = read_twilio_url(f"twilio://{SID}:{TOKEN}@api.twilio.com/+447700900888", "X")
    channel = TwilioVoiceChannel(provider="twilio-1", account=account, callback_url=HOOK)
    spoken = Spoken(said=("x" * 120, "y" * 80, *said), waits_for_key=True)

    twiml = channel._twiml("a" * 32, spoken)
    assert len(twiml) <= TWIML_CHARACTERS_MAX
    assert read_twiml(twiml).action


@pytest.mark.parametrize("code", [21211, 21214, 21217])
def test_a_number_that_cannot_be_rung_is_refused_for_good(
    service: SimulatedTwilioVoice, channel: TwilioVoiceChannel, code: int
) -> None:
    service.refuse(SAMS_PHONE, 400, code)
    with pytest.raises(PermanentFailure):
        channel.send(ring())


def test_a_country_we_may_not_ring_is_ours_to_mend(
    service: SimulatedTwilioVoice, channel: TwilioVoiceChannel
) -> None:
    service.refuse(SAMS_PHONE, 400, 21215)
    with pytest.raises(ProviderMisconfigured, match="provider_refused_400_21215"):
        channel.send(ring())


# ------------------------------------------------------------------------------------------- what they call us for


@pytest.mark.parametrize(
    ("state", "asks", "status", "reason"),
    [
        ("completed", "1", ReceiptStatus.MISSED, "no_key"),
        ("completed", "0", ReceiptStatus.DELIVERED, ""),
        ("no-answer", "1", ReceiptStatus.MISSED, "no_answer"),
        ("no-answer", "0", ReceiptStatus.MISSED, "no_answer"),
        ("busy", "1", ReceiptStatus.MISSED, "busy"),
        ("canceled", "1", ReceiptStatus.MISSED, "canceled"),
        ("failed", "1", ReceiptStatus.FAILED, "not_connected"),
    ],
)
def test_each_end_of_a_ring_has_its_meaning(
    channel: TwilioVoiceChannel, state: str, asks: str, status: ReceiptStatus, reason: str
) -> None:
    """Picked up is not answered: a voicemail and a machine that screens pick up too."""
    receipt = channel.read_receipt(told("end", {"CallStatus": state}, asks=asks))
    assert receipt is not None
    assert (receipt.status, receipt.reason, receipt.attempt) == (status, reason, "a1b2c3")


@pytest.mark.parametrize("state", ["queued", "initiated", "ringing", "in-progress", "", "answered"])
def test_what_is_no_end_is_no_report(channel: TwilioVoiceChannel, state: str) -> None:
    assert channel.read_receipt(told("end", {"CallStatus": state})) is None


@pytest.mark.parametrize("key", ["0", "1", "4", "9", "*", "#"])
def test_a_key_is_read(channel: TwilioVoiceChannel, key: str) -> None:
    request = told("key", {"Digits": key, "CallStatus": "in-progress"})
    reply = channel.read_reply(request)
    assert reply is not None
    assert (reply.text, reply.attempt) == (key, "a1b2c3")
    assert channel.read_receipt(request) is None


@pytest.mark.parametrize("digits", ["", "44", "hello", "²", " 4", "4\n"])
def test_what_is_no_key_is_none(channel: TwilioVoiceChannel, digits: str) -> None:
    assert channel.read_reply(told("key", {"Digits": digits})) is None


def test_a_key_in_a_report_of_an_end_is_none(channel: TwilioVoiceChannel) -> None:
    assert channel.read_reply(told("end", {"Digits": "4", "CallStatus": "completed"})) is None


@pytest.mark.parametrize("change", ["token", "url", "body", "header", "kind"])
def test_what_is_not_signed_is_refused(channel: TwilioVoiceChannel, change: str) -> None:
    good = told("key", {"Digits": "4"})
    forged = {
        "token": told("key", {"Digits": "4"}, token="another"),
        "url": replace(good, url=good.url.replace("a1b2c3", "a1b2c4")),
        "body": replace(good, body=good.body.replace(b"Digits=4", b"Digits=7")),
        "header": replace(good, headers={"Content-Type": FORM}),
        "kind": replace(good, headers=dict(good.headers) | {"Content-Type": "application/json"}),
    }[change]
    for read in (channel.read_receipt, channel.read_reply):
        with pytest.raises(ForgedCallback):
            read(forged)


# ------------------------------------------------------------------------------------------- what is said back


def back(channel: TwilioVoiceChannel, said: Spoken | None, pressed: int = 0) -> Words:
    answer = channel.say_back(told("key", {"Digits": "4"}, pressed=str(pressed)), said)
    assert answer.content_type.startswith("text/xml")
    return read_twiml(answer.body.decode())


def test_what_is_said_back_waits_for_another_key_while_that_could_matter(channel: TwilioVoiceChannel) -> None:
    said = Spoken(said=("Thank you, you have it now.",), waits_for_key=True)

    for pressed in range(KEYS_MAX - 1):
        words = back(channel, said, pressed)
        assert words.said == said.said
        assert f"pressed={pressed + 1}" in words.action
    assert back(channel, said, KEYS_MAX - 1) == replace(back(channel, said, 0), action="")
    assert back(channel, replace(said, waits_for_key=False)).action == ""


def test_with_nothing_to_say_the_line_is_closed(channel: TwilioVoiceChannel) -> None:
    assert back(channel, None) == Words(said=(), languages=frozenset(), action="")
