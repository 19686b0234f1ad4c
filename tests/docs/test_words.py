"""Words that may not appear: on pages and in messages, or anywhere at all."""

import ast
import hashlib
import re
from pathlib import Path

import pytest

from tests.docs.project import ROOT, SRC, files, modules, name_of, templates, words_on

# The code's words (docs/glossary.md). Somebody frightened, at night, on a phone reads the pages.
CODE_WORDS = re.compile(
    r"\b(alert|incident|escalat\w+|acknowledg\w+|responder|notification|polic(y|ies)|user|recipient)s?\b",
    re.IGNORECASE,
)

# What nobody can promise, and what would be a medical claim.
PROMISES = re.compile(
    r"(?<!not )\bsafe(ly)?\b|\balways\b|guarantee|\bprevents?\b|\btreat(s|ment)?\b|\bdetects?\b|\bmonitors?\b"
    r"|we are here for you|never alone|risk (score|level)",
    re.IGNORECASE,
)

# How a machine speaks of its own troubles, and how nobody speaks at night.
MACHINE_TALK = re.compile(r"delivery failed|unable to process|invalid|illegal|oops|!(?=\s|$)", re.IGNORECASE)

# Two lists are kept as digests, since the tests too must be free of these words. The first names
# methods and means: never, anywhere. The second names the topic: never on a page or in a message.
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


def banned(text: str, digests: set[str]) -> list[str]:
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", text)}
    return [word for word in words if hashlib.sha256(word.encode()).hexdigest()[:16] in digests]


def sentences_of(module: Path) -> str:
    """The strings of a module that are not docstrings: what it may say to somebody."""
    tree = ast.parse(module.read_text())
    silent = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
    ]
    # Keys and codes ("someone_has_it") are not sentences.
    return " ".join(text for text in found if " " in text.strip())


def words_to_people() -> list[tuple[str, str]]:
    """Everything that somebody may read at night: pages, messages, sample people."""
    speaking = [path for path in modules("src") if path.name in {"wording.py", "words.py", "sample.py"}]
    return [(name_of(path), words_on(path)) for path in templates()] + [
        (name_of(path), sentences_of(path)) for path in speaking
    ]


WORDS = words_to_people()


def test_there_are_words_to_look_at() -> None:
    assert any(name.endswith(".html") for name, _ in WORDS)
    assert (name_of(SRC / "channels" / "wording.py")) in dict(WORDS)


@pytest.mark.parametrize(("name", "words"), WORDS, ids=[name for name, _ in WORDS])
def test_no_page_and_no_message_uses_a_word_of_the_code(name: str, words: str) -> None:
    found = CODE_WORDS.search(words)
    assert found is None, found


@pytest.mark.parametrize(("name", "words"), WORDS, ids=[name for name, _ in WORDS])
def test_no_page_and_no_message_promises_what_nobody_can_keep(name: str, words: str) -> None:
    found = PROMISES.search(words)
    assert found is None, found


@pytest.mark.parametrize(("name", "words"), WORDS, ids=[name for name, _ in WORDS])
def test_no_page_and_no_message_talks_like_a_machine(name: str, words: str) -> None:
    found = MACHINE_TALK.search(words)
    assert found is None, found


@pytest.mark.parametrize(("name", "words"), WORDS, ids=[name for name, _ in WORDS])
def test_no_page_and_no_message_names_the_topic(name: str, words: str) -> None:
    assert not banned(words, TOPIC)


def test_no_file_names_a_method() -> None:
    for path in files():
        assert not banned(path.read_text(), METHODS), name_of(path)


def test_no_file_names_a_package_registry() -> None:
    for path in files():
        text = path.read_text()
        assert not [host for host in REGISTRIES if host in text], name_of(path)


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    for path in files():
        text = path.read_text()
        assert not [folder for folder in FOLDERS_OF_ONE_MACHINE if folder in text], name_of(path)


def test_no_page_fetches_anything_from_elsewhere() -> None:
    """No trackers, no fonts, no scripts of others: a page of a call is nobody else's business."""
    for page in templates():
        assert not re.search(r"(src|href|action)=[\"']?(https?:)?//", page.read_text()), name_of(page)


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
