"""Whoever sent waits until it is written down, together with others or alone, and hears what went wrong."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import pytest
from django.db import OperationalError

from nightlight.engine.retries import Outcome
from nightlight.store.outbox import Claim
from nightlight.worker import settler
from nightlight.worker.settler import Sent, Settler
from tests.people import NOON

ACCEPTED = Sent(outcome=Outcome.ACCEPTED)
REFUSED = Sent(outcome=Outcome.PERMANENT, reason="gone")


def a_claim(name: str) -> Claim:
    return Claim(
        notification=name,
        alert="a",
        attempt=name,
        lease_token=name,
        channel="sms",
        provider=0,
        claimed_at=NOON,
    )


class Books:
    """What was written down, and how."""

    def __init__(self) -> None:
        self.together: list[set[str]] = []
        self.alone: list[str] = []
        self.in_use: list[set[str]] = []
        """What somebody else is writing about, at one commit after another."""
        self.breaks_together: Exception | None = None
        self.breaks_alone: dict[str, Exception] = {}

    def written(self) -> int:
        return sum(len(names) for names in self.together) + len(self.alone)

    def settle_together(self, accepted: Mapping[Claim, str], now: datetime) -> frozenset[Claim]:
        if self.breaks_together is not None:
            raise self.breaks_together
        in_use = self.in_use.pop(0) if self.in_use else set()
        written = frozenset(claimed for claimed in accepted if claimed.notification not in in_use)
        self.together.append({claimed.notification for claimed in written})
        return written

    def settle_one(self, claimed: Claim, sent: Sent) -> None:
        if claimed.notification in self.breaks_alone:
            raise self.breaks_alone[claimed.notification]
        self.alone.append(claimed.notification)


class AtNoon:
    def now(self) -> datetime:
        return NOON


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Books:
    made = Books()
    monkeypatch.setattr(settler, "settle_accepted", made.settle_together)
    # Nobody waits for a thread that is slow to begin.
    monkeypatch.setattr(settler, "GATHER_SECONDS", 30.0)
    monkeypatch.setattr(settler, "GATHER_AT_MOST_SECONDS", 30.0)
    return made


@pytest.fixture
def settle_all(books: Books) -> Iterator[Callable[..., dict[str, Exception]]]:
    """Settle all of these at once, each from a thread of its own; what each of them heard."""
    made: list[Settler] = []

    def at_once(**sent: Sent) -> dict[str, Exception]:
        under_test = Settler(books.settle_one, AtNoon(), under_way=lambda: len(sent) - books.written())
        made.append(under_test)
        heard: dict[str, Exception] = {}

        def settle(name: str) -> None:
            try:
                under_test.settle(a_claim(name), sent[name])
            except Exception as error:  # noqa: BLE001  (looked at by the test)
                heard[name] = error

        threads = [threading.Thread(target=settle, args=(name,)) for name in sent]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return heard

    yield at_once
    for each in made:
        each.stop()


Settle = Callable[..., dict[str, Exception]]


def test_those_that_end_at_once_are_written_down_in_one_commit(books: Books, settle_all: Settle) -> None:
    assert settle_all(a=ACCEPTED, b=ACCEPTED, c=ACCEPTED) == {}
    assert (books.together, books.alone) == ([{"a", "b", "c"}], [])


def test_the_only_one_waits_for_nobody_and_goes_by_itself(books: Books, settle_all: Settle) -> None:
    assert settle_all(a=ACCEPTED) == {}
    assert (books.together, books.alone) == ([], ["a"])


def test_what_was_not_accepted_goes_by_itself(books: Books, settle_all: Settle) -> None:
    assert settle_all(a=ACCEPTED, b=REFUSED, c=ACCEPTED) == {}
    assert (books.together, books.alone) == ([{"a", "c"}], ["b"])


def test_what_is_in_use_for_a_moment_goes_with_the_next_ones(books: Books, settle_all: Settle) -> None:
    books.in_use = [{"b", "c"}]
    assert settle_all(a=ACCEPTED, b=ACCEPTED, c=ACCEPTED) == {}
    assert (books.together, books.alone) == ([{"a"}, {"b", "c"}], [])


def test_what_stays_in_use_waits_for_its_turn_alone(books: Books, settle_all: Settle) -> None:
    books.in_use = [{"b", "c"}, {"b"}]
    assert settle_all(a=ACCEPTED, b=ACCEPTED, c=ACCEPTED) == {}
    assert (books.together, books.alone) == ([{"a"}, {"c"}], ["b"])


def test_when_a_batch_breaks_each_is_written_down_alone(books: Books, settle_all: Settle) -> None:
    books.breaks_together = ValueError("ours")
    books.breaks_alone = {"b": KeyError("only this one")}
    heard = settle_all(a=ACCEPTED, b=ACCEPTED, c=ACCEPTED)

    assert sorted(books.alone) == ["a", "c"]
    assert heard == books.breaks_alone


def test_when_the_database_is_away_everyone_hears_it_at_once(books: Books, settle_all: Settle) -> None:
    books.breaks_together = away = OperationalError("gone")
    assert settle_all(a=ACCEPTED, b=ACCEPTED) == {"a": away, "b": away}
    assert books.alone == []
