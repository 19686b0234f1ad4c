"""From a letter, which is what is true, to a message, which is words."""

import hashlib
from dataclasses import replace
from zoneinfo import ZoneInfo

from nightlight.channels import wording, wording_replies
from nightlight.channels.base import Link, Message, Spoken
from nightlight.channels.phone_keys import keys_for
from nightlight.channels.wording import SPOKEN_KINDS, AnswerWay, Brief
from nightlight.channels.wording_html import MAIL_KINDS, as_page
from nightlight.channels.wording_voice import speak
from nightlight.engine.effects import News, Purpose
from nightlight.engine.needs import Need
from nightlight.store.inbound import TextBack
from nightlight.store.letters import Letter
from nightlight.store.outbox import Claim

_ANSWERS_HERE = "a"
_CALLS_HERE = "m"
_WAITED_FOR = (Purpose.ASK, Purpose.REOPENED)


def message_for(
    claimed: Claim, letter: Letter, base_url: str, service_name: str, *, replies_are_read: bool = False
) -> Message:
    """The finished message of *letter*, to be handed to a channel.

    *replies_are_read*: what is written back to this channel is taken in, so the words may say so.
    """
    if letter.purpose is Purpose.TEXT_BACK:
        subject, text = service_name, _text_back(letter, base_url, claimed.channel)
    else:
        brief = replace(_brief(letter, base_url, service_name), replies_are_read=replies_are_read)
        words = wording.compose(brief, claimed.channel)
        subject, text = words.subject, words.text
    return Message(
        notification=claimed.notification,
        attempt=claimed.attempt,
        to=letter.to,
        subject=subject,
        text=text,
        html=as_page(subject, text, letter.language) if claimed.channel in MAIL_KINDS else "",
        link=_only_link(letter, base_url),
        links=_links(_answer_ways(letter, base_url)),
        language=letter.language,
        is_urgent=letter.purpose in _WAITED_FOR,
        topic=topic_of(claimed.alert),
        spoken=_spoken(claimed, letter, base_url, service_name),
    )


def _links(ways: tuple[AnswerWay, ...]) -> tuple[Link, ...]:
    """A page for each reader, named where there are several."""
    shared = len(ways) > 1
    return tuple(Link(url=way.url, name=wording.clean_name(way.name) if shared else "") for way in ways)


def _only_link(letter: Letter, base_url: str) -> str:
    ways = _answer_ways(letter, base_url)
    return ways[0].url if len(ways) == 1 else ""


def _spoken(claimed: Claim, letter: Letter, base_url: str, service_name: str) -> Spoken | None:
    # A word back goes by text or not at all.
    if claimed.channel not in SPOKEN_KINDS or letter.purpose is Purpose.TEXT_BACK:
        return None
    keys = keys_for(claimed.attempt, [each.token for each in letter.recipients])
    return speak(_brief(letter, base_url, service_name), keys)


def topic_of(alert: str) -> str:
    """What marks the messages of one call, of which the latest is what counts: 32 letters and digits."""
    return hashlib.sha256(f"topic {alert}".encode()).hexdigest()[:32]


def _brief(letter: Letter, base_url: str, service_name: str) -> Brief:
    zone = ZoneInfo(letter.time_zone)
    return Brief(
        purpose=letter.purpose,
        news=News(letter.news) if letter.news else None,
        service_name=service_name,
        caller_name=letter.caller_name,
        need=Need(letter.need),
        wished=letter.wished,
        again=letter.again,
        repeat=letter.repeat,
        late_since=letter.late_since.astimezone(zone) if letter.late_since else None,
        language=letter.language,
        codes=_answer_ways(letter, base_url),
        about_name=letter.about_name,
        lock_words=letter.lock_words,
        lock_words_own=letter.lock_words_own,
    )


def _answer_ways(letter: Letter, base_url: str) -> tuple[AnswerWay, ...]:
    if letter.purpose is Purpose.HOST_NEWS:
        return (AnswerWay(name="", url=f"{base_url}/desk"),)
    page = _CALLS_HERE if letter.purpose is Purpose.CALLER_NEWS else _ANSWERS_HERE
    return tuple(
        AnswerWay(name=r.name, url=f"{base_url}/{page}/{r.token}", code=r.code or None)
        for r in letter.recipients
    )


def _text_back(letter: Letter, base_url: str, channel: str) -> str:
    language = letter.language
    page = f"{base_url}/{_ANSWERS_HERE}/{letter.recipients[0].token}" if letter.recipients else ""
    match TextBack(letter.news):
        case TextBack.ASK_FOR_CODE:
            return wording_replies.ask_for_code_text(language)
        case TextBack.WRONG_CODE:
            return wording_replies.wrong_code_text(language)
        case TextBack.TOO_MANY_TRIES:
            return wording_replies.too_many_tries_text(language)
        case TextBack.THANKS:
            return wording_replies.thanks_text(language, letter.caller_name, page)
        case TextBack.NOTED:
            return wording_replies.noted_text(language)
        case TextBack.DECLINED:
            return wording_replies.declined_text(language)
        case TextBack.SOMEONE_HAS_IT:
            return wording_replies.someone_has_it_text(language)
        case TextBack.ITS_OVER:
            return wording_replies.its_over_text(language)
        case TextBack.PASSED_ON if channel in MAIL_KINDS:
            return wording_replies.passed_on_by_mail_text(language, page)
        case TextBack.PASSED_ON:
            return wording_replies.passed_on_text(language)
        case TextBack.STOPPED:
            return wording_replies.stopped_text(language)
