"""Raises and ends calls through the product's own write path, and prints each once it is committed.

Callers' ids stand on standard input. `python -m tests.campaigns.writer NORMAL` opens the database as
nobody should: that is the power-loss campaign's negative control, and it exists only here.
"""

import itertools
import sys

from nightlight.cli.django_setup import load_django

_WANTED = {"FULL": 2, "NORMAL": 1}


def main(synchronous: str) -> None:
    """Write until killed."""
    load_django(None)
    _open(synchronous)
    # Django must be ready before what knows tables is imported.
    from nightlight.engine.events import EndedBy  # noqa: PLC0415
    from nightlight.engine.needs import Need  # noqa: PLC0415
    from nightlight.intake import alert as intake  # noqa: PLC0415
    from nightlight.store.dbclock import database_now  # noqa: PLC0415

    for caller in itertools.cycle(sys.stdin.read().split()):
        called = intake.call(caller, Need.TALK, database_now())
        _say("raised", called.alert_id)
        intake.resolve(called.alert_id, EndedBy.CALLER, database_now())
        _say("over", called.alert_id)


def _say(what: str, alert: str) -> None:
    sys.stdout.write(f"{what} {alert}\n")
    sys.stdout.flush()


def _open(synchronous: str) -> None:
    """Connect with the product's settings; for the control with one word of them changed."""
    from django.db import connection  # noqa: PLC0415

    options = connection.settings_dict["OPTIONS"]
    if synchronous != "FULL":
        options["init_command"] = options["init_command"].replace("=FULL", f"={synchronous}")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == _WANTED[synchronous], "the database is not open as it was wanted"


if __name__ == "__main__":
    main(sys.argv[1])
