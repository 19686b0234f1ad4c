"""Where this project speaks to people: templates, messages, the words of the command line, sample people."""

import ast
from pathlib import Path

from tests.docs.project import modules, name_of, templates, words_on


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
    speaking = [
        path
        for path in modules("src")
        if path.name in {"wording.py", "wording_notices.py", "words.py", "sample.py"}
    ]
    return [(name_of(path), words_on(path)) for path in templates()] + [
        (name_of(path), sentences_of(path)) for path in speaking
    ]
