"""What a campaign says while it runs, and the chance it goes by."""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def on_stderr(name: str) -> Callable[[str], None]:
    """Says how far the campaign called *name* is."""

    def say(text: str) -> None:
        sys.stderr.write(f"{name}: {text}\n")
        sys.stderr.flush()

    return say


def chance_for(seed: int, what: str) -> random.Random:
    """The choices about *what* in the run of this *seed*; how many others are made does not change them."""
    return random.Random(f"{seed} {what}")  # noqa: S311  (a plan, not a secret)


Advance = Callable[[int], None]
"""Says that so many more are done."""


@contextmanager
def bar(what: str, total: int) -> Iterator[Advance]:
    """A bar on standard error that shows how many of *total* are done; nothing where nobody watches."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count: progress.advance(task, count)
