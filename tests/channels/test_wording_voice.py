"""What is said on a phone: whose, for whom, in what language, and nothing that tells a bystander what this is."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from nightlight.channels.phone_keys import KEYS, PEOPLE_MAX, Keys, keys_for
from nightlight.channels.wording import AnswerWay
from nightlight.channels.wording_notices import SENTENCES, NoticeBrief
from nightlight.channels.wording_voice import (
    AfterKey,
    KeyOwner,
    Reached,
    language_of,
    say_after,
    say_wrong_key,
    speak,
    speak_notice,
    spelled,
)
from nightlight.engine.effects import News, Purpose
from nightlight.engine.needs import Need
from tests.channels.test_giveaways import GIVEAWAYS, LANGUAGES
from tests.channels.test_wording import ASK, EVERY_MESSAGE

PAIR = Keys(yes="4", no="7")
BRIEF = replace(
    ASK,
    service_name="Harbour",
    codes=(AnswerWay(name="Sam", url="https://x.example.org/a/1", code="518204"),),
)


def said(**changes: object) -> str:
    return " ".join(speak(replace(BRIEF, **changes), [PAIR]).said)  # type: ignore[arg-type]


def notice(purpose: str, keys: Keys | None = None, language: str = "en") -> str:
    brief = NoticeBrief(
        purpose=purpose,
        service_name="Harbour",
        url="https://x.example.org/s/1",
        caller_name="Ana",
        about_name="Sam",
        code="518204",
        language=language,
    )
    return " ".join(speak_notice(brief, keys).said)


def test_an_ask_says_whose_it_is_for_whom_and_how_to_answer() -> None:
    assert said(need=Need.TALK) == (
        "This is Harbour, for Sam. Ana asks if you can talk. If you can, press 4. If you can't, press 7."
    )


def test_the_words_the_person_chose_are_the_ones_that_are_said() -> None:
    assert "Cup of tea? Ana" in said(need=Need.DANGER, lock_words="tea")
    assert "Got a minute?" in said(lock_words="own", lock_words_own="Got a minute?")
    assert "right now" not in said(need=Need.DANGER, lock_words="tea")


def test_in_portuguese_every_word_is_portuguese() -> None:
    spoken = speak(replace(BRIEF, language="pt", need=Need.TALK), [PAIR])

    assert spoken.language == "pt"
    assert not re.search(r"\b(this|is|for|press|you|can|asks)\b", " ".join(spoken.said), re.IGNORECASE)
    assert {"4", "7"} <= set(re.findall(r"\d", " ".join(spoken.said)))


@pytest.mark.parametrize(
    ("tag", "spoken"),
    [("en", "en"), ("pt", "pt"), ("fr", "en"), ("", "en"), ("../../x", "en"), ("en-GB", "en")],
)
def test_a_language_nobody_translated_is_spoken_as_the_english_it_is(tag: str, spoken: str) -> None:
    assert language_of(tag) == spoken


def test_no_message_holds_a_link_or_ends_in_a_colon_and_only_asks_have_keys() -> None:
    for brief in EVERY_MESSAGE:
        spoken = speak(replace(brief, codes=BRIEF.codes), [PAIR])
        words = " ".join(spoken.said)
        assert "http" not in words
        assert ":" not in words
        assert "{" not in words
        assert spoken.waits_for_key is ("press 4" in words)
        assert spoken.waits_for_key is (brief.purpose in (Purpose.ASK, Purpose.REOPENED))


def test_where_a_link_would_stand_the_page_is_named() -> None:
    asked = said(purpose=Purpose.CALLER_NEWS, news=News.STILL_IN_TOUCH, need=None)

    assert "Is someone still in touch with you? Please look at your page." in asked


@pytest.mark.parametrize("purpose", sorted(SENTENCES))
def test_every_message_outside_calls_can_be_said(purpose: str) -> None:
    words = notice(purpose, PAIR if purpose == "practice" else None)

    assert words.startswith("This is Harbour.")
    assert "http" not in words
    assert ("press 4" in words) is (purpose == "practice")


def test_a_code_is_said_twice_digit_by_digit() -> None:
    assert notice("proof").count("5 1 8, 2 0 4.") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_is_said_gives_anything_away(language: str) -> None:
    found = re.compile(rf"\b({GIVEAWAYS[language]})\b", re.IGNORECASE)
    reached = Reached(caller_name="Ana", number="+447700900456")
    owners = [KeyOwner(name="Sam", keys=PAIR), KeyOwner(name="Bo", keys=Keys(yes="2", no="3"))]
    every = [
        *(speak(replace(brief, codes=BRIEF.codes, language=language), [PAIR]) for brief in EVERY_MESSAGE),
        *(say_after(after, language, keys=PAIR, reached=reached) for after in AfterKey),
        say_after(AfterKey.THANKS, language, reached=Reached(caller_name="Ana")),
        say_wrong_key(owners, language),
        say_wrong_key([], language),
    ]
    words = [" ".join(spoken.said) for spoken in every] + [notice(p, PAIR, language) for p in SENTENCES]

    assert len(words) > 400
    assert [each for each in words if found.search(each)] == []


def test_how_ana_is_reached_is_said_to_nobody_but_who_has_it() -> None:
    reached = Reached(caller_name="Ana", number="+447700900456", note="ring twice")
    for after in AfterKey:
        words = " ".join(say_after(after, "en", keys=PAIR, reached=reached).said)
        assert ("4 5 6" in words) is (after is AfterKey.THANKS)
        assert ("ring twice" in words) is (after is AfterKey.THANKS)


def test_numbers_are_spelled() -> None:
    assert spelled("+44 7700 900456") == "4 4 7, 7 0 0, 9 0 0, 4 5 6"
    assert spelled("") == ""


# ------------------------------------------------------------------------------------------- keys


def test_keys_are_distinct_and_never_those_that_machines_press() -> None:
    for ring in range(500):
        found = keys_for(f"ring{ring}", [f"token{place}" for place in range(PEOPLE_MAX)])
        keys = [key for own in found for key in (own.yes, own.no)]
        assert len(keys) == len(set(keys)) == 2 * PEOPLE_MAX
        assert set(keys) <= set(KEYS)
    assert not set(KEYS) & set("01*#")


def test_every_key_is_announced_about_as_often_as_any_other() -> None:
    counted = Counter(keys_for(f"ring{ring}", ["token"])[0].yes for ring in range(8000))

    assert set(counted) == set(KEYS)
    assert all(850 < count < 1150 for count in counted.values())


def test_both_sides_come_to_the_same_and_the_first_whoever_else_is_there() -> None:
    assert keys_for("ring", ["a", "b"]) == keys_for("ring", ["a", "b"])
    assert keys_for("ring", ["a"])[0] == keys_for("ring", ["a", "b"])[0]
    assert len(keys_for("ring", list("abcdef"))) == PEOPLE_MAX
    assert keys_for("ring", []) == ()


def test_whoever_knows_the_ring_but_not_the_token_knows_no_key() -> None:
    found = {keys_for("ring", [f"token{each}"])[0].yes for each in range(200)}

    assert found == set(KEYS)
