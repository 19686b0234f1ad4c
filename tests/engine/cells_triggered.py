"""T: the cells of the table while the ladder is worked for the first time."""

from nightlight.engine.effects import Purpose, TimerKind
from nightlight.engine.events import EndedBy, LadderRanOut, RaisedBy, ResponderAvailable
from nightlight.engine.needs import Need
from tests.engine.cells import (
    Cell,
    triggered,
    used_up,
)
from tests.engine.stories import Story
from tests.people import BO, KIT, SAM


def at_the_last_step() -> Story:
    story = triggered()
    story.timer()
    story.timer()
    return story


def with_a_no() -> Story:
    story = triggered()
    story.no(SAM)
    story.later(1)
    return story


def with_one_way_left() -> Story:
    story = triggered()
    story.fails(SAM, 0)
    return story


def raised_by_check_in() -> Story:
    story = Story()
    story.calls(by=RaisedBy.CHECK_IN)
    return story


TRIGGERED = (
    Cell(
        "Ana calls again",
        triggered,
        lambda s: s.calls(),
        "triggered | note: joined caller",
    ),
    Cell(
        "Ana calls again, in danger",
        triggered,
        lambda s: s.calls(Need.DANGER),
        "triggered | drop ask of sam | ask sam (again): now, in 1m | drop ask of bo | ask bo (first): now, in 1m | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | note: joined caller | note: need_changed danger | note: asked sam danger | note: asked bo danger | note: asked kit danger",
    ),
    Cell(
        "a check-in is missed as well",
        triggered,
        lambda s: s.calls(by=RaisedBy.CHECK_IN),
        "triggered | note: joined check_in",
    ),
    Cell(
        "the step has had its wait",
        triggered,
        lambda s: s.timer(),
        "triggered | drop ask of bo | ask bo (first): now, in 1m | wait: step_timed_out in 5m | note: asked bo talk",
    ),
    Cell(
        "the last step has had its wait, so everyone was tried",
        at_the_last_step,
        lambda s: s.timer(),
        "exhausted | wait: round_due in 10m | drop caller_news | tell ana: all_tried | tell the host: all_tried | note: exhausted | note: caller_told all_tried | note: host_told all_tried",
    ),
    Cell(
        "a late timer of a step",
        triggered,
        lambda s: s.late(TimerKind.STEP),
        "=",
    ),
    Cell(
        "a late end of the ladder",
        triggered,
        lambda s: s.happens(LadderRanOut(rung=0)),
        "=",
    ),
    Cell(
        "a late pause",
        triggered,
        lambda s: s.late(TimerKind.ROUND),
        "=",
    ),
    Cell(
        "Kit is available again",
        triggered,
        lambda s: s.happens(ResponderAvailable(person=KIT)),
        "=",
    ),
    Cell(
        "we were away",
        triggered,
        lambda s: s.interrupted(),
        "triggered | wait: step_timed_out in 5m",
    ),
    Cell(
        "Sam says yes",
        triggered,
        lambda s: s.yes(SAM),
        "acknowledged | drop ask+reopened | wait: acknowledgement_expired in 10m | drop caller_news | tell ana: someone_has_it (sam) | note: acknowledged sam | note: caller_told someone_has_it",
    ),
    Cell(
        "Kit, who was not asked yet, says yes",
        triggered,
        lambda s: s.yes(KIT),
        "acknowledged | drop ask+reopened | tell sam: someone_has_it | wait: acknowledgement_expired in 10m | drop caller_news | tell ana: someone_has_it (kit) | note: acknowledged kit | note: stood_down sam | note: caller_told someone_has_it",
    ),
    Cell(
        "Kit, whose hour is used up, says yes",
        lambda: used_up(triggered),
        lambda s: s.yes(KIT),
        "= | refused: time_used_up",
    ),
    Cell(
        "Sam asks for more time, which is a yes",
        triggered,
        lambda s: s.renews(SAM),
        "acknowledged | drop ask+reopened | wait: acknowledgement_expired in 10m | drop caller_news | tell ana: someone_has_it (sam) | note: acknowledged sam | note: caller_told someone_has_it",
    ),
    Cell(
        "a late expiry",
        triggered,
        lambda s: s.late(TimerKind.ACKNOWLEDGEMENT),
        "=",
    ),
    Cell(
        "Sam can't",
        triggered,
        lambda s: s.no(SAM),
        "triggered | drop ask+reopened of sam | drop ask of bo | ask bo (first): now, in 1m | wait: step_timed_out in 5m | note: declined sam | note: asked bo talk",
    ),
    Cell(
        "Kit, who was not asked yet, can't",
        triggered,
        lambda s: s.no(KIT),
        "triggered | drop ask+reopened of kit | note: declined kit",
    ),
    Cell(
        "Sam hands it on",
        triggered,
        lambda s: s.hands_on(SAM),
        "triggered | drop ask+reopened of sam | drop ask of bo | ask bo (first): now, in 1m | wait: step_timed_out in 5m | note: declined sam | note: asked bo talk",
    ),
    Cell(
        "Sam takes a no back",
        with_a_no,
        lambda s: s.undo(SAM),
        "triggered | ask sam (on): in 1m",
    ),
    Cell(
        "Sam has nothing to take back",
        triggered,
        lambda s: s.undo(SAM),
        "=",
    ),
    Cell(
        "Sam's first way fails",
        triggered,
        lambda s: s.fails(SAM, 0),
        "triggered | next way of message 1",
    ),
    Cell(
        "Sam's last way fails",
        with_one_way_left,
        lambda s: s.fails(SAM, 1),
        "triggered | next way of message 1 | drop ask of bo | ask bo (first): now, in 1m | wait: step_timed_out in 5m | note: asked bo talk",
    ),
    Cell(
        "an ask of long ago fails",
        triggered,
        lambda s: s.happens(s.failure(SAM, message=7)),
        "=",
    ),
    Cell(
        "a stand-down of a hold that is over fails",
        triggered,
        lambda s: s.happens(s.failure(BO, purpose=Purpose.STAND_DOWN)),
        "=",
    ),
    Cell(
        "Sam's first way may have arrived",
        triggered,
        lambda s: s.unknown(SAM, 0),
        "triggered | next way of message 1",
    ),
    Cell(
        "Sam stops the first way",
        triggered,
        lambda s: s.stops(SAM, 0),
        "triggered | next way of message 1",
    ),
    Cell(
        "Sam stops the last way",
        with_one_way_left,
        lambda s: s.stops(SAM, 1),
        "triggered | next way of message 1 | drop ask of bo | ask bo (first): now, in 1m | wait: step_timed_out in 5m | note: asked bo talk",
    ),
    Cell(
        "Kit, who was not asked yet, stops a way",
        triggered,
        lambda s: s.stops(KIT),
        "=",
    ),
    Cell(
        "Ana is in touch, and does not say with whom",
        triggered,
        lambda s: s.in_touch(),
        "in_contact | drop ask+reopened | tell sam: someone_has_it | wait: contact_due in 60m | note: stood_down sam | note: in_contact",
    ),
    Cell(
        "Ana is in touch with Sam",
        triggered,
        lambda s: s.in_touch(SAM),
        "in_contact | drop ask+reopened | wait: contact_due in 60m | note: in_contact sam",
    ),
    Cell(
        "Sam is in touch with Ana, which is a yes",
        triggered,
        lambda s: s.claims(SAM),
        "acknowledged | drop ask+reopened | wait: acknowledgement_expired in 10m | drop caller_news | tell ana: someone_has_it (sam) | note: acknowledged sam | note: caller_told someone_has_it",
    ),
    Cell(
        "a late question whether they are in touch",
        triggered,
        lambda s: s.late(TimerKind.CONTACT),
        "=",
    ),
    Cell(
        "Ana still needs someone",
        triggered,
        lambda s: s.still_needed(),
        "=",
    ),
    Cell(
        "Ana would rather someone came",
        triggered,
        lambda s: s.needs(Need.COME),
        "triggered | note: need_changed come",
    ),
    Cell(
        "Ana is not safe",
        triggered,
        lambda s: s.needs(Need.DANGER),
        "triggered | drop ask of sam | ask sam (again): now, in 1m | drop ask of bo | ask bo (first): now, in 1m | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | note: need_changed danger | note: asked sam danger | note: asked bo danger | note: asked kit danger",
    ),
    Cell(
        "Ana needs what she needed",
        triggered,
        lambda s: s.needs(Need.TALK),
        "=",
    ),
    Cell(
        "Sam is removed",
        triggered,
        lambda s: s.leaves(SAM),
        "triggered | drop everything of sam | drop ask of bo | ask bo (first): now, in 1m | wait: step_timed_out in 5m | note: removed sam | note: asked bo talk",
    ),
    Cell(
        "Kit, who was not asked yet, is removed",
        triggered,
        lambda s: s.leaves(KIT),
        "triggered | drop everything of kit | note: removed kit",
    ),
    Cell(
        "Ana ends it",
        triggered,
        lambda s: s.over(),
        "resolved | drop everything | tell sam: over | days after: sam+bo+kit | note: resolved caller",
    ),
    Cell(
        "the host ends it with a reason",
        triggered,
        lambda s: s.ends(EndedBy.HOST, reason="Ana rang us"),
        "resolved | drop everything | tell sam: over | drop caller_news | tell ana: over | days after: sam+bo+kit | note: resolved Ana rang us | note: caller_told over",
    ),
    Cell(
        "the missed check-in comes late, and it was the only cause",
        raised_by_check_in,
        lambda s: s.ends(EndedBy.LATE_CHECK_IN),
        "resolved | drop everything | tell sam: over | drop caller_news | tell ana: over | note: resolved late_check_in | note: caller_told over",
    ),
    Cell(
        "Sam may not end it",
        triggered,
        lambda s: s.ends(EndedBy.TAKER, SAM),
        "= | refused: only_the_caller_ends_it",
    ),
    Cell(
        "the host gives no reason",
        triggered,
        lambda s: s.ends(EndedBy.HOST),
        "= | refused: a_reason_is_needed",
    ),
)
