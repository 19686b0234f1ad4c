"""A check-in while it is being arranged: one question a page, and what was said carried along by the form itself.

Nothing is kept here. The same questions make a new one, all of them, and change one thing of an old one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from django.http import QueryDict
from django.utils.dates import WEEKDAYS

from nightlight.engine.checkin import GRACE_DEFAULT, GRACE_MAX, GRACE_MIN, OnMiss
from nightlight.engine.needs import Need
from nightlight.intake.check_in_wishes import read_time
from nightlight.intake.recurrence import RULE_LENGTH_MAX, RuleError, check_rule
from nightlight.store.check_in_edits import NAME_CHARACTERS_MAX, Plan
from nightlight.store.check_in_queries import CheckInView

DAILY = "FREQ=DAILY"
WEEKLY = "FREQ=WEEKLY;BYDAY="
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
GRACES = (15, 30, 45, 60, 120, 240, 720)
"""Minutes that can be chosen."""
NEEDS = tuple(need for need in Need if need is not Need.DANGER)
"""What a silence can ask a circle for. Danger is only ever somebody's own word."""
FIELD_CHARACTERS_MAX = 200


class Question(StrEnum):
    """The pages, in order."""

    WHEN = "when"
    AT = "at"
    GRACE = "grace"
    REMIND = "remind"
    MISS = "miss"
    WHO = "who"
    NEED = "need"
    NOTE = "note"
    NAME = "name"


FIELDS = {
    Question.WHEN: ("days", "weekday", "rule"),
    Question.AT: ("at",),
    Question.GRACE: ("minutes",),
    Question.REMIND: ("first", "second"),
    Question.MISS: ("miss",),
    Question.WHO: ("told",),
    Question.NEED: ("need",),
    Question.NOTE: ("noted",),
    Question.NAME: ("name",),
}


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the person has to choose from."""

    kinds: tuple[str, ...]
    """Kinds of their own proven ways."""
    members: frozenset[str]
    has_ladder: bool


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What was said so far, as the form has it."""

    days: str = ""
    """`daily`, `some` or `own`."""
    weekdays: tuple[str, ...] = ()
    rule: str = ""
    at: str = ""
    minutes: str = str(int(GRACE_DEFAULT.total_seconds() // 60))
    first: str = ""
    second: str = ""
    miss: str = ""
    told: tuple[str, ...] = ()
    need: str = Need.TALK.value
    noted: tuple[str, ...] = ()
    name: str = ""

    def pairs(self, *, without: Collection[str] = ()) -> list[tuple[str, str]]:
        """Every field with its value, for the next page's form, but not those it asks for itself."""
        single = ("days", "rule", "at", "minutes", "first", "second", "miss", "need", "name")
        found = [(name, str(getattr(self, name))) for name in single]
        found += [("weekday", each) for each in self.weekdays]
        found += [("told", each) for each in self.told]
        found += [("noted", each) for each in self.noted]
        return [(name, value) for name, value in found if name not in without and value]

    @property
    def whole_rule(self) -> str:
        """The recurrence rule that was chosen. Raises `RuleError`."""
        if self.days == "daily":
            return DAILY
        if self.days == "some":
            return check_rule(WEEKLY + ",".join(day for day in DAYS if day in self.weekdays))
        return check_rule(self.rule)

    @property
    def remind(self) -> tuple[str, ...]:
        """The kinds of way that were chosen, each once."""
        return tuple(dict.fromkeys(kind for kind in (self.first, self.second) if kind))


def read(form: QueryDict) -> Draft:
    """The draft that *form* carries; what is far too long is cut."""

    def one(name: str, otherwise: str = "") -> str:
        written = form.get(name, otherwise)
        return " ".join(written.replace("\0", "").split())[:FIELD_CHARACTERS_MAX]

    return Draft(
        days=one("days"),
        weekdays=tuple(day for day in DAYS if day in form.getlist("weekday")),
        rule=one("rule"),
        at=one("at"),
        minutes=one("minutes", Draft.minutes),
        first=one("first"),
        second=one("second"),
        miss=one("miss"),
        told=tuple(form.getlist("told")),
        need=one("need", Draft.need),
        noted=tuple(form.getlist("noted")),
        name=one("name"),
    )


def read_name(draft: Draft) -> Draft:
    """*draft* with a name that fits."""
    return replace(draft, name=draft.name[:NAME_CHARACTERS_MAX])


def draft_of(view: CheckInView) -> Draft:
    """The form of a check-in that is kept."""
    days = "daily" if view.rule == DAILY else "some" if weekdays_of(view.rule) else "own"
    first, second = [*view.remind, "", ""][:2]
    return Draft(
        days=days,
        weekdays=weekdays_of(view.rule),
        rule=view.rule if days == "own" else "",
        at=f"{view.at:%H:%M}",
        minutes=str(int(view.grace.total_seconds() // 60)),
        first=first,
        second=second,
        miss=view.on_miss,
        told=view.told,
        need=view.need,
        noted=view.noted,
        name=view.name,
    )


def weekdays_of(rule: str) -> tuple[str, ...]:
    """The days of the week that *rule* means; none when it means something else."""
    named = rule.removeprefix(WEEKLY).split(",") if rule.startswith(WEEKLY) else []
    return tuple(day for day in DAYS if day in named) if set(named) <= set(DAYS) else ()


def day_names(weekdays: Iterable[str]) -> list[str]:
    """Their names, in the reader's language."""
    return [str(WEEKDAYS[DAYS.index(day)]) for day in weekdays]


def wrong(question: Question, draft: Draft, choices: Choices) -> str:
    """Why what was said to *question* cannot be taken, as a code for the page; empty when it can."""
    match question:
        case Question.WHEN:
            return _wrong_days(draft)
        case Question.AT:
            return "" if _is_time(draft.at) else "no_time"
        case Question.GRACE:
            return "" if minutes_of(draft) is not None else "not_chosen"
        case Question.REMIND:
            return "" if {draft.first, draft.second} <= {"", *choices.kinds} else "not_chosen"
        case Question.MISS:
            return _wrong_miss(draft, choices)
        case Question.WHO:
            return "" if choices.members.intersection(draft.told) else "nobody_chosen"
        case Question.NEED:
            return "" if draft.need in NEEDS else "not_chosen"
        case Question.NOTE:
            return ""
        case Question.NAME:
            fits = len(draft.name) <= NAME_CHARACTERS_MAX and (draft.name.isprintable() or not draft.name)
            return "" if fits else "too_long"


def _wrong_days(draft: Draft) -> str:
    if draft.days not in ("daily", "some", "own"):
        return "not_chosen"
    if draft.days == "some" and not draft.weekdays:
        return "no_day"
    try:
        return "" if len(draft.whole_rule) <= RULE_LENGTH_MAX else "no_rule"
    except RuleError:
        return "no_rule"


def _wrong_miss(draft: Draft, choices: Choices) -> str:
    if draft.miss not in set(OnMiss):
        return "not_chosen"
    if draft.miss == OnMiss.CALL and not choices.has_ladder:
        return "no_ladder"
    return "no_members" if draft.miss == OnMiss.TELL and not choices.members else ""


def _is_time(written: str) -> bool:
    try:
        read_time(written)
    except ValueError:
        return False
    return True


def minutes_of(draft: Draft) -> timedelta | None:
    """How long after it is due, when that was chosen."""
    if not (draft.minutes.isascii() and draft.minutes.isdecimal() and len(draft.minutes) < 5):
        return None
    found = timedelta(minutes=int(draft.minutes))
    return found if GRACE_MIN <= found <= GRACE_MAX else None


def asks(question: Question, draft: Draft, choices: Choices) -> bool:
    """Whether *question* is one for what was said so far."""
    match question:
        case Question.REMIND:
            return len(choices.kinds) > 1
        case Question.WHO:
            return draft.miss == OnMiss.TELL
        case Question.NEED:
            return draft.miss == OnMiss.CALL
        case Question.NOTE:
            return bool(choices.members)
        case _:
            return True


def next_question(after: Question | None, draft: Draft, choices: Choices) -> Question | None:
    """What is asked behind *after* (None: at the beginning); None when all is said but its name."""
    order: list[Question] = [each for each in Question if each is not Question.NAME]
    begin = 0 if after is None else order.index(after) + 1
    return next((each for each in order[begin:] if asks(each, draft, choices)), None)


def first_wrong(draft: Draft, choices: Choices) -> tuple[Question, str] | None:
    """The first question whose answer cannot be taken, and why; None when all can."""
    for question in Question:
        why = wrong(question, draft, choices) if asks(question, draft, choices) else ""
        if why:
            return question, why
    return None


def plan_of(draft: Draft, choices: Choices) -> Plan:
    """What a draft means in which nothing is wrong."""
    grace = minutes_of(draft)
    assert grace is not None
    return Plan(
        name=draft.name,
        rule=draft.whole_rule,
        at=read_time(draft.at),
        grace=grace,
        remind=[kind for kind in draft.remind if kind in choices.kinds],
        on_miss=OnMiss(draft.miss),
        need=Need(draft.need),
        told=choices.members.intersection(draft.told) if draft.miss == OnMiss.TELL else (),
        noted=choices.members.intersection(draft.noted),
    )
