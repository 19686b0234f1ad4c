"""What every release decided is decided the same by this one; and a rule that was changed is seen."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightlight import __version__
from nightlight.engine.decide import Decision, run
from nightlight.engine.events import Event
from nightlight.engine.facts import Facts
from nightlight.engine.state import Alert
from nightlight.simulator import mutants_rules
from nightlight.simulator.recorded import history_read, history_written, of_file
from nightlight.simulator.replay import Came, Recorded, told_again
from nightlight.store.backup_file import BackupError
from tests.replay.record import BYTES_MAX, HISTORIES, KINDS, decided, file_of

RELEASES = sorted(HISTORIES.glob("*.jsonl.gz"))
HISTORY = next(iter(of_file(file_of("0.1.0"))))
MUTANTS = [mutant.rules for mutant in mutants_rules.MUTANTS if mutant.rules is not run]


def of_release(file: Path) -> list[Recorded]:
    return list(of_file(file))


@pytest.mark.parametrize("file", RELEASES, ids=lambda file: file.name.removesuffix(".jsonl.gz"))
def test_what_a_release_decided_is_decided_the_same_now(file: Path) -> None:
    verdicts = [told_again(recorded) for recorded in of_release(file)]

    assert [verdict for verdict in verdicts if verdict.came is not Came.SAME] == []
    assert len(verdicts) > 20


def test_this_version_is_recorded_small_and_with_every_kind_of_event() -> None:
    file = file_of(__version__)

    assert {told.kind for recorded in of_release(file) for told in recorded.told} == KINDS
    assert file.stat().st_size <= BYTES_MAX


@pytest.mark.parametrize("file", RELEASES, ids=lambda file: file.name.removesuffix(".jsonl.gz"))
def test_every_planted_change_of_a_rule_is_seen(file: Path) -> None:
    """The control: mistakes somebody could well make, each in one rule."""
    histories = of_release(file)
    unseen = [
        rules.__name__
        for rules in MUTANTS
        if all(told_again(recorded, rules).came is Came.SAME for recorded in histories)
    ]

    assert unseen == []
    assert len(MUTANTS) > 10


def a_second_later(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Every timer of the ladder is set a second later: only times differ."""
    decision = run(alert, event, facts)
    timer = decision.alert.timer
    if timer is None:
        return decision
    later = replace(timer, due=timer.due + timedelta(seconds=1))
    return replace(decision, alert=replace(decision.alert, timer=later))


def test_where_it_comes_out_otherwise_is_said_by_names_alone() -> None:
    verdict = told_again(HISTORY, a_second_later)

    assert (verdict.came, verdict.event, verdict.fields) == (Came.DIFFERENT, 1, ("timer",))
    assert verdict.call == HISTORY.call


def at_the_end(recorded: Recorded) -> Recorded:
    """As the event table has it: no decision but the last state."""
    return replace(recorded, told=[replace(told, decided=None) for told in recorded.told])


def test_where_only_the_end_is_known_it_is_held_against_that() -> None:
    assert told_again(at_the_end(HISTORY)).came is Came.SAME

    verdict = told_again(at_the_end(HISTORY), a_second_later)

    # The call is over, and has no timer any more; but then somebody waited a second longer.
    assert verdict.came is Came.SAME
    short = replace(at_the_end(HISTORY), told=at_the_end(HISTORY).told[:-1])
    assert told_again(short).came is Came.DIFFERENT


def changed(recorded: Recorded, change: Callable[[dict[str, Any]], None]) -> Recorded:
    """*recorded* as another version would have written it."""
    told = []
    for each in recorded.told:
        document = json.loads(json.dumps({"body": each.body, "facts": each.facts, "decided": each.decided}))
        change(document)
        told.append(replace(each, **document))
    return replace(
        recorded, told=told, state=told[-1].decided["alert"] if told[-1].decided else recorded.state
    )


def test_a_field_that_an_older_version_had_not_is_not_held_against_it() -> None:
    def older(document: dict[str, Any]) -> None:
        # All of these have a value they begin with.
        document["body"].pop("used", None)
        document["facts"].pop("added")
        for name in ("undone", "caller_message"):
            document["decided"]["alert"].pop(name)
        for ask in document["decided"]["alert"]["asks"]:
            ask.pop("wished")

    plain = next(
        each for each in of_release(file_of("0.1.0")) if not any(told.facts["added"] for told in each.told)
    )
    assert told_again(changed(plain, older)).came is Came.SAME
    assert told_again(at_the_end(changed(plain, older))).came is Came.SAME


def test_a_field_that_is_gone_since_is_passed_over() -> None:
    def older(document: dict[str, Any]) -> None:
        document["body"]["mood"] = "blue"
        document["facts"]["weather"] = {"rain": True}
        document["decided"]["alert"]["moon"] = 3
        for ask in document["decided"]["alert"]["asks"]:
            ask["colour"] = "green"

    assert told_again(changed(HISTORY, older)).came is Came.SAME
    assert told_again(at_the_end(changed(HISTORY, older))).came is Came.SAME


def test_a_field_without_which_nothing_can_be_decided_is_said_and_so_is_an_unknown_kind() -> None:
    def without_person(document: dict[str, Any]) -> None:
        document["body"].pop("person", None)

    verdict = told_again(changed(HISTORY, without_person))
    assert (verdict.came, verdict.event, verdict.fields) == (Came.UNREADABLE, 1, ("AlertRaised",))

    strange = replace(HISTORY, told=[*HISTORY.told[:2], replace(HISTORY.told[2], kind="MoonRose")])
    verdict = told_again(strange)
    assert (verdict.came, verdict.event, verdict.fields) == (Came.UNREADABLE, 3, ("MoonRose",))


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    told = [each for each, _ in decided(HISTORY)]
    line = json.loads(json.dumps(history_written(HISTORY.call, told)))
    assert history_read(line) == replace(HISTORY, told=told)

    (tmp_path / "plain").write_text(gzip.decompress(file_of("0.1.0").read_bytes()).decode())
    assert len(list(of_file(tmp_path / "plain"))) == len(of_release(file_of("0.1.0")))
    (tmp_path / "words").write_text("These are words.")
    with pytest.raises(BackupError, match="neither"):
        list(of_file(tmp_path / "words"))
