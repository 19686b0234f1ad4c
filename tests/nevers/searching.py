"""Ways to look for what must never be: in words, in names of the code, in tables, in what is installed.

Each takes what to look through as an argument, so that a test can plant something and see it found.
"""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from django.apps import apps

from tests.docs.project import ROOT, SRC, modules, name_of, templates, words_in, words_on

Found = list[tuple[str, str]]
"""Where something was found, and what."""


def digest(word: str) -> str:
    """How a word that no file may hold is written in a list."""
    return hashlib.sha256(word.lower().encode()).hexdigest()[:16]


def banned(text: str, digests: set[str]) -> list[str]:
    """The words of *text* whose digest is listed, also with an ending, and inside a joinedName."""
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Za-z]+", text)}
    return sorted(word for word in words if any(digest(form) in digests for form in _forms(word)))


def _forms(word: str) -> Iterator[str]:
    yield word
    for ending in ("s", "es", "d", "ed", "er", "ers", "ing", "ings"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            yield word.removesuffix(ending)
            # "hoping" comes from "hope", "stopping" from "stop".
            yield word.removesuffix(ending) + "e"
            yield re.sub(r"(.)\1$", r"\1", word.removesuffix(ending))


def in_texts(pattern: re.Pattern[str], texts: Mapping[str, str]) -> Found:
    """Where *pattern* stands in any of *texts*, each under its name."""
    return [(name, found[0]) for name, text in texts.items() for found in pattern.finditer(text)]


def in_sentences(pattern: re.Pattern[str], texts: Mapping[str, str]) -> Found:
    """The same, sentence by sentence, where the sentence does not deny it."""
    denied = re.compile(r"\b(not|no|never|nobody|nothing|cannot|none)\b|n't\b", re.IGNORECASE)
    return [
        (name, found[0])
        for name, text in texts.items()
        for sentence in re.split(r"(?<=[.?!:])\s+|\n{2,}|\n- ", text)
        for found in pattern.finditer(sentence)
        # "Never alone" does not deny itself.
        if not denied.search(sentence[: found.start()] + sentence[found.end() :])
    ]


# ------------------------------------------------------------------------------------ the code


@cache
def names_in(source: str) -> frozenset[str]:
    """Every name in a piece of Python, and every text in it that is one: keys, columns, codes."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.keyword(arg=str(name)):
                found.add(name)
            case ast.alias(name=name):
                found.update(name.split("."))
            case ast.Constant(value=str(text)) if re.fullmatch(r"[\w-]+", text):
                found.add(text)
    return frozenset(found)


@cache
def parts_of(name: str) -> tuple[str, ...]:
    """The words a name is made of, in small letters."""
    return tuple(part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name))


def names_with(words: re.Pattern[str], sources: Mapping[str, str]) -> Found:
    """Names in *sources* one of whose words is, as a whole, one of *words*."""
    return sorted(
        (where, name)
        for where, source in sources.items()
        for name in names_in(source)
        if any(words.fullmatch(part) for part in parts_of(name))
    )


def code() -> dict[str, str]:
    """Every module of ours."""
    return {name_of(path): path.read_text() for path in modules("src")}


@cache
def imported_by(source: str) -> frozenset[str]:
    """What a piece of Python imports, by its full name: `http.client`, `nightlight.store.sealing.seal`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


def importers_of(wanted: Iterable[str], sources: Mapping[str, str]) -> set[str]:
    """Which of *sources* import any of *wanted*, or something inside it."""
    roots = tuple(wanted)
    return {
        where
        for where, source in sources.items()
        if any(name == root or name.startswith(root + ".") for name in imported_by(source) for root in roots)
    }


# ------------------------------------------------------------------------------------ the data


def columns() -> set[str]:
    """Every column of every table, as `table.column`."""
    return {
        f"{model._meta.db_table}.{field.name}"
        for model in apps.get_app_config("store").get_models()
        for field in model._meta.get_fields()
        if field.concrete
    }


def columns_with(words: re.Pattern[str], among: Iterable[str]) -> list[str]:
    """Columns one of whose words is, as a whole, one of *words*."""
    return sorted(
        column
        for column in among
        if any(words.fullmatch(part) for part in parts_of(column.partition(".")[2]))
    )


# ------------------------------------------------------------------------- pages, and what is installed


def page_sources() -> dict[str, str]:
    """Templates, scripts, style sheets and drawings: everything a browser is given to read."""
    static = [
        path
        for path in sorted((SRC / "web" / "static").rglob("*"))
        if path.is_file() and path.suffix not in {".png", ".gz"}
    ]
    return {name_of(path): path.read_text() for path in [*templates(), *static]}


def page_words() -> dict[str, str]:
    """What every template says."""
    return {name_of(path): words_on(path) for path in templates()}


def spoken(pages: Mapping[str, str]) -> dict[str, str]:
    """What pages say that were really shown."""
    return {name: " ".join(words_in(html).split()) for name, html in pages.items()}


def documents() -> dict[str, str]:
    """Every page of documentation."""
    paths = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
    return {name_of(path): path.read_text() for path in paths}


def packages(requirements: str) -> set[str]:
    """The names of what is installed."""
    return set(re.findall(r"^([A-Za-z0-9][\w.-]*)==", requirements, re.MULTILINE))


def installed() -> set[str]:
    """What this project installs, with everything that brings along."""
    return packages((ROOT / "requirements.txt").read_text())
