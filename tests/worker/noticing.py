"""A worker's sender of messages outside calls, in the simulated world, without threads."""

from datetime import timedelta

from nightlight.engine.retries import Outcome
from nightlight.store import notices_due, notices_send
from nightlight.store.models import Notice
from nightlight.store.notices_send import NoticeClaim
from nightlight.worker.noticing import THREADS_PER_CHANNEL, Noticer
from nightlight.worker.points import Step, drive
from tests.worker.world import World


class NoticeWorld:
    """What happens outside calls, in *world*; time passes only when a test says so."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.noticer = Noticer(
            world.channels,
            world,
            base_url="https://circle.example.org",
            service_name="Circle",
            on_free=lambda: None,
        )

    def claim(self) -> list[NoticeClaim]:
        """What a worker takes now, with every hand free."""
        slots = dict.fromkeys(self.world.channels, THREADS_PER_CHANNEL)
        return notices_send.claim(self.world.time, slots, self.world.providers)

    def deliver(self, claimed: NoticeClaim) -> Step:
        return self.noticer.deliver(claimed)

    def send_due(self) -> None:
        """Send what is due, and what becomes due by that."""
        for _ in range(100):
            due = self.claim()
            for claimed in due:
                drive(self.deliver(claimed))
            if not due:
                return
        raise AssertionError("it never ends")

    def pass_time(self, **length: float) -> None:
        """Let time pass, with a worker that looks whenever something is due, and at what lapsed."""
        until = self.world.time + timedelta(**length)
        while True:
            self.send_due()
            due = notices_due.next_due(self.world.time)
            if due is None or due > until:
                break
            self.world.time = due
        self.world.time = until
        for claimed in notices_send.lapsed(until):
            self.noticer._settle(claimed, Outcome.UNKNOWN, until, reason="lapsed")
        self.send_due()

    def statuses(self) -> list[str]:
        return [row.status for row in Notice.objects.order_by("created_at", "contact_method__position")]
