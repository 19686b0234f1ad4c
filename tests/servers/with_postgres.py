"""Runs a command beside a throw-away PostgreSQL: `python -m tests.servers.with_postgres COMMAND …`.

The command finds its URL in NIGHTLIGHT_TEST_DATABASE_URL.
"""

import os
import subprocess
import sys

from tests.servers.postgres import postgres
from tests.servers.processes import MissingServer, ServerFailed


def main(command: list[str]) -> int:
    """Run *command* and give its exit code; 2 when there is none, or no server."""
    if not command:
        print("with_postgres: no command was given; write the command behind it", file=sys.stderr)  # noqa: T201
        return 2
    try:
        with postgres() as url:
            environment = {**os.environ, "NIGHTLIGHT_TEST_DATABASE_URL": url}
            return subprocess.run(command, env=environment, check=False).returncode
    except (MissingServer, ServerFailed) as error:
        print(f"with_postgres: {error}", file=sys.stderr)  # noqa: T201
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
