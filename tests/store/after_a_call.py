"""What several tests of the days after a call share: a call that is over, and a worker that looks."""

from datetime import UTC, datetime

from nightlight.engine.events import EndedBy
from nightlight.engine.ids import PersonId
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store import member_notes
from nightlight.worker.caring import CARES
from tests.people import ANA, SAM
from tests.worker.world import World

HELLO = "Good morning from the harbour."


def lisbon(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """In winter the clock of Lisbon is that of UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def a_call_is_over(world: World, *, taker: PersonId | None = SAM, by: EndedBy = EndedBy.CALLER) -> str:
    """Ana called, somebody had it, and it is over; the id of the call."""
    world.call_id = ""
    world.ana_calls()
    world.send_due()
    if taker is not None:
        world.says(taker, Saying.YES)
    intake.resolve(world.call_id, by, world.time, reason="Ana rang us" if by is EndedBy.HOST else "")
    return world.call_id


def lends_name(world: World, person: PersonId = SAM, *texts: str) -> None:
    member_notes.add_notes(ANA, person, texts or (HELLO,), world.time)


def care(world: World) -> None:
    """One look of a worker at everything that is due."""
    for each in CARES:
        for one in each.due(world.time, 100):
            each.do(one, world.time, world.on)


def at(world: World, when: datetime) -> None:
    world.time = when
    care(world)
