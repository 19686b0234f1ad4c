"""What looking an installation over comes to: good, worth knowing, or wrong. Part of `intake.doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How a finding is to be taken."""

    GOOD = "good"
    NOTE = "note"
    """Worth knowing; nothing is wrong."""
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at, and what was found."""

    about: str
    grade: Grade
    says: str


def good(about: str, says: str) -> Finding:
    """A finding of something that is as it should be."""
    return Finding(about=about, grade=Grade.GOOD, says=says)


def note(about: str, says: str) -> Finding:
    """A finding worth knowing."""
    return Finding(about=about, grade=Grade.NOTE, says=says)


def wrong(about: str, says: str) -> Finding:
    """A finding to be mended; it says how."""
    return Finding(about=about, grade=Grade.WRONG, says=says)
