"""Nevers of words: on pages, in messages, in documents, in any file."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.browser.conftest import KEPT
from tests.docs.project import ROOT, files, name_of
from tests.nevers.searching import (
    banned,
    digest,
    documents,
    in_sentences,
    in_texts,
    page_sources,
    page_words,
    spoken,
)
from tests.nevers.speaking import words_to_people

# Kept as digests, since the tests too must be free of these words.
METHODS = {
    "017ecc80b28c53e3",
    "090dbf98aeda4440",
    "204e5c49d817ca8f",
    "25f391070d16a050",
    "4dae965881da74b2",
    "54238e9415df5dff",
    "58d4ba9b1d925225",
    "6699ce47d4925835",
    "8a6f16de5fc61407",
    "9b4f1d0e11dcc029",
    "a00f29548b406b5c",
    "c4e1a75a8471a097",
    "c6faa71a15c82dbf",
    "d00204a98cb012d4",
    "e72f713f29ec9b6c",
    "ebaeb202ee2a53fb",
    "ed8f9f77aa6a20e0",
}

# What nobody can promise, and what would be a medical claim.
PROMISES = re.compile(
    r"(?<!not )\bsafe(ly)?\b|\balways\b|guarantee|\bprevents?\b|\btreat(s|ment)?\b|\bdetects?\b|\bmonitors?\b"
    r"|we are here for you|never alone|risk (score|level)",
    re.IGNORECASE,
)
# A document may say that a machine is always on; of people, and of what this does for them, it may not.
CLAIMS = re.compile(
    r"\bkeep(s|ing)? ((you|them|him|her|people|everyone|anyone|somebody|someone) )?safe\b|\bsaves? (a )?li(fe|ves)\b"
    r"|\b(somebody|someone|a person|a human|people|we) (will )?always \w+|\balways (answers?|there|reach(es)?)\b"
    r"|\b(prevents?|treats?|cures?|detects?|diagnos\w+) (a |an |the )?"
    r"(cris[ie]s|harm|distress|illness|deaths?|risks?|people|person|patients?|who)"
    r"|guarantee|never alone|clinically|proven to|\bnightlight never fails",
    re.IGNORECASE,
)
# Counting setbacks, and praise for not having any.
COUNTING = re.compile(
    r"\bstreaks?\b|\bdays? (since|in a row|without|clean|strong)\b|\bin a row\b|\bconfetti\b|\bbadges?\b"
    r"|\bmilestones?\b|\bwell done\b|\bcongratulations\b|\byour progress\b|\blevel up\b|\bpersonal best\b"
    r"|\bkeep it up\b|\b\d+ ?% (done|better|there)",
    re.IGNORECASE,
)
COUNTING_MARKS = re.compile(
    r"<(progress|meter)\b|role=.?(progressbar|meter)|confetti|streak|countdown", re.IGNORECASE
)
# What would make somebody ashamed of calling, of not answering, or of handing over.
GUILT = re.compile(
    r"\blet (\w+ )?down\b|\bdisappoint|\bashamed\b|(?<!not )\byour fault\b|\byou should(n't)? have\b|\byou (ignored|failed|missed|forgot)"
    r"|\b(counting|depend(s|ing)?|rel(ies|ying)) on you\b|\bonly you\b|\bselfish\b|\bblame\b|\bbother(ed|ing)? (them|us|people)"
    r"|\bwhy (did|didn't|haven't) you\b|\bstill haven't\b|\bnobody else (will|can)\b|\bunfortunately you\b"
    r"|\b(second|third|last) (chance|warning|time we ask)\b|\babandon",
    re.IGNORECASE,
)


def naming_a_method(texts: Mapping[str, str], digests: set[str]) -> list[str]:
    return [name for name, text in texts.items() if banned(text, digests)]


def test_n8_words_no_file_names_a_method_or_means() -> None:
    """No list, example or prompt says how anybody could come to harm: in code, pages, papers or tests."""
    texts = {name_of(path): path.read_text() for path in files()}

    assert naming_a_method(texts, METHODS) == []


@pytest.mark.parametrize("planted", ["A lantern hangs.", "lanternsOfAna", "LANTERN_MAX", "lanterning"])
def test_a_word_of_the_list_would_be_found_in_any_form(planted: str) -> None:
    assert naming_a_method({"page": planted, "other": "A lamp."}, {digest("lantern")}) == ["page"]


def pictures(root: Path) -> list[str]:
    """Pictures whose words no test can read."""
    kinds = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp", ".ico", ".pdf", ".mp4", ".webm"}
    made = {"node_modules", "dist", "build", "__pycache__"}
    return [
        path.name
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in kinds
        and not any(part in made or part.startswith(".") for part in path.relative_to(root).parts)
    ]


RINGS = {"icon-192.png", "icon-512.png"}
"""Drawn by tools/draw_icons.py: a ring, without a word."""


def test_n8_pictures_no_picture_hides_words_from_these_tests(tmp_path: Path) -> None:
    """No picture may show what no file may say; those there are show pages whose words are read here."""
    (tmp_path / "shown.png").write_bytes(b"")
    assert pictures(tmp_path) == ["shown.png"]

    assert set(pictures(ROOT)) == {f"{name}.png" for name in KEPT} | RINGS


WORDS = words_to_people()


@pytest.mark.parametrize(("name", "words"), WORDS, ids=[name for name, _ in WORDS])
def test_n50_promises_no_page_and_no_message_promises_what_nobody_can_keep(name: str, words: str) -> None:
    """Not to prevent, treat or detect, not to keep anybody from harm, not that somebody answers."""
    assert in_texts(PROMISES, {name: words}) == []


@pytest.mark.django_db
def test_n50_promises_no_page_that_is_shown_promises_it_either(pages: Mapping[str, str]) -> None:
    """The same, of what the pages of a whole night really say."""
    assert in_texts(PROMISES, spoken(pages)) == []


def test_n50_claims_no_document_claims_it() -> None:
    """Who offers it to others may not be told so either."""
    assert in_sentences(CLAIMS, documents()) == []


@pytest.mark.parametrize(
    "planted",
    [
        "We keep you safe.",
        "Somebody always answers.",
        "It detects distress early.",
        "You are never alone.",
        "It prevents crises.",
        "Nightlight never fails.",
    ],
)
def test_a_promise_would_be_found(planted: str) -> None:
    assert in_sentences(CLAIMS, {"a": f"It is free. {planted}"})


def test_saying_that_it_is_not_promised_is_no_promise() -> None:
    assert in_sentences(CLAIMS, {"a": "It does not promise that somebody always answers."}) == []
    assert in_sentences(CLAIMS, {"a": "It can fail: nobody is kept safe by it."}) == []


def test_a_promise_on_a_page_would_be_found() -> None:
    shown = spoken({"page": '<p>Hello</p><button title="We are here for you">Go</button>'})

    assert in_texts(PROMISES, shown) == [("page", "We are here for you")]


def test_n66_counting_nothing_counts_setbacks_or_celebrates_their_absence() -> None:
    """No streak, no days since, no bar that fills, no confetti: nobody keeps count of anybody."""
    assert in_texts(COUNTING, {**page_words(), **dict(WORDS)}) == []
    assert in_texts(COUNTING_MARKS, page_sources()) == []


@pytest.mark.django_db
def test_n66_counting_no_page_that_is_shown_counts_either(pages: Mapping[str, str]) -> None:
    """The same, of what the pages of a whole night really say."""
    assert in_texts(COUNTING, spoken(pages)) == []
    assert in_texts(COUNTING_MARKS, pages) == []


def test_counting_would_be_found() -> None:
    assert in_texts(COUNTING, {"page": "12 days since your last call. Well done!"}) == [
        ("page", "days since"),
        ("page", "Well done"),
    ]
    assert in_texts(COUNTING_MARKS, {"page": '<progress max="7">', "style": ".streak {}"})


def test_d11_guilt_no_word_makes_anybody_ashamed() -> None:
    """Not of calling, not of saying no, not of silence, not of handing over."""
    assert in_texts(GUILT, {**page_words(), **dict(WORDS)}) == []


@pytest.mark.django_db
def test_d11_guilt_not_on_the_pages_of_a_night_either(pages: Mapping[str, str]) -> None:
    """Sam said no, Bo was silent, Kit went quiet: nobody hears a reproach."""
    assert in_texts(GUILT, spoken(pages)) == []


@pytest.mark.parametrize(
    "planted",
    ["You let Ana down.", "Ana is counting on you.", "You missed this call.", "Why didn't you answer?"],
)
def test_a_reproach_would_be_found(planted: str) -> None:
    assert in_texts(GUILT, {"page": planted})
