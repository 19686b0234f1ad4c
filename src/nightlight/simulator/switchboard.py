"""Every provider of a made-up world: what they are handed, what arrives, and what they report is held to account."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from random import Random
from typing import Protocol

from nightlight.channels.base import Message, Receipt
from nightlight.engine.ids import PersonId
from nightlight.intake import channels
from nightlight.simulator.agenda import Agenda, VirtualClock
from nightlight.simulator.check_ins_lived import CheckInLived
from nightlight.simulator.checks import Promises
from nightlight.simulator.checks_health import HealthPromises
from nightlight.simulator.checks_reports import ReportPromises
from nightlight.simulator.history import History
from nightlight.simulator.house import House
from nightlight.simulator.people import Supporter
from nightlight.simulator.phones import Handsets, PhoneLine
from nightlight.simulator.providers import Handed, SimulatedProvider, Weather
from nightlight.simulator.scenario import Scenario
from nightlight.simulator.workers import Delivery
from nightlight.store.models import Attempt, Notification
from nightlight.store.notices_send import NoticeClaim
from nightlight.store.outbox import Claim


class Living(House, Protocol):
    """What a world is to its providers."""

    history: History
    scenario: Scenario
    weather: Weather
    check_in: CheckInLived | None

    def breaks_any(self, found: Iterator[str]) -> None:
        """Promises were looked at; what is *found* broken is written down."""
        ...

    def unseen(self) -> AbstractContextManager[None]:
        """The simulator looks at the tables itself, and meets no fault."""
        ...

    def delivery_of(self, attempt: str) -> Delivery | None:
        """In which hands an attempt is."""
        ...


class Switchboard:
    """The providers of one world, and the account of what they did."""

    def __init__(
        self,
        world: Living,
        promises: Promises,
        supporters: Mapping[PersonId, Supporter],
        chance_of: Callable[[str], Random],
    ) -> None:
        self._world = world
        self._promises = promises
        self._reports = ReportPromises(world.truth, promises)
        self._health = HealthPromises()
        self._supporters = supporters
        self._chance_of = chance_of
        self._handsets = Handsets(house=world, supporters=supporters, chance=chance_of("phones"))

    def channels(self) -> dict[str, tuple[SimulatedProvider, ...]]:
        """What is switched on in this world."""
        kinds = self._world.scenario.providers.items()
        return {kind: tuple(self._provider(kind, n + 1) for n in range(many)) for kind, many in kinds}

    def _provider(self, kind: str, number: int) -> SimulatedProvider:
        world: Living = self._world
        agenda: Agenda = world.agenda
        clock: VirtualClock = world.clock
        chance, weather = self._chance_of(f"{kind}-{number}"), world.weather
        if kind == "voice":
            return PhoneLine(
                kind,
                number,
                picks_up=self._rings,
                weather=weather,
                clock=clock,
                agenda=agenda,
                chance=chance,
                post=self,
            )
        return SimulatedProvider(
            kind, number, weather=weather, clock=clock, agenda=agenda, chance=chance, post=self
        )

    def took(self, claimed: Claim | NoticeClaim) -> float:
        """How long the provider took for what was sent last."""
        provider = channels.switched_on()[claimed.channel][claimed.provider]
        assert isinstance(provider, SimulatedProvider)
        return provider.took

    # ------------------------------------------------------------------ what providers do

    def handed(self, handed: Handed) -> None:
        """A provider was handed a message."""
        world, message = self._world, handed.message
        world.history.sends += 1
        if self._is_outside_calls(handed):
            world.truth.note(handed)
            return
        delivery = world.delivery_of(message.attempt)
        with world.unseen():
            row = Notification.objects.filter(pk=message.notification).first()
            what = f"{row.purpose} to {row.person_id or 'the host'}" if row else "an unknown message"
            world.tell(f"{what} by {handed.kind}: {'taken' if handed.taken else 'not taken'}")
            world.breaks_any(self._promises.at_a_send(handed, delivery, world.clock.now()))
            self._look_at_health(handed, delivery)
            if handed.kind == "voice":
                world.breaks_any(self._reports.at_a_ring(handed, delivery))
                self._count_rings(handed)
        world.truth.note(handed)

    def _is_outside_calls(self, handed: Handed) -> bool:
        world = self._world
        if world.check_in is None:
            return False
        with world.unseen():
            return world.check_in.handed(handed)

    def _look_at_health(self, handed: Handed, delivery: Delivery | None) -> None:
        providers = self._world.scenario.providers.get(handed.kind, 1)
        if not self._promises.clock_was_wrong:
            self._world.breaks_any(self._health.at_a_send(handed, delivery, providers))
        if providers > 1 and self._health.begins_with_another(handed):
            self._world.note("a message began with the second provider")
        self._health.note(handed, delivery)

    def _count_rings(self, handed: Handed) -> None:
        misses = self._reports.misses(handed.message.notification)
        if misses:
            self._world.note("a phone rang again")

    def arrives(self, message: Message, kind: str) -> None:
        """A message reached the address it is for."""
        with self._world.unseen():
            if self._world.check_in is not None and self._world.check_in.arrives(message):
                return
            for supporter in self._supporters.values():
                if any(way.address == message.to and way.channel == kind for way in supporter.resident.ways):
                    supporter.reads(message, kind)

    def lost(self, kind: str) -> None:
        """A provider took a message, and it will never arrive."""
        self._world.note(f"taken, and never arrived: {kind}")

    def _rings(self, message: Message) -> bool:
        with self._world.unseen():
            is_heard = self._world.check_in.rings(message) if self._world.check_in is not None else None
            return self._handsets.ring(message) if is_heard is None else is_heard

    def reported(self, receipt: Receipt) -> None:
        """What a provider reported was taken in: the same one thing, whatever came before and after it."""
        world = self._world
        with world.unseen():
            attempt = Attempt.objects.filter(pk=receipt.attempt).select_related("notification__alert").first()
            if attempt is None:
                return
            for goal in self._reports.goals(attempt, receipt.status):
                world.note(goal)
            now, passed = world.clock.now(), world.clock.passed
            world.breaks_any(self._reports.after_a_report(attempt, receipt.status, now, passed))
        world.look()

    def at_the_end(self) -> Iterator[str]:
        """What is wrong with what is known of every message, once all is over."""
        return self._reports.at_the_end()
