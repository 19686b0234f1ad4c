"""The words of messages: short, kind, neutral, and never without their link."""

import inspect
import itertools
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from nightlight.channels import wording, wording_replies
from nightlight.channels.gsm7 import is_gsm7, segments
from nightlight.channels.wording import AnswerWay, Brief, clean_name, compose
from nightlight.engine.effects import News, Purpose
from nightlight.engine.needs import Need
from tests.channels.stories import LINK

LATE = datetime(2026, 11, 21, 3, 4)  # noqa: DTZ001  (the reader's own local time has no zone to show)
LONG_LINK = LINK[:60].ljust(60, "x")
SAMS = AnswerWay(name="Sam", url=LINK, code="518204")
BOS = AnswerWay(name="Bo", url=LINK.replace("Hq3v", "Bo3v"), code="204518")
ASK = Brief(
    purpose=Purpose.ASK, service_name="Harbour House", caller_name="Ana", need=Need.TALK, codes=(SAMS,)
)

EVERY_MESSAGE = [
    replace(ASK, purpose=purpose, news=news, need=need, about_name=about)
    for purpose, news, need, about in itertools.product(Purpose, [None, *News], [None, *Need], [None, "Bo"])
]


def ask(**changes: object) -> str:
    return compose(replace(ASK, **changes), "sms").text  # type: ignore[arg-type]


def told(purpose: Purpose, news: News, **changes: object) -> str:
    return compose(replace(ASK, purpose=purpose, news=news, **changes), "sms").text  # type: ignore[arg-type]


def test_sam_is_asked_by_text() -> None:
    assert ask() == f"Ana asks if you can talk.\nReply 518204 if you can, NO if you can't.\n{LINK}"


def test_sam_is_asked_by_mail_which_says_that_nobody_reads_replies() -> None:
    words = compose(ASK, "smtp")
    assert words.subject == "Ana asks if you are free"
    assert words.text.splitlines() == [
        "Ana asks if you can talk.",
        "",
        "To answer, open this page and choose yes or no. Opening it answers nothing yet.",
        "",
        LINK,
        "",
        "Replies to this mail are not read.",
        "",
        "Sent by Harbour House",
    ]


def test_where_replies_are_read_the_mail_says_for_whom_and_that_they_answer_nothing() -> None:
    def last(purpose: Purpose, news: News | None = None) -> str:
        brief = replace(ASK, purpose=purpose, news=news, replies_are_read=True)
        return compose(brief, "smtp").text.splitlines()[-3]

    asks = "What you write back is kept for the one who says yes. To answer, only the page counts."
    assert last(Purpose.ASK) == last(Purpose.REOPENED) == asks
    assert last(Purpose.STAND_DOWN) == "What you write back is kept for the one who said yes."
    for purpose in (Purpose.ALL_CLEAR, Purpose.CALLER_NEWS, Purpose.HOST_NEWS, Purpose.TAKER_NEWS):
        assert last(purpose, News.OVER) == "Replies to this mail are not read."


def test_a_code_is_offered_only_where_a_reply_is_read() -> None:
    assert "518204" in compose(ASK, "sms").text
    assert "518204" in compose(ASK, "sample-text").text
    assert "518204" not in compose(ASK, "smtp").text
    assert "518204" not in compose(ASK, "sample-mail").text


def test_without_a_code_no_reply_is_asked_for() -> None:
    assert ask(codes=(replace(SAMS, code=None),)) == f"Ana asks if you can talk.\n{LINK}"


def test_what_nobody_offered_is_said_as_a_wish() -> None:
    assert ask(need=Need.COMPANY, wished=True).startswith(
        "Ana would like company. Could you at least talk?\n"
    )
    assert ask(need=Need.STAY, wished=True).startswith("Ana asks for a place to sleep tonight.\n")


def test_who_was_asked_before_hears_so() -> None:
    assert "Still open, so we ask once more." in ask(again=True)
    assert "once more" not in ask()


def test_a_message_that_may_have_gone_out_before_is_marked() -> None:
    words = compose(replace(ASK, repeat=True), "smtp")
    assert (words.subject, words.text.splitlines()[0]) == (
        "(again) Ana asks if you are free",
        "(again) Ana asks if you can talk.",
    )


def test_a_message_that_is_late_because_of_us_says_from_when_it_is() -> None:
    assert "Sent late: it is from 03:04 on 21 Nov." in ask(late_since=LATE)


def test_at_a_shared_address_each_line_names_its_person() -> None:
    assert ask(codes=(SAMS, BOS)).splitlines() == [
        "Ana asks if you can talk.",
        "Sam: reply 518204, or NO 518204.",
        SAMS.url,
        "Bo: reply 204518, or NO 204518.",
        BOS.url,
    ]
    mail = compose(replace(ASK, codes=(SAMS, BOS)), "smtp").text
    assert f"Sam:\n{SAMS.url}\n\nBo:\n{BOS.url}\n" in mail


def test_the_others_may_rest_and_hear_a_name_only_when_it_is_given() -> None:
    rest = told(Purpose.STAND_DOWN, News.SOMEONE_HAS_IT)
    assert rest == f"Someone else has it now. You can rest. This is about what Ana asked.\n{LINK}"
    assert "Bo has it now. You can rest." in told(Purpose.STAND_DOWN, News.SOMEONE_HAS_IT, about_name="Bo")


def test_when_it_is_open_again_it_can_be_answered_again() -> None:
    assert told(Purpose.REOPENED, News.OPEN_AGAIN).splitlines() == [
        "It is open again. Ana asks if you can talk.",
        "Reply 518204 if you can, NO if you can't.",
        LINK,
    ]


def test_everyone_told_hears_that_it_is_over() -> None:
    assert told(Purpose.ALL_CLEAR, News.OVER).startswith(
        "It's over now. There is nothing more to do. Thank you."
    )


def test_the_taker_hears_what_changed() -> None:
    assert told(Purpose.TAKER_NEWS, News.NEED_CHANGED, need=Need.COME) == (
        f"Ana now asks if someone can come over.\n{LINK}"
    )
    assert "something new about Ana" in told(Purpose.TAKER_NEWS, News.CHECK_IN_JOINED)
    assert "Are you and Ana still in touch?" in told(Purpose.TAKER_NEWS, News.STILL_IN_TOUCH)


def test_ana_hears_who_has_it_that_they_went_quiet_that_all_were_tried_and_that_it_is_over() -> None:
    to_ana = Purpose.CALLER_NEWS
    assert told(to_ana, News.SOMEONE_HAS_IT, about_name="Sam").startswith(
        "Sam said yes and will be in touch."
    )
    assert told(to_ana, News.WENT_QUIET, about_name="Sam").startswith(
        "We have heard no more from Sam. We are asking others."
    )
    assert told(to_ana, News.ALL_TRIED).startswith("Nobody has answered yet. We keep trying.")
    assert told(to_ana, News.OVER).startswith("This is over now.")
    assert told(to_ana, News.STILL_IN_TOUCH, about_name="Sam").startswith("Are you and Sam still in touch?")


def test_what_ana_is_sent_does_not_name_her() -> None:
    """Somebody else may look at her phone."""
    for news, kind in itertools.product([None, *News], ["sms", "smtp"]):
        words = compose(replace(ASK, purpose=Purpose.CALLER_NEWS, news=news), kind)
        assert "Ana" not in words.subject + words.text


def test_mira_hears_that_all_were_tried_and_that_contact_was_lost() -> None:
    assert "nobody has answered yet" in told(Purpose.HOST_NEWS, News.ALL_TRIED, codes=())
    assert "do not answer us any more" in told(Purpose.HOST_NEWS, News.CONTACT_LOST, codes=())


@pytest.mark.parametrize("kind", ["sms", "smtp", "sample-text", "sample-mail", "one not there yet"])
def test_whatever_is_to_be_said_has_words_and_its_link_on_a_line_of_its_own(kind: str) -> None:
    for brief in EVERY_MESSAGE:
        words = compose(brief, kind)
        assert LINK in words.text.splitlines()
        assert len(words.text.splitlines()[0]) > len("Ana.")
        assert words.subject
        assert "{" not in words.subject + words.text


def test_only_who_is_asked_is_given_a_code() -> None:
    for brief in EVERY_MESSAGE:
        has_code = "518204" in compose(brief, "sms").text
        assert has_code is (brief.purpose in {Purpose.ASK, Purpose.REOPENED})


def test_nothing_on_a_lock_screen_shows_what_this_is() -> None:
    """Neither what is asked of a circle, nor how anybody is, nor what kind of service writes."""
    telling = re.compile(
        r"\b(help|crisis|support\w*|safe\w*|danger|emergency|urgent|alone|circle|ladder|alert|call|check-in)\b",
        re.IGNORECASE,
    )
    for brief, kind in itertools.product(EVERY_MESSAGE, ["sms", "smtp"]):
        words = compose(brief, kind)
        assert telling.search(words.subject) is None
        # The link's own words are the host's: they chose the address.
        assert telling.search(words.text.replace(LINK, "")) is None, words.text


def test_no_reply_is_asked_for_that_a_carrier_keeps_for_itself() -> None:
    carriers = re.compile(r"\b(reply|text|send|answer)\b[^.]*\b(STOP|START|YES|HELP|CANCEL|END|QUIT)\b")
    for brief in EVERY_MESSAGE:
        assert carriers.search(compose(brief, "sms").text) is None


def test_one_persons_text_never_takes_more_than_two_segments() -> None:
    """With the longest names of plain letters, a link of 60 signs, and everything there is to add."""
    name = "W" * 40
    way = AnswerWay(name=name, url=LONG_LINK, code="518204")
    for brief in EVERY_MESSAGE:
        longest = replace(
            brief,
            caller_name=name,
            about_name=brief.about_name and name,
            codes=(way,),
            wished=True,
            again=True,
            repeat=True,
            late_since=LATE,
        )
        for wished in (True, False):
            text = compose(replace(longest, wished=wished), "sms").text
            assert is_gsm7(text)
            assert segments(text) <= 2, text


def test_a_shared_text_takes_two_segments_and_a_third_only_when_it_is_late() -> None:
    name = "W" * 40
    ways = tuple(AnswerWay(name=name, url=LONG_LINK, code=code) for code in ("518204", "204518"))
    for brief, wished in itertools.product(EVERY_MESSAGE, (True, False)):
        shared = replace(brief, caller_name=name, codes=ways, wished=wished, again=True, repeat=True)
        if brief.purpose is Purpose.ASK:
            assert segments(compose(shared, "sms").text) <= 2
        assert segments(compose(replace(shared, late_since=LATE), "sms").text) <= 3


REPLIES: list[Callable[[], str]] = [
    lambda: wording_replies.ask_for_code_text("en"),
    lambda: wording_replies.wrong_code_text("en"),
    lambda: wording_replies.too_many_tries_text("en"),
    lambda: wording_replies.thanks_text("en", "W" * 40, LONG_LINK),
    lambda: wording_replies.noted_text("en"),
    lambda: wording_replies.declined_text("en"),
    lambda: wording_replies.someone_has_it_text("en"),
    lambda: wording_replies.someone_has_it_text("en", "W" * 40),
    lambda: wording_replies.its_over_text("en"),
    lambda: wording_replies.passed_on_text("en"),
    lambda: wording_replies.stopped_text("en"),
]


@pytest.mark.parametrize("reply", REPLIES)
def test_each_thing_a_texter_hears_back_fits_one_text(reply: Callable[[], str]) -> None:
    assert segments(reply()) == 1


def test_every_reply_is_looked_at_here() -> None:
    texts = {
        name for name, _ in inspect.getmembers(wording_replies, inspect.isfunction) if name.endswith("_text")
    }
    looked_at = {name for reply in REPLIES for name in reply.__code__.co_names if name.endswith("_text")}
    # By mail, which has room.
    assert texts == looked_at | {"passed_on_by_mail_text"}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Ana", "Ana"),
        ("  Ana \t Maria ", "Ana Maria"),
        ("Ana\r\nBcc: noa", "Ana Bcc: noa"),
        ("Ana\u202e\u200b\u2066", "Ana"),
        ("A\u0301na", "\u00c1na"),
        ("Ana\u2028Noa", "Ana Noa"),
        ("Ana\x00\x1b", "Ana"),
        ("W" * 100, "W" * 24),
        ("{need}", "{need}"),
        ("\u200b", ""),
    ],
)
def test_a_name_stays_a_name(written: str, shown: str) -> None:
    assert clean_name(written) == shown


def test_a_name_that_is_nothing_but_signs_does_not_leave_a_gap() -> None:
    assert ask(caller_name="\u200b\n").startswith("Someone asks if you can talk.")


def test_a_name_in_braces_is_no_template() -> None:
    assert ask(caller_name="{need}").startswith("{need} asks if you can talk.")


def _catalogue(sentences: dict[str, str]) -> bytes:
    """A compiled catalogue of *sentences*, as msgfmt makes it."""
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **sentences}.items())
    texts = [text.encode() for pair in zip(*pairs, strict=True) for text in pair]
    offset, table, body = 28 + 16 * len(pairs), b"", b""
    for text in texts:
        table += struct.pack("<II", len(text), offset + len(body))
        body += text + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 28)
    return head + table + body


def test_a_language_with_a_catalogue_is_spoken_and_any_other_is_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pt_BR" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = {"{caller} asks if you can talk.": "{caller} pergunta se você pode conversar."}
    (folder / f"{wording.DOMAIN}.mo").write_bytes(_catalogue(catalogue))
    monkeypatch.setattr(wording, "LOCALE_DIRECTORY", tmp_path)
    assert ask(language="pt-BR").startswith("Ana pergunta se você pode conversar.")
    assert ask(language="de").startswith("Ana asks if you can talk.")


@pytest.mark.parametrize("language", ["", "..", "../../etc", "en/../..", "\x00", "x" * 5000, "xx-YY"])
def test_no_language_can_lead_anywhere(language: str) -> None:
    assert ask(language=language).startswith("Ana asks if you can talk.")
