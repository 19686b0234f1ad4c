"""Django's backend for PostgreSQL, with connections that are honest about what they do not know.

`base` is what Django loads; nothing of the driver is imported before it does.
"""

ANSWER_SECONDS = 10.0
"""What serves people waits this long for the database. Longer than any statement of ours takes on a server that
works, shorter than a lease (15 s), and than anybody waits for a page."""

OUTCOME_UNKNOWN = "40003"
"""The SQL standard's own word for it: statement completion unknown."""


class Patience:
    """How long this process waits for one answer of the server, in seconds; None waits for as long as it takes."""

    seconds: float | None = None


def answer_within(seconds: float | None) -> None:
    """From now on every connection of this process gives up when an answer takes longer than *seconds*.

    For what serves people: a stopped server takes connections and says nothing, and no setting of TCP notices.
    A command may have to wait for long (`migrate` builds indexes), and has somebody who can stop it.
    """
    Patience.seconds = seconds


def is_outcome_unknown(error: BaseException) -> bool:
    """Whether *error* says that something was perhaps kept, and perhaps not on every server it should be on."""
    return getattr(error.__cause__, "sqlstate", None) == OUTCOME_UNKNOWN
