"""The words outside calls: neutral on a locked screen, short, and never without their link."""

import re

import pytest

from nightlight.channels.gsm7 import segments
from nightlight.channels.wording import APP_KINDS
from nightlight.channels.wording_notices import (
    SENTENCES,
    NoticeBrief,
    compose_notice,
    compose_test,
    speak_test,
)
from nightlight.store.notices import NoticePurpose
from nightlight.worker.noticing import PAGES

URL = "https://circle.example.org/p/" + "x" * 32
# What would tell whoever glances at the phone what this is about, how somebody is, or what they said.
TELLING = re.compile(
    r"\b(help|need|needs|support\w*|circle|call\w*|alone|worried|sorry|sad|bad|ill|crisis|night|danger\w*|tonight"
    r"|agree\w*|declin\w*|refus\w*|yes|no|left|leave|leaving|removed|pause\w*)\b",
    re.IGNORECASE,
)


def brief(purpose: str, **changes: str) -> NoticeBrief:
    fields = {
        "service_name": "Harbour House",
        "caller_name": "Ana",
        "about_name": "Sam",
        "code": "518204",
        **changes,
    }
    return NoticeBrief(purpose=purpose, url=URL, **fields)  # type: ignore[arg-type]


def test_every_purpose_has_words_and_a_page() -> None:
    assert set(SENTENCES) == {purpose.value for purpose in NoticePurpose}
    assert set(PAGES) == set(NoticePurpose)


def test_what_each_says_in_a_text() -> None:
    said = {purpose: compose_notice(brief(purpose), "sms").text.splitlines()[0] for purpose in NoticePurpose}

    assert said == {
        "proof": "Harbour House: your code is 518204. Or tap:",
        "link": "Here is your own page:",
        "practice": "Practice. Please tap to show that this still reaches you:",
        "renewal": "Ana: a short question for you.",
        "keeping": "Ana: a short question for you.",
        "look_again": "Sam: a short question for you.",
        "joined": "Sam has answered your question.",
        "declined": "Sam has answered your question.",
        "left": "There is something new from Sam.",
        "paused": "There is something new from Sam.",
        "concern": "Sam is thinking of you.",
        "concern_answer": "Ana has answered you.",
        "removed": "About Ana: nothing more to do. Thank you.",
        "start": "Harbour House: this link is for you. It works once:",
        "way_gone": "One of your ways does not reach you any more. Please look:",
        "check_in": "A short question for you:",
        "check_in_missed": "Ana wants you to know something. Please look:",
        "check_in_came": "There is something new from Ana.",
        "checked_in": "A quiet note from Ana. Nothing to do.",
        "said_not_ok": "Ana wants you to know something. Please look:",
        "follow_up": "A few words from Sam:",
        "wrote_back": "There is something new from Ana.",
        "how_are_you": "A short question for you:",
        "promise": "Ana: a short question for you.",
        "promise_open": "Ana: a short question for you.",
        "promise_news": "There is something new for you.",
        "stay": "A short question for you:",
        "talk": "A short question for you:",
        "thought": "Sam is thinking of you.",
        "heard": "Thank you. It has arrived. More is here:",
        "calling": "Thank you. It has arrived, and we have begun. How it stands:",
        "not_calling": "That did not work: nothing has begun. Please look here:",
        "kept_words": "Thank you. It has arrived. More is here:",
        "notes_off": "Thank you. These have ended. More is here:",
        "quiet": "It is quiet from now on. To change that:",
    }


def test_two_peoples_own_word_is_said_as_they_chose_it() -> None:
    words = compose_notice(brief("thought", words="blue otter"), "sms")
    assert words.text.splitlines()[0] == "Sam: blue otter"
    long = compose_notice(brief("thought", words="o" * 500 + "\n" + URL), "sms")
    assert long.text.splitlines()[0] == "Sam: " + "o" * 60


@pytest.mark.parametrize("purpose", NoticePurpose)
@pytest.mark.parametrize("kind", ["sms", "smtp", "push"])
def test_nothing_on_a_locked_screen_tells_what_it_is_about(purpose: NoticePurpose, kind: str) -> None:
    words = compose_notice(brief(purpose), kind)
    first = words.text.splitlines()[0]

    assert TELLING.findall(f"{words.subject} {first}") == []


def test_a_telling_word_would_be_found() -> None:
    assert TELLING.findall("Ana needs help tonight, and Sam declined.") == [
        "needs",
        "help",
        "tonight",
        "declined",
    ]


@pytest.mark.parametrize("purpose", NoticePurpose)
@pytest.mark.parametrize("kind", ["sms", "sample-text", "smtp", "sample-mail"])
def test_the_link_stands_on_a_line_of_its_own(purpose: NoticePurpose, kind: str) -> None:
    assert compose_notice(brief(purpose), kind).text.splitlines().count(URL) == 1


@pytest.mark.parametrize("purpose", NoticePurpose)
@pytest.mark.parametrize("name", ["W" * 80, "Ελένη Παπαδοπούλου Χατζη", "Ana\n\u202eevil", ""])
def test_a_text_takes_two_segments_at_most_whatever_the_names(purpose: NoticePurpose, name: str) -> None:
    long = brief(purpose, service_name=name, caller_name=name, about_name=name)
    text = compose_notice(long, "sms").text

    assert len(text.splitlines()) == 2
    assert "\u202e" not in text
    assert segments(text) <= 2


def test_without_a_name_it_still_says_something() -> None:
    assert compose_notice(brief("left", about_name=""), "sms").text == (
        f"There is something new. Please look.\n{URL}"
    )
    assert compose_notice(brief("renewal", caller_name=""), "sms").text.startswith("Someone: a short")


def test_a_mail_says_why_it_came_and_that_replies_are_not_read() -> None:
    words = compose_notice(brief("practice"), "smtp")

    assert words.subject == "Practice"
    assert "This is only practice. Nobody needs anything from you." in words.text
    assert words.text.endswith("Replies to this mail are not read.\n\nSent by Harbour House\n")
    assert "If you did not ask for this, leave it" in compose_notice(brief("proof"), "smtp").text


def test_what_may_have_been_sent_before_says_so() -> None:
    again = NoticeBrief(purpose="link", service_name="", url=URL, repeat=True)

    assert compose_notice(again, "sms").text == f"(again) Here is your own page:\n{URL}"


@pytest.mark.parametrize("language", ["en", "pt"])
def test_a_test_says_that_it_is_one_and_nothing_else(language: str) -> None:
    text = compose_test("Harbour House", language, "sms")
    mail = compose_test("Harbour House", language, "smtp")
    spoken = speak_test("Harbour House", language)

    assert segments(text.text) == 1
    assert "test" in text.subject.lower()
    assert text.text in mail.text
    assert "Harbour House" in mail.text
    assert "Harbour House" not in text.text  # a text has no room, and its number is known
    assert text.text == spoken.said[-1]
    # No key means anything on a telephone, so nothing can be answered by one.
    assert not spoken.waits_for_key
    assert (text.subject == "A test") == (language == "en")


@pytest.mark.parametrize("kind", sorted(APP_KINDS))
def test_a_test_in_an_app_is_one_sentence_under_the_services_name(kind: str) -> None:
    words = compose_test("Harbour House", "en", kind)

    assert words.subject == "Harbour House"
    assert words.text == "This is a test. Nobody asks you for anything, and there is nothing to do."
