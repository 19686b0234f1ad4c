"""What somebody who answered by text hears back: each fits one text. Part of `channels.wording`."""

import re
from functools import lru_cache

from nightlight.channels.marking import mark
from nightlight.channels.wording import LOCALE_DIRECTORY, clean_name, translations

WORDS_BEFORE_QUOTE_MIN = 2
"""Who types "Reply 518204", as they were asked to, has hardly so many words before that; our own text has."""

_BESIDE_CODE = (
    mark("Reply {code} if you can, NO if you can't."),
    mark("{name}: reply {code}, or NO {code}."),
)
"""Where `wording` writes the digits into an ask."""


def quotes_ask(text: str, code: str) -> bool:
    """Whether *text* holds our own ask as far as its *code*, in any language: a machine sent it back."""
    before, found, _ = text.partition(code)
    words = re.findall(r"[^\W\d_]+", before.casefold())
    if not found:
        return False
    return any(
        len(words) >= len(ours) + WORDS_BEFORE_QUOTE_MIN and words[-len(ours) :] == list(ours)
        for ours in _before_code()
    )


@lru_cache(maxsize=1)
def _before_code() -> frozenset[tuple[str, ...]]:
    """The words of ours that stand right before the digits, in every language we speak."""
    languages = ["en", *(each.name for each in LOCALE_DIRECTORY.iterdir() if each.is_dir())]
    said = (translations(language).gettext(each) for language in languages for each in _BESIDE_CODE)
    before = (re.split(r"\{code\}", each)[0].rpartition("}")[2] for each in said)
    return frozenset(tuple(re.findall(r"[^\W\d_]+", each.casefold())) for each in before) - {()}


def ask_for_code_text(language: str) -> str:
    """To a plain yes: which ask is meant is known only by its code."""
    return translations(language).gettext(
        "Thank you. So that we know what you mean: please reply with the six digits from our message."
    )


def wrong_code_text(language: str) -> str:
    """To digits that belong to no ask of theirs."""
    return translations(language).gettext(
        "We do not know those digits. Please look at our last message, or use its link."
    )


def too_many_tries_text(language: str) -> str:
    """To the last wrong digits that are listened to."""
    return translations(language).gettext(
        "We still do not know those digits. Please use the link in our message."
    )


def thanks_text(language: str, caller_name: str, url: str) -> str:
    """To the first yes: what to do next is behind *url*, on a line of its own."""
    sentence = translations(language).gettext("Thank you, you have it now. How to reach {caller}:")
    return sentence.format(caller=clean_name(caller_name)) + "\n" + url


def noted_text(language: str) -> str:
    """To a yes of somebody whose time for holding it is used up."""
    return translations(language).gettext("Thank you. We have noted it, and go on asking others too.")


def declined_text(language: str) -> str:
    """To a no."""
    return translations(language).gettext(
        "Thank you for telling us. That is fine. We are asking someone else."
    )


def someone_has_it_text(language: str, about_name: str | None = None) -> str:
    """To a later yes. *about_name* only for readers who may know the other's name."""
    name = clean_name(about_name or "")
    if name:
        return (
            translations(language)
            .gettext("Thank you. {about} has it already. You can rest.")
            .format(about=name)
        )
    return translations(language).gettext("Thank you. Someone has it already. You can rest.")


def its_over_text(language: str) -> str:
    """To an answer that came after the end."""
    return translations(language).gettext("Thank you. It's over now. There is nothing more to do.")


def passed_on_text(language: str) -> str:
    """To words that are no answer, which are kept for whoever has it."""
    return translations(language).gettext("Thank you. We keep your words for the one who said yes.")


def passed_on_by_mail_text(language: str, url: str) -> str:
    """To a mail, which answers nothing whatever it says: the same, and where to answer; *url* on a line of its own."""
    said = translations(language).gettext(
        "Thank you. We keep your words for the one who says yes. A mail is no answer yet: please say yes or no here."
    )
    return f"{said}\n\n{url}\n"


def stopped_text(language: str) -> str:
    """To somebody who texted STOP, by another of their ways: a stopped number is texted no more."""
    return translations(language).gettext(
        "You asked us to send no more texts to your phone, so we have stopped. Your other ways stay as they are."
    )
