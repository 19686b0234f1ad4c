"""A: the cells of the table while someone has it."""

from nightlight.engine.effects import Purpose, TimerKind
from nightlight.engine.events import EndedBy, LadderRanOut, RaisedBy, ResponderAvailable
from nightlight.engine.needs import Need, Offer
from tests.engine.cells import (
    Cell,
    acknowledged,
    triggered,
    used_up_and_taken,
    with_a_second,
)
from tests.engine.stories import Story
from tests.people import BO, KIT, SAM


def who_can_come() -> Story:
    story = acknowledged()
    story.offers(BO, Offer.TALK, Offer.COME)
    return story


def renewed_three_times() -> Story:
    story = acknowledged()
    for _ in range(3):
        story.renews(BO)
    return story


def declined_by_sam() -> Story:
    story = acknowledged()
    story.no(SAM)
    return story


def declined_before_by_sam() -> Story:
    story = triggered()
    story.no(SAM)
    story.yes(BO)
    return story


def too_late() -> Story:
    story = acknowledged()
    story.later(2)
    return story


ACKNOWLEDGED = (
    Cell(
        "Ana calls again",
        acknowledged,
        lambda s: s.calls(),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | ask sam (on): in 1m | note: joined caller | note: reopened sam | note: reopened bo | note: asked kit talk",
    ),
    Cell(
        "Ana calls again, in danger",
        acknowledged,
        lambda s: s.calls(Need.DANGER),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of sam | ask sam (again): now, in 1m | drop ask of bo | ask bo (again): now, in 1m | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | note: joined caller | note: need_changed danger | note: reopened sam | note: reopened bo | note: asked sam danger | note: asked bo danger | note: asked kit danger",
    ),
    Cell(
        "a check-in is missed as well",
        acknowledged,
        lambda s: s.calls(by=RaisedBy.CHECK_IN),
        "acknowledged | tell bo: check_in_joined | note: joined check_in",
    ),
    Cell(
        "a late step",
        acknowledged,
        lambda s: s.late(TimerKind.STEP),
        "=",
    ),
    Cell(
        "a late end of the ladder",
        acknowledged,
        lambda s: s.happens(LadderRanOut(rung=2)),
        "=",
    ),
    Cell(
        "a late pause",
        acknowledged,
        lambda s: s.late(TimerKind.ROUND),
        "=",
    ),
    Cell(
        "Kit is available",
        acknowledged,
        lambda s: s.happens(ResponderAvailable(person=KIT)),
        "=",
    ),
    Cell(
        "we were away",
        acknowledged,
        lambda s: s.interrupted(),
        "acknowledged | wait: acknowledgement_expired in 10m",
    ),
    Cell(
        "Sam says yes as well",
        acknowledged,
        lambda s: s.yes(SAM),
        "acknowledged | note: acknowledged sam second",
    ),
    Cell(
        "Sam, a second, says it twice",
        with_a_second,
        lambda s: s.yes(SAM),
        "=",
    ),
    Cell(
        "Bo says it twice",
        acknowledged,
        lambda s: s.yes(BO),
        "=",
    ),
    Cell(
        "Kit, whose hour is used up, says yes",
        lambda: used_up_and_taken(triggered),
        lambda s: s.yes(KIT),
        "= | refused: time_used_up",
    ),
    Cell(
        "Bo asks for more time",
        acknowledged,
        lambda s: s.renews(BO),
        "acknowledged | wait: acknowledgement_expired in 10m | note: renewed bo",
    ),
    Cell(
        "Bo asks for more time a fourth time",
        renewed_three_times,
        lambda s: s.renews(BO),
        "= | refused: renewed_three_times",
    ),
    Cell(
        "Sam, who does not have it, asks for more time",
        acknowledged,
        lambda s: s.renews(SAM),
        "= | refused: not_the_taker",
    ),
    Cell(
        "Bo goes quiet",
        acknowledged,
        lambda s: s.timer(),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | ask sam (on): in 1m | drop caller_news | tell ana: went_quiet (bo) | note: expired bo | note: reopened sam | note: reopened bo | note: asked kit talk | note: caller_told went_quiet",
    ),
    Cell(
        "Bo goes quiet, and Sam said yes as well",
        with_a_second,
        lambda s: s.timer(),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | drop caller_news | tell ana: went_quiet (bo) | note: expired bo | note: reopened sam | note: reopened bo | note: asked sam talk | note: caller_told went_quiet",
    ),
    Cell(
        "a late expiry",
        acknowledged,
        lambda s: s.late(TimerKind.ACKNOWLEDGEMENT),
        "=",
    ),
    Cell(
        "Sam can't",
        acknowledged,
        lambda s: s.no(SAM),
        "acknowledged | drop ask+reopened of sam | note: declined sam",
    ),
    Cell(
        "Sam, a second, can't any more",
        with_a_second,
        lambda s: s.no(SAM),
        "acknowledged | drop ask+reopened of sam | note: declined sam",
    ),
    Cell(
        "Bo can't any more",
        acknowledged,
        lambda s: s.no(BO),
        "triggered | drop stand_down+taker_news | tell sam: open_again | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | ask sam (on): in 1m | drop caller_news | tell ana: open_again (bo) | note: handed_on bo | note: reopened sam | note: asked kit talk | note: caller_told open_again",
    ),
    Cell(
        "Bo hands it on",
        acknowledged,
        lambda s: s.hands_on(BO),
        "triggered | drop stand_down+taker_news | tell sam: open_again | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | ask sam (on): in 1m | drop caller_news | tell ana: open_again (bo) | note: handed_on bo | note: reopened sam | note: asked kit talk | note: caller_told open_again",
    ),
    Cell(
        "Sam, a second, hands it on",
        with_a_second,
        lambda s: s.hands_on(SAM),
        "acknowledged | drop ask+reopened of sam | note: declined sam",
    ),
    Cell(
        "Sam takes a no back that was said before Bo's yes",
        declined_before_by_sam,
        lambda s: s.undo(SAM),
        "acknowledged | tell sam: someone_has_it | note: stood_down sam",
    ),
    Cell(
        "Sam takes a no back and knew already that Bo has it",
        declined_by_sam,
        lambda s: s.undo(SAM),
        "acknowledged",
    ),
    Cell(
        "Bo takes the yes back",
        acknowledged,
        lambda s: s.undo(BO),
        "triggered | drop stand_down+taker_news | tell sam: open_again | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | ask sam (on): in 1m | drop caller_news | tell ana: open_again (bo) | note: handed_on bo | note: reopened sam | note: asked kit talk | note: caller_told open_again",
    ),
    Cell(
        "Bo takes the yes back too late",
        too_late,
        lambda s: s.undo(BO),
        "= | refused: too_late_to_undo",
    ),
    Cell(
        "Sam, a second, takes the yes back",
        with_a_second,
        lambda s: s.undo(SAM),
        "acknowledged",
    ),
    Cell(
        "Sam's ask fails",
        acknowledged,
        lambda s: s.fails(SAM, 1),
        "=",
    ),
    Cell(
        "Sam's stand-down fails",
        acknowledged,
        lambda s: s.happens(s.failure(SAM, purpose=Purpose.STAND_DOWN, message=3)),
        "acknowledged | next way of message 3",
    ),
    Cell(
        "a stand-down of an earlier hold fails",
        acknowledged,
        lambda s: s.happens(s.failure(SAM, purpose=Purpose.STAND_DOWN, message=3, hold=0)),
        "=",
    ),
    Cell(
        "the news to Ana fails",
        acknowledged,
        lambda s: s.happens(s.failure(BO, purpose=Purpose.CALLER_NEWS, message=4)),
        "acknowledged | next way of message 4",
    ),
    Cell(
        "Sam's ask may have arrived",
        acknowledged,
        lambda s: s.unknown(SAM, 1),
        "=",
    ),
    Cell(
        "Sam stops a way",
        acknowledged,
        lambda s: s.stops(SAM),
        "=",
    ),
    Cell(
        "Ana is in touch, and does not say with whom",
        acknowledged,
        lambda s: s.in_touch(),
        "in_contact | wait: contact_due in 60m | note: in_contact bo",
    ),
    Cell(
        "Ana is in touch, with Sam",
        with_a_second,
        lambda s: s.in_touch(SAM),
        "in_contact | tell bo: someone_has_it | wait: contact_due in 60m | note: stood_down bo | note: in_contact sam",
    ),
    Cell(
        "Bo is in touch with Ana",
        acknowledged,
        lambda s: s.claims(BO),
        "acknowledged | wait: acknowledgement_expired in 30m | note: in_contact bo said_by_taker",
    ),
    Cell(
        "Sam, who does not have it, is in touch",
        acknowledged,
        lambda s: s.claims(SAM),
        "= | refused: not_the_taker",
    ),
    Cell(
        "a late question whether they are in touch",
        acknowledged,
        lambda s: s.late(TimerKind.CONTACT),
        "=",
    ),
    Cell(
        "Ana still needs someone",
        acknowledged,
        lambda s: s.still_needed(),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | ask sam (on): in 1m | note: reopened sam | note: reopened bo | note: asked kit talk",
    ),
    Cell(
        "Ana still needs someone, and Sam said yes as well",
        with_a_second,
        lambda s: s.still_needed(),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | note: reopened sam | note: reopened bo | note: asked sam talk",
    ),
    Cell(
        "Ana would rather someone came, and Bo can",
        who_can_come,
        lambda s: s.needs(Need.COME),
        "acknowledged | tell bo: need_changed | note: need_changed come",
    ),
    Cell(
        "Ana would rather someone came, and Bo can't",
        acknowledged,
        lambda s: s.needs(Need.COME),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of kit | ask kit (first, wished): now, in 1m | wait: step_timed_out in 5m | ask sam (on): in 1m | note: need_changed come | note: reopened sam | note: reopened bo | note: asked kit come",
    ),
    Cell(
        "Ana is not safe",
        acknowledged,
        lambda s: s.needs(Need.DANGER),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of sam | ask sam (again): now, in 1m | drop ask of bo | ask bo (again): now, in 1m | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | note: need_changed danger | note: reopened sam | note: reopened bo | note: asked sam danger | note: asked bo danger | note: asked kit danger",
    ),
    Cell(
        "Ana needs what she needed",
        acknowledged,
        lambda s: s.needs(Need.TALK),
        "=",
    ),
    Cell(
        "Bo is removed",
        acknowledged,
        lambda s: s.leaves(BO),
        "triggered | drop everything of bo | drop stand_down+taker_news | tell sam: open_again | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | ask sam (on): in 1m | drop caller_news | tell ana: open_again | note: removed bo | note: reopened sam | note: asked kit talk | note: caller_told open_again",
    ),
    Cell(
        "Sam, a second, is removed",
        with_a_second,
        lambda s: s.leaves(SAM),
        "acknowledged | drop everything of sam | note: removed sam",
    ),
    Cell(
        "Ana ends it",
        with_a_second,
        lambda s: s.over(),
        "resolved | drop everything | tell sam: over | tell bo: over | days after for bo: bo+sam+kit | note: resolved caller",
    ),
    Cell(
        "Bo may not end it",
        acknowledged,
        lambda s: s.ends(EndedBy.TAKER, BO),
        "= | refused: only_the_caller_ends_it",
    ),
)
