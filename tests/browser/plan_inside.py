"""What lies at the server of a sealed plan, and what a server that is not honest might do with it.

`python -m tests.browser.plan_inside DATA stored` prints the parts as JSON; `… put ID REVISION BODY` writes one,
`… erase` takes every plan away, and `… age` lets them be a hundred days old.
"""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from nightlight.cli.django_setup import load_django

Stored = dict[str, tuple[int, str]]
"""By id: the revision, and the body in hexadecimal."""


def stored_in(data: Path) -> Stored:
    """The sealed parts in the house whose data lies in *data*."""
    found: dict[str, list[int | str]] = json.loads(_run(data, "stored"))
    return {name: (int(revision), str(body)) for name, (revision, body) in found.items()}


def put_in(data: Path, part: str, revision: int, body: str) -> None:
    """Let the server hold *body* for *part*, as if it had been sent."""
    _run(data, "put", part, str(revision), body)


def erase_in(data: Path) -> None:
    """Let no plan be there."""
    _run(data, "erase")


def age_in(data: Path) -> None:
    """Let every plan have been made, and looked at, a hundred days ago."""
    _run(data, "age")


def _run(data: Path, *what: str) -> str:
    around = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTLIGHT_")}
    command = [sys.executable, "-m", "tests.browser.plan_inside", str(data), *what]
    return subprocess.run(command, env=around, check=True, capture_output=True, text=True).stdout


def _main(what: str, arguments: list[str]) -> None:
    from nightlight.store.dbclock import database_now  # noqa: PLC0415  (once Django is set up)
    from nightlight.store.models import PlanPart, PlanVault  # noqa: PLC0415  (once Django is set up)

    if what == "erase":
        PlanVault.objects.all().delete()
        return
    if what == "stored":
        rows = PlanPart.objects.values_list("own_id", "revision", "body")
        sys.stdout.write(json.dumps({part: [revision, bytes(body).hex()] for part, revision, body in rows}))
        return
    if what == "age":
        then = database_now() - timedelta(days=100)
        PlanVault.objects.update(made_at=then, looked_at=None)
        return
    part, revision, body = arguments
    PlanPart.objects.filter(own_id=part).update(revision=int(revision), body=bytes.fromhex(body))


if __name__ == "__main__":
    load_django(Path(sys.argv[1]))
    _main(sys.argv[2], sys.argv[3:])
