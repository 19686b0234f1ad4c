"""The reference pages name every setting, command and address there is, and no other."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from nightlight.cli.main import main
from nightlight.intake.circle_file import parse_circle_file
from tests.docs.project import ROOT, SRC, files, name_of

REFERENCE = ROOT / "docs" / "reference"
HEADING = re.compile(r"^### `([^`]+)`", re.MULTILINE)
SETTING = re.compile(r"\bNIGHTLIGHT_[A-Z_]*[A-Z]\b")
FENCE = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]+)(?:#[^)]*)?\)")

PAGES = [path for path in files() if path.suffix == ".md"]
TODAY = date(2026, 11, 21)


def settings_in(text: str) -> set[str]:
    return {name.removesuffix("_FILE") for name in SETTING.findall(text)}


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        else:
            yield " ".join((*above, name)), command


def routes(patterns: list[URLPattern | URLResolver], above: str = "/") -> Iterator[str]:
    for pattern in patterns:
        here = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, here)
        else:
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", here)


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    documented = set(HEADING.findall((REFERENCE / "settings.md").read_text()))

    assert documented == settings_in((SRC / "config.py").read_text())


def test_no_page_speaks_of_a_setting_that_does_not_exist() -> None:
    documented = set(HEADING.findall((REFERENCE / "settings.md").read_text()))
    for page in PAGES:
        strangers = settings_in(page.read_text()) - documented - {"NIGHTLIGHT_TEST_DATABASE_URL"}
        assert not strangers, name_of(page)


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    documented = set(HEADING.findall((REFERENCE / "cli.md").read_text()))

    assert documented == {f"nightlight {name}" for name, _ in commands(main)}


def test_every_option_of_every_command_is_documented() -> None:
    sections = dict(
        re.findall(
            r"^### `([^`]+)`\n(.*?)(?=^##|\Z)", (REFERENCE / "cli.md").read_text(), re.MULTILINE | re.DOTALL
        )
    )
    for name, command in commands(main):
        for parameter in command.params:
            # `--data` is told once, for all of them, at the head of the page.
            if isinstance(parameter, click.Option) and not parameter.hidden and parameter.name != "data":
                assert f"`{parameter.opts[0]}" in sections[f"nightlight {name}"], (name, parameter.opts)


def test_every_address_is_documented() -> None:
    page = (REFERENCE / "http.md").read_text()
    for route in routes(get_resolver().url_patterns):
        assert f"`{route}`" in page or f" {route}`" in page, route


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


def test_every_import_file_shown_can_be_imported() -> None:
    examples = [(name_of(page), text) for page in PAGES for text in FENCE.findall(page.read_text())]

    assert len(examples) >= 2
    for name, text in examples:
        assert parse_circle_file(text.encode(), file=name, today=TODAY).circles
