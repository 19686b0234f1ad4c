"""The words of notes after a call: what members may choose from, and what the host says when none lends their name.

They ask for nothing and name nothing: they light up on a table like every other message. In the trials that
such notes come from, short ones that want no answer worked (Motto and Bostrom 2001).
"""

from collections.abc import Sequence

from nightlight.channels.marking import mark
from nightlight.channels.wording import clean_name, translations

WORDS_CHARACTERS_MAX = 300

READY: Sequence[str] = (
    mark("Good morning. I'm glad you're here."),
    mark("Just thinking of you. You don't have to answer."),
    mark("I saw something today that made me think of you."),
    mark("I hope something small is good today."),
    mark("No news here, only a hello."),
    mark("I like having you in my life."),
    mark("I'm around this week, if you feel like a walk or a talk."),
    mark("You matter to me. That's all this is about."),
    mark("Some time has passed, and I still think of you."),
)
"""What a member may choose, to be sent in their name; said as one friend to another."""

FROM_HOST: Sequence[str] = (
    mark("Good morning. We hope that today is gentle with you."),
    mark("Just a few words to say that we think of you. You don't have to answer."),
    mark("We hope that things are all right with you. We are glad that you are here."),
    mark("A hello from us. There is nothing you need to do."),
)
"""What whoever runs the service says when no member lends their name."""


def ready_notes(language: str) -> tuple[str, ...]:
    """What a member may choose, in *language*: that of the one who will read it."""
    _ = translations(language).gettext
    return tuple(_(each) for each in READY)


def host_note(moment: str, language: str) -> str:
    """What the host says at *moment*: not the same twice running."""
    count = int("".join(filter(str.isdecimal, moment)) or 0)
    place = 3 + count if moment.endswith("m") else sum(count > days for days in (1, 4, 10, 20))
    return translations(language).gettext(FROM_HOST[place % len(FROM_HOST)])


def signed(words: str, name: str) -> str:
    """*words* on one line, with whose they are."""
    said, by = clean_name(words, WORDS_CHARACTERS_MAX), clean_name(name)
    return f"{said} - {by}" if by else said


def how_to_stop(language: str) -> str:
    """How no more of them come."""
    return translations(language).gettext("To have no more of these, write back: ENOUGH")


def who_reads_replies(language: str, name: str) -> str:
    """In a mail whose answers are taken in: who reads them."""
    _ = translations(language).gettext
    return _("You can write back to this mail. {name} reads it.").format(
        name=clean_name(name) or _("Someone")
    )
