"""The figures: what is counted as lost, as doubled, as nothing, and which of them is the 99th of 100."""

from datetime import date

import pytest

from nightlight.bench import drain, latency, people
from nightlight.bench.gateway import Gateway
from nightlight.channels.base import Message, Receipt, ReceiptStatus
from nightlight.channels.sms_kannel import KannelChannel, read_kannel_url
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
    found = drain.summary("sqlite", 4, arrivals, raw_per_second=3.0, unsettled=1)

    assert (found.lost, found.doubled, found.unsettled) == (1, 1, 1)
    assert (found.per_second, found.ratio) == (1.5, 0.5)


def test_when_nothing_arrives_nothing_is_fast() -> None:
    found = drain.summary("sqlite", 2, [], raw_per_second=3.0, unsettled=2)
    assert (found.per_second, found.lost, found.doubled) == (0.0, 2, 0)


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


def test_waiting_for_more_than_come_ends() -> None:
    with Gateway() as gateway:
        assert not gateway.wait_for(1, 0.01)
