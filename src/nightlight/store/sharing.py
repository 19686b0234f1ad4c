"""What the owner of a circle lets others see and do, and how whoever said yes reaches them."""

import json
from dataclasses import asdict, dataclass

from nightlight.engine.policy import EndPolicy
from nightlight.store.circles_read import reach_of
from nightlight.store.entries import ReachEntry
from nightlight.store.models import Circle
from nightlight.store.sealing import UnreadableError, seal


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """What is switched on."""

    know_each_other: bool = False
    """Members may know one another by name."""
    tell_caller: bool = True
    """News of a call goes to the owner's own ways too, not to their page alone."""
    taker_may_end: bool = False
    """Whoever has a call may end it once the owner said that they are in touch."""


def sharing_of(person: str) -> tuple[Sharing, ReachEntry | None]:
    """What the circle of *person* lets others see, and how the one who said yes reaches them."""
    circle = Circle.objects.filter(pk=person).first()
    if circle is None:
        return Sharing(), None
    try:
        reach = reach_of(circle)
    except UnreadableError:
        reach = None
    chosen = Sharing(
        know_each_other=circle.know_each_other,
        tell_caller=circle.tell_caller,
        taker_may_end=circle.end == EndPolicy.CALLER_OR_TAKER,
    )
    return chosen, reach


def set_sharing(person: str, chosen: Sharing) -> None:
    """Keep what *person* chose. A call that is open keeps the end that it began with."""
    end = EndPolicy.CALLER_OR_TAKER if chosen.taker_may_end else EndPolicy.CALLER
    Circle.objects.filter(pk=person).update(
        know_each_other=chosen.know_each_other, tell_caller=chosen.tell_caller, end=end
    )


def save_reach(person: str, call: str, note: str) -> None:
    """Keep how *person* is reached; nothing at all when both are empty."""
    entry = ReachEntry(call=call, note=note)
    sealed = seal(json.dumps(asdict(entry))) if call or note else ""
    Circle.objects.filter(pk=person).update(reach_sealed=sealed)
