"""Makes a link to the page of each person whose id stands on standard input, and prints them as JSON.

`nightlight link` does the same for one person. Run by the campaigns in a process of its own, with
the settings of the service in its environment: `python -m tests.campaigns.own_pages`.
"""

import json
import sys

from nightlight.cli.django_setup import prepare


def main() -> None:
    """Print an object: by a person's id, the token of their page."""
    prepare(None)
    from nightlight.store.access import new_person_link  # noqa: PLC0415  (Django must be ready first)
    from nightlight.store.dbclock import database_now  # noqa: PLC0415

    tokens = {person: new_person_link(person, database_now()) for person in sys.stdin.read().split()}
    json.dump(tokens, sys.stdout)


if __name__ == "__main__":
    main()
