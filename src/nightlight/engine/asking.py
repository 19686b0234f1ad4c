"""Asking people: who is asked now, by which ways and when, and whether an ask is still open."""

from dataclasses import replace
from datetime import datetime, timedelta

from nightlight.engine.availability import available_among, may_be_asked
from nightlight.engine.draft import Draft
from nightlight.engine.effects import Notify, PlannedWay, Purpose, What
from nightlight.engine.facts import Facts, Member, Way, WayUse
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need, serves
from nightlight.engine.state import Alert, Answer, Ask

REST_AFTER_NO = timedelta(minutes=60)
"""Who said no is left in peace this long, unless nobody else is left (design, rule 7)."""


NOT_AVAILABLE = "not_available"
HAS_OWN_CALL = "has_own_call"


def is_resting(alert: Alert, person: PersonId, now: datetime) -> bool:
    """Whether *person* declined so lately, with the need no more urgent since, that they rest."""
    ask = alert.ask_of(person)
    if ask is None or ask.answer is not Answer.NO or ask.answered_at is None:
        return False
    if alert.urgent_since is not None and ask.answered_at < alert.urgent_since:
        return False
    # An answer from the future is one from before the clock was set back; it rests nobody.
    return timedelta(0) <= now - ask.answered_at < REST_AFTER_NO


def askable(alert: Alert, facts: Facts, people: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
    """Those of *people* to be asked now, after consent, hours, rest, own calls and offers.

    Resting people and people with an open call of their own are passed over as long as anybody
    else on the ladder is left (rules 7 and 10).
    """
    offering = _offering(alert, facts, available_among(people, facts, alert.need, gently=alert.gently))
    free = tuple(p for p in offering if _is_free(alert, facts, p))
    if free or _anyone_free(alert, facts):
        return free
    return offering


def goes_unfiltered(alert: Alert, facts: Facts) -> bool:
    """Whether everyone is asked, whatever they offered, and those who did not offer it told what was wished.

    So it is when nobody who may be asked offers the need, and from the second round on: the one
    person who could come may sleep through every round, and the others are not to be left out for
    it. Somewhere to sleep is never asked of people who did not offer it.
    """
    if alert.need in (Need.STAY, Need.DANGER):
        return False
    if alert.round > 1:
        return True
    everyone = available_among(ladder_people(alert, facts), facts, alert.need, gently=alert.gently)
    return not any(serves(facts.member(p).offers, alert.need) for p in everyone)


def ladder_people(alert: Alert, facts: Facts) -> tuple[PersonId, ...]:
    """Everyone on the frozen ladder and those put on it since, each once."""
    return tuple(dict.fromkeys((*alert.policy.people, *facts.added)))


def _offering(alert: Alert, facts: Facts, people: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
    if goes_unfiltered(alert, facts):
        return people
    return tuple(p for p in people if serves(facts.member(p).offers, alert.need))


def free_among(alert: Alert, facts: Facts, people: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
    """Those of *people* who may be asked, offer the need, do not rest and have no call of their own."""
    allowed = available_among(people, facts, alert.need, gently=alert.gently)
    return tuple(p for p in _offering(alert, facts, allowed) if _is_free(alert, facts, p))


def why_not_asked(alert: Alert, facts: Facts, person: PersonId) -> str:
    """Why a step begins without *person*, as a code word for the record."""
    member = facts.member(person)
    if not may_be_asked(member, alert.need, gently=alert.gently):
        return NOT_AVAILABLE
    if not _offering(alert, facts, (person,)):
        return "not_offered"
    return HAS_OWN_CALL if member.has_open_alert else "rests"


def _is_free(alert: Alert, facts: Facts, person: PersonId) -> bool:
    if is_resting(alert, person, facts.now):
        return False
    return alert.need is Need.DANGER or not facts.member(person).has_open_alert


def _anyone_free(alert: Alert, facts: Facts) -> bool:
    return bool(free_among(alert, facts, ladder_people(alert, facts)))


def is_open(alert: Alert, facts: Facts, person: PersonId) -> bool:
    """Whether an ask of *person* is open: not answered, and some way is left or may have arrived."""
    ask = alert.ask_of(person)
    if ask is None or ask.answer is not None:
        return False
    member = facts.member(person)
    if member.removed or not member.consents:
        return False
    if ask.message != member.asked_by:
        # Asked by this very decision: the facts still speak of the ask before.
        return bool(member.ways)
    uses = {way.use for way in member.ways}
    if WayUse.LIVE in uses:
        return True
    # What has not gone out by now, outside their hours, will be passed over by the sender.
    return bool(uses - {WayUse.DEAD}) and may_be_asked(member, alert.need, gently=alert.gently)


def ask(draft: Draft, person: PersonId) -> None:
    """Ask *person* anew, by every way they offered, at the delays they chose."""
    alert, member = draft.alert, draft.facts.member(person)
    before = alert.ask_of(person)
    asked_before = before is not None and before.message > 0
    wished = not serves(member.offers, alert.need)
    message = draft.next_message()
    draft.put_ask(
        Ask(
            person=person,
            message=message,
            rung=alert.rung,
            round=alert.round,
            asked_at=draft.now,
            wished=wished,
        )
    )
    # Whoever is asked anew is waited for, not kept for later.
    draft.change(
        seconds=tuple(p for p in alert.seconds if p != person), unavailable=alert.unavailable - {person}
    )
    # An older ask of the same person must not go on beside the new one.
    draft.cancel(Purpose.ASK, person=person)
    draft.do(
        Notify(
            person=person,
            message=message,
            rung=alert.rung,
            ways=_planned(member.ways, draft.now),
            first=not asked_before,
            again=asked_before,
            wished=wished,
        )
    )
    draft.record(What.ASKED, person, alert.need.value)


def _planned(ways: tuple[Way, ...], now: datetime) -> tuple[PlannedWay, ...]:
    return tuple(PlannedWay(contact_method=way.contact_method, due=now + way.after) for way in ways)


def go_on_asking(draft: Draft, person: PersonId) -> None:
    """Send out what is left of an open ask after it was stopped; at once when no way of it is live.

    A way that failed while somebody had the call is not waited for a second time: it is tried again,
    and the one after it goes with it.
    """
    ask_open = draft.alert.ask_of(person)
    member = draft.facts.member(person)
    if ask_open is None or ask_open.message != member.asked_by or not _may_go_on(draft, member):
        return
    # A way whose first try failed was stopped with the rest and has not gone out either.
    unused = tuple(way for way in member.ways if way.use in (WayUse.UNUSED, WayUse.FAILING))
    if not unused:
        return
    head_start = timedelta(0) if _is_live(member) else _first_delay(unused)
    draft.do(
        Notify(
            person=person,
            message=ask_open.message,
            rung=ask_open.rung,
            ways=_planned(tuple(_sooner(way, head_start) for way in unused), draft.now),
            first=False,
            again=False,
            wished=ask_open.wished,
        )
    )


def _is_live(member: Member) -> bool:
    return any(way.use is WayUse.LIVE for way in member.ways)


def _first_delay(ways: tuple[Way, ...]) -> timedelta:
    """The delay of the first of *ways* that was never tried; of the first at all when each of them was."""
    untried = [way.after for way in ways if way.use is WayUse.UNUSED]
    return min(untried or [way.after for way in ways])


def _sooner(way: Way, head_start: timedelta) -> Way:
    return replace(way, after=max(way.after - head_start, timedelta(0)))


def _may_go_on(draft: Draft, member: Member) -> bool:
    return is_open(draft.alert, draft.facts, member.person) and may_be_asked(
        member, draft.alert.need, gently=draft.alert.gently
    )


def go_on_asking_everyone(draft: Draft) -> None:
    """After a hold, every ask that is still open goes on with its unused ways."""
    for open_ask in draft.alert.asks:
        go_on_asking(draft, open_ask.person)
