"""Every sentence that goes out as a message. The words for pages are in the templates.

Any of these may light up on a phone that lies on a table: no subject and no sentence says what the
service is for, or how anybody is. What was asked for, and how to reach the caller, is on the page
behind the link. A text fits two segments for a name of ordinary letters.
"""

import gettext
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from nightlight.channels.marking import mark
from nightlight.engine.effects import News, Purpose
from nightlight.engine.needs import Need

TEXT_KINDS = frozenset({"sms", "matrix", "sample-text"})
"""The kinds of way whose messages are short, and can be answered with a code."""
SPOKEN_KINDS = frozenset({"voice"})
"""The kinds of way that ring, and whose messages are spoken."""

PHONE_TEXT_KINDS = frozenset({"sms", "sample-text"})
"""Those of them that come from a number, which can be let through at night."""

LINK_KINDS = frozenset({"apprise"})
"""The kinds of way whose messages are short, and are answered on the page only: nothing comes back by them."""

APP_KINDS = frozenset({"push", "ntfy", "unifiedpush"})
"""The kinds of way that show a few words on a phone's screen and open the page at a tap, so no link is among them."""

NAME_CHARACTERS_MAX = 24
NAME_SHARED_CHARACTERS_MAX = 16
"""In a text to an address that two people share, each of whom is named."""

LOCK_WORDS_CHARACTERS_MAX = 80

LOCALE_DIRECTORY = Path(__file__).parent.parent / "locale"
DOMAIN = "django"
"""The pages' own catalogue; Django gives it this name."""


@dataclass(frozen=True, kw_only=True)
class AnswerWay:
    """How one person answers: their link, and in a text the code of this ask."""

    name: str
    """The reader's own name; shown only when an address is shared."""
    url: str
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What a message has to say, and to whom."""

    purpose: Purpose
    news: News | None = None
    service_name: str
    caller_name: str
    """The caller's name as the reader knows it."""
    need: Need | None = None
    wished: bool = False
    """Nobody offered the need, so the words say what was wished and ask for less (rule 9)."""
    again: bool = False
    """The reader was asked before in this call."""
    repeat: bool = False
    """This very message may have been sent before."""
    late_since: datetime | None = None
    """When it was asked, in the reader's local time, if this goes out late because of us."""
    language: str = "en"
    codes: tuple[AnswerWay, ...] = ()
    """One link, more when people share the address, none when the reader has their own way in."""
    about_name: str | None = None
    """Somebody else's name, given only when the reader may know it."""
    lock_words: str = ""
    """Which of `LOCK_WORDS` an ask begins with; empty for the usual sentence, `own` for `lock_words_own`."""
    lock_words_own: str = ""
    replies_are_read: bool = False
    """Words that come back by mail reach the one who said yes; else nobody sees them."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """A message ready to send. A text has no room for `subject`."""

    subject: str
    text: str


def translations(language: str) -> gettext.NullTranslations:
    """The sentences in *language* (a tag such as `en` or `pt-BR`); English where there are none."""
    # The tag becomes part of a path, and it comes from a file somebody wrote.
    tag = (
        language.replace("-", "_")
        if re.fullmatch(r"[A-Za-z]{2,8}([_-][A-Za-z0-9]{2,8})*", language)
        else "en"
    )
    return _translations(tag, LOCALE_DIRECTORY)


@lru_cache(maxsize=64)
def _translations(tag: str, directory: Path) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, localedir=directory, languages=[tag], fallback=True)


def compose(brief: Brief, kind: str) -> Words:
    """The words of *brief* for a way of this *kind*; short for those in `TEXT_KINDS`, `LINK_KINDS` and `APP_KINDS`."""
    mark = translations(brief.language).gettext("(again)") + " " if brief.repeat else ""
    if kind in APP_KINDS:
        return app_words(brief.service_name, mark + " ".join(sentences(brief)))
    if kind in LINK_KINDS:
        brief = replace(brief, codes=tuple(replace(way, code=None) for way in brief.codes))
    text = _short(brief) if kind in TEXT_KINDS | LINK_KINDS else _long(brief)
    return Words(subject=mark + _subject(brief), text=mark + text)


def app_words(service_name: str, said: str) -> Words:
    """*said* as an app shows it: under the service's own name, and without the colon before a link."""
    ends_open = said.endswith(":")
    return Words(subject=clean_name(service_name), text=said[:-1] + "." if ends_open else said)


def clean_name(name: str, limit: int = NAME_CHARACTERS_MAX) -> str:
    """*name* on one line, without control and direction characters, at most *limit* characters."""
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(
        character if unicodedata.category(character)[0] not in "CZ" else _gap(character)
        for character in composed
    )
    return " ".join(visible.split())[:limit].rstrip()


def _gap(character: str) -> str:
    """A space for what separates, nothing for what only steers how a line is shown."""
    return "" if unicodedata.category(character) == "Cf" else " "


_ASKED: Mapping[Need, str] = {
    Need.TALK: mark("{caller} asks if you can talk."),
    Need.TEXT: mark("{caller} asks if you have time to text."),
    Need.COME: mark("{caller} asks if you can come over."),
    Need.COMPANY: mark("{caller} would like company, no talking needed."),
    Need.STAY: mark("{caller} asks for a place to sleep tonight."),
    Need.DANGER: mark("{caller} asks you to look at this right now."),
}

LOCK_WORDS: Mapping[str, str] = {
    "chat": mark("Free for a chat? {caller}"),
    "ring": mark("Could you ring me? {caller}"),
    "hand": mark("Could you give me a hand? {caller}"),
    "tea": mark("Cup of tea? {caller}"),
    "look": mark("Have a look when you can. {caller}"),
}
"""What the caller can choose for a lock screen, for each member. What is asked for is on the page behind the link."""

_WISHED: Mapping[Need, str] = {
    Need.TALK: mark("{caller} would like to talk. Could you at least text?"),
    Need.TEXT: mark("{caller} would like to text. Could you at least talk?"),
    Need.COME: mark("{caller} would like a visit. Could you at least talk?"),
    Need.COMPANY: mark("{caller} would like company. Could you at least talk?"),
}

_CHANGED: Mapping[Need, str] = {
    Need.TALK: mark("{caller} would now like to talk."),
    Need.TEXT: mark("{caller} would now like to text."),
    Need.COME: mark("{caller} now asks if someone can come over."),
    Need.COMPANY: mark("{caller} would now like company, no talking needed."),
    Need.STAY: mark("{caller} now asks for a place to sleep tonight."),
    Need.DANGER: mark("{caller} now asks you to look at this at once."),
}

_TO_MEMBERS: Mapping[News, str] = {
    News.SOMEONE_HAS_IT: mark("Someone else has it now. You can rest."),
    News.OPEN_AGAIN: mark("It is open again."),
    News.OVER: mark("It's over now. There is nothing more to do. Thank you."),
    News.CHECK_IN_JOINED: mark("There is something new about {caller}. Please look."),
    News.STILL_IN_TOUCH: mark("Are you and {caller} still in touch? Please say so here:"),
    News.WENT_QUIET: mark("We have heard no more from whoever had it. It is open again."),
}

_TO_CALLER: Mapping[News, str] = {
    News.SOMEONE_HAS_IT: mark("Someone said yes and will be in touch."),
    News.OPEN_AGAIN: mark("It is open again. We are asking others."),
    News.OVER: mark("This is over now. We are telling everyone who was asked."),
    News.NEED_CHANGED: mark("We have changed what we ask for."),
    News.STILL_IN_TOUCH: mark("Is someone still in touch with you? Please say so here:"),
    News.WENT_QUIET: mark("We have heard no more from the one who said yes. We are asking others."),
    News.ALL_TRIED: mark("Nobody has answered yet. We keep trying. Numbers you can ring now are here:"),
    News.IN_TROUBLE: mark(
        "Something went wrong on our side. We keep trying. Numbers you can ring now are here:"
    ),
}

_TO_CALLER_BY_NAME: Mapping[News, str] = {
    News.SOMEONE_HAS_IT: mark("{about} said yes and will be in touch."),
    News.OPEN_AGAIN: mark("{about} cannot go on with it. We are asking others."),
    News.STILL_IN_TOUCH: mark("Are you and {about} still in touch? Please say so here:"),
    News.WENT_QUIET: mark("We have heard no more from {about}. We are asking others."),
}

_TO_HOST: Mapping[News, str] = {
    News.ALL_TRIED: mark("{caller} asked, and nobody has answered yet. We keep trying. Please look."),
    News.CONTACT_LOST: mark("{caller} and the one who said yes do not answer us any more. Please look."),
    News.IN_TROUBLE: mark("Something went wrong on our side with what {caller} asked. Please look."),
    News.PROVIDER_REFUSES_US: mark("A provider refuses our account. Please look."),
    News.PROMISE_OPEN: mark(
        "{caller} was promised something, and nobody can do it now. Please ask {caller}."
    ),
}

# What these messages say lies in what they are for.
_NEWS_OF: Mapping[Purpose, News] = {
    Purpose.STAND_DOWN: News.SOMEONE_HAS_IT,
    Purpose.REOPENED: News.OPEN_AGAIN,
    Purpose.ALL_CLEAR: News.OVER,
}

_MONTHS = (
    mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun"),
    mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec"),
)  # fmt: skip


# From all others nothing is kept: what the caller or the host writes back would look like a member's words.
_KEPT_FOR_TAKER = frozenset({Purpose.ASK, Purpose.REOPENED, Purpose.STAND_DOWN})


def asks(brief: Brief) -> bool:
    """Whether the reader can take it by answering this message."""
    return brief.purpose in {Purpose.ASK, Purpose.REOPENED}


def _caller(brief: Brief) -> str:
    return clean_name(brief.caller_name) or translations(brief.language).gettext("Someone")


def _subject(brief: Brief) -> str:
    _ = translations(brief.language).gettext
    if brief.purpose is Purpose.CALLER_NEWS:
        return _("There is news")
    if brief.purpose is Purpose.ASK and (chosen := _chosen(brief)):
        return chosen
    if brief.purpose is Purpose.ASK:
        return _("{caller} asks if you are free").format(caller=_caller(brief))
    return _("About {caller}").format(caller=_caller(brief))


def sentences(brief: Brief) -> list[str]:
    """What a message has to say, before how to answer it."""
    if brief.purpose is Purpose.ASK:
        return [_asked(brief), *_circumstances(brief)]
    said = [_told(brief)]
    if brief.purpose is Purpose.REOPENED:
        said.append(_asked(brief))
    if brief.purpose is Purpose.STAND_DOWN or brief.purpose is Purpose.ALL_CLEAR:
        said.append(
            translations(brief.language)
            .gettext("This is about what {caller} asked.")
            .format(caller=_caller(brief))
        )
    return [*said, *_circumstances(brief)]


def _chosen(brief: Brief) -> str:
    """What the caller chose to be read on this reader's lock screen; empty when they chose nothing."""
    if brief.lock_words == "own":
        return clean_name(brief.lock_words_own, LOCK_WORDS_CHARACTERS_MAX)
    if brief.lock_words not in LOCK_WORDS:
        return ""
    return translations(brief.language).gettext(LOCK_WORDS[brief.lock_words]).format(caller=_caller(brief))


def _asked(brief: Brief) -> str:
    chosen = _chosen(brief)
    if chosen:
        return chosen
    _ = translations(brief.language).gettext
    if brief.need is None:
        return _("{caller} asks if you are free.").format(caller=_caller(brief))
    # A place to sleep and danger have no lesser wish: they are asked for as they are.
    template = _WISHED.get(brief.need, _ASKED[brief.need]) if brief.wished else _ASKED[brief.need]
    return _(template).format(caller=_caller(brief))


def _told(brief: Brief) -> str:
    """The news in one sentence. What no table knows still gets out, with the link to read more."""
    _ = translations(brief.language).gettext
    news = _NEWS_OF.get(brief.purpose, brief.news)
    about = clean_name(brief.about_name or "")
    template: str | None
    if news is None:
        template = None
    elif brief.purpose is Purpose.CALLER_NEWS:
        template = (_TO_CALLER_BY_NAME.get(news) if about else None) or _TO_CALLER.get(news)
    elif brief.purpose is Purpose.HOST_NEWS:
        template = _TO_HOST.get(news)
    elif news is News.NEED_CHANGED and brief.need is not None:
        template = _CHANGED[brief.need]
    elif news is News.SOMEONE_HAS_IT and about:
        template = mark("{about} has it now. You can rest.")
    else:
        template = _TO_MEMBERS.get(news)
    return _(template or mark("There is something new. Please look.")).format(
        caller=_caller(brief), about=about
    )


def _circumstances(brief: Brief) -> list[str]:
    _ = translations(brief.language).gettext
    said = []
    if brief.late_since is not None:
        since = brief.late_since
        said.append(
            _("Sent late: it is from {time} on {day} {month}.").format(
                time=f"{since:%H:%M}", day=since.day, month=_(_MONTHS[since.month - 1])
            )
        )
    # Where an address is shared there is no room for it, and the pages behind the links say it too.
    if brief.again and brief.purpose is Purpose.ASK and len(brief.codes) <= 1:
        said.append(_("Still open, so we ask once more."))
    return said


def _short(brief: Brief) -> str:
    """A text: what is asked, how to answer, the link on a line of its own."""
    lines = [" ".join(sentences(brief))]
    for way in brief.codes:
        lines += [_short_answer(brief, way), way.url]
    return "\n".join(line for line in lines if line)


def _short_answer(brief: Brief, way: AnswerWay) -> str:
    _ = translations(brief.language).gettext
    shared = len(brief.codes) > 1
    name = clean_name(way.name, NAME_SHARED_CHARACTERS_MAX)
    if not asks(brief) or way.code is None:
        return f"{name}:" if shared else ""
    if shared:
        return _("{name}: reply {code}, or NO {code}.").format(name=name, code=way.code)
    return _("Reply {code} if you can, NO if you can't.").format(code=way.code)


def _long(brief: Brief) -> str:
    """A mail: the same sentences with room to breathe. A code is no use here: a mail never answers."""
    _ = translations(brief.language).gettext
    paragraphs = ["\n".join(sentences(brief))]
    if asks(brief) and brief.codes:
        paragraphs.append(
            _("To answer, open this page and choose yes or no. Opening it answers nothing yet.")
        )
    for way in brief.codes:
        named = f"{clean_name(way.name)}:\n" if len(brief.codes) > 1 else ""
        paragraphs.append(named + way.url)
    paragraphs.append(_(_of_replies(brief)))
    service = clean_name(brief.service_name)
    if service:
        paragraphs.append(_("Sent by {service}").format(service=service))
    return "\n\n".join(paragraphs) + "\n"


def _of_replies(brief: Brief) -> str:
    """What becomes of words that are written back to this mail."""
    if not brief.replies_are_read or brief.purpose not in _KEPT_FOR_TAKER:
        return mark("Replies to this mail are not read.")
    if asks(brief):
        return mark("What you write back is kept for the one who says yes. To answer, only the page counts.")
    return mark("What you write back is kept for the one who said yes.")
