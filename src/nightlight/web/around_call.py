"""What is arranged around a call, for its two live pages: who does what, tonight's list, and somewhere to stay."""

from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.store.access import AnswerLink
from nightlight.store.night_list import list_of
from nightlight.store.promise_rows import promises_in
from nightlight.store.queries import AlertView
from nightlight.store.stays import stay_of
from nightlight.web.answer_page import AnswerPage, AnswerState

SAY_SO = frozenset({AnswerState.TAKEN, AnswerState.SECOND, AnswerState.NOTED})
"""On these pages somebody may say what they will do."""


def rooms_at(base: str) -> str:
    """Where the list and what was arranged are found by whoever's own page is at *base*."""
    return "/tonight" if base == "/home" else base


def for_caller(view: AlertView, base: str) -> dict[str, object]:
    """For the caller's own page at *base*, while the call is open and when it is over."""
    return {
        "base": rooms_at(base),
        "promises": promises_in(view.id),
        "lines": list_of(view.id) if view.status is not AlertStatus.RESOLVED else (),
        "stay": stay_of(view.id),
    }


def for_answer(
    view: AlertView, link: AnswerLink, page: AnswerPage, base: str, *, knows_names: bool
) -> dict[str, object]:
    """For the page behind an answer link at *base*: as much as its reader may know."""
    may_say = page.state in SAY_SO or (page.state is AnswerState.OVER and page.said_yes_then)
    if not may_say:
        return {}
    has_it = page.state is AnswerState.TAKEN
    stay = stay_of(view.id)
    return {
        "base": base,
        "may_say": True,
        "me": link.person,
        "knows_names": knows_names,
        "promises": promises_in(view.id),
        "lines": list_of(view.id) if has_it else (),
        "may_open_door": has_it and view.need == Need.STAY,
        "stay": stay if stay is not None and stay.person == link.person else None,
    }
