"""What a model check found, for people and for machines."""

from dataclasses import dataclass, field

from nightlight.engine.state import AlertStatus


@dataclass
class Result:
    """What a check found."""

    responders: int
    steps: int = 0
    states: int = 0
    expanded: int = 0
    """From so many of them every move was tried; the others were only looked at."""
    transitions: int = 0
    far_places: int = 0
    ways_out: int = 0
    """From so many states the way out was followed."""
    statuses: set[AlertStatus] = field(default_factory=set)
    sights: set[str] = field(default_factory=set)
    """Which of `modelled_sights.SIGHTS` were seen."""
    violation: str = ""
    story: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """Return the result for a machine to read."""
        return {
            "responders": self.responders,
            "steps": self.steps,
            "states": self.states,
            "expanded": self.expanded,
            "transitions": self.transitions,
            "far_places": self.far_places,
            "ways_out": self.ways_out,
            "violations": int(bool(self.violation)),
            "violation": self.violation,
            "story": self.story,
        }

    def __str__(self) -> str:
        counted = (
            f"{self.responders} responders on {self.steps} steps: {self.states:,} states,"
            f" {self.transitions:,} transitions from {self.expanded:,} of them,"
            f" {self.far_places} far places, the way out followed from {self.ways_out:,}"
        )
        if not self.violation:
            return f"{counted}; every promise kept"
        told = "\n".join(f"  {number}. {words}" for number, words in enumerate(self.story, start=1))
        return f"{counted}\nBROKEN: {self.violation}\nThe story that leads there:\n{told}"
