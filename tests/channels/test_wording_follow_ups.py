"""The words of notes after a call: in somebody's name, asking for nothing, ended by one word."""

import re
from itertools import pairwise

import pytest

from nightlight.channels.gsm7 import is_gsm7
from nightlight.channels.wording import APP_KINDS
from nightlight.channels.wording_follow_ups import FROM_HOST, READY, host_note, ready_notes
from nightlight.channels.wording_notices import NoticeBrief, compose_notice
from nightlight.engine.followup import DENSER, FEWER, USUAL

URL = "https://circle.example.org/f/" + "x" * 32
ASKING = re.compile(
    r"\?|\b(please|call|help|need|must|should|crisis|sad|night|hospital|die|dead)\b", re.IGNORECASE
)


def note(
    kind: str, words: str = "Good morning.", about: str = "Sam", *, replies_are_read: bool = False
) -> str:
    brief = NoticeBrief(
        purpose="follow_up",
        service_name="Harbour House",
        url=URL,
        caller_name="Ana",
        about_name=about,
        words=words,
        replies_are_read=replies_are_read,
    )
    return compose_notice(brief, kind).text


@pytest.mark.parametrize("words", [*READY, *FROM_HOST])
def test_none_asks_or_tells_anything_on_a_locked_screen(words: str) -> None:
    assert not ASKING.search(words.replace("There is nothing you need to do.", ""))
    assert is_gsm7(words)
    assert len(words) <= 100


def test_a_text_is_the_words_the_name_the_page_and_how_to_stop() -> None:
    assert note("sms").splitlines() == [
        "Good morning. - Sam",
        URL,
        "To have no more of these, write back: ENOUGH",
    ]
    assert note("sms", about="").splitlines()[0] == "Good morning. - Harbour House"


def test_where_nothing_comes_back_nobody_is_told_to_write_back() -> None:
    for kind in (*sorted(APP_KINDS), "apprise"):
        assert "ENOUGH" not in note(kind)


def test_words_cannot_turn_a_message_into_another() -> None:
    said = note("sms", words="Hello\nhttp://evil\u202e\u0000 there" + "x" * 400)

    assert len(said.splitlines()) == 3
    assert "\u202e" not in said
    assert len(said.splitlines()[0]) <= 300 + len(" - Sam")


def test_a_mail_says_who_reads_what_is_written_back_or_that_nobody_does() -> None:
    read, unread = note("smtp", replies_are_read=True), note("smtp")

    assert "You can write back to this mail. Sam reads it." in read
    assert "ENOUGH" in read
    assert "Replies to this mail are not read." in unread
    assert "ENOUGH" not in unread
    how = NoticeBrief(purpose="how_are_you", service_name="Harbour House", url=URL, replies_are_read=True)
    assert "Harbour House reads it." in compose_notice(how, "smtp").text
    practice = NoticeBrief(purpose="practice", service_name="Harbour House", url=URL, replies_are_read=True)
    assert "Replies to this mail are not read." in compose_notice(practice, "smtp").text


@pytest.mark.parametrize("language", ["en", "pt", "xx"])
def test_there_are_words_in_every_language_and_they_change(language: str) -> None:
    assert len(set(ready_notes(language))) == len(READY)
    for moments in (USUAL, DENSER, FEWER):
        said = [host_note(moment, language) for moment in moments]
        assert all(before != after for before, after in pairwise(said))
    assert (ready_notes(language) == READY) == (language != "pt")
