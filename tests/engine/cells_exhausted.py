"""E: the cells of the table when everyone was tried, and rounds go on."""

from nightlight.engine.effects import TimerKind
from nightlight.engine.events import EndedBy, LadderRanOut, RaisedBy, ResponderAvailable
from nightlight.engine.needs import Need
from tests.engine.cells import (
    Cell,
    between_rounds,
    second_round,
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


def with_a_no_between_rounds() -> Story:
    story = at_the_last_step()
    story.no(KIT)
    return story


def with_a_no_in_round_two() -> Story:
    story = second_round()
    story.timer()
    story.timer()
    return story


def with_one_way_left_in_round_two() -> Story:
    story = second_round()
    story.fails(SAM, 0)
    return story


def bo_was_asleep() -> Story:
    story = triggered()
    story.is_now(BO, available=False)
    story.timer()
    story.timer()
    story.is_now(BO, available=True)
    return story


EXHAUSTED = (
    Cell(
        "Ana calls again",
        between_rounds,
        lambda s: s.calls(),
        "exhausted | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | note: joined caller | note: round_began 2 | note: asked sam talk",
    ),
    Cell(
        "Ana calls again within the round",
        second_round,
        lambda s: s.calls(),
        "exhausted | note: joined caller",
    ),
    Cell(
        "a check-in is missed as well",
        between_rounds,
        lambda s: s.calls(by=RaisedBy.CHECK_IN),
        "exhausted | note: joined check_in",
    ),
    Cell(
        "the step has had its wait",
        second_round,
        lambda s: s.timer(),
        "exhausted | drop ask of bo | ask bo (again): now, in 1m | wait: step_timed_out in 5m | note: asked bo talk",
    ),
    Cell(
        "a late timer of a step",
        between_rounds,
        lambda s: s.late(TimerKind.STEP),
        "=",
    ),
    Cell(
        "the last one in the round can't, so it ran out",
        with_a_no_in_round_two,
        lambda s: s.no(KIT),
        "exhausted | drop ask+reopened of kit | wait: round_due in 20m | note: declined kit",
    ),
    Cell(
        "a late end of the ladder",
        second_round,
        lambda s: s.happens(LadderRanOut(rung=3)),
        "=",
    ),
    Cell(
        "the pause is over",
        between_rounds,
        lambda s: s.timer(),
        "exhausted | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | note: round_began 2 | note: asked sam talk",
    ),
    Cell(
        "a late pause",
        between_rounds,
        lambda s: s.late(TimerKind.ROUND),
        "=",
    ),
    Cell(
        "Bo, who was asleep, is available",
        bo_was_asleep,
        lambda s: s.happens(ResponderAvailable(person=BO)),
        "exhausted | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | note: round_began 2 | note: asked sam talk",
    ),
    Cell(
        "Sam, who was asked, is available",
        between_rounds,
        lambda s: s.happens(ResponderAvailable(person=SAM)),
        "=",
    ),
    Cell(
        "we were away",
        second_round,
        lambda s: s.interrupted(),
        "exhausted | wait: step_timed_out in 5m",
    ),
    Cell(
        "Sam says yes between two rounds",
        between_rounds,
        lambda s: s.yes(SAM),
        "acknowledged | drop ask+reopened | tell bo: someone_has_it | tell kit: someone_has_it | wait: acknowledgement_expired in 10m | drop caller_news | tell ana: someone_has_it (sam) | note: acknowledged sam | note: stood_down bo | note: stood_down kit | note: caller_told someone_has_it",
    ),
    Cell(
        "Kit, whose hour is used up, says yes",
        lambda: used_up(between_rounds),
        lambda s: s.yes(KIT),
        "= | refused: time_used_up",
    ),
    Cell(
        "Sam asks for more time, which is a yes",
        between_rounds,
        lambda s: s.renews(SAM),
        "acknowledged | drop ask+reopened | tell bo: someone_has_it | tell kit: someone_has_it | wait: acknowledgement_expired in 10m | drop caller_news | tell ana: someone_has_it (sam) | note: acknowledged sam | note: stood_down bo | note: stood_down kit | note: caller_told someone_has_it",
    ),
    Cell(
        "a late expiry",
        between_rounds,
        lambda s: s.late(TimerKind.ACKNOWLEDGEMENT),
        "=",
    ),
    Cell(
        "Sam can't",
        second_round,
        lambda s: s.no(SAM),
        "exhausted | drop ask+reopened of sam | drop ask of bo | ask bo (again): now, in 1m | wait: step_timed_out in 5m | note: declined sam | note: asked bo talk",
    ),
    Cell(
        "Sam can't, between two rounds",
        between_rounds,
        lambda s: s.no(SAM),
        "exhausted | drop ask+reopened of sam | note: declined sam",
    ),
    Cell(
        "Sam hands it on",
        second_round,
        lambda s: s.hands_on(SAM),
        "exhausted | drop ask+reopened of sam | drop ask of bo | ask bo (again): now, in 1m | wait: step_timed_out in 5m | note: declined sam | note: asked bo talk",
    ),
    Cell(
        "Kit takes a no back",
        with_a_no_between_rounds,
        lambda s: s.undo(KIT),
        "exhausted | ask kit (on): in 1m",
    ),
    Cell(
        "Sam's last way fails",
        with_one_way_left_in_round_two,
        lambda s: s.fails(SAM, 1),
        "exhausted | next way of message 6 | drop ask of bo | ask bo (again): now, in 1m | wait: step_timed_out in 5m | note: asked bo talk",
    ),
    Cell(
        "Sam's first way fails",
        second_round,
        lambda s: s.fails(SAM, 0),
        "exhausted | next way of message 6",
    ),
    Cell(
        "Sam's first way may have arrived",
        second_round,
        lambda s: s.unknown(SAM, 0),
        "exhausted | next way of message 6",
    ),
    Cell(
        "Sam stops the last way",
        with_one_way_left_in_round_two,
        lambda s: s.stops(SAM, 1),
        "exhausted | next way of message 6 | drop ask of bo | ask bo (again): now, in 1m | wait: step_timed_out in 5m | note: asked bo talk",
    ),
    Cell(
        "Ana is in touch with Kit",
        between_rounds,
        lambda s: s.in_touch(KIT),
        "in_contact | drop ask+reopened | tell sam: someone_has_it | tell bo: someone_has_it | wait: contact_due in 60m | note: stood_down sam | note: stood_down bo | note: in_contact kit",
    ),
    Cell(
        "Sam is in touch with Ana, which is a yes",
        second_round,
        lambda s: s.claims(SAM),
        "acknowledged | drop ask+reopened | tell bo: someone_has_it | tell kit: someone_has_it | wait: acknowledgement_expired in 10m | drop caller_news | tell ana: someone_has_it (sam) | note: acknowledged sam | note: stood_down bo | note: stood_down kit | note: caller_told someone_has_it",
    ),
    Cell(
        "a late question whether they are in touch",
        between_rounds,
        lambda s: s.late(TimerKind.CONTACT),
        "=",
    ),
    Cell(
        "Ana still needs someone",
        between_rounds,
        lambda s: s.still_needed(),
        "exhausted | drop ask of sam | ask sam (again): now, in 1m | wait: step_timed_out in 5m | note: round_began 2 | note: asked sam talk",
    ),
    Cell(
        "Ana still needs someone within the round",
        second_round,
        lambda s: s.still_needed(),
        "=",
    ),
    Cell(
        "Ana would rather someone came",
        between_rounds,
        lambda s: s.needs(Need.COME),
        "exhausted | drop ask of sam | ask sam (again, wished): now, in 1m | wait: step_timed_out in 5m | note: need_changed come | note: round_began 2 | note: asked sam come",
    ),
    Cell(
        "Ana is not safe",
        between_rounds,
        lambda s: s.needs(Need.DANGER),
        "exhausted | drop ask of sam | ask sam (again): now, in 1m | drop ask of bo | ask bo (again): now, in 1m | drop ask of kit | ask kit (again): now, in 1m | wait: step_timed_out in 5m | note: need_changed danger | note: round_began 2 | note: asked sam danger | note: asked bo danger | note: asked kit danger",
    ),
    Cell(
        "Ana is not safe, within the round",
        second_round,
        lambda s: s.needs(Need.DANGER),
        "exhausted | drop ask of sam | ask sam (again): now, in 1m | drop ask of bo | ask bo (again): now, in 1m | drop ask of kit | ask kit (again): now, in 1m | wait: step_timed_out in 5m | note: need_changed danger | note: asked sam danger | note: asked bo danger | note: asked kit danger",
    ),
    Cell(
        "Sam is removed",
        second_round,
        lambda s: s.leaves(SAM),
        "exhausted | drop everything of sam | drop ask of bo | ask bo (again): now, in 1m | wait: step_timed_out in 5m | note: removed sam | note: asked bo talk",
    ),
    Cell(
        "Sam is removed between two rounds",
        between_rounds,
        lambda s: s.leaves(SAM),
        "exhausted | drop everything of sam | note: removed sam",
    ),
    Cell(
        "Ana ends it",
        between_rounds,
        lambda s: s.over(),
        "resolved | drop everything | tell sam: over | tell bo: over | tell kit: over | days after: sam+bo+kit | note: resolved caller",
    ),
    Cell(
        "the missed check-in comes late, and Ana had called herself",
        between_rounds,
        lambda s: s.ends(EndedBy.LATE_CHECK_IN),
        "= | refused: raised_for_another_reason_too",
    ),
)
