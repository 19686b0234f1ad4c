"""A text that came back: from whom, about which call, meaning what. Stop 2 of the road.

In this order: a carrier's word first, because the carrier has already acted on it; the one switch, which
works always; the code of one ask; the word by which the number's owner calls; a sign of life; then a plain
word about a call this number was asked in; the rest is kept for whoever has the call, or has theirs. The
number alone never answers yes, and ends nothing: numbers can be forged.
"""

from datetime import datetime
from functools import partial

from nightlight.channels.registry import AddressError, check_address
from nightlight.channels.wording_replies import quotes_ask
from nightlight.engine.own_words import OwnWord, read_own
from nightlight.engine.replies import Meaning, ReadReply, read_reply
from nightlight.engine.state import AlertStatus
from nightlight.intake import own_text
from nightlight.intake.answer import Answered, Saying, say
from nightlight.intake.channels import kinds_on
from nightlight.intake.word_back import take_word
from nightlight.store import inbound, own_texts, withdrawals
from nightlight.store.inbound import AskFound, TextBack, Way
from nightlight.store.races import racing


def take_text(channel: str, sender: str, text: str, now: datetime) -> str:
    """Take one text in; returns what it was taken for, as a code word for the record.

    A text from a number nobody here knows changes nothing and gets no answer.
    """
    try:
        address = check_address(channel, sender)
    except AddressError:
        return "unknown_number"
    ways = inbound.ways_at(channel, address)
    if not ways:
        return "unknown_number"
    read = read_reply(text)
    if read.meaning is Meaning.STOP:
        return _stop(ways, now)
    if read.meaning is Meaning.START:
        return "started" if sum(map(withdrawals.take_up_way_again, ways)) else "nothing"
    own, word = own_texts.own_ways(ways), read_own(text)
    if own and word is OwnWord.QUIET:
        return own_text.switch_off(own, now)
    asks = inbound.open_asks(ways, now)
    if read.code:
        return _with_code(ways, asks, read, text, now)
    return own_text.call(own, text, now) or _plain(own, asks, read, text, now)


def _plain(own: list[Way], asks: list[AskFound], read: ReadReply, text: str, now: datetime) -> str:
    """Words without digits. A bare no to an open ask is an answer to that, and to nothing else."""
    word = read_own(text)
    taken_for = "" if asks and word is OwnWord.NO else own_text.check_in(own, word, now)
    if asks and taken_for in ("", "checked_in"):
        # Who is OK and was asked as well still has to say which they mean by it.
        return _without_code(asks, read, text, now)
    return taken_for or own_text.keep(own, text, now) or _outside_calls(own, word, text, now)


def _outside_calls(own: list[Way], word: OwnWord, text: str, now: datetime) -> str:
    """What is left: an end to notes after a call, words for whoever wrote one, or nothing anybody waits for."""
    if word is OwnWord.ENOUGH and (stopped := own_text.stop_notes(own, now)):
        return stopped
    kept = take_word(own, text, now)
    # Also to words that somebody will read: they may have been meant as a call.
    not_understood = own_text.not_understood(own, now)
    return kept or not_understood or "nothing_open"


def _stop(ways: list[Way], now: datetime) -> str:
    moment = withdrawals.Moment(now=now, channels_on=kinds_on())
    for way in ways:
        racing(partial(_stop_way, way, moment))
    return "stopped"


def _stop_way(way: Way, moment: withdrawals.Moment) -> None:
    if withdrawals.withdraw_way(way, withdrawals.STOPPED, moment):
        inbound.tell_stopped(way, moment.now, channels_on=moment.channels_on)


def _with_code(ways: list[Way], asks: list[AskFound], read: ReadReply, text: str, now: datetime) -> str:
    ask = inbound.ask_with_code(ways, read.code, now)
    if ask is None:
        return _wrong_code(ways, asks, now)
    way = next(way for way in ways if way.pk == ask.contact_method)
    if inbound.is_out_of_tries(ask.alert, way):
        return "too_many_tries"
    if not ask.is_open:
        inbound.text_back(ask, TextBack.ITS_OVER, now)
        return "over"
    if quotes_ask(text, read.code):
        return _keep(ask, text, now)
    if read.meaning is Meaning.YES_WITH_CODE:
        _answer(ask, Saying.YES, now)
        return "yes"
    if read.meaning is Meaning.NO:
        _answer(ask, Saying.NO, now)
        return "no"
    return _keep(ask, text, now)


def _wrong_code(ways: list[Way], asks: list[AskFound], now: datetime) -> str:
    """Six digits that are no ask's: counted against every call this number was asked in."""
    # Two people at one number sent one text: it counts once for a call, and is answered once.
    for ask in {ask.alert: ask for ask in asks}.values():
        way = next(way for way in ways if way.pk == ask.contact_method)
        tries = inbound.count_wrong_code(ask.alert, way)
        word = TextBack.WRONG_CODE if tries < inbound.TRIES_MAX else TextBack.TOO_MANY_TRIES
        if tries <= inbound.TRIES_MAX:
            inbound.text_back(ask, word, now)
    return "wrong_code"


def _without_code(asks: list[AskFound], read: ReadReply, text: str, now: datetime) -> str:
    latest = asks[0]
    alone = len({ask.person for ask in asks if ask.alert == latest.alert}) == 1
    if read.meaning is Meaning.NO and alone:
        _answer(latest, Saying.NO, now)
        return "no"
    # Two people at one number: only the digits tell them apart, for a no as for a yes.
    if read.meaning in (Meaning.PLAIN_YES, Meaning.NO):
        inbound.text_back(latest, TextBack.ASK_FOR_CODE, now)
        return "asked_for_code"
    return _keep(latest, text, now)


def _keep(ask: AskFound, text: str, now: datetime) -> str:
    def both() -> None:
        inbound.keep_words(ask, text, now)
        inbound.text_back(ask, TextBack.PASSED_ON, now)

    racing(both)
    return "kept"


def _answer(ask: AskFound, saying: Saying, now: datetime) -> None:
    """The answer and the word back, together or not at all."""

    def both() -> None:
        answered = say(ask.alert, ask.person, saying, now)
        inbound.text_back(ask, word_for(answered), now)

    racing(both)


def word_for(answered: Answered) -> TextBack:
    """What whoever gave that answer is told."""
    advanced = answered.advanced
    if advanced.status is AlertStatus.RESOLVED:
        return TextBack.ITS_OVER
    if answered.saying is Saying.NO:
        return TextBack.DECLINED
    if advanced.waits or advanced.refused:
        return TextBack.NOTED
    return TextBack.THANKS if inbound.has_it(answered.alert, answered.person) else TextBack.SOMEONE_HAS_IT
