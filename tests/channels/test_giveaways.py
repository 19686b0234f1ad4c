"""Every message, in every language: nothing on a lock screen says what this is."""

import inspect
import itertools
import re
from collections.abc import Iterator

import pytest
from django.conf import settings

from nightlight.channels import wording, wording_replies
from nightlight.channels.wording import LOCK_WORDS, Brief, compose
from nightlight.channels.wording_notices import NoticeBrief, compose_notice
from nightlight.engine.needs import Need
from nightlight.store.notices import NoticePurpose
from tests.channels.stories import LINK
from tests.channels.test_wording import EVERY_MESSAGE

LANGUAGES = [code for code, _ in settings.LANGUAGES]
GIVEAWAYS = {
    "en": r"suicid\w*|crisis|mental\w*|health\w*|therap\w*|counsel\w*|psych\w*|depress\w*|anxi\w*|panic\w*|self.?harm\w*"
    r"|harm\w*|hurt\w*|abus\w*|violen\w*|danger\w*|unsafe|safe\w*|emergenc\w*|urgent\w*|ambulance|police|hospital\w*"
    r"|help ?line|hot ?line|support\w*|circle|ladder|responder|call(ed|s|er)?|alert\w*|struggl\w*|suffer\w*|die\w*|death",
    "pt": r"suic[ií]d\w*|crise\w*|ment(al|ais)|sa[uú]de|terap\w*|psic\w*|depress\w*|ansi\w*|p[aâ]nico|mago\w*|feri\w*"
    r"|abus\w*|viol[eê]n\w*|perig\w*|segur[ao]\w*|emerg[eê]n\w*|urgen\w*|ambul[aâ]n\w*|pol[ií]cia|hospita\w*|linha de"
    r"|apoi\w*|c[ií]rculo\w*|alerta\w*|sofr\w*|mort\w*|morr\w*",
}
"""Words that would tell somebody beside the phone what a message is for, or how its writer is."""


def messages(language: str) -> Iterator[str]:
    """Everything that can be sent in *language*: subjects and texts, of every kind."""
    for message, kind in itertools.product(EVERY_MESSAGE, ("sms", "smtp", "push")):
        yield from _both(_in(message, language), kind)
    for key, need in itertools.product(LOCK_WORDS, Need):
        chosen = Brief(
            purpose=EVERY_MESSAGE[0].purpose,
            service_name="Harbour House",
            caller_name="Ana",
            need=need,
            language=language,
            lock_words=key,
        )
        yield from _both(chosen, "sms")
    yield from replies(language)
    for purpose, kind in itertools.product(NoticePurpose, ("sms", "smtp", "push")):
        yield from _notice(purpose, kind, language)


def replies(language: str) -> Iterator[str]:
    """What somebody who answered by text hears back."""
    for name, reply in inspect.getmembers(wording_replies, inspect.isfunction):
        if name.endswith("_text"):
            wanted = inspect.signature(reply).parameters
            given = {"caller_name": "Ana", "url": LINK, "about_name": "Bo"}
            yield reply(language, **{key: given[key] for key in wanted if key in given})


def _notice(purpose: NoticePurpose, kind: str, language: str) -> tuple[str, str]:
    brief = NoticeBrief(
        purpose=purpose,
        service_name="Harbour House",
        url=LINK,
        caller_name="Ana",
        about_name="Sam",
        code="518204",
        language=language,
    )
    words = compose_notice(brief, kind)
    return words.subject, words.text


def _in(message: Brief, language: str) -> Brief:
    return Brief(**{**vars(message), "language": language})


def _both(message: Brief, kind: str) -> tuple[str, str]:
    words = compose(message, kind)
    return words.subject, words.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_of_any_language_gives_anything_away(language: str) -> None:
    found = re.compile(rf"\b({GIVEAWAYS[language]})\b", re.IGNORECASE)
    walked = list(messages(language))

    assert len(walked) > 500
    assert [text for text in walked if found.search(re.sub(r"https?://\S+", "", text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_giveaway_would_be_found(language: str) -> None:
    planted = {"en": "Ana is in a crisis", "pt": "Ana está em crise"}[language]
    assert re.search(rf"\b({GIVEAWAYS[language]})\b", planted, re.IGNORECASE)


def test_every_language_has_a_list() -> None:
    assert set(LANGUAGES) == GIVEAWAYS.keys()
    assert wording.LOCALE_DIRECTORY.is_dir()
