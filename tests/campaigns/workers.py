"""The crash campaign for workers alone: `kill -9` several times a second, at every moment of a worker's life.

`python -m tests.campaigns.workers --database sqlite --kills 1000`; see docs/internals/campaigns.md. Ends with 1
when anything was lost, and with 2 when it could not run.
"""

import argparse
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.campaigns.crash import DATABASES, settle_in, wait_for_the_end
from tests.campaigns.gateway import gateway
from tests.campaigns.ledger import Report, settle_accounts
from tests.campaigns.people import People
from tests.campaigns.service import NIGHTLIGHT, Parts, Service, service_on
from tests.campaigns.terminal import bar, chance_for, on_stderr
from tests.campaigns.world import CIRCLES_MAX, Circle, circles
from tests.servers.postgres import postgres
from tests.servers.processes import MissingServer, ServerFailed

LOOK_SECONDS = 0.2
GATEWAY_SECONDS_MAX = 0.01
"""A message is under way as long as the gateway takes to answer. With the crash campaign's 150 ms most messages
would meet one of so many kills; a few of a hundred is what is wanted here."""
NURSERY = "workers"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. The same *seed* gives the same people, calls and lives."""

    database: str
    kills: int
    calls: int
    seed: int
    mean_life_seconds: float = 0.4
    workers: int = 0
    """At once; 0 for what the database takes: one on SQLite, four on PostgreSQL."""
    wait_seconds: int = 30

    @property
    def at_once(self) -> int:
        """How many workers live at a time."""
        return self.workers or (1 if self.database == "sqlite" else 4)


def campaign(plan: Plan, say: Callable[[str], None]) -> Report:
    """Run *plan* and count. Raises MissingServer, and TimeoutError when nothing starts."""
    if plan.database == "sqlite":
        return _with(plan, "", say)
    with postgres(durable=True) as url:
        return _with(plan, url, say)


def _with(plan: Plan, database_url: str, say: Callable[[str], None]) -> Report:
    report = Report(what="killed workers", database=plan.database, seed=plan.seed, calls_wanted=plan.calls)
    began = time.monotonic()
    of = circles(plan.calls, chance_for(plan.seed, "circles"))
    people = People(of, chance_for(plan.seed, "people"))
    try:
        with (
            gateway(people.read, chance_for(plan.seed, "gateway"), GATEWAY_SECONDS_MAX) as texts,
            service_on(texts, database_url, _parts(plan)) as house,
        ):
            settle_in(house, people, of, plan.wait_seconds, say)
            _kill(plan, house, people, of, report)
            report.unsettled = wait_for_the_end(house, people, say)
            settle_accounts(report, house, of, people.told, texts.texts)
            if report.unsettled:
                report.examples += house.last_words()
            report.starts = house.starts
    finally:
        people.end()
    report.requests_in_vain = people.tries_in_vain
    report.seconds = round(time.monotonic() - began)
    return report


def _parts(plan: Plan) -> Parts:
    given = [str(plan.at_once), str(plan.kills), str(plan.mean_life_seconds), str(plan.seed)]

    def parts(listen: str, on_postgres: bool) -> dict[str, list[str]]:
        del on_postgres
        nursery = [sys.executable, "-m", "tests.campaigns.nursery", *given]
        return {"web": [*NIGHTLIGHT, "web", "--listen", listen], NURSERY: nursery}

    return parts


def _kill(plan: Plan, house: Service, people: People, of: Sequence[Circle], report: Report) -> None:
    """Calls come in for as long as there are kills, as many in each stretch of them."""
    order = chance_for(plan.seed, "trouble").sample(of, len(of))
    called = 0
    with bar("killed workers", plan.kills) as advance:
        before = 0
        while (kills := _told(house)) < plan.kills:
            house.look_after()
            advance(kills - before)
            before = kills
            wanted = min(len(order), round(len(order) * (kills + 1) / (0.98 * plan.kills)))
            for circle in order[called:wanted]:
                people.call(circle, 0)
            called = max(called, wanted)
            time.sleep(LOOK_SECONDS)
        for circle in order[called:]:
            people.call(circle, 0)
    report.kills, report.kills_of = kills, {"worker": kills}


def _told(house: Service) -> int:
    """How many were killed so far, as the nursery says."""
    numbers = [line for line in house.said(NURSERY).splitlines() if line.isdigit()]
    return int(numbers[-1]) if numbers else 0


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.workers", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=1000, help=f"1 to {CIRCLES_MAX}")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--life", type=float, default=0.4, help="mean seconds a worker lives")
    parser.add_argument("--workers", type=int, default=0, help="at once; as a rule one on SQLite, else four")
    parser.add_argument("--wait", type=int, default=30, help="seconds for each step of the ladder")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Run it as *words* say; the exit code."""
    given = _arguments(words)
    plan = Plan(
        database=given.database,
        kills=given.kills,
        calls=given.calls,
        seed=given.seed,
        mean_life_seconds=given.life,
        workers=given.workers,
        wait_seconds=given.wait,
    )
    try:
        report = campaign(plan, on_stderr("killed workers"))
    except (MissingServer, ServerFailed, ValueError) as error:
        on_stderr("killed workers")(f"NOT RUN: {error}")
        return 2
    sys.stdout.write((report.as_json() if given.json else report.as_text()) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
