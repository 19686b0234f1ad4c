"""What is known of one notification, joined from evidence that comes late, twice and in any order."""

from enum import StrEnum


class Evidence(StrEnum):
    """A provider's word on one notification, from the weakest to the strongest."""

    UNKNOWN = "unknown"
    """It may or may not have gone out."""
    QUEUED = "queued"
    """A gateway holds it and promises nothing."""
    ACCEPTED = "accepted"
    """The provider took it."""
    FAILED = "failed"
    """It will not arrive."""
    DELIVERED = "delivered"
    """It reached the phone or the mailbox: a report to the contrary was wrong, or spoke of another try."""


_RANK = {evidence: rank for rank, evidence in enumerate(Evidence)}


def join(old: Evidence, new: Evidence) -> Evidence:
    """Return the stronger of two pieces of evidence, whichever came first and however often."""
    return max(old, new, key=_RANK.__getitem__)
