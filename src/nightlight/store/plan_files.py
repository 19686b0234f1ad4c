"""How sealed files travel, and how large each may be. What is inside them nobody here can tell."""

import base64

PART_BYTES_MAX = 40 * 1024
"""A page of 32 KiB, the largest there is, and what sealing adds."""
PARTS_MAX = 40
SLOT_BYTES_MAX = 4 * 1024
SLOTS_MAX = 20
LABEL_CHARACTERS_MAX = 40
SHARES_MAX = 200
HALF_BYTES_MAX = 2 * 1024
NOTE_BYTES_MAX = 20 * 1024
NOTES_MAX = 20
"""Of one writer, for one person."""
CARD_CHARACTERS_MAX = 1000


def written(body: bytes | memoryview) -> str:
    """*body* as base64 in letters an address may hold, without padding."""
    return base64.urlsafe_b64encode(bytes(body)).rstrip(b"=").decode()


def read(line: str) -> bytes:
    """The bytes that `written` wrote as *line*. Raises `ValueError` when it wrote no such line."""
    body = base64.urlsafe_b64decode(line + "=" * (-len(line) % 4))
    if written(body) != line:
        raise ValueError("not base64url without padding")
    return body
