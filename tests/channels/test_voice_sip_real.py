"""Phones rung through a real Kamailio, by a real baresip, with real sound and tones."""

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nightlight.channels.base import (
    Heard,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    ReceiptStatus,
    Spoken,
    TemporaryFailure,
)
from nightlight.channels.phone_keys import Keys
from nightlight.channels.voice_sip import SipVoiceChannel, read_sip_url
from nightlight.channels.wording_voice import KeyOwner, which_keys
from tests.channels.hearing import after_rest, difference, first_sound, lasts, understand_keys
from tests.channels.stories import text_to_sam
from tests.servers.processes import wait_until
from tests.servers.sip import Phone, Trunk, trunk

pytestmark = pytest.mark.servers

KEYS = Keys(yes="4", no="7")
BEFORE = ("This is Harbour, for Sam.", "Ana asks if you can talk.")
ASK = Spoken(said=(*BEFORE, *which_keys([KeyOwner(name="Sam", keys=KEYS)], "en")), waits_for_key=True)
SHORT = Spoken(said=("Ana?", "4, or 7."), waits_for_key=True)
NEWS = Spoken(said=("This is Harbour, for Sam.", "It's over now."))


@pytest.fixture(scope="module")
def line() -> Iterator[Trunk]:
    with trunk() as running:
        yield running


@pytest.fixture
def channel(line: Trunk) -> SipVoiceChannel:
    return channel_to(line.url)


def channel_to(url: str, **limits: float) -> SipVoiceChannel:
    trunk_at = read_sip_url(url, "NIGHTLIGHT_VOICE_URL")
    return SipVoiceChannel(provider="sip-1", trunk=trunk_at, **({"key_seconds": 2.5} | limits))


def ring(number: str, spoken: Spoken = ASK) -> Message:
    return text_to_sam(to=number, spoken=spoken)


def only_end_of(channel: SipVoiceChannel, seconds: float = 60) -> Heard:
    """The one thing that is heard of a ring without a key."""
    return channel.listen("", seconds)


def test_sam_hears_who_asks_presses_what_he_was_told_and_hears_what_came_of_it(
    line: Trunk, channel: SipVoiceChannel
) -> None:
    ear = line.phone("+447700900101")
    receipt = channel.send(ring("+447700900101"))
    assert (receipt.status, receipt.units) == (ReceiptStatus.ACCEPTED, 1)

    keys = understand_keys(ear.wait_for(lasts(BEFORE)), BEFORE)
    assert keys == KEYS
    ear.press(keys.yes)

    [reply] = channel.listen("", 10).replies
    assert (reply.text, reply.attempt, reply.sender) == ("4", "a1b2c3", "+447700900101")
    thanks = Spoken(said=("Thank you, you have it now.", "You reach Ana at: 7 7 0, 0 9 0, 0 4 5, 6."))
    assert reply.back is not None
    ear.forget()
    reply.back(thanks)
    heard = ear.wait_for(6)
    assert difference(after_rest(heard), thanks, skip=first_sound(thanks)) < 0.2

    [end] = only_end_of(channel).receipts
    assert (end.status, end.attempt, end.reason) == (ReceiptStatus.MISSED, "a1b2c3", "no_key")


def test_the_keys_are_waited_for_and_no_more_than_three_are_listened_to(
    line: Trunk, channel: SipVoiceChannel
) -> None:
    ear = line.phone("+447700900102")
    channel.send(ring("+447700900102", SHORT))
    ear.wait_for(0.5)
    for key in "1*5":
        ear.press(key)
        [reply] = channel.listen("", 10).replies
        assert (reply.text, reply.reference) == (key, f"a1b2c3.{'1*5'.index(key) + 1}")
    ear.press("4")
    [end] = only_end_of(channel).receipts
    assert end.status is ReceiptStatus.MISSED


def test_a_voicemail_that_speaks_and_listens_is_no_answer(line: Trunk, channel: SipVoiceChannel) -> None:
    """It picks up, plays a real recording, and takes in all that is said."""
    ear = line.phone("+447700900103", plays=["g711a.pcap"])
    channel.send(ring("+447700900103", SHORT))
    [end] = only_end_of(channel).receipts
    assert (end.status, end.reason) == (ReceiptStatus.MISSED, "no_key")
    assert ear.rings == 1


def test_a_machine_that_screens_presses_1_which_is_never_announced(
    line: Trunk, channel: SipVoiceChannel
) -> None:
    """The tones are a recording of real ones, played by SIPp."""
    line.phone("+447700900104", plays=["dtmf_2833_1.pcap"])
    channel.send(ring("+447700900104", SHORT))
    [reply] = channel.listen("", 20).replies
    assert reply.text == "1"
    [end] = only_end_of(channel).receipts
    assert end.status is ReceiptStatus.MISSED


def test_news_that_was_heard_arrived_and_its_keys_mean_nothing(line: Trunk, channel: SipVoiceChannel) -> None:
    ear = line.phone("+447700900105")
    channel.send(ring("+447700900105", NEWS))
    assert difference(ear.wait_for(2), NEWS) < 0.2
    ear.press("4")
    heard = only_end_of(channel)
    assert heard.replies == ()
    assert [receipt.status for receipt in heard.receipts] == [ReceiptStatus.DELIVERED]


def test_what_is_newer_about_the_same_call_takes_the_place_of_what_still_rings(
    line: Trunk, channel: SipVoiceChannel
) -> None:
    """Somebody else took it: Sam's phone stops asking, and says so."""
    ear = line.phone("+447700900106")
    channel.send(replace(ring("+447700900106"), topic="call1", attempt="ask1"))
    ear.wait_for(1)
    channel.send(replace(ring("+447700900106", NEWS), topic="call1", attempt="news1"))
    ends = [channel.listen("", 30).receipts[0] for _ in range(2)]

    assert [(end.attempt, end.status) for end in ends] == [
        ("ask1", ReceiptStatus.MISSED),
        ("news1", ReceiptStatus.DELIVERED),
    ]
    assert ear.rings == 2


@pytest.mark.parametrize(
    ("does", "reason"), [(Phone.BUSY, "busy"), (Phone.DECLINES, "declined"), (Phone.NOT_THERE, "not_there")]
)
def test_a_phone_that_is_not_picked_up_was_missed(
    line: Trunk, channel: SipVoiceChannel, does: Phone, reason: str
) -> None:
    number = f"+44770090010{6 + list(Phone).index(does) % 3}"
    line.phone(number, does)
    assert channel.send(ring(number)).status is ReceiptStatus.ACCEPTED
    [end] = only_end_of(channel).receipts
    assert (end.status, end.reason) == (ReceiptStatus.MISSED, reason)


def test_a_phone_that_nobody_picks_up_rings_for_a_while_and_was_missed(line: Trunk) -> None:
    channel = channel_to(line.url, ring_seconds=2)
    line.phone("+447700900112", Phone.KEEPS_RINGING)
    channel.send(ring("+447700900112"))
    [end] = only_end_of(channel).receipts
    assert (end.status, end.reason) == (ReceiptStatus.MISSED, "no_answer")


def test_a_number_that_does_not_exist_is_refused_for_good(channel: SipVoiceChannel) -> None:
    with pytest.raises(PermanentFailure, match="no_such_number"):
        channel.send(ring("+447700900100"))


def test_a_trunk_that_has_no_line_free_is_asked_again_later(channel: SipVoiceChannel) -> None:
    with pytest.raises(TemporaryFailure, match="trunk_failed_503"):
        channel.send(ring("+447700900109"))


def test_a_wrong_password_is_ours_to_mend(line: Trunk) -> None:
    channel = channel_to(line.url.replace("s3cret", "wrong"))
    with pytest.raises(ProviderMisconfigured, match=r"trunk_refused_40[17]"):
        channel.send(ring("+447700900101"))


def test_where_nobody_listens_it_is_known_at_once(line: Trunk) -> None:
    channel = channel_to(line.url.replace(f":{line.port}", ":9"))
    with pytest.raises(TemporaryFailure, match="connection_refused"):
        channel.send(ring("+447700900101"))


def test_a_trunk_that_says_nothing_is_hung_up_on_in_time(line: Trunk) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((line.address, 0))
        channel = channel_to(
            line.url.replace(f":{line.port}", f":{silent.getsockname()[1]}"), timeout_seconds=1
        )
        with pytest.raises(OutcomeUnknown, match="timeout"):
            channel.send(ring("+447700900101"))


def _no_ring() -> bool:
    return not any(thread.name.startswith("ring-") for thread in threading.enumerate())


def test_nothing_is_left_of_a_ring_and_nothing_of_those_who_were_killed_in_one(
    line: Trunk, channel: SipVoiceChannel
) -> None:
    """No process, and no file with what was said; the password is gone while it still rings."""
    place = Path("/dev/shm")
    died = place / "nightlight-phone-999999999-x"
    died.mkdir(exist_ok=True)
    # A ring of a test before this one may still be hanging up.
    wait_until(_no_ring, "the end of every earlier ring")
    line.phone("+447700900101", Phone.KEEPS_RINGING)
    ringing = channel_to(line.url, ring_seconds=1)
    ringing.send(ring("+447700900101"))
    [folder] = place.glob(f"nightlight-phone-{os.getpid()}-*")
    assert not any("s3cret" in file.read_text(errors="replace") for file in folder.iterdir())
    only_end_of(ringing)
    wait_until(_no_ring, "its end")

    assert list(place.glob(f"nightlight-phone-{os.getpid()}-*")) == []
    assert not died.exists()
