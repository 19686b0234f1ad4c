"""The look: small, readable, without anything a strict policy would refuse, and shown whole in docs/look."""

import re
from itertools import product

import pytest

from tests.docs.project import ROOT, SRC, templates
from tests.web.house import House

STATIC = SRC / "web" / "static"
CSS = (STATIC / "nightlight.css").read_text()
SHOWN = (ROOT / "docs" / "look" / "index.html").read_text()

CSS_BYTES_MAX = 25_000
SCRIPT_BYTES_MAX = 6_000
FIRST_PAGE_BYTES_MAX = 60_000
TEXT, DRAWN = 4.5, 3.0
NEEDED = [
    "exit.js",
    "icon-192.png",
    "icon.svg",
    "keep.js",
    "live.js",
    "nightlight.css",
    "trusted.js",
]
"""What the first page fetches."""

# Set on a page by its width, on a piece of one by where it stands, or by a language: not parts.
NOT_PARTS = {"mid", "wide", "desk", "dated"}


def rules() -> str:
    """The selectors of the style sheet, without comments and without what is declared."""
    return re.sub(r"\{[^{}]*\}", " ", re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL))


def test_the_style_sheet_and_the_script_are_small() -> None:
    assert len(CSS.encode()) <= CSS_BYTES_MAX
    assert len((STATIC / "live.js").read_bytes()) <= SCRIPT_BYTES_MAX


@pytest.mark.django_db
def test_the_first_page_is_small_with_everything_it_fetches(house: House) -> None:
    page = house.browser.get(house.own_page()).content
    fetched = re.findall(r'(?:<script src|<link[^>]* href)="/static/([^"]*)"', page.decode())

    assert sorted(fetched) == NEEDED
    assert len(page) + sum((STATIC / name).stat().st_size for name in fetched) <= FIRST_PAGE_BYTES_MAX


def test_no_page_has_a_style_or_a_script_in_it() -> None:
    for template in templates():
        text = template.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), template
        assert not re.search(r"<script(?! src=)", text), template


def test_the_style_sheet_fetches_nothing() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    assert "@font-face" not in CSS


def test_the_page_works_without_the_newest_selectors() -> None:
    assert not re.search(r":has\(|:is\(|:where\(|@layer|@container", CSS)


def test_sides_are_named_by_the_direction_of_reading() -> None:
    """So that a page reads from right to left where its language does."""
    sided = re.findall(
        r"(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)|\b(?:left|right):", CSS
    )

    assert not sided


def test_every_part_is_shown_in_the_docs() -> None:
    parts = set(re.findall(r"\.([a-z][a-z-]*)", rules())) - NOT_PARTS
    shown = {name for names in re.findall(r'class="([^"]*)"', SHOWN) for name in names.split()}

    assert parts <= shown
    assert set(re.findall(r"data-light=([a-z]+)", CSS)) | {"unlit"} == set(
        re.findall(r'data-light="([a-z]+)"', SHOWN)
    )


def test_the_lights_in_the_docs_are_those_of_the_pages() -> None:
    drawing = (SRC / "web" / "templates" / "fragments" / "light.html").read_text().strip()
    before, after = drawing.split("{{ light }}")

    drawn = re.findall(r'<svg class="light".*?</svg>', SHOWN)
    assert drawn
    assert all(one.startswith(before) and one.endswith(after) for one in drawn)


def tokens(scheme: str) -> dict[str, str]:
    """The colours of *scheme*, by name."""
    blocks = re.findall(r":root \{(.*?)\n *\}", CSS, flags=re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in blocks[:2])
    return light if scheme == "light" else {**light, **dark}


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Between 1 and 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


PAIRS = [
    *((text, ground, TEXT) for text, ground in product(("ink", "soft"), ("room", "sheet"))),
    ("room", "ink", TEXT),
    ("lamp-ink", "lamp", TEXT),
    *((edge, ground, DRAWN) for edge, ground in product(("edge", "lamp-edge"), ("room", "sheet"))),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("one", "other", "least"), PAIRS)
def test_everything_can_be_read_in_light_and_in_dark(scheme: str, one: str, other: str, least: float) -> None:
    colours = tokens(scheme)

    assert contrast(colours[one], colours[other]) >= least


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_red(scheme: str) -> None:
    for colour in tokens(scheme).values():
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert not (red > 150 and red > 2 * green and red > 2 * blue), colour
