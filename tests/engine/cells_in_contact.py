"""C: the cells of the table when Ana says that she is in touch."""

from datetime import timedelta

from nightlight.engine.effects import Purpose, TimerKind
from nightlight.engine.events import EndedBy, LadderRanOut, RaisedBy, ResponderAvailable
from nightlight.engine.needs import Need
from nightlight.engine.policy import EndPolicy
from tests.engine.cells import (
    Cell,
    asked_whether_in_touch,
    in_contact,
    in_contact_with_nobody_named,
    triggered,
    used_up_and_taken,
)
from tests.engine.stories import Story, ladder, step
from tests.people import BO, KIT, SAM


def where_the_taker_may_end() -> Story:
    story = Story(ladder(step(SAM), step(BO), end=EndPolicy.CALLER_OR_TAKER))
    story.calls()
    story.yes(SAM)
    story.in_touch()
    return story


def a_second_who_was_asleep() -> Story:
    story = asked_whether_in_touch()
    story.is_now(SAM, available=False)
    return story


def used_up_and_in_contact() -> Story:
    story = used_up_and_taken(triggered)
    story.in_touch()
    return story


def kit_declined_in_contact() -> Story:
    story = in_contact()
    story.no(KIT)
    return story


IN_CONTACT = (
    Cell(
        "Ana calls again",
        in_contact,
        lambda s: s.calls(),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | note: joined caller | note: reopened sam | note: reopened bo | note: asked sam talk",
    ),
    Cell(
        "a check-in is missed as well",
        in_contact,
        lambda s: s.calls(by=RaisedBy.CHECK_IN),
        "in_contact | tell bo: still_in_touch | drop caller_news | tell ana: still_in_touch | wait: contact_due in 10m | note: joined check_in | note: caller_told still_in_touch",
    ),
    Cell(
        "a late step",
        in_contact,
        lambda s: s.late(TimerKind.STEP),
        "=",
    ),
    Cell(
        "a late end of the ladder",
        in_contact,
        lambda s: s.happens(LadderRanOut(rung=2)),
        "=",
    ),
    Cell(
        "a late pause",
        in_contact,
        lambda s: s.late(TimerKind.ROUND),
        "=",
    ),
    Cell(
        "Kit is available",
        in_contact,
        lambda s: s.happens(ResponderAvailable(person=KIT)),
        "=",
    ),
    Cell(
        "we were away",
        in_contact,
        lambda s: s.interrupted(),
        "in_contact | wait: contact_due in 60m",
    ),
    Cell(
        "Kit says yes as well",
        in_contact,
        lambda s: s.yes(KIT),
        "in_contact | note: acknowledged kit second",
    ),
    Cell(
        "Sam says yes, and nobody was named",
        in_contact_with_nobody_named,
        lambda s: s.yes(SAM),
        "in_contact | note: acknowledged sam",
    ),
    Cell(
        "Bo says it twice",
        in_contact,
        lambda s: s.yes(BO),
        "=",
    ),
    Cell(
        "Kit, whose hour is used up, says yes",
        used_up_and_in_contact,
        lambda s: s.yes(KIT),
        "= | refused: time_used_up",
    ),
    Cell(
        "Bo asks for more time",
        in_contact,
        lambda s: s.renews(BO),
        "=",
    ),
    Cell(
        "a late expiry",
        in_contact,
        lambda s: s.late(TimerKind.ACKNOWLEDGEMENT),
        "=",
    ),
    Cell(
        "Sam, a second, can't any more",
        in_contact,
        lambda s: s.no(SAM),
        "in_contact | drop ask+reopened of sam | note: declined sam",
    ),
    Cell(
        "Bo can't any more",
        in_contact,
        lambda s: s.no(BO),
        "triggered | drop stand_down+taker_news | tell sam: open_again | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | drop caller_news | tell ana: open_again (bo) | note: handed_on bo | note: reopened sam | note: asked sam talk | note: caller_told open_again",
    ),
    Cell(
        "Bo hands it on",
        in_contact,
        lambda s: s.hands_on(BO),
        "triggered | drop stand_down+taker_news | tell sam: open_again | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | drop caller_news | tell ana: open_again (bo) | note: handed_on bo | note: reopened sam | note: asked sam talk | note: caller_told open_again",
    ),
    Cell(
        "Kit takes a no back",
        kit_declined_in_contact,
        lambda s: s.undo(KIT),
        "in_contact",
    ),
    Cell(
        "Bo takes the yes back",
        in_contact,
        lambda s: s.undo(BO),
        "= | refused: too_late_to_undo",
    ),
    Cell(
        "an ask fails",
        in_contact,
        lambda s: s.fails(SAM, 1),
        "=",
    ),
    Cell(
        "a stand-down fails",
        in_contact,
        lambda s: s.happens(s.failure(SAM, purpose=Purpose.STAND_DOWN, message=3)),
        "in_contact | next way of message 3",
    ),
    Cell(
        "an ask may have arrived",
        in_contact,
        lambda s: s.unknown(SAM, 1),
        "=",
    ),
    Cell(
        "Sam stops a way",
        in_contact,
        lambda s: s.stops(SAM),
        "=",
    ),
    Cell(
        "Ana is still in touch",
        asked_whether_in_touch,
        lambda s: s.in_touch(),
        "in_contact | wait: contact_due in 60m | note: in_contact bo",
    ),
    Cell(
        "Ana is in touch until morning",
        in_contact,
        lambda s: s.in_touch(until=s.now + timedelta(hours=9)),
        "in_contact | wait: contact_due in 540m | note: in_contact bo",
    ),
    Cell(
        "Ana is in touch with Sam now",
        in_contact,
        lambda s: s.in_touch(SAM),
        "in_contact | tell bo: someone_has_it | wait: contact_due in 60m | note: stood_down bo | note: in_contact sam",
    ),
    Cell(
        "Bo is still in touch",
        asked_whether_in_touch,
        lambda s: s.claims(BO),
        "in_contact | wait: contact_due in 60m | note: renewed bo contact",
    ),
    Cell(
        "Sam, who does not have it, is in touch",
        in_contact,
        lambda s: s.claims(SAM),
        "= | refused: not_the_taker",
    ),
    Cell(
        "an hour has passed",
        in_contact,
        lambda s: s.timer(),
        "in_contact | tell bo: still_in_touch | drop caller_news | tell ana: still_in_touch | wait: contact_due in 60m | note: caller_told still_in_touch",
    ),
    Cell(
        "neither said a word for another hour",
        a_second_who_was_asleep,
        lambda s: s.timer(),
        "triggered | tell the host: contact_lost | drop stand_down+taker_news | tell bo: open_again | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | note: expired bo contact | note: host_told contact_lost | note: reopened bo | note: skipped sam not_available | note: asked kit talk",
    ),
    Cell(
        "a late question whether they are in touch",
        in_contact,
        lambda s: s.late(TimerKind.CONTACT),
        "=",
    ),
    Cell(
        "Ana still needs someone",
        in_contact,
        lambda s: s.still_needed(),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | note: reopened sam | note: reopened bo | note: asked sam talk",
    ),
    Cell(
        "Ana would rather someone came, and Bo can't",
        in_contact,
        lambda s: s.needs(Need.COME),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of sam | ask sam (again, wished): now, in 1m | wait: step_timed_out in 5m | note: need_changed come | note: reopened sam | note: reopened bo | note: asked sam come",
    ),
    Cell(
        "Ana is not safe",
        in_contact,
        lambda s: s.needs(Need.DANGER),
        "triggered | drop stand_down+taker_news | tell sam: open_again | tell bo: open_again | drop ask of sam | ask sam (again): now, in 1m | drop ask of bo | ask bo (again): now, in 1m | drop ask of kit | ask kit (first): now, in 1m | wait: step_timed_out in 5m | note: need_changed danger | note: reopened sam | note: reopened bo | note: asked sam danger | note: asked bo danger | note: asked kit danger",
    ),
    Cell(
        "Bo is removed",
        in_contact,
        lambda s: s.leaves(BO),
        "triggered | drop everything of bo | drop stand_down+taker_news | tell sam: open_again | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | drop caller_news | tell ana: open_again | note: removed bo | note: reopened sam | note: asked sam talk | note: caller_told open_again",
    ),
    Cell(
        "Sam, a second, is removed",
        in_contact,
        lambda s: s.leaves(SAM),
        "in_contact | drop everything of sam | note: removed sam",
    ),
    Cell(
        "Ana ends it",
        in_contact,
        lambda s: s.over(),
        "resolved | drop everything | tell sam: over | tell bo: over | days after for bo: bo+sam+kit | note: resolved caller",
    ),
    Cell(
        "Bo ends it where that is allowed",
        where_the_taker_may_end,
        lambda s: s.ends(EndedBy.TAKER, SAM),
        "resolved | drop everything | tell sam: over | drop caller_news | tell ana: over | days after for sam: sam+bo | note: resolved sam taker | note: caller_told over",
    ),
    Cell(
        "Bo may not end it here",
        in_contact,
        lambda s: s.ends(EndedBy.TAKER, BO),
        "= | refused: only_the_caller_ends_it",
    ),
)
