"""Telling people what became of a call: stand-downs, "open again", the all-clear, news for caller and host."""

from dataclasses import replace
from datetime import timedelta

from nightlight.engine.draft import Draft
from nightlight.engine.effects import News, PlannedWay, Purpose, StandDown, TellCaller, TellHost, What
from nightlight.engine.facts import Member
from nightlight.engine.ids import PersonId
from nightlight.engine.state import Answer

STAND_DOWN_AFTER_UNDO = timedelta(minutes=2)
"""After a person's first undo in a round, those to be stood down hear of their yes this much later."""


def stand_everyone_down(draft: Draft) -> None:
    """Someone has it: everyone an ask is on its way to or reached, except who declined, may rest."""
    for person in draft.alert.everyone:
        stand_down(draft, person)


def stand_down(draft: Draft, person: PersonId) -> None:
    """Tell *person*, once in this hold, that someone has it, if an ask of theirs got or may get through."""
    alert, member = draft.alert, draft.facts.member(person)
    ask, hold = alert.ask_of(person), alert.hold
    assert hold is not None
    if person == hold.taker or ask is None or ask.answer is Answer.NO or person in hold.told:
        return
    after = STAND_DOWN_AFTER_UNDO if alert.taker in alert.undone else timedelta(0)
    if _tell(draft, member, Purpose.STAND_DOWN, News.SOMEONE_HAS_IT, after=after):
        draft.change(hold=replace(hold, told=hold.told | {person}))
        draft.record(What.STOOD_DOWN, person)


def tell_open_again(draft: Draft, former_taker: PersonId | None, *, by_taker: bool) -> None:
    """The hold is over: everyone who was told someone has it, the former taker too, is told so once.

    A taker who gave it up themselves has been told on the spot by what they pressed or wrote. Where
    two people in touch fell silent, nobody is woken to hear of it.
    """
    draft.cancel(Purpose.STAND_DOWN, Purpose.TAKER_NEWS)
    for person in draft.alert.everyone:
        member = draft.facts.member(person)
        if (person == former_taker and by_taker) or (draft.alert.gently and not member.within_hours):
            continue
        was_told = member.stood_down or person == former_taker
        if was_told and _tell(draft, member, Purpose.REOPENED, News.OPEN_AGAIN, even_unreached=True):
            draft.record(What.REOPENED, person)


def tell_all_clear(draft: Draft) -> None:
    """The call is over: everyone who was told of it, and only they, hears so."""
    alert = draft.alert
    for person in alert.everyone:
        ask = alert.ask_of(person)
        # Who answered knows of it, also when a host wrote their answer down for them; so does who has it.
        knows = person == alert.taker or (ask is not None and ask.answer is not None)
        _tell(draft, draft.facts.member(person), Purpose.ALL_CLEAR, News.OVER, even_unreached=knows)


def tell_taker(draft: Draft, news: News) -> None:
    """Tell whoever has it."""
    taker = draft.alert.taker
    if taker is not None:
        _tell(draft, draft.facts.member(taker), Purpose.TAKER_NEWS, news, even_unreached=True)


def tell_caller(draft: Draft, news: News, about: PersonId | None = None) -> None:
    """Tell the caller by their own ways; what their page says needs no telling."""
    # Older news that comes after this would be untrue: "someone has it" after "has gone quiet".
    draft.cancel(Purpose.CALLER_NEWS)
    message = draft.next_message()
    draft.change(caller_message=message)
    draft.do(TellCaller(news=news, message=message, hold=draft.alert.holds, about=about))
    draft.record(What.CALLER_TOLD, detail=news.value)


def tell_host(draft: Draft, news: News) -> None:
    """Tell whoever runs the service."""
    draft.do(TellHost(news=news, message=draft.next_message(), hold=draft.alert.holds))
    draft.record(What.HOST_TOLD, detail=news.value)


def _tell(
    draft: Draft,
    member: Member,
    purpose: Purpose,
    news: News,
    *,
    after: timedelta = timedelta(0),
    even_unreached: bool = False,
) -> bool:
    """Plan one message by the way that got through, the others held ready should it fail."""
    reached = member.reached_by or (tuple(w.contact_method for w in member.ways) if even_unreached else ())
    usable = {way.contact_method for way in member.ways}
    first = tuple(way for way in reached if way in usable)
    rest = tuple(w.contact_method for w in member.ways if w.contact_method not in first)
    # Whoever was removed, or whom no ask ever reached, hears nothing.
    if member.removed or not reached or not (first or rest):
        return False
    order = (*first, *rest)
    due = draft.now + after
    ways = tuple(
        PlannedWay(contact_method=way, due=due if position == 0 else None)
        for position, way in enumerate(order)
    )
    draft.do(
        StandDown(
            person=member.person,
            purpose=purpose,
            news=news,
            message=draft.next_message(),
            hold=draft.alert.holds,
            ways=ways,
        )
    )
    return True
