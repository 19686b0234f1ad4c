"""Where words go: data to standard output, talk to standard error."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

import click

GAP = "  "


def show(text: str) -> None:
    """One line, or more, of data."""
    click.echo(text)


def show_json(value: Any) -> None:
    """Data for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def say(text: str) -> None:
    """A word to whoever sits there."""
    click.echo(text, err=True)


def clock_time(moment: datetime, zone: tzinfo) -> str:
    """*moment* as a clock in *zone* shows it, with the date: `2026-11-21 21:04:05`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def show_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table: drawn on a terminal, else plain columns that can be cut and searched."""
    if sys.stdout.isatty():
        _draw(heads, rows)
        return
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        click.echo(GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _draw(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    # Without markup: a name in square brackets is a name. rich itself honours NO_COLOR.
    console = Console(markup=False, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
