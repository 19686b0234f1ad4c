"""What came of one run, for whoever reads it or adds it to others."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class History:
    """What came of one run."""

    seed: int
    violations: list[str] = field(default_factory=list)
    goals: Counter[str] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)
    alerts: int = 0
    hours: float = 0.0
    """Simulated."""
    steps: int = 0
    sends: int = 0
    asks: int = 0
    """Asks that were held, at the moment they were sent, against what their reader agreed to."""
    digest: str = ""
    """Of the whole story: the same number, the same digest, on any machine."""
