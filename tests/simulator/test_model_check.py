"""The model check: every order of events in small worlds. That it can fail is in test_mutants_rules."""

import json

import pytest

from nightlight.engine.state import AlertStatus
from nightlight.simulator.model import Check, main
from nightlight.simulator.modelled_seen import Seen
from nightlight.simulator.modelled_sights import SIGHTS
from nightlight.simulator.modelled_states import fingerprint
from nightlight.simulator.modelled_worlds import world_of

TRANSITIONS = {2: 550_000, 3: 450_000}
ALL = sum(TRANSITIONS.values())


@pytest.mark.parametrize("responders", [2, 3])
def test_no_order_of_events_breaks_a_promise(responders: int, capsys: pytest.CaptureFixture[str]) -> None:
    result = Check(world_of(responders)).run(TRANSITIONS[responders])

    with capsys.disabled():
        print(f"\nmodel check, {result}")  # noqa: T201  (what was walked belongs in every record of a run)
    assert not result.violation, str(result)
    assert result.transitions >= TRANSITIONS[responders]
    assert result.statuses == set(AlertStatus)
    assert result.sights == SIGHTS
    assert result.ways_out > 0


def test_a_million_transitions_are_walked() -> None:
    assert ALL >= 1_000_000


def test_it_runs_by_hand_and_prints_for_people_and_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--transitions", "2000", "--world", "fair"]) == 0
    assert "every promise kept" in capsys.readouterr().out

    assert main(["--transitions", "2000", "--world", "long", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["violations"] == 0


def test_it_stops_with_as_many_states_as_it_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--states", "3000", "--world", "two", "--json"]) == 0

    # The last state that was looked at may have led to a few more.
    assert 3000 <= json.loads(capsys.readouterr().out)["states"] < 3100


def test_every_world_is_walked_and_has_its_share_of_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--states", "900", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert [(one["responders"], one["steps"]) for one in found["worlds"]] == [(2, 2), (3, 2), (3, 3)]
    assert all(one["states"] >= 300 for one in found["worlds"])
    assert found["states"] == sum(one["states"] for one in found["worlds"])


def test_what_was_met_is_told_from_where_its_walk_began() -> None:
    seen = Seen()
    seen.root(7)
    seen.add(8, 7, "sam says no")
    seen.add(9, 8, "bo says yes")
    seen.root(5)

    assert (7 in seen, 6 in seen, len(seen)) == (True, False, 4)
    assert seen.story(9) == ["sam says no", "bo says yes"]
    assert seen.story(5) == []


def test_two_workers_are_alike_and_two_states_of_one_message_are_not() -> None:
    world = world_of(2)
    start = Check(world).first()
    moves = {move.words: move.to for move in world.moves(start)}
    taken_up = moves["worker 1 takes up way 1 of sam"]
    by_the_other = taken_up._replace(leases=(taken_up.leases[0]._replace(worker=2),))
    after = {move.words: move.to for move in world.moves(taken_up)}

    assert fingerprint(taken_up) == fingerprint(by_the_other)
    different = [
        start,
        taken_up,
        after["worker 1 sends to sam"],
        after["worker 1 dies before sending to sam"],
        after["worker 1 hangs, and its lease on way 1 of sam runs out"],
        after["the clock is set back an hour"],
    ]
    assert len({fingerprint(state) for state in different}) == len(different)
