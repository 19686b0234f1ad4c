"""Sample phones: seen by another process, and put into each state."""

import sqlite3
import subprocess
import sys
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from nightlight.channels.base import PermanentFailure, ReceiptStatus
from nightlight.channels.sample import PhoneState, SampleChannel, SamplePhones
from tests.channels.stories import NOON, SAMS_MAIL, SAMS_PHONE, mail_to_sam, now, text_to_sam

BOS_PHONE = "+447700900103"


@pytest.fixture
def phones(tmp_path: Path) -> SamplePhones:
    return SamplePhones(tmp_path)


@pytest.fixture
def channel(phones: SamplePhones) -> SampleChannel:
    return SampleChannel(kind="sample-text", provider="sample-text-1", phones=phones, now=now)


def test_sams_phone_shows_what_was_sent_to_it_and_bos_does_not(
    channel: SampleChannel, phones: SamplePhones
) -> None:
    channel.send(text_to_sam())
    [message] = phones.messages(SAMS_PHONE)
    assert (message.kind, message.text, message.sent_at) == ("sample-text", text_to_sam().text, NOON)
    assert phones.messages(BOS_PHONE) == ()


def test_texts_and_mails_lie_side_by_side_each_with_its_kind(
    channel: SampleChannel, phones: SamplePhones
) -> None:
    mail = SampleChannel(kind="sample-mail", provider="sample-mail-1", phones=phones, now=now)
    channel.send(text_to_sam())
    mail.send(mail_to_sam())
    assert [(m.kind, m.phone) for m in phones.messages()] == [
        ("sample-text", SAMS_PHONE),
        ("sample-mail", SAMS_MAIL),
    ]


def test_only_what_is_new_can_be_asked_for(channel: SampleChannel, phones: SamplePhones) -> None:
    channel.send(text_to_sam(text="first"))
    [first] = phones.messages()
    channel.send(text_to_sam(text="second"))
    assert [message.text for message in phones.messages(after=first.id)] == ["second"]


def test_nothing_arrives_on_a_phone_that_is_off_though_it_is_accepted(
    channel: SampleChannel, phones: SamplePhones
) -> None:
    phones.set_state(SAMS_PHONE, PhoneState.OFF)
    assert channel.send(text_to_sam()).status is ReceiptStatus.ACCEPTED
    assert phones.messages(SAMS_PHONE) == ()


def test_a_phone_that_refuses_or_queues_gets_nothing(channel: SampleChannel, phones: SamplePhones) -> None:
    phones.set_state(SAMS_PHONE, PhoneState.REFUSES)
    with pytest.raises(PermanentFailure, match="sample_phone_refuses"):
        channel.send(text_to_sam())
    phones.set_state(SAMS_PHONE, PhoneState.QUEUES)
    assert channel.send(text_to_sam()).status is ReceiptStatus.QUEUED
    assert phones.messages(SAMS_PHONE) == ()


def test_a_phone_switched_on_again_gets_the_next_message_and_its_neighbour_never_noticed(
    channel: SampleChannel, phones: SamplePhones
) -> None:
    phones.set_state(SAMS_PHONE, PhoneState.OFF)
    channel.send(text_to_sam(to=BOS_PHONE))
    phones.set_state(SAMS_PHONE, PhoneState.ON)
    channel.send(text_to_sam())
    assert [message.phone for message in phones.messages()] == [BOS_PHONE, SAMS_PHONE]
    assert phones.state(SAMS_PHONE) is PhoneState.ON


def test_another_process_sees_the_messages_at_once(channel: SampleChannel, tmp_path: Path) -> None:
    channel.send(text_to_sam())
    program = (
        "import sys; from pathlib import Path; from nightlight.channels.sample import SamplePhones;"
        "print(*[m.phone for m in SamplePhones(Path(sys.argv[1])).messages()])"
    )
    seen = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert seen.stdout.split() == [SAMS_PHONE]


def test_two_processes_that_begin_together_make_one_file(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from nightlight.channels.sample import PhoneState, SamplePhones;"
        "SamplePhones(Path(sys.argv[1])).set_state(sys.argv[2], PhoneState.OFF)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), phone])
        for phone in (SAMS_PHONE, BOS_PHONE)
    ]
    assert [process.wait(20) for process in both] == [0, 0]
    assert {SamplePhones(tmp_path).state(phone) for phone in (SAMS_PHONE, BOS_PHONE)} == {PhoneState.OFF}


def test_a_message_half_written_when_its_process_died_is_not_there(
    channel: SampleChannel, phones: SamplePhones, tmp_path: Path
) -> None:
    channel.send(text_to_sam(text="whole"))
    [file] = tmp_path.glob("*.sqlite3")
    torn = sqlite3.connect(file, isolation_level=None)
    torn.execute("BEGIN IMMEDIATE")
    torn.execute("UPDATE message SET text = 'half'")
    torn.close()
    assert [message.text for message in phones.messages()] == ["whole"]


def test_times_are_kept_in_utc(phones: SamplePhones) -> None:
    elsewhere = timezone(timedelta(hours=5))
    channel = SampleChannel(
        kind="sample-text",
        provider="sample-text-1",
        phones=phones,
        now=lambda: NOON.astimezone(elsewhere),
    )
    channel.send(text_to_sam())
    assert phones.messages()[0].sent_at.isoformat() == "2026-11-21T12:00:00+00:00"
