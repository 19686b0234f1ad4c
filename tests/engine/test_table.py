"""Every status meets every event: the design's table, cell by cell, with everything that follows."""

import pytest

from nightlight.engine.decide import TABLE
from nightlight.engine.events import Event
from nightlight.engine.state import AlertStatus
from tests.engine.cells import NOTHING, Cell
from tests.engine.cells_acknowledged import ACKNOWLEDGED
from tests.engine.cells_exhausted import EXHAUSTED
from tests.engine.cells_in_contact import IN_CONTACT
from tests.engine.cells_resolved import RESOLVED
from tests.engine.cells_triggered import TRIGGERED
from tests.engine.stories import in_words

CELLS: dict[AlertStatus, tuple[Cell, ...]] = {
    AlertStatus.TRIGGERED: TRIGGERED,
    AlertStatus.EXHAUSTED: EXHAUSTED,
    AlertStatus.ACKNOWLEDGED: ACKNOWLEDGED,
    AlertStatus.IN_CONTACT: IN_CONTACT,
    AlertStatus.RESOLVED: RESOLVED,
}
EVERY_CELL = [
    pytest.param(status, cell, id=f"{status.value}: {cell.name}")
    for status, cells in CELLS.items()
    for cell in cells
]


@pytest.mark.parametrize(("status", "cell"), EVERY_CELL)
def test_the_cell_does_what_the_table_says_and_nothing_else(status: AlertStatus, cell: Cell) -> None:
    story = cell.begin()
    before = story.alert
    assert before.status is status

    decision = cell.happens(story)

    if cell.follows.startswith(NOTHING):
        assert decision.alert == before
        assert in_words(decision, story.now)[1:] == cell.follows.split(" | ")[1:]
    else:
        assert in_words(decision, story.now) == cell.follows.split(" | ")


def met() -> set[tuple[AlertStatus, type[Event]]]:
    """Every status and event that some story above brings together."""
    pairs = set()
    for status, cells in CELLS.items():
        for cell in cells:
            story = cell.begin()
            cell.happens(story)
            pairs.add((status, type(story.events[-1])))
    return pairs


def test_no_cell_of_the_table_is_left_out() -> None:
    assert met() == set(TABLE)


@pytest.mark.parametrize(("status", "event"), [(s, e) for s, e in TABLE if TABLE[s, e].rule is None])
def test_a_cell_without_a_rule_leads_nowhere(status: AlertStatus, event: type[Event]) -> None:
    assert TABLE[status, event].to == {status}


def test_nothing_leaves_the_end() -> None:
    for (status, _), cell in TABLE.items():
        if status is AlertStatus.RESOLVED:
            assert cell.to == {AlertStatus.RESOLVED}


def test_every_status_meets_every_event() -> None:
    events = {event for _, event in TABLE}

    assert set(TABLE) == {(status, event) for status in AlertStatus for event in events}
    assert {event.__name__ for event in events} == {
        name.__name__ for name in _all_events(Event) if not name.__subclasses__()
    }


def _all_events(event: type[Event]) -> set[type[Event]]:
    return {event}.union(*(_all_events(below) for below in event.__subclasses__()))
