"""What a text means that came back. Only a clear yes is a yes; what is unclear answers nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlight.engine.replies import Meaning, ReadReply, read_reply


@pytest.mark.parametrize(
    "text",
    [
        "518204",
        " 518204.\n",
        "518204 ok",
        "Yes 518204",
        "YES!!! 518204 on my way",
        "Ok, I'll ring her now (518204)",
        "518204 be there in 10",
        "no problem, 518204",
        "straight away 518204",
        "518 204",
        "518-204",
        "518204 518204",
        "in the end 518204",
        "\u0665\u0661\u0668\u0662\u0660\u0664",  # Arabic-Indic
        "\uff15\uff11\uff18\uff12\uff10\uff14",  # full width
        "\u096b\u0967\u096e\u0968\u0966\u096a ok",  # Devanagari
    ],
)
def test_the_digits_and_few_words_are_a_yes(text: str) -> None:
    assert read_reply(text) == ReadReply(meaning=Meaning.YES_WITH_CODE, code="518204")


@pytest.mark.parametrize(
    "text",
    [
        "no 518204",
        "no sorry 518204",
        "518204 NO",
        "can\u2019t 518204",
        "Sorry I can't 518204",
        "ok no 518204",
    ],
)
def test_a_refusal_beside_the_digits_is_a_no(text: str) -> None:
    assert read_reply(text) == ReadReply(meaning=Meaning.NO, code="518204")


@pytest.mark.parametrize(
    "text", ["NO", "no", "No.", "nope", "no sorry", "Sorry, can't", "I can't right now", "not now"]
)
def test_a_plain_refusal_is_a_no(text: str) -> None:
    assert read_reply(text) == ReadReply(meaning=Meaning.NO)


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "Yes!",
        "ok",
        "coming",
        "I'm on my way",
        "no problem",
        "\U0001f44d",
        "51820",
        "Stop worrying, I'm coming",
    ],
)
def test_a_yes_without_its_digits_asks_for_them(text: str) -> None:
    assert read_reply(text) == ReadReply(meaning=Meaning.PLAIN_YES)


@pytest.mark.parametrize(
    "text",
    [
        "I am out of office until Monday 12 October. Your message 518204 will be read when I am back at my desk.",
        "Automatic reply: 518204",
        "Liked \u201cAna asks for you. Reply 518204 if you can, NO if you can't\u201d",
        "518204?",
        "who is this 518204",
        "maybe 518204",
        "518204 518205",
        "my number is 447700900123",
        "I can't talk but I'm coming 518204",
        "Sorry 518204",
        "stop texting me 518204",
        "what's wrong",
        "",
        "?",
        "1",
    ],
)
def test_what_is_unclear_answers_nothing(text: str) -> None:
    assert read_reply(text).meaning is Meaning.OTHER


@pytest.mark.parametrize(
    "text", ["STOP", "stop.", "Stop please", "STOPALL", "stop all", "Unsubscribe", "CANCEL", "end", "QUIT"]
)
def test_a_carriers_stop_alone_is_a_stop(text: str) -> None:
    assert read_reply(text) == ReadReply(meaning=Meaning.STOP)


def test_stop_beside_the_digits_stops_and_cancel_beside_them_is_a_no() -> None:
    assert read_reply("stop 518204") == ReadReply(meaning=Meaning.STOP, code="518204")
    assert read_reply("cancel 518204") == ReadReply(meaning=Meaning.NO, code="518204")


def test_start_and_help_belong_to_the_carrier() -> None:
    assert read_reply("Start").meaning is Meaning.START
    assert read_reply("HELP!").meaning is Meaning.HELP


def test_one_word_too_many_beside_the_digits_is_no_answer() -> None:
    assert read_reply("518204 " + "word " * 8).meaning is Meaning.YES_WITH_CODE
    assert read_reply("518204 " + "word " * 9).meaning is Meaning.OTHER


@given(st.text())
def test_whatever_is_sent_back_is_read_without_a_fault(text: str) -> None:
    read = read_reply(text)

    assert read.code == "" or read.code.isdecimal()
    assert len(read.code) in (0, 6)
    assert read.meaning is not Meaning.YES_WITH_CODE or read.code


@given(st.text(), st.sampled_from(["no", "can't", "?"]))
def test_nothing_around_a_refusal_makes_a_yes_of_it(text: str, refusal: str) -> None:
    assert read_reply(f"518204 {refusal} . {text}").meaning is not Meaning.YES_WITH_CODE
