"""Every way there and back through real servers: `make channels`.

Out, the provider's report, an answer by that very way, and a stand-down for whoever need not come any
more. Prints a line for each, which says only what was seen; exit code 1 when one did not come about.
"""

import importlib
import sys
import traceback

from tests.servers.processes import MissingServer

KINDS = ("smtp", "sms", "voice", "push", "matrix")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(kinds: tuple[str, ...] = KINDS) -> int:
    """Make the trips of *kinds*, one after another; how many did not come about."""
    failed = 0
    for kind in kinds:
        trip = importlib.import_module(f"tests.servers.trips.{kind}").trip
        try:
            trip(_say)
        except MissingServer as error:
            failed += 1
            _say(f"{kind}: not tried: {error}")
        # Whatever went wrong, the others are tried, and this one is not passed over.
        except Exception:  # noqa: BLE001
            failed += 1
            _say(f"{kind}: FAILED")
            traceback.print_exc()
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(tuple(sys.argv[1:]) or KINDS) else 0)
