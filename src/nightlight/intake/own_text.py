"""A text from somebody's own number, outside any ask: a sign of life, a word that calls, a switch. Part of `reply`.

The number alone proves little: numbers can be forged. So a text may call, and give a sign of life; it never
ends a call, and what it switches off is told to the number that it came from.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from nightlight.engine.checkin import By, How
from nightlight.engine.needs import Need
from nightlight.engine.own_words import OwnWord
from nightlight.intake import alert, checkin, quiet
from nightlight.intake.alert import NotPossible
from nightlight.intake.channels import kinds_on
from nightlight.store import follow_ups, own_texts
from nightlight.store.inbound import Way
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.quiet import QuietBy
from nightlight.store.races import racing
from nightlight.store.supporting import new_supporter_link

NOTHING = ""
"""It was for nothing in here."""


def switch_off(ways: Sequence[Way], now: datetime) -> str:
    """The one switch. At a number that two share each is led to their own page instead."""
    if len({way.person_id for way in ways}) == 1:
        racing(partial(_quiet, ways[0], now))
        return "quiet"
    for way in ways:
        tell_way(NoticePurpose.LINK, way, now, token=new_supporter_link(way.person_id, now))
    return "whose_quiet"


def _quiet(way: Way, now: datetime) -> None:
    quiet.switch_off(way.person_id, QuietBy.TEXT, now)
    own_texts.say_back(NoticePurpose.QUIET, way, now, kinds_on())


def call(ways: Sequence[Way], text: str, now: datetime) -> str:
    """Call the circle of everybody at this number whose agreed word *text* is, or join their open call."""
    taken_for = NOTHING
    for way in own_texts.called_by(ways, text):
        try:
            alert.call(way.person_id, Need.TALK, now)
            purpose, taken_for = NoticePurpose.CALLING, "called"
        except NotPossible:
            purpose, taken_for = NoticePurpose.NOT_CALLING, taken_for or "not_called"
        racing(partial(own_texts.say_back, purpose, way, now, kinds_on()))
    return taken_for


def check_in(ways: Sequence[Way], word: OwnWord, now: datetime) -> str:
    """A sign of life, if one is awaited. Where two share a number each gets the link of their own page."""
    how = {OwnWord.OK: How.OK, OwnWord.NOT_OK: How.NOT_OK, OwnWord.NO: How.NOT_OK}.get(word)
    awaited = own_texts.with_check_ins(ways)
    if how is None or not awaited:
        return NOTHING
    if len({way.person_id for way in awaited}) > 1:
        for way in awaited:
            own_texts.say_back_of_check_in(NoticePurpose.CHECK_IN, way, now, kinds_on())
        return "whose_check_in"
    return racing(partial(_check_in, awaited[0], how, now))


def _check_in(way: Way, how: How, now: datetime) -> str:
    if not checkin.take_from_person(way.person_id, how, By.TEXT, now):
        return NOTHING
    own_texts.say_back_of_check_in(NoticePurpose.HEARD, way, now, kinds_on())
    return "checked_in" if how is How.OK else "not_ok"


def keep(ways: Sequence[Way], text: str, now: datetime) -> str:
    """Words while their own call is open: for whoever has it. Nothing is ended by them."""
    with_call = [way for way in ways if own_texts.open_call(way)]
    if len({way.person_id for way in with_call}) != 1:
        return NOTHING
    return racing(partial(_keep, with_call[0], text, now))


def _keep(way: Way, text: str, now: datetime) -> str:
    if own_texts.keep_own_words(own_texts.open_call(way), way, text, now):
        own_texts.say_back(NoticePurpose.KEPT_WORDS, way, now, kinds_on())
    return "kept_own"


def stop_notes(ways: Sequence[Way], now: datetime) -> str:
    """No more notes after calls, for whoever has this number and was ever sent one."""
    theirs = [way for way in ways if own_texts.was_sent_notes(way.person_id)]
    for way in theirs:
        follow_ups.stop_notes(way.person_id, now)
        racing(partial(own_texts.say_back, NoticePurpose.NOTES_OFF, way, now, kinds_on()))
    return "enough" if theirs else NOTHING


def not_understood(ways: Sequence[Way], now: datetime) -> str:
    """Whoever has a word that calls hears that this was not it: silence must never look like a call."""
    with_word = [way for way in ways if own_texts.call_word(way.person_id)]
    for way in with_word:
        racing(partial(own_texts.say_back, NoticePurpose.NOT_CALLING, way, now, kinds_on()))
    return "not_understood" if with_word else NOTHING
