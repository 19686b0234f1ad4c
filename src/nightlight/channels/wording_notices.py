"""Every sentence that goes out outside a call: codes, links, practice, news of the circle.

As in `wording`, any of these may light up on a table: none says what the service is for, what
somebody answered, or how anybody is. That is on the page behind the link, which stands on a line of
its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from nightlight.channels import wording_follow_ups
from nightlight.channels.base import Spoken
from nightlight.channels.marking import mark
from nightlight.channels.wording import (
    APP_KINDS,
    LINK_KINDS,
    TEXT_KINDS,
    Words,
    app_words,
    clean_name,
    translations,
)


@dataclass(frozen=True, kw_only=True)
class NoticeBrief:
    """What a message outside a call has to say, and to whom."""

    purpose: str
    service_name: str
    url: str
    caller_name: str = ""
    """Whose circle it is about, as the reader knows them."""
    about_name: str = ""
    """Whom else it speaks of; given only to a reader who may know."""
    code: str = ""
    repeat: bool = False
    """This very message may have been sent before."""
    words: str = ""
    """What somebody wrote to be sent in their name; said as they wrote it."""
    replies_are_read: bool = False
    """What is written back to this way is taken in."""
    language: str = "en"


OWN_WORD_MAX = 60
"""Of two people's own word for "thinking of you"."""

SENTENCES: Mapping[str, str] = {
    "proof": mark("{service}: your code is {code}. Or tap:"),
    "link": mark("Here is your own page:"),
    "practice": mark("Practice. Please tap to show that this still reaches you:"),
    "renewal": mark("{caller}: a short question for you."),
    "keeping": mark("{caller}: a short question for you."),
    "look_again": mark("{about}: a short question for you."),
    "joined": mark("{about} has answered your question."),
    "declined": mark("{about} has answered your question."),
    "left": mark("There is something new from {about}."),
    "paused": mark("There is something new from {about}."),
    "concern": mark("{about} is thinking of you."),
    "concern_answer": mark("{caller} has answered you."),
    "removed": mark("About {caller}: nothing more to do. Thank you."),
    "start": mark("{service}: this link is for you. It works once:"),
    "way_gone": mark("One of your ways does not reach you any more. Please look:"),
    "check_in": mark("A short question for you:"),
    "check_in_missed": mark("{caller} wants you to know something. Please look:"),
    "check_in_came": mark("There is something new from {caller}."),
    "checked_in": mark("A quiet note from {caller}. Nothing to do."),
    "said_not_ok": mark("{caller} wants you to know something. Please look:"),
    "follow_up": mark("A few words from {about}:"),
    "wrote_back": mark("There is something new from {caller}."),
    "how_are_you": mark("A short question for you:"),
    "promise": mark("{caller}: a short question for you."),
    "promise_open": mark("{caller}: a short question for you."),
    "promise_news": mark("There is something new for you."),
    "stay": mark("A short question for you:"),
    "talk": mark("A short question for you:"),
    "thought": mark("{about} is thinking of you."),
    "heard": mark("Thank you. It has arrived. More is here:"),
    "calling": mark("Thank you. It has arrived, and we have begun. How it stands:"),
    "not_calling": mark("That did not work: nothing has begun. Please look here:"),
    "kept_words": mark("Thank you. It has arrived. More is here:"),
    "notes_off": mark("Thank you. These have ended. More is here:"),
    "quiet": mark("It is quiet from now on. To change that:"),
}
"""By purpose. A yes and a no read the same on a locked screen, and so do a pause and a goodbye."""

ANSWERED = frozenset({"follow_up", "how_are_you", "wrote_back"})
"""What is written back to these reaches somebody, where it is taken in at all."""

_IN_AN_APP: Mapping[str, str] = {"proof": mark("Please tap to show that this reaches you.")}
"""What is said otherwise where a tap on the message itself is the answer, and a code has no place."""

_SUBJECTS: Mapping[str, str] = {
    "proof": mark("Your code"),
    "link": mark("Your own page"),
    "practice": mark("Practice"),
    "renewal": mark("A short question"),
    "keeping": mark("A short question"),
    "look_again": mark("A short question"),
    "start": mark("Your link"),
    "check_in": mark("A short question"),
    "way_gone": mark("A short question"),
    "follow_up": mark("A few words"),
    "how_are_you": mark("A short question"),
}


def compose_notice(brief: NoticeBrief, kind: str) -> Words:
    """The words of *brief* for a way of this *kind*; short for `TEXT_KINDS`, `LINK_KINDS` and `APP_KINDS`.

    Raises KeyError for a purpose that nobody has found words for.
    """
    _ = translations(brief.language).gettext
    again = _("(again)") + " " if brief.repeat else ""
    said = again + notice_sentence(brief, in_an_app=kind in APP_KINDS)
    if kind in APP_KINDS:
        return app_words(brief.service_name, said)
    subject = again + _(_SUBJECTS.get(brief.purpose, mark("There is news")))
    is_short = kind in TEXT_KINDS | LINK_KINDS
    return Words(subject=subject, text=_short(brief, said, kind) if is_short else _long(brief, said))


def notice_sentence(brief: NoticeBrief, *, in_an_app: bool = False) -> str:
    """The one sentence of *brief*. Raises KeyError for a purpose that nobody has found words for."""
    sentence = SENTENCES[brief.purpose]
    if brief.purpose == "thought" and brief.words and clean_name(brief.about_name):
        # The two people's own word, which they chose knowing that a locked screen shows it.
        return f"{clean_name(brief.about_name)}: {clean_name(brief.words, OWN_WORD_MAX)}"
    if brief.words:
        return wording_follow_ups.signed(brief.words, _writer(brief))
    if in_an_app:
        sentence = _IN_AN_APP.get(brief.purpose, sentence)
    if "{about}" in sentence and not clean_name(brief.about_name):
        sentence = mark("There is something new. Please look.")
    return translations(brief.language).gettext(sentence).format(**_names(brief), code=brief.code)


def _writer(brief: NoticeBrief) -> str:
    """In whose name something was written: whoever runs the service, when it is nobody's else."""
    return brief.about_name or brief.service_name


def _names(brief: NoticeBrief) -> dict[str, str]:
    someone = translations(brief.language).gettext("Someone")
    return {
        "service": clean_name(brief.service_name) or someone,
        "caller": clean_name(brief.caller_name) or someone,
        "about": clean_name(brief.about_name),
    }


def _short(brief: NoticeBrief, said: str, kind: str) -> str:
    # Where nothing comes back, the page behind the link has the button for it.
    if brief.words and kind in TEXT_KINDS:
        return f"{said}\n{brief.url}\n{wording_follow_ups.how_to_stop(brief.language)}"
    return f"{said}\n{brief.url}"


def _long(brief: NoticeBrief, said: str) -> str:
    """A mail: the same sentence, and why it came."""
    _ = translations(brief.language).gettext
    paragraphs = [said, brief.url]
    if brief.purpose == "proof":
        paragraphs.append(_("If you did not ask for this, leave it: then nothing happens."))
    if brief.purpose == "practice":
        paragraphs.append(_("This is only practice. Nobody needs anything from you."))
    if brief.words and brief.replies_are_read:
        paragraphs.append(wording_follow_ups.who_reads_replies(brief.language, _writer(brief)))
        paragraphs.append(wording_follow_ups.how_to_stop(brief.language))
    elif not brief.replies_are_read or brief.purpose not in ANSWERED:
        paragraphs.append(_("Replies to this mail are not read."))
    service = clean_name(brief.service_name)
    if service:
        paragraphs.append(_("Sent by {service}").format(service=service))
    return "\n\n".join(paragraphs) + "\n"


def compose_test(service_name: str, language: str, kind: str) -> Words:
    """A test of a way of this *kind*, which asks for nothing."""
    _ = translations(language).gettext
    said = _("This is a test. Nobody asks you for anything, and there is nothing to do.")
    if kind in APP_KINDS:
        return app_words(service_name, said)
    service = clean_name(service_name)
    if kind not in TEXT_KINDS and service:
        said += "\n\n" + _("Sent by {service}").format(service=service) + "\n"
    return Words(subject=_("A test"), text=said)


def speak_test(service_name: str, language: str) -> Spoken:
    """The same on a telephone: no key is asked for, and none means anything."""
    _ = translations(language).gettext
    return Spoken(
        said=(
            _("Hello. This is {service}.").format(service=clean_name(service_name) or _("Someone")),
            _("This is a test. Nobody asks you for anything, and there is nothing to do."),
        ),
        language=language,
    )
