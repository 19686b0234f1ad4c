"""The figures: what is counted as lost, as doubled, as nothing, and which of them is the 99th of 100."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from nightlight.bench import drain, latency, people, rush, size, steps
from nightlight.bench.gateway import Gateway
from nightlight.bench.mailbox import Mailbox
from nightlight.bench.processes import BenchFailed
from nightlight.channels.base import Message, Receipt, ReceiptStatus
from nightlight.channels.sms_kannel import KannelChannel, read_kannel_url
from nightlight.channels.smtp import SmtpChannel, read_smtp_url
from nightlight.intake.circle_file import parse_circle_file

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(("percent", "value"), [(1, 1.0), (50, 50.0), (99, 99.0), (100, 100.0)])
def test_a_percentile_is_a_value_that_was_measured(percent: int, value: float) -> None:
    assert latency.value_at([float(each) for each in range(1, 101)], percent) == value


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert latency.value_at([7.0], 1) == latency.value_at([7.0], 99) == 7.0


def test_a_call_the_gateway_heard_of_before_the_answer_counts_as_nothing_and_is_told() -> None:
    found = latency.summary("sqlite", [0.010, -0.002, 0.030], [0.4, 0.2], raw_commit_ms=2.0)

    assert (found.n, found.p50_ms, found.max_ms, found.heard_before_answer) == (3, 10.0, 30.0, 1)
    assert found.ratio == 5.0
    assert (found.fall_ms, found.fall_max_ms) == (400.0, 400.0)


def test_messages_are_counted_by_whom_they_are_for() -> None:
    wanted = [people.number(place) for place in range(4)]
    arrivals = [(wanted[0], 10.0), (wanted[1], 10.5), (wanted[1], 11.0), (wanted[2], 12.0)]
    found = drain.summary("sqlite", wanted, 9.9, arrivals, raw_per_second=3.0, unsettled=1)

    assert found.first_ms == 100.0
    assert (found.lost, found.doubled, found.unsettled) == (1, 1, 1)
    assert (found.per_second, found.ratio) == (1.5, 0.5)


def test_when_nothing_arrives_nothing_is_fast() -> None:
    found = drain.summary("sqlite", ["a", "b"], 9.9, [], raw_per_second=3.0, unsettled=2)
    assert (found.per_second, found.lost, found.doubled) == (0.0, 2, 0)


def test_in_a_rush_each_call_is_counted_from_its_own_answer_and_from_the_press_of_all() -> None:
    arrivals = [(people.number(1), 10.3), (people.number(0), 10.4), (people.number(0), 10.9)]
    found = rush.summary("sqlite", 10.0, [10.1, 10.35], arrivals)

    assert (found.n, found.max_ms, found.heard_before_answer, found.doubled) == (2, 300.0, 1, 1)
    assert (found.pressed_p50_ms, found.pressed_p99_ms) == (350.0, 400.0)


def test_a_call_of_a_rush_that_nobody_heard_of_is_no_figure() -> None:
    with pytest.raises(BenchFailed, match="heard nothing of 1 calls"):
        rush.summary("sqlite", 10.0, [10.1, 10.2], [(people.number(0), 10.3)])


def test_a_next_step_counts_from_its_own_moment() -> None:
    # The second of each circle's two people is asked at the next step; two seconds lie between two circles.
    asked = [people.number(place * steps.FRIENDS + 1) for place in range(4)]
    arrivals = [
        *((people.number(place * steps.FRIENDS), 1.0) for place in range(4)),
        *zip(asked[:3], (100.5, 101.9, 106.5), strict=True),
    ]
    found = steps.summary("sqlite", 4, 8.0, 100.0, arrivals)

    assert (found.on_time, found.early, found.lost) == (0.25, 1, 1)
    assert (found.p50_ms, found.worst_ms) == (500.0, 2500.0)


def test_when_no_next_step_comes_there_is_no_figure() -> None:
    with pytest.raises(BenchFailed, match="no next step came"):
        steps.summary("sqlite", 2, 8.0, 100.0, [])


def test_a_circle_is_as_large_as_what_more_of_them_take() -> None:
    found = size.summary("sqlite", {"100": 1000, "300": 9000}, 12000)
    assert (found.circles, found.bytes_each, found.call_bytes_each) == (300, 40, 10)
    assert size.summary("sqlite", {"100": 1000}, 1000).bytes_each == 10


def test_everyone_has_a_number_of_their_own_and_the_files_can_be_imported() -> None:
    found = [
        parse_circle_file(text.encode(), file="bench", today=TODAY) for text in people.files(501, 2, TODAY)
    ]

    assert [len(each.circles) for each in found] == [500, 1]
    assert len({people.number(place) for place in range(people.PEOPLE_MAX)}) == people.PEOPLE_MAX


def a_message(place: int) -> Message:
    return Message(notification="n", attempt=f"a{place}", to=people.number(place), subject="", text="Hallo")


def test_the_gateway_takes_what_the_channel_sends_and_knows_whom_it_is_for() -> None:
    with Gateway() as gateway:
        channel = KannelChannel(
            provider="kannel-1",
            gateway=read_kannel_url(gateway.url, "TEST"),
            callback_url="http://127.0.0.1:1/hook",
        )
        receipts = [channel.send(a_message(place)) for place in (3, 1)]

        assert gateway.wait_for(2, 10)
    assert receipts == [Receipt(status=ReceiptStatus.ACCEPTED, units=1)] * 2
    assert [to for to, _ in gateway.arrivals()] == [people.number(3), people.number(1)]


def test_the_mail_server_takes_what_the_channel_sends_and_knows_whom_it_is_for() -> None:
    with Mailbox() as mailbox:
        channel = SmtpChannel(
            provider="smtp-1",
            server=read_smtp_url(mailbox.url, "TEST"),
            sender="circle@example.org",
            now=lambda: datetime(2026, 11, 21, tzinfo=UTC),
        )
        for place in (3, 1):
            channel.send(replace(a_message(place), to=people.mail(place), subject="Can you talk?"))

        assert [to for to, _ in mailbox.arrivals()] == [people.mail(3), people.mail(1)]
        assert mailbox.count() == len(mailbox.begun()) == 2


def test_waiting_for_more_than_come_ends() -> None:
    with Gateway() as gateway:
        assert not gateway.wait_for(1, 0.01)
