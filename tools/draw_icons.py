"""Draw the icons of an installed app from icon.svg's ring: `python tools/draw_icons.py`. Needs nothing installed.

A ring on paper says nothing about what the service is for.
"""

import struct
import zlib
from pathlib import Path

STATIC = Path(__file__).parent.parent / "src" / "nightlight" / "web" / "static"
PAPER, RING = (0xF6, 0xF1, 0xE6), (0x7D, 0x73, 0x5F)
# As in icon.svg, a little smaller: a launcher may cut the corners off.
OUTER, INNER = 0.34, 0.23


def shade(x: float, y: float, size: int) -> tuple[int, ...]:
    """The colour of the pixel at *x*, *y*, with soft edges one pixel wide."""
    far = ((x - size / 2) ** 2 + (y - size / 2) ** 2) ** 0.5
    part = min(max(OUTER * size - far + 0.5, 0), 1) * min(max(far - INNER * size + 0.5, 0), 1)
    return tuple(round(paper + (ring - paper) * part) for paper, ring in zip(PAPER, RING, strict=True))


def png(size: int) -> bytes:
    """A square of *size* pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(
        b"\0" + b"".join(bytes(shade(x + 0.5, y + 0.5, size)) for x in range(size)) for y in range(size)
    )
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


if __name__ == "__main__":
    for size in (192, 512):
        (STATIC / f"icon-{size}.png").write_bytes(png(size))
        print(f"icon-{size}.png")
