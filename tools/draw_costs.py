"""Draw the pictures of cost against size in docs/operating/costs, from what `nightlight bench` measured.

`python tools/draw_costs.py` draws docs/operating/costs/costs.json anew; with files of what `nightlight bench … --json`
printed it first takes those in. Each picture follows the reader's light or dark, and says its figures in words.
"""

import json
import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

PICTURES = Path(__file__).parent.parent / "docs" / "operating" / "costs"
MEASURED = PICTURES / "costs.json"

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 76, 24, 56, 60
TICKS = 4
STYLE = """
    text { font: 14px system-ui, sans-serif; fill: #1d2733; }
    .name { font-size: 16px; font-weight: 600; }
    .frame { stroke: #6b7785; stroke-width: 1; fill: none; }
    .grid { stroke: #d4dae1; stroke-width: 1; }
    .line { fill: none; stroke-width: 2.5; }
    .a { stroke: #0b63a5; } .a-dot { fill: #0b63a5; }
    .b { stroke: #a54a0b; stroke-dasharray: 7 4; } .b-dot { fill: #a54a0b; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6ebf0; }
      .frame { stroke: #93a0ad; } .grid { stroke: #35414d; }
      .a { stroke: #6cb6f0; } .a-dot { fill: #6cb6f0; }
      .b { stroke: #f0a66c; } .b-dot { fill: #f0a66c; }
    }"""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture: *lines* by name, each of points (size, cost)."""

    name: str
    title: str
    across: str
    unit: str
    lines: Mapping[str, list[tuple[float, float]]]
    is_logarithmic: bool = False


def take_in(measured: dict[str, Any], found: Mapping[str, Any]) -> None:
    """Put one object that a measurement printed where the pictures look for it."""
    database = str(found["database"])
    if "tick_ms" in found:
        measured["hold"] = {"database": database, "due": 100, "tick_ms": found["tick_ms"]}
    elif "first_ms" in found:
        if found["by"] == "text":
            own = measured.setdefault("drain", {}).setdefault(database, {})
            own[str(found["workers"])] = found["per_second"]
    elif "fall_ms" in found:
        own = measured.setdefault("latency", {}).setdefault(database, {})
        own[str(found["open_calls"])] = {"p50_ms": found["p50_ms"], "p99_ms": found["p99_ms"]}
    elif "idle_bytes" in found:
        measured.setdefault("size", {})[database] = found["idle_bytes"]


def pictures(measured: Mapping[str, Any]) -> Iterable[Picture]:
    """What can be drawn of *measured*; what was not measured is left out."""
    if "hold" in measured:
        yield Picture(
            name="cost-of-a-round",
            title="A worker's round with 100 check-ins due, beside those that are idle",
            across="idle check-ins",
            unit="ms",
            lines={measured["hold"]["database"]: _points(measured["hold"]["tick_ms"])},
            is_logarithmic=True,
        )
    for database, by_open in measured.get("latency", {}).items():
        yield Picture(
            name=f"cost-of-a-call-{database}",
            title=f"From a call to its first message, beside open calls ({database})",
            across="open calls",
            unit="ms",
            lines={
                words: _points({size: each[key] for size, each in by_open.items()})
                for words, key in (("99 of 100", "p99_ms"), ("half", "p50_ms"))
            },
        )
    if "postgresql" in measured.get("drain", {}):
        yield Picture(
            name="cost-of-workers",
            title="Messages a second, by how many workers share them (PostgreSQL)",
            across="workers",
            unit="a second",
            lines={"postgresql": _points(measured["drain"]["postgresql"])},
        )
    if "size" in measured:
        yield Picture(
            name="cost-of-circles",
            title="The database by how many circles it keeps",
            across="circles of six people",
            unit="MB",
            lines={
                database: [(size, kept / 1e6) for size, kept in _points(by_size)]
                for database, by_size in measured["size"].items()
            },
        )


def _points(by_size: Mapping[str, float]) -> list[tuple[float, float]]:
    return sorted((float(size), float(cost)) for size, cost in by_size.items())


def drawn(picture: Picture) -> str:
    """*picture* as SVG."""
    points = [point for line in picture.lines.values() for point in line]
    most = _round_up(max(cost for _, cost in points))
    sizes = sorted({size for size, _ in points})
    parts = [_grid(most, picture.unit), _sizes(sizes, picture)]
    for place, (name, line) in enumerate(picture.lines.items()):
        parts.append(
            _line("ab"[place % 2], name, place, [_at(picture, sizes, most, *point) for point in line])
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-labelledby="title desc">\n  <title id="title">{escape(picture.title)}</title>\n'
        f'  <desc id="desc">{escape(_in_words(picture))}</desc>\n  <style>{STYLE}\n  </style>\n'
        f'  <text class="name" x="16" y="24">{escape(picture.title)}</text>\n' + "".join(parts) + "</svg>\n"
    )


def _in_words(picture: Picture) -> str:
    lines = (
        f"{name}: " + ", ".join(f"{cost:,.6g} {picture.unit} at {size:,.0f}" for size, cost in line)
        for name, line in picture.lines.items()
    )
    return f"By {picture.across}. " + "; ".join(lines) + "."


def _round_up(cost: float) -> float:
    """The next of 1, 2, 5 and 10 times a power of ten, so that the axis has round figures."""
    power = 10.0 ** math.floor(math.log10(cost))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= cost)


def _at(picture: Picture, sizes: list[float], most: float, size: float, cost: float) -> tuple[float, float]:
    """Where a point lies; a single size lies in the middle."""
    low, high, own = sizes[0], sizes[-1], size
    if picture.is_logarithmic:
        low, high, own = math.log10(low), math.log10(high), math.log10(own)
    share = (own - low) / (high - low) if high > low else 0.5
    across = LEFT + share * (WIDTH - LEFT - RIGHT)
    return across, HEIGHT - BOTTOM - cost / most * (HEIGHT - TOP - BOTTOM)


def _grid(most: float, unit: str) -> str:
    parts = []
    for tick in range(TICKS + 1):
        y = HEIGHT - BOTTOM - tick / TICKS * (HEIGHT - TOP - BOTTOM)
        parts.append(f'  <path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>\n')
        parts.append(
            f'  <text x="{LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">{most * tick / TICKS:,g}</text>\n'
        )
    parts.append(f'  <text x="{LEFT}" y="{TOP - 10}">{escape(unit)}</text>\n')
    return "".join(parts)


def _sizes(sizes: list[float], picture: Picture) -> str:
    parts = []
    for size in sizes:
        x, _ = _at(picture, sizes, 1, size, 0)
        anchor = "end" if size == sizes[-1] and len(sizes) > 1 else "middle"
        parts.append(
            f'  <text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="{anchor}">{size:,.0f}</text>\n'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'  <text x="{middle}" y="{HEIGHT - 14}" text-anchor="middle">{escape(picture.across)}</text>\n'
    )
    return "".join(parts)


def _line(kind: str, name: str, place: int, points: list[tuple[float, float]]) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'  <circle class="{kind}-dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>\n' for x, y in points)
    key = WIDTH - RIGHT - 190 + place * 100
    return (
        f'  <polyline class="line {kind}" points="{path}"/>\n{dots}'
        f'  <path class="line {kind}" d="M{key} {TOP - 15}h24"/>\n'
        f'  <text x="{key + 30}" y="{TOP - 10}">{escape(name)}</text>\n'
    )


def main(files: Iterable[str]) -> None:
    """Take *files* in, and draw every picture."""
    measured = json.loads(MEASURED.read_text())
    decoder = json.JSONDecoder()
    for file in files:
        text = Path(file).read_text().strip()
        while text:
            found, end = decoder.raw_decode(text)
            take_in(measured, found)
            text = text[end:].strip()
    MEASURED.write_text(json.dumps(measured, indent=2, sort_keys=True) + "\n")
    for picture in pictures(measured):
        (PICTURES / f"{picture.name}.svg").write_text(drawn(picture))


if __name__ == "__main__":
    main(sys.argv[1:])
