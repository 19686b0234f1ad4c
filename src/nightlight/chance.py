"""The only place that draws by chance: ids, tokens and digits.

The simulator brings a source of its own, so that one number repeats a whole history.
"""

import base64
import secrets
from collections.abc import Callable

ID_BYTES = 16

Source = Callable[[int], bytes]
"""Gives so many bytes that nobody can guess."""


class _Process:
    """Where this process draws from."""

    source: Source = secrets.token_bytes


def use(source: Source | None) -> None:
    """Draw from *source* from now on; None goes back to what nobody can guess."""
    _Process.source = source or secrets.token_bytes


def new_id() -> str:
    """A fresh opaque id: 32 letters and digits, so that a gateway may echo it."""
    return _Process.source(ID_BYTES).hex()


def new_token(count: int) -> str:
    """A fresh token of *count* bytes, in characters that an address may hold."""
    return base64.urlsafe_b64encode(_Process.source(count)).rstrip(b"=").decode()


def digits(count: int) -> str:
    """So many fresh digits, each as likely as any other."""
    # A byte from 250 up would make the low digits likelier, so it is drawn again.
    drawn: list[str] = []
    while len(drawn) < count:
        (byte,) = _Process.source(1)
        if byte < 250:
            drawn.append(str(byte % 10))
    return "".join(drawn)
