"""What a campaign says while it runs, and the chance it goes by."""

import random
import sys
from collections.abc import Callable


def on_stderr(name: str) -> Callable[[str], None]:
    """Says how far the campaign called *name* is."""

    def say(text: str) -> None:
        sys.stderr.write(f"{name}: {text}\n")
        sys.stderr.flush()

    return say


def chance_for(seed: int, what: str) -> random.Random:
    """The choices about *what* in the run of this *seed*; how many others are made does not change them."""
    return random.Random(f"{seed} {what}")  # noqa: S311  (a plan, not a secret)
