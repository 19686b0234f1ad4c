"""R: the cells of the table when it is over, and nothing leaves it."""

from nightlight.engine.effects import Purpose, TimerKind
from nightlight.engine.events import LadderRanOut, ResponderAvailable
from nightlight.engine.needs import Need
from tests.engine.cells import (
    Cell,
    resolved,
)
from tests.people import BO, KIT, SAM

RESOLVED = (
    Cell(
        "Ana calls again: intake makes a new call",
        resolved,
        lambda s: s.calls(),
        "=",
    ),
    Cell(
        "a late step",
        resolved,
        lambda s: s.late(TimerKind.STEP),
        "=",
    ),
    Cell(
        "a late end of the ladder",
        resolved,
        lambda s: s.happens(LadderRanOut(rung=2)),
        "=",
    ),
    Cell(
        "a late pause",
        resolved,
        lambda s: s.late(TimerKind.ROUND),
        "=",
    ),
    Cell(
        "Kit is available",
        resolved,
        lambda s: s.happens(ResponderAvailable(person=KIT)),
        "=",
    ),
    Cell(
        "we were away",
        resolved,
        lambda s: s.interrupted(),
        "=",
    ),
    Cell(
        "Sam says yes",
        resolved,
        lambda s: s.yes(SAM),
        "=",
    ),
    Cell(
        "Bo asks for more time",
        resolved,
        lambda s: s.renews(BO),
        "=",
    ),
    Cell(
        "a late expiry",
        resolved,
        lambda s: s.late(TimerKind.ACKNOWLEDGEMENT),
        "=",
    ),
    Cell(
        "Sam can't",
        resolved,
        lambda s: s.no(SAM),
        "=",
    ),
    Cell(
        "Bo hands it on",
        resolved,
        lambda s: s.hands_on(BO),
        "=",
    ),
    Cell(
        "Bo takes the yes back",
        resolved,
        lambda s: s.undo(BO),
        "=",
    ),
    Cell(
        "an all-clear fails",
        resolved,
        lambda s: s.happens(s.failure(BO, purpose=Purpose.ALL_CLEAR, message=11)),
        "resolved | next way of message 11",
    ),
    Cell(
        "an ask fails",
        resolved,
        lambda s: s.fails(SAM, 1),
        "=",
    ),
    Cell(
        "an ask may have arrived",
        resolved,
        lambda s: s.unknown(SAM, 1),
        "=",
    ),
    Cell(
        "Sam stops a way",
        resolved,
        lambda s: s.stops(SAM),
        "=",
    ),
    Cell(
        "Ana is in touch",
        resolved,
        lambda s: s.in_touch(),
        "=",
    ),
    Cell(
        "a late question whether they are in touch",
        resolved,
        lambda s: s.late(TimerKind.CONTACT),
        "=",
    ),
    Cell(
        "Ana still needs someone: intake makes a new call",
        resolved,
        lambda s: s.still_needed(),
        "=",
    ),
    Cell(
        "Ana is not safe: intake makes a new call",
        resolved,
        lambda s: s.needs(Need.DANGER),
        "=",
    ),
    Cell(
        "Bo is removed",
        resolved,
        lambda s: s.leaves(BO),
        "=",
    ),
    Cell(
        "Ana ends it again",
        resolved,
        lambda s: s.over(),
        "=",
    ),
)
