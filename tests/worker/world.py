"""Ana's circle in a simulated world: real rows, rules and worker, simulated channels, a clock that a test moves."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from nightlight.channels.base import Message
from nightlight.engine.effects import Purpose
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.state import Alert as EngineAlert
from nightlight.intake import alert as intake
from nightlight.intake.answer import Answered, Saying, say
from nightlight.store import check_ins, claims, outbox, timers
from nightlight.store.advance import Advanced, load_alert
from nightlight.store.models import Alert, Notification, NotificationStatus, TimelineEntry
from nightlight.store.outbox import Claim
from nightlight.worker.points import Step, drive
from nightlight.worker.sender import Sender
from nightlight.worker.waker import Waker
from tests.people import ANA, MAILS, NOON, NUMBERS
from tests.worker.simulated_channel import SimulatedChannel

KINDS = ("smtp", "sms")
HANDS = 8


class World:
    """What happens is told as a story; time passes only when a test says so."""

    def __init__(self, *, providers: int = 1, kinds: Iterable[str] = KINDS) -> None:
        self.time = NOON
        self.channels = {
            kind: tuple(SimulatedChannel(kind, f"{kind}-{place + 1}") for place in range(providers))
            for kind in kinds
        }
        self.sender = self.another_sender()
        self.waker = Waker(self.on, self.providers)
        self.call_id = ""

    @property
    def on(self) -> frozenset[str]:
        return frozenset(self.channels)

    @property
    def providers(self) -> dict[str, int]:
        return {kind: len(own) for kind, own in self.channels.items()}

    @property
    def mail(self) -> SimulatedChannel:
        return self.channels["smtp"][0]

    @property
    def text(self) -> SimulatedChannel:
        return self.channels["sms"][0]

    def now(self) -> datetime:
        """The clock of this world."""
        return self.time

    def another_sender(self) -> Sender:
        """A sender as a second worker has one."""
        return Sender(
            self.channels,
            self,
            base_url="https://circle.example.org",
            service_name="Circle",
            on_free=lambda: None,
        )

    # ------------------------------------------------------------------ what people do

    def ana_calls(self, need: Need = Need.TALK, person: PersonId = ANA) -> Advanced:
        advanced = intake.call(person, need, self.time)
        self.call_id = self.call_id or advanced.alert_id
        return advanced

    def says(self, person: PersonId, saying: Saying) -> Answered:
        return say(self.call_id, person, saying, self.time)

    # ------------------------------------------------------------------ what the worker does

    def claim(self, **slots: int) -> list[Claim]:
        """What a sender takes now; by default every hand is free."""
        return claims.claim(self.time, slots or dict.fromkeys(self.channels, HANDS), self.providers)

    def deliver(self, claimed: Claim) -> Step:
        return self.sender.deliver(claimed)

    def send_due(self) -> int:
        """Send what is due, and what becomes due by that, one after another."""
        count = 0
        for _ in range(100):
            due = self.claim()
            for claimed in due:
                drive(self.deliver(claimed))
            count += len(due)
            if not due and not self._anything_due():
                return count
        raise AssertionError("it never ends")

    def _anything_due(self) -> bool:
        return Notification.objects.filter(status=NotificationStatus.PLANNED, due__lte=self.time).exists()

    def round(self) -> None:
        """One full look at everything."""
        self.send_due()
        drive(self.waker.round(self.time))
        self.send_due()

    def pass_time(self, **length: float) -> None:
        """Let time pass, with a worker that looks whenever something is due."""
        until = self.time + timedelta(**length)
        for _ in range(500):
            self.round()
            dues = [
                due
                for due in (timers.first_due(), outbox.first_due(), check_ins.first_due())
                if due and due > self.time
            ]
            following = min([*dues, until])
            if following >= until:
                break
            self.time = following
        self.time = until
        self.round()

    # ------------------------------------------------------------------ what can be seen

    def alert(self) -> EngineAlert:
        alert = load_alert(self.call_id)
        assert alert is not None
        return alert

    def row(self) -> Alert:
        return Alert.objects.get(pk=self.call_id)

    def rows(self, person: PersonId | None = None, purpose: Purpose | None = None) -> list[Notification]:
        found = Notification.objects.filter(alert_id=self.call_id)
        if person is not None:
            found = found.filter(person_id=person)
        if purpose is not None:
            found = found.filter(purpose=purpose)
        return list(found.order_by("message", "position", "created_at"))

    def statuses(self, person: PersonId | None = None, purpose: Purpose = Purpose.ASK) -> list[str]:
        return [row.status for row in self.rows(person, purpose)]

    def handed(self, person: PersonId) -> list[Message]:
        """Every message to any way of *person*, in order, channel by channel."""
        addresses = {MAILS[person], NUMBERS[person]}
        return [
            message
            for own in self.channels.values()
            for provider in own
            for message in provider.handed
            if message.to in addresses
        ]

    def lines(self) -> list[tuple[str, str]]:
        """The timeline: what, and who."""
        entries = TimelineEntry.objects.filter(alert_id=self.call_id)
        return [(entry.what, entry.who) for entry in entries]
