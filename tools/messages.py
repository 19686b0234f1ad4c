"""Every sentence that is shown or sent, for those who translate: `make messages`.

Reads the templates and the code, brings `src/nightlight/locale/*/LC_MESSAGES/django.po` up to date and
writes the `.mo` beside each. One catalogue serves the pages and the messages. What changed in English
loses its translation: a sentence that says something else than the original is worse than English.
With `--check` nothing is written; exit 1 when something is missing or not up to date.
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "nightlight"
LOCALE = PACKAGE / "locale"
KEYWORDS: dict[
    str, tuple[int, ...] | tuple[tuple[int, str], int] | tuple[tuple[int, str], int, int] | None
] = {
    "_": None,
    "gettext": None,
    "gettext_noop": None,
    "mark": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
A_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""In every catalogue: the same sentences make the same file."""


def sources() -> Iterator[tuple[str, str]]:
    """Path and Python-like text of everything that may hold a sentence."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"migrations", "simulator", "bench"} & set(path.parts):
            yield path.relative_to(ROOT).as_posix(), path.read_text()
    for path in sorted((PACKAGE / "web" / "templates").rglob("*.html")):
        name = path.relative_to(ROOT).as_posix()
        yield name, templatize(path.read_text(), origin=name)


def template() -> Catalog:
    """Every sentence in English, with where it stands."""
    catalog = Catalog(project="Nightlight", charset="utf-8", header_comment="# The words of Nightlight.")
    for name, text in sources():
        found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
        for _, message, _, context in found:
            flags = ["python-format"] if "%(" in str(message) else []
            catalog.add(message, locations=[(name, 0)], flags=flags, context=context)
    return catalog


def updated(path: Path, english: Catalog) -> Catalog:
    """The catalogue at *path* with exactly the sentences there are today."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parent.parent.name)
    catalog.update(english, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def written(catalog: Catalog) -> tuple[bytes, bytes]:
    """The bytes of the `.po` and the `.mo` of *catalog*, the same for the same sentences."""
    catalog.creation_date = catalog.revision_date = A_DAY
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalog, width=100, include_lineno=False, sort_by_file=True, omit_header=False)
    write_mo(mo, catalog)
    return po.getvalue(), mo.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """The sentences that are not translated."""
    empty = (message for message in catalog if message.id)
    return [str(each.id) for each in empty if not all(_strings(each.string))]


def _strings(string: object) -> tuple[str, ...]:
    return tuple(map(str, string)) if isinstance(string, list | tuple) else (str(string or ""),)


def main(arguments: list[str]) -> int:
    """Bring every catalogue up to date, or say what is not."""
    settings.configure(USE_I18N=True) if not settings.configured else None
    check, wrong, english = "--check" in arguments, 0, template()
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        catalog = updated(path, english)
        po, mo = written(catalog)
        stale = not (path.read_bytes() == po and path.with_suffix(".mo").is_file()) or (
            path.with_suffix(".mo").read_bytes() != mo
        )
        left = missing(catalog)
        print(f"{path.relative_to(ROOT)}: {len(catalog)} sentences, {len(left)} not translated")
        if check:
            wrong += stale + len(left)
            if stale:
                print("  not up to date; run `make messages`")
        else:
            path.write_bytes(po)
            path.with_suffix(".mo").write_bytes(mo)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
