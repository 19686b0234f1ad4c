"""A mail as a page: the same words, nothing to load, and nothing that a name could bring into it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from nightlight.channels.wording import compose
from nightlight.channels.wording_html import as_page
from tests.channels.stories import LINK
from tests.channels.test_wording import ASK, EVERY_MESSAGE

LOADS = re.compile(
    r"\b(src|srcset|background|data|poster|action)\s*=|url\(|@import|<(link|img|script|iframe|form)",
    re.IGNORECASE,
)


class Seen(HTMLParser):
    """What a reader of the page sees, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words = ""
        self.links: list[str | None] = []
        self.tags: set[str] = set()
        self._silent = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._silent = tag in {"title", "style"} or self._silent
        self.links += [value for name, value in attrs if name == "href"]
        self.words += "\n" * (tag == "br") + "\n\n" * (tag == "p")

    def handle_endtag(self, tag: str) -> None:
        self._silent = self._silent and tag not in {"title", "style"}

    def handle_data(self, data: str) -> None:
        self.words += "" if self._silent else data


def seen(text: str, subject: str = "About Ana", language: str = "en") -> Seen:
    return Seen(as_page(subject, text, language))


def words(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_the_page_says_what_the_text_says_and_its_link_can_be_tapped() -> None:
    text = compose(ASK, "smtp").text
    page = seen(text)
    assert words(page.words) == words(text)
    assert page.links == [LINK]


@pytest.mark.parametrize("language", ["en", "pt"])
def test_every_message_as_a_page_says_the_same_and_loads_nothing(language: str) -> None:
    for brief in EVERY_MESSAGE:
        text = compose(replace(brief, language=language), "smtp").text
        page = as_page("x", text, language)
        assert words(Seen(page).words) == words(text)
        assert not LOADS.search(page)
        assert f'<html lang="{language}">' in page


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title></head><body onload=evil()>",
        "&lt;b&gt;",
        "Ana</p><a href='https://evil.example.net'>here</a>",
    ],
)
def test_no_name_can_bring_anything_into_the_page(name: str) -> None:
    page = Seen(as_page(name, f"{name} asks if you can talk.\n\n{LINK}\n", "en"))
    assert page.tags <= {"html", "head", "meta", "title", "style", "body", "p", "br", "a"}
    assert name in page.words
    assert set(page.links) <= {LINK, "https://evil.example.net'>here</a>"}


def test_a_page_in_a_language_without_words_says_that_it_is_english() -> None:
    assert '<html lang="en">' in as_page("x", "words", "xx")
    assert '<html lang="en">' in as_page("x", "words", '"><script>')


def test_it_is_made_for_light_and_dark() -> None:
    page = as_page("x", "words", "en")
    assert "prefers-color-scheme: dark" in page
    assert '<meta name="color-scheme" content="light dark">' in page
