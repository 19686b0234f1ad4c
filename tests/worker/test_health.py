"""Which provider a message begins with: the sick one last, tried again now and then, and nothing held back."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from nightlight.channels.base import (
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    TemporaryFailure,
)
from nightlight.engine.ids import PersonId
from nightlight.engine.retries import Outcome
from nightlight.store import notices_send
from nightlight.store.models import Attempt, ContactMethod, Notice
from nightlight.store.notices import NoticePurpose, tell_person
from nightlight.store.outbox import Claim
from nightlight.worker.health import LEFT_ALONE_MAX, SICK_AFTER, SICK_FOR, ProviderHealth
from nightlight.worker.points import drive
from nightlight.worker.sender import Sender
from nightlight.worker.settler import Sent
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NOON, NUMBERS, SAM
from tests.store.stories import row_of
from tests.worker.noticing import NoticeWorld
from tests.worker.simulated_channel import QUEUED, SimulatedChannel
from tests.worker.world import World

TOOK = Sent(outcome=Outcome.ACCEPTED)
BROKE = Sent(outcome=Outcome.UNKNOWN)


def health_of(*sick: bool) -> ProviderHealth:
    """Providers of one kind, each sick or not."""
    health = ProviderHealth({"sms": len(sick)})
    for provider, is_sick in enumerate(sick):
        for _ in range(SICK_AFTER if is_sick else 0):
            health.note("sms", provider, BROKE, NOON)
    return health


@pytest.mark.parametrize(
    ("sick", "turn"),
    [
        ((False,), [0]),
        ((True,), [0]),
        ((False, False), [0, 1]),
        ((True, False), [1, 0]),
        ((False, True), [0, 1]),
        ((True, True), [0, 1]),
        ((False, False, False), [0, 1, 2]),
        ((True, False, False), [1, 2, 0]),
        ((False, True, False), [2, 0, 1]),
        ((False, False, True), [0, 1, 2]),
        ((True, True, False), [2, 0, 1]),
        ((True, True, True), [0, 1, 2]),
    ],
)
def test_the_sick_ones_come_last(sick: Sequence[bool], turn: list[int]) -> None:
    first = health_of(*sick).first("sms", NOON)

    assert [(first + place) % len(sick) for place in range(len(sick))] == turn


@pytest.mark.parametrize(
    ("came", "is_sick"),
    [
        ([BROKE] * (SICK_AFTER - 1), False),
        ([BROKE] * SICK_AFTER, True),
        ([BROKE, BROKE, TOOK, BROKE, BROKE], False),
        ([Sent(outcome=Outcome.QUEUED)] * SICK_AFTER, True),
        ([Sent(outcome=Outcome.TEMPORARY)] * SICK_AFTER, True),
        ([Sent(outcome=Outcome.PERMANENT)] * 10, False),
        ([BROKE, BROKE, Sent(outcome=Outcome.PERMANENT), BROKE], True),
        ([Sent(outcome=Outcome.MISSED)] * 10, False),
        ([Sent(outcome=Outcome.TEMPORARY, is_ours=True)], True),
        ([Sent(outcome=Outcome.TEMPORARY, wait_seconds=30)], True),
    ],
)
def test_what_makes_a_provider_sick(came: list[Sent], is_sick: bool) -> None:
    health = health_of(False, False)
    for sent in came:
        health.note("sms", 0, sent, NOON)

    assert health.first("sms", NOON) == (1 if is_sick else 0)


def test_after_a_minute_one_message_begins_with_it_again() -> None:
    health = health_of(True, False)
    later = NOON + SICK_FOR

    assert health.first("sms", later - timedelta(seconds=1)) == 1
    assert [health.first("sms", later) for _ in range(3)] == [0, 1, 1]


def test_how_that_ends_decides_anew() -> None:
    better, no_better = health_of(True, False), health_of(True, False)
    later = NOON + SICK_FOR
    better.first("sms", later)
    no_better.first("sms", later)
    better.note("sms", 0, TOOK, later)
    no_better.note("sms", 0, BROKE, later)

    assert (better.first("sms", later), no_better.first("sms", later)) == (0, 1)
    assert no_better.first("sms", later + SICK_FOR) == 0


def test_one_that_asks_to_be_left_alone_is_for_so_long_but_not_for_ever() -> None:
    health = health_of(False, False)
    health.note("sms", 0, Sent(outcome=Outcome.TEMPORARY, wait_seconds=1e9), NOON)

    assert health.first("sms", NOON + LEFT_ALONE_MAX - timedelta(seconds=1)) == 1
    assert health.first("sms", NOON + LEFT_ALONE_MAX) == 0


def test_a_clock_that_is_set_back_leaves_nobody_sick() -> None:
    assert health_of(True, False).first("sms", NOON - timedelta(hours=1)) == 0


def test_one_kind_says_nothing_of_another() -> None:
    health = ProviderHealth({"sms": 2, "smtp": 2})
    for _ in range(SICK_AFTER):
        health.note("sms", 0, BROKE, NOON)

    assert (health.first("sms", NOON), health.first("smtp", NOON)) == (1, 0)


# ------------------------------------------------------------------------------------- through the worker


class Night:
    """A world with text only, whose claims are sent one after another in the order they are made."""

    def __init__(self, providers: int) -> None:
        self.world = World(providers=providers, kinds=("sms",))
        self.claimed: list[Claim] = []
        self.sender = Sender(
            self.world.channels,
            self.world,
            base_url="https://circle.example.org",
            service_name="Circle",
            on_free=lambda: None,
            start=lambda claimed, _: self.claimed.append(claimed),
        )

    @property
    def gateways(self) -> Sequence[SimulatedChannel]:
        return self.world.channels["sms"]

    def send_due(self) -> list[tuple[str | None, int]]:
        """Send what is due, and what becomes due by that: to whom, and by which gateway."""
        went = []
        while self._claim():
            for claimed in self.claimed:
                went.append((row_of(claimed).person_id, claimed.provider))
                drive(self.sender.deliver(claimed))
                self.sender.free(claimed)
        return went

    def _claim(self) -> bool:
        self.claimed = []
        self.sender.send_due(self.world.time)
        return bool(self.claimed)


@pytest.fixture
def night(db: None, channels_on: None) -> Night:
    return Night(2)


def a_ladder_by_text(*steps: tuple[PersonId, ...], of: PersonId = ANA) -> None:
    """Whose people have a telephone and nothing else."""
    a_ladder(*steps, of=of)
    ContactMethod.objects.exclude(channel="sms").delete()
    for person in {person for step in steps for person in step}:
        if not ContactMethod.objects.filter(person_id=person).exists():
            a_way(person, "sms")


def break_first(night: Night, failure: Exception) -> None:
    """The first gateway fails with everybody from now on."""
    for person in (SAM, BO, KIT):
        night.gateways[0].always(NUMBERS[person], failure)


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_gateway_that_broke_is_overtaken_and_then_tried_last(night: Night) -> None:
    a_ladder_by_text((SAM, BO, KIT))
    break_first(night, TemporaryFailure("connection_refused"))
    night.world.ana_calls()

    assert sorted(night.send_due()) == [(BO, 0), (BO, 1), (KIT, 0), (KIT, 1), (SAM, 0), (SAM, 1)]
    a_ladder_by_text((KIT,), of=NOA)
    night.world.ana_calls(person=NOA)
    assert (KIT, 1) in night.send_due()


@pytest.mark.django_db
@pytest.mark.both_databases
def test_whoever_began_with_the_second_goes_on_in_turn(night: Night) -> None:
    a_ladder_by_text((SAM,))
    break_first(night, TemporaryFailure("connection_refused"))
    for _ in range(SICK_AFTER):
        night.sender._health.note("sms", 0, BROKE, NOON)
    night.gateways[1].will(NUMBERS[SAM], PermanentFailure("not_routable"))
    night.world.ana_calls()

    assert night.send_due() == [(SAM, 1), (SAM, 0)]
    assert list(Attempt.objects.order_by("number").values_list("provider", flat=True)) == ["sms-2", "sms-1"]
    night.world.time += timedelta(seconds=10)
    # The second refused for good: it is not asked again, wherever the turn began.
    assert night.send_due() == [(SAM, 0)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "failure",
    [TemporaryFailure("deferred_429", wait_seconds=30), ProviderMisconfigured("provider_refused_401")],
)
def test_one_refusal_of_our_account_or_of_now_is_enough(night: Night, failure: Exception) -> None:
    a_ladder_by_text((SAM,), (BO,))
    break_first(night, failure)
    night.world.ana_calls()

    assert night.send_due() == [(SAM, 0), (SAM, 1)]
    assert night.sender._health.first("sms", night.world.time) == 1


@pytest.mark.django_db
def test_where_all_are_sick_all_are_tried_all_the_same(night: Night) -> None:
    a_ladder_by_text((SAM,))
    for gateway in night.gateways:
        gateway.always(NUMBERS[SAM], OutcomeUnknown("timeout"))
    for provider in (0, 1):
        for _ in range(SICK_AFTER):
            night.sender._health.note("sms", provider, BROKE, NOON)
    night.world.ana_calls()

    assert night.send_due() == [(SAM, 0)]
    night.world.time += timedelta(seconds=6)
    assert night.send_due() == [(SAM, 1)]


@pytest.mark.django_db
def test_a_gateway_that_only_queues_is_sick_too(night: Night) -> None:
    a_ladder_by_text((SAM, BO, KIT))
    for person in (SAM, BO, KIT):
        night.gateways[0].always(NUMBERS[person], QUEUED)
    night.world.ana_calls()
    night.send_due()

    assert night.sender._health.first("sms", night.world.time) == 1


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_message_outside_calls_goes_by_the_same_turn(channels_on: None) -> None:
    world = World(providers=2)
    outside = NoticeWorld(world)
    a_ladder((SAM,))
    world.channels["smtp"][1].will(MAILS[SAM], TemporaryFailure("deferred_450"))
    tell_person(NoticePurpose.LINK, SAM, NOON, world.on)

    def begin_with_the_second(channel: str) -> int:
        return 1

    [claimed] = notices_send.claim(NOON, {"smtp": 1}, world.providers, begin_with_the_second)
    drive(outside.deliver(claimed))
    outside.send_due()

    assert [len(each.handed) for each in world.channels["smtp"]] == [1, 1]
    assert Notice.objects.get().outcomes == ["temporary", "accepted"]


@pytest.mark.django_db
def test_what_is_charged_is_counted_once_for_each_message(channels_on: None) -> None:
    world = World(kinds=("sms",))
    outside = NoticeWorld(world)
    a_ladder_by_text((SAM,))
    world.text.always(NUMBERS[SAM], Receipt(status=ReceiptStatus.ACCEPTED, units=2))
    tell_person(NoticePurpose.LINK, SAM, NOON, world.on)
    outside.send_due()
    world.ana_calls()
    world.send_due()

    assert Notice.objects.get().units == 2
    assert [attempt.units for attempt in Attempt.objects.all()] == [2]


@pytest.mark.django_db
@pytest.mark.both_databases
def test_one_text_for_two_people_is_charged_once(channels_on: None) -> None:
    world = World(kinds=("sms",))
    a_ladder((SAM, BO))
    ContactMethod.objects.all().delete()
    shared = NUMBERS[SAM]
    for person in (SAM, BO):
        a_way(person, "sms", shared)
    world.text.always(shared, Receipt(status=ReceiptStatus.ACCEPTED, units=3))
    world.ana_calls()
    world.send_due()

    assert len(world.text.handed) == 1
    assert sorted(attempt.units for attempt in Attempt.objects.all()) == [0, 3]
