"""The project's own files, for the tests that read them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "src" / "nightlight"

_MADE_BY_TOOLS = {"node_modules", "dist", "build"}
_TEXT = {".py", ".md", ".toml", ".txt", ".html", ".css", ".js", ".json", ".sh", ".cfg", ".conf", ".svg", ""}


def files() -> Iterator[Path]:
    """Every text file of the project, but none that tools made."""
    for path in sorted(ROOT.rglob("*")):
        folders = path.relative_to(ROOT).parts[:-1]
        if any(part in _MADE_BY_TOOLS or (part.startswith(".") and part != ".ci") for part in folders):
            continue
        if path.name == ".git":  # in a second worktree it is a file, and says where the first one lies
            continue
        if "__pycache__" not in folders and path.is_file() and path.suffix in _TEXT:
            yield path


def modules(*folders: str) -> list[Path]:
    """Every Python file under *folders* of the project, migrations excepted: Django writes those."""
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts and "node_modules" not in path.parts
    ]


def name_of(path: Path) -> str:
    """The path as one would write it in a message."""
    return str(path.relative_to(ROOT))


def templates() -> list[Path]:
    """Every page and fragment."""
    return sorted(path for path in SRC.rglob("templates/**/*") if path.is_file())


class _Reader(HTMLParser):
    """Collects what a reader of a page meets: its text, and the attributes that are shown or spoken."""

    seen = ("alt", "title", "aria-label", "aria-description", "placeholder", "value", "content", "label")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in {"script", "style"}
        # The value of a hidden or checked field is for the server; that of a button is read.
        is_button = dict(attrs).get("type") in {"submit", "button"}
        for name, value in attrs:
            if value and name in self.seen and (name != "value" or is_button):
                self.found.append(value)

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(data)


def words_on(template: Path) -> str:
    """What a reader meets on a page: no markup, no template code, but the sentences inside it."""
    source = template.read_text()
    spoken = re.findall(r"{%\s*(?:translate|trans)\s+([\"'])(.*?)\1", source)
    fallbacks = re.findall(r"\|default(?:_if_none)?:([\"'])(.*?)\1", source)
    source = re.sub(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", " ", source, flags=re.DOTALL)
    source = re.sub(r"{%.*?%}|{{.*?}}", " ", source, flags=re.DOTALL)
    return " ".join([words_in(source), *(text for _, text in spoken + fallbacks)])


def words_in(html: str) -> str:
    """What a reader meets in *html*."""
    reader = _Reader()
    reader.feed(html)
    return " ".join(reader.found)
