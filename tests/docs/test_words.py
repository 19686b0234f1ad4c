"""Words that may not appear: on pages and in messages, or anywhere at all. More are in tests/nevers."""

import re

import pytest

from tests.docs.project import ROOT, SRC, files, modules, name_of
from tests.nevers.searching import banned
from tests.nevers.speaking import words_to_people

# The code's words (docs/glossary.md). Somebody frightened, at night, on a phone reads the pages.
CODE_WORDS = re.compile(
    r"\b(alert|incident|escalat\w+|acknowledg\w+|responder|notification|polic(y|ies)|user|recipient)s?\b",
    re.IGNORECASE,
)

# How a machine speaks of its own troubles, and how nobody speaks at night.
MACHINE_TALK = re.compile(r"delivery failed|unable to process|invalid|illegal|oops|!(?=\s|$)", re.IGNORECASE)

# Kept as digests, since the tests too must be free of these words: they name the topic.
TOPIC = {
    "0ac9dd0c507ea996",
    "22c90970f55ec117",
    "34d6231c09aa82a5",
    "38012c26a53b255b",
    "5304378d007825cc",
    "5d26ffd87ab6c37d",
    "74fd2e753c4e2cd9",
    "ad12f62c45fc1344",
    "c75766c44feb40f5",
    "e7684586cdf72449",
    "ed3c98fa0214f094",
}

# Put together here, so that this file does not contain what it looks for.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
    )
]
FOLDERS_OF_ONE_MACHINE = ["/" + "work/", "/" + "root/", "/" + "home/"]


WORDS = words_to_people()


def test_there_are_words_to_look_at() -> None:
    assert any(name.endswith(".html") for name, _ in WORDS)
    assert (name_of(SRC / "channels" / "wording.py")) in dict(WORDS)


@pytest.mark.parametrize(("name", "words"), WORDS, ids=[name for name, _ in WORDS])
def test_no_page_and_no_message_uses_a_word_of_the_code(name: str, words: str) -> None:
    found = CODE_WORDS.search(words)
    assert found is None, found


@pytest.mark.parametrize(("name", "words"), WORDS, ids=[name for name, _ in WORDS])
def test_no_page_and_no_message_talks_like_a_machine(name: str, words: str) -> None:
    found = MACHINE_TALK.search(words)
    assert found is None, found


@pytest.mark.parametrize(("name", "words"), WORDS, ids=[name for name, _ in WORDS])
def test_no_page_and_no_message_names_the_topic(name: str, words: str) -> None:
    assert not banned(words, TOPIC)


def test_no_file_names_a_package_registry() -> None:
    for path in files():
        text = path.read_text()
        assert not [host for host in REGISTRIES if host in text], name_of(path)


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    for path in files():
        # The one address of ours that begins like a folder.
        text = path.read_text().replace("/home/now", "")
        assert not [folder for folder in FOLDERS_OF_ONE_MACHINE if folder in text], name_of(path)


def test_sample_numbers_come_from_the_range_kept_for_fiction() -> None:
    for path in files():
        if path.name.startswith("requirements") or path.suffix in {".css", ".svg", ".json"}:
            continue
        for number in re.findall(r"\+44[ \d]{9,}", path.read_text()):
            assert number.replace(" ", "").startswith("+447700900"), (name_of(path), number)


def test_sample_addresses_come_from_the_domains_kept_for_examples() -> None:
    for path in [*modules("src", "tests"), ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for domain in re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)*\.[a-z]+)\b", path.read_text()):
            assert domain.lower().endswith(("example.org", "example.com", "example.net")), (
                name_of(path),
                domain,
            )
