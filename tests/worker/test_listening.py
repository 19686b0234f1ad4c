"""Lines of our own: one worker listens for all, nothing heard is lost, and a broken line stops nobody."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from nightlight.channels.base import Heard, Receipt, ReceiptStatus, Reply, TemporaryFailure
from nightlight.intake import hearing
from nightlight.intake.hearing import take_heard
from nightlight.store import listener_places
from nightlight.store.listener_places import LEASE
from nightlight.store.models import Attempt, ContactMethod, KeptReply, ListenerPlace
from nightlight.worker.listening import (
    BACK_OFF_SECONDS,
    LOOK_AGAIN_SECONDS,
    Line,
    Listening,
    unlike_any_other,
)
from tests.factories import a_ladder, a_way
from tests.people import BO, NUMBERS, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


class Brook:
    """A line that says what it was told to say, one thing a turn, and remembers from where it was asked."""

    kind = "sms"

    def __init__(self, *says: Heard | Exception, name: str = "brook", is_shared: bool = True) -> None:
        self.name = name
        self.is_shared = is_shared
        self.asked_from: list[str] = []
        self._says = list(says)

    def listen(self, position: str, seconds: float) -> Heard:
        self.asked_from.append(position)
        said = self._says.pop(0) if self._says else Heard(position=position)
        if isinstance(said, Exception):
            raise said
        return said


def place(name: str = "brook") -> ListenerPlace:
    return ListenerPlace.objects.get(pk=name)


def test_what_was_heard_is_taken_in_and_the_next_time_it_goes_on_from_there(world: World) -> None:
    taken: list[tuple[str, Heard]] = []
    first, second = Heard(position="7"), Heard(position="9")
    brook = Brook(first, second)
    line = Line(brook, world, "worker 1", lambda kind, heard, _: taken.append((kind, heard)))

    assert [line.turn(), line.turn(), line.turn()] == [0, 0, 0]
    assert brook.asked_from == ["", "7", "9"]
    assert taken[:2] == [("sms", first), ("sms", second)]
    assert (place().position, place().heard_at, place().trouble) == ("9", world.time, "")


def test_what_could_not_be_taken_in_is_heard_again(world: World) -> None:
    def fails(kind: str, heard: Heard, now: Any) -> None:
        raise OperationalError

    brook = Brook(Heard(position="7"), Heard(position="7"))
    with pytest.raises(OperationalError):
        Line(brook, world, "worker 1", fails).turn()
    assert place().position == ""

    Line(brook, world, "worker 1").turn()
    assert brook.asked_from == ["", ""]
    assert place().position == "7"


def test_one_worker_listens_and_another_takes_over_when_it_is_gone(world: World) -> None:
    first, second = Brook(Heard(position="7")), Brook(Heard(position="8"))
    mine, theirs = Line(first, world, "worker 1"), Line(second, world, "worker 2")
    assert mine.turn() == 0

    assert theirs.turn() == LOOK_AGAIN_SECONDS
    assert second.asked_from == []

    world.time += LEASE + timedelta(seconds=1)
    assert theirs.turn() == 0
    assert second.asked_from == ["7"]
    assert mine.turn() == LOOK_AGAIN_SECONDS


def test_whoever_stops_lets_the_next_one_listen_at_once(world: World) -> None:
    mine, theirs = Line(Brook(), world, "worker 1"), Line(Brook(), world, "worker 2")
    mine.turn()
    mine.let_go()
    assert theirs.turn() == 0


def test_a_clock_set_back_keeps_no_line_for_a_worker_that_is_gone(world: World) -> None:
    Line(Brook(), world, "worker 1").turn()
    world.time -= timedelta(hours=3)
    assert Line(Brook(), world, "worker 2").turn() == 0


def test_whoever_came_late_does_not_move_the_place_back(world: World) -> None:
    slow = Line(Brook(Heard(position="7")), world, "worker 1", lambda *_: _takes_over(world))
    slow.turn()
    assert (place().holder, place().position) == ("worker 2", "8")


def _takes_over(world: World) -> None:
    world.time += LEASE + timedelta(seconds=1)
    Line(Brook(Heard(position="8")), world, "worker 2").turn()


def test_each_worker_listens_to_a_line_of_its_own(world: World) -> None:
    phones = [Brook(Heard(position=at), is_shared=False) for at in ("a", "b")]
    lines = [Line(phone, world, f"worker {number}") for number, phone in enumerate(phones)]
    assert [line.turn() for line in lines for _ in range(2)] == [0, 0, 0, 0]
    assert [phone.asked_from for phone in phones] == [["", "a"], ["", "b"]]


def test_a_broken_line_is_left_alone_longer_and_longer_and_says_why(world: World) -> None:
    broken = [TemporaryFailure("connection_refused")] * 7
    brook = Brook(*broken, Heard(position="7"), TemporaryFailure("timeout"))
    line = Line(brook, world, "worker 1")

    assert [line.turn() for _ in range(7)] == [*BACK_OFF_SECONDS, BACK_OFF_SECONDS[-1], BACK_OFF_SECONDS[-1]]
    [state] = listener_places.lines()
    assert (state.trouble, state.heard_at) == ("connection_refused", None)

    assert line.turn() == 0
    [state] = listener_places.lines()
    assert (state.trouble, state.heard_at) == ("", world.time)
    assert line.turn() == BACK_OFF_SECONDS[0]
    assert place().position == "7"


def test_a_fault_of_ours_in_a_listener_is_a_broken_line_like_any_other(world: World) -> None:
    line = Line(Brook(ZeroDivisionError()), world, "worker 1")
    assert line.turn() == BACK_OFF_SECONDS[0]
    assert place().trouble == "ZeroDivisionError"


def test_reports_and_replies_go_where_those_of_the_hooks_go(world: World) -> None:
    a_ladder((SAM, BO))
    for person in (SAM, BO):
        ContactMethod.objects.filter(person_id=person).delete()
        a_way(person, "sms")
    world.ana_calls()
    world.send_due()
    attempt = Attempt.objects.get(notification__person_id=SAM)
    heard = Heard(
        receipts=(Receipt(status=ReceiptStatus.FAILED, attempt=attempt.pk, reason="gone"),),
        replies=(Reply(sender=NUMBERS[BO], text="I am at work"),),
    )

    take_heard("sms", heard, world.time)
    assert world.statuses(SAM)[0] == "failed"
    assert [row.person_id for row in KeptReply.objects.all()] == [BO]
    assert {ask.answer for ask in world.alert().asks} == {None}


def test_one_reply_that_breaks_does_not_keep_the_next_one_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def odd(kind: str, reply: Reply, now: Any) -> str:
        if reply.text == "odd":
            raise ZeroDivisionError
        taken.append(reply.text)
        return "kept"

    monkeypatch.setattr(hearing, "take_reply", odd)
    take_heard(
        "sms",
        Heard(replies=(Reply(sender="1", text="odd"), Reply(sender="1", text="even"))),
        world.time,
    )
    assert taken == ["even"]


@pytest.mark.django_db(transaction=True)
def test_a_line_that_hangs_keeps_no_other_waiting_and_does_not_hold_up_the_end(world: World) -> None:
    hangs, heard = threading.Event(), threading.Event()

    def listen_for_ever(position: str, seconds: float) -> Heard:
        hangs.wait()
        return Heard()

    stuck, brook = Brook(name="stuck"), Brook(Heard(position="7"))
    stuck.listen = listen_for_ever  # type: ignore[method-assign]
    noisy = _telling(brook, heard.set)
    listening = Listening([stuck, noisy], world, "worker 1")
    listening.start()
    assert heard.wait(10)
    listening.stop()
    hangs.set()
    listening.stop()
    assert place().position == "7"


def test_two_workers_on_machines_of_one_name_do_not_both_listen(world: World) -> None:
    """Containers of one image may share their host name, and the number of their process."""
    brook, other = Brook(Heard(position="7")), Brook(Heard(position="8"))
    first = Line(brook, world, unlike_any_other("nightlight:1"))
    second = Line(other, world, unlike_any_other("nightlight:1"))

    assert [first.turn(), second.turn(), first.turn()] == [0, LOOK_AGAIN_SECONDS, 0]
    assert other.asked_from == []


def _telling(brook: Brook, told: Callable[[], None]) -> Brook:
    """*brook*, telling when it is asked again: what it said before that is taken in and kept."""
    listen = brook.listen

    def told_listen(position: str, seconds: float) -> Heard:
        if brook.asked_from:
            told()
        return listen(position, seconds)

    brook.listen = told_listen  # type: ignore[method-assign]
    return brook
