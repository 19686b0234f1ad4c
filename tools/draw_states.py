"""Draws the state diagram of ARCHITECTURE.md from the table the rules run on.

Run it after changing the table: `.venv/bin/python tools/draw_states.py`. A test fails while the
page and the table disagree.
"""

from pathlib import Path

from nightlight.engine.decide import TABLE
from nightlight.engine.state import AlertStatus

PAGE = Path(__file__).resolve().parent.parent / "ARCHITECTURE.md"
BEGIN = "<!-- states:begin -->"
END = "<!-- states:end -->"


def drawn() -> str:
    """The diagram as Mermaid in a Markdown fence: one arrow for every way from one status to another."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> TRIGGERED: AlertRaised"]
    for before in AlertStatus:
        for after in AlertStatus:
            if before is after:
                # Nearly every event may leave a status as it is; the arrows would hide the others.
                continue
            events = [
                event.__name__
                for (status, event), cell in TABLE.items()
                if status is before and after in cell.to
            ]
            if events:
                lines.append(f"    {before.name} --> {after.name}: {', '.join(sorted(events))}")
    return "\n".join([*lines, "    RESOLVED --> [*]", "```"])


def redrawn(page: str) -> str:
    """*page* with a fresh diagram between its two marks. Raises ValueError when a mark is missing."""
    head, rest = page.split(BEGIN)
    _, tail = rest.split(END)
    return f"{head}{BEGIN}\n{drawn()}\n{END}{tail}"


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text()))
