"""What is said on a phone, and what is said after a key. Part of `channels.wording`.

Anybody may stand beside the phone, and a machine may keep what is said: the same rules hold as for a
locked screen. Links cannot be spoken, so whoever needs one is sent to their page.
"""

import gettext
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nightlight.channels.base import Spoken
from nightlight.channels.marking import mark
from nightlight.channels.phone_keys import Keys
from nightlight.channels.wording import (
    DOMAIN,
    LOCALE_DIRECTORY,
    NAME_SHARED_CHARACTERS_MAX,
    Brief,
    asks,
    clean_name,
    sentences,
    translations,
)
from nightlight.channels.wording_notices import NoticeBrief, notice_sentence

_DIGITS_TOGETHER = 3
WITH_A_KEY = ("practice", "check_in")
"""Purposes of messages outside a call that a pressed key answers."""


class AfterKey(StrEnum):
    """What a key came to, for the words that follow it."""

    THANKS = "thanks"
    """They have it now."""
    NOTED = "noted"
    DECLINED = "declined"
    SOMEONE_HAS_IT = "someone_has_it"
    ITS_OVER = "its_over"
    REACHES_YOU = "reaches_you"
    """Practice: this way is proven."""
    HEARD = "heard"
    """A sign of life has arrived."""


_AFTER: Mapping[AfterKey, str] = {
    AfterKey.THANKS: mark("Thank you, you have it now."),
    AfterKey.NOTED: mark("Thank you. We have noted it, and go on asking others too."),
    AfterKey.DECLINED: mark("Thank you for telling us. That is fine. We are asking someone else."),
    AfterKey.SOMEONE_HAS_IT: mark("Thank you. Someone has it already. You can rest."),
    AfterKey.ITS_OVER: mark("Thank you. It's over now. There is nothing more to do."),
    AfterKey.REACHES_YOU: mark("Thank you. This reaches you."),
    AfterKey.HEARD: mark("Thank you. It has arrived."),
}


@dataclass(frozen=True, kw_only=True)
class KeyOwner:
    """Somebody at the phone, and their keys for this ring."""

    name: str
    keys: Keys


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How the caller is reached: for the one who has it now, and nobody else."""

    caller_name: str
    number: str = ""
    note: str = ""


def speak(brief: Brief, keys: Sequence[Keys] = ()) -> Spoken:
    """The words of *brief*; *keys* go with the people in `brief.codes`, in their order."""
    named = [name for way in brief.codes if (name := clean_name(way.name, NAME_SHARED_CHARACTERS_MAX))]
    said = [_greeting(brief.service_name, named, brief.language)]
    said += [spoken for each in sentences(brief) if (spoken := _without_link(each, brief.language))]
    owners = [
        KeyOwner(name=way.name, keys=own) for way, own in zip(brief.codes, keys, strict=False) if asks(brief)
    ]
    said += which_keys(owners, brief.language) if owners else [_goodbye(brief.language)]
    return Spoken(said=tuple(said), language=language_of(brief.language), waits_for_key=bool(owners))


def speak_notice(brief: NoticeBrief, keys: Keys | None = None) -> Spoken:
    """The words of a message outside a call; *keys* only where pressing one answers it."""
    _ = translations(brief.language).gettext
    said = [_greeting(brief.service_name, [], brief.language)]
    if brief.purpose == "proof":
        digits = spelled(brief.code)
        said += [_("Your code is: {code}.").format(code=digits), _("Once more: {code}.").format(code=digits)]
        said.append(_("If you did not ask for this, leave it: then nothing happens."))
    elif brief.purpose == "practice" and keys is not None:
        said.append(_("This is only practice. Nobody needs anything from you."))
        said.append(_("To show that this reaches you, press {key}.").format(key=keys.yes))
    elif brief.purpose == "check_in" and keys is not None:
        said.append(_("A short question for you."))
        said.append(_("If you are all right, press {key}.").format(key=keys.yes))
        said.append(_("For anything else, please look at your page."))
    else:
        said.append(_without_link(notice_sentence(brief), brief.language))
        said.append(_goodbye(brief.language))
    return Spoken(
        said=tuple(each for each in said if each),
        language=language_of(brief.language),
        waits_for_key=brief.purpose in WITH_A_KEY and keys is not None,
    )


def which_keys(owners: Sequence[KeyOwner], language: str) -> list[str]:
    """Which key means what, for each of *owners*; named where there is more than one."""
    _ = translations(language).gettext
    if len(owners) == 1:
        [alone] = owners
        return [_("If you can, press {yes}. If you can't, press {no}.").format(**vars(alone.keys))]
    return [
        _("{name}: if you can, press {yes}. If you can't, press {no}.").format(
            name=clean_name(each.name, NAME_SHARED_CHARACTERS_MAX), **vars(each.keys)
        )
        for each in owners
    ]


def say_after(
    after: AfterKey, language: str, *, keys: Keys | None = None, reached: Reached | None = None
) -> Spoken:
    """What follows a key that meant something. *keys*, when the other of them still changes the answer."""
    _ = translations(language).gettext
    said = [_(_AFTER[after])]
    if reached is not None and after is AfterKey.THANKS:
        said += _how_to_reach(reached, language)
    if keys is not None and after in (AfterKey.THANKS, AfterKey.NOTED):
        said.append(_("If you pressed that by mistake, press {no}.").format(no=keys.no))
    if keys is not None and after is AfterKey.DECLINED:
        said.append(_("If you can after all, press {yes}.").format(yes=keys.yes))
    return Spoken(said=tuple(said), language=language_of(language), waits_for_key=keys is not None)


def say_wrong_key(owners: Sequence[KeyOwner], language: str) -> Spoken:
    """What follows a key that means nothing."""
    said = (translations(language).gettext("That key means nothing here."), *which_keys(owners, language))
    return Spoken(said=said, language=language_of(language), waits_for_key=bool(owners))


def language_of(tag: str) -> str:
    """The language in which sentences for a reader of *tag* really are."""
    name = tag.replace("-", "_") if re.fullmatch(r"[A-Za-z]{2,8}([_-][A-Za-z0-9]{2,8})*", tag) else "en"
    return tag if gettext.find(DOMAIN, LOCALE_DIRECTORY, [name]) else "en"


def spelled(digits: str) -> str:
    """*digits* one by one, with a rest after every few, so that they can be written down."""
    only = re.sub(r"\D", "", digits)
    together = [only[at : at + _DIGITS_TOGETHER] for at in range(0, len(only), _DIGITS_TOGETHER)]
    return ", ".join(" ".join(group) for group in together)


def _greeting(service: str, names: Sequence[str], language: str) -> str:
    _ = translations(language).gettext
    spoken_service = clean_name(service) or _("Someone")
    if not names:
        return _("This is {service}.").format(service=spoken_service)
    return _("This is {service}, for {names}.").format(service=spoken_service, names=", ".join(names))


def _goodbye(language: str) -> str:
    return translations(language).gettext("There is nothing to press. Goodbye.")


def _without_link(sentence: str, language: str) -> str:
    """*sentence*; where it leads up to a link, what comes before that, and where the link is found."""
    if not sentence.endswith(":"):
        return sentence
    kept = re.match(r".*[.?!](?=\s)", sentence)
    look = translations(language).gettext("Please look at your page.")
    return f"{kept.group()} {look}" if kept else look


def _how_to_reach(reached: Reached, language: str) -> list[str]:
    _ = translations(language).gettext
    name = clean_name(reached.caller_name) or _("Someone")
    number = spelled(reached.number)
    if not number:
        look = _("How to reach {caller} is on the page in our other messages.").format(caller=name)
        return [look]
    said = [_("You reach {caller} at: {number}.").format(caller=name, number=number)]
    if reached.note:
        said.append(clean_name(reached.note, 200) + ".")
    said.append(_("Once more: {code}.").format(code=number))
    return said
