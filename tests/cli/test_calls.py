"""Calls from the terminal: raised, looked at, answered by voice, ended."""

import json

import pytest

from nightlight.cli.words import NEEDS, STATUSES, WHY_NOT, sentence
from nightlight.engine.effects import News, Purpose, What
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.store.queries import AlertView, Line, Named
from nightlight.store.standing import WhyNot
from tests.cli.program import Program
from tests.people import NOON


def test_a_call_prints_its_id_and_says_that_nothing_is_sent_until_serve_runs(with_circle: Program) -> None:
    called = with_circle.run("call", "ana", "--need", "come")

    assert called.code == 0
    alert = called.out.strip()
    assert alert.isalnum()
    assert "nothing is sent until `nightlight serve` runs" in called.err
    found = json.loads(with_circle.good("status", alert, "--json"))
    assert (found["id"], found["person"], found["need"]) == (alert, "ana", "come")
    assert found["status"] == "triggered"
    assert [line["what"] for line in found["timeline"]][:2] == ["raised", "asked"]
    assert found["next"]["what"] == "asked"


def test_calling_again_joins_the_open_call(program: Program, call: str) -> None:
    again = program.run("call", "ana", "--json")

    assert json.loads(again.out) == {"id": call, "person": "ana", "status": "triggered", "new": False}
    assert "joined" in again.err


def test_a_stranger_cannot_be_called_for(with_circle: Program) -> None:
    refused = with_circle.run("call", "zed")

    assert (refused.code, refused.out) == (2, "")
    assert "'zed' has no circle" in refused.one_line
    assert "circle import" in refused.one_line
    assert with_circle.good("status") == ""


def test_somebody_without_a_circle_of_their_own_cannot_be_called_for(with_circle: Program) -> None:
    assert with_circle.run("call", "noa").code == 2


def test_an_unknown_need_is_refused_with_those_there_are(with_circle: Program) -> None:
    refused = with_circle.run("call", "ana", "--need", "everything")

    assert refused.code == 2
    assert "danger" in refused.one_line


def test_status_tells_in_sentences_what_happened_and_what_is_next(program: Program, call: str) -> None:
    told = program.good("status", call)

    assert "Ana called: someone to talk to." in told
    assert "Sam was asked." in told
    assert "unless somebody answers before, Bo is asked." in told
    assert "Europe/Lisbon" in told


def test_status_lists_the_calls_and_says_when_there_is_none(program: Program, call: str) -> None:
    heads, row = program.good("status").splitlines()
    assert heads.startswith("CALL")
    assert row.startswith(call)
    assert [each["id"] for each in json.loads(program.good("status", "--json"))] == [call]


def test_status_of_a_call_that_never_was_is_refused(with_circle: Program) -> None:
    refused = with_circle.run("status", "nonesuch")

    assert refused.code == 2
    assert "there is no call 'nonesuch'" in refused.one_line
    empty = with_circle.run("status")
    assert (empty.code, empty.out) == (0, "")
    assert "there is no call" in empty.err


def test_an_answer_given_by_voice_counts(program: Program, call: str) -> None:
    assert "Bo has it" in program.run("answer", call, "bo", "yes").err

    found = json.loads(program.good("status", call, "--json"))
    assert found["acknowledged_by"] == {"id": "bo", "name": "Bo"}


def test_a_no_given_by_voice_moves_on(program: Program, call: str) -> None:
    program.good("answer", call, "sam", "no")

    asked = [
        line["who"]
        for line in json.loads(program.good("status", call, "--json"))["timeline"]
        if line["what"] == "asked"
    ]
    assert asked == ["sam", "bo"]


@pytest.mark.parametrize("stranger", ["zed", "noa"])
def test_an_answer_of_somebody_who_is_not_in_the_call_is_refused(
    program: Program, call: str, stranger: str
) -> None:
    before = program.good("status", call, "--json")

    refused = program.run("answer", call, stranger, "yes")

    assert refused.code == 2
    assert f"'{stranger}' is not in this call" in refused.one_line
    assert program.good("status", call, "--json") == before


def test_neither_yes_nor_no_is_no_answer(program: Program, call: str) -> None:
    assert program.run("answer", call, "sam", "maybe").code == 2
    assert program.run("answer", "nonesuch", "sam", "yes").code == 2


def test_a_host_ends_a_call_only_with_a_reason(program: Program, call: str) -> None:
    refused = program.run("resolve", call, "--reason", "  ")
    assert refused.code == 2
    assert "a reason is needed" in refused.one_line

    assert "over" in program.run("resolve", call, "--reason", "Ana rang the desk.").err

    told = program.good("status", call)
    assert "It is over; the host wrote: Ana rang the desk.\n" in told
    assert "Next: Nothing more" in told
    late = program.run("answer", call, "sam", "yes")
    assert late.code == 2
    assert "over" in late.one_line


def test_every_line_a_call_can_have_has_a_sentence() -> None:
    view = AlertView(
        id="1",
        person=Named(id="ana", name="Ana"),
        status=AlertStatus.TRIGGERED,
        need="talk",
        raised_at=NOON,
        resolved_at=None,
        acknowledged_by=None,
        next=None,
        timeline=(),
        names={"sam": "Sam"},
        is_poisoned=False,
        waits_for_host=False,
        alert=None,
    )
    for what in What:
        for channel in ("", "smtp"):
            for detail in ("", *Purpose, *News, "ask:connection_refused"):
                line = Line(at=NOON, what=what, who="sam", channel=channel, detail=detail)
                said = sentence(line, view)
                assert said.endswith(".")
                assert "{" not in said


def test_every_need_status_and_reason_has_its_words() -> None:
    assert set(NEEDS) == set(Need)
    assert set(STATUSES) == set(AlertStatus)
    assert set(WHY_NOT) == set(WhyNot)
