"""Every message one member may get about one person, exactly as it will arrive, with a made-up link and code."""

from dataclasses import dataclass

from nightlight import config
from nightlight.channels.phone_keys import Keys
from nightlight.channels.registry import page_word
from nightlight.channels.wording import SPOKEN_KINDS, AnswerWay, Brief, compose
from nightlight.channels.wording_voice import speak
from nightlight.engine.effects import News, Purpose
from nightlight.engine.needs import Need
from nightlight.store.members import MemberView
from nightlight.store.page_queries import Reader

SAMPLE_CODE = "000000"
SAMPLE_KEYS = Keys(yes="4", no="7")
SAMPLE_TOKEN = "0123456789abcdefghijklmnopqrstuv"  # noqa: S105  (as long as a real one, and opens nothing)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One message: when it comes, and its words by one kind of way."""

    name: str
    """Of the template's sentence that says when it comes."""
    way: str
    subject: str
    text: str


def previews(caller: Reader, member: MemberView) -> tuple[Preview, ...]:
    """What *member* may get: by the first way of each kind they have; as a text when they have none yet."""
    kinds = tuple(dict.fromkeys(way.channel for way in member.ways)) or ("sms",)
    said = (
        *((f"ask_{need}", Purpose.ASK, need) for need in Need),
        ("stand_down", Purpose.STAND_DOWN, Need.TALK),
        ("reopened", Purpose.REOPENED, Need.TALK),
        ("all_clear", Purpose.ALL_CLEAR, Need.TALK),
    )
    return tuple(
        _preview(name, _brief(caller, member, purpose, need), kind)
        for kind in kinds
        for name, purpose, need in said
    )


def _brief(caller: Reader, member: MemberView, purpose: Purpose, need: Need) -> Brief:
    settings = config.current()
    code = SAMPLE_CODE if purpose in (Purpose.ASK, Purpose.REOPENED) else None
    return Brief(
        purpose=purpose,
        news=News.OVER if purpose is Purpose.ALL_CLEAR else None,
        service_name=settings.name,
        caller_name=caller.name,
        need=need,
        language=member.language,
        codes=(AnswerWay(name=member.name, url=f"{settings.base_url}/a/{SAMPLE_TOKEN}", code=code),),
        lock_words=member.lock_words,
        lock_words_own=member.lock_words_own,
    )


def _preview(name: str, brief: Brief, kind: str) -> Preview:
    if kind in SPOKEN_KINDS:
        return Preview(
            name=name, way=page_word(kind), subject="", text="\n".join(speak(brief, [SAMPLE_KEYS]).said)
        )
    words = compose(brief, kind)
    return Preview(name=name, way=page_word(kind), subject=words.subject, text=words.text)
