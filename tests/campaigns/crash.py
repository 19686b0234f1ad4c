"""The crash campaign: `kill -9` at random moments while people call and answer, and then the accounts.

`python -m tests.campaigns.crash --database sqlite --kills 200 --calls 2000`; see
docs/internals/campaigns.md. Ends with 1 when anything was lost, and with 2 when it could not run.
"""

import argparse
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.campaigns.gateway import gateway
from tests.campaigns.ledger import Report, rows, settle_accounts, unsettled
from tests.campaigns.people import People
from tests.campaigns.service import NIGHTLIGHT, Service, run, service
from tests.campaigns.terminal import bar, chance_for, on_stderr
from tests.campaigns.world import CIRCLES_MAX, Circle, circle_file, circles
from tests.servers.processes import MissingServer, ServerFailed, wait_until

DATABASES = ("sqlite", "postgresql")
LOOK_SECONDS = 0.05
SAY_EVERY_SECONDS = 5.0
STUCK_SECONDS = 120
"""Longer than a lease (15 s) and the longest pause (60 s) before a message is tried a fourth time: where nothing
at all happens for so long, nothing will."""
SETTLE_SECONDS = 1800


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. The same *seed* gives the same people, calls, pauses and choices of what is killed."""

    database: str
    kills: int
    calls: int
    seed: int
    pause_seconds: float = 2.5
    """The mean pause between two kills."""
    wait_seconds: int = 30
    """How long each step of the ladder is given. Below the 20 s after which an ask that died with its worker
    is sent again, somebody else has often answered by then."""
    lose_an_ask: bool = False
    """The negative control: take one planned ask out of the database, which must be found missing."""


def campaign(plan: Plan, say: Callable[[str], None]) -> Report:
    """Run *plan* and count; *say* hears how far it is. Raises MissingServer, and TimeoutError when nothing starts."""
    report = Report(database=plan.database, seed=plan.seed, calls_wanted=plan.calls)
    began = time.monotonic()
    of = circles(plan.calls, chance_for(plan.seed, "circles"))
    people = People(of, chance_for(plan.seed, "people"))
    try:
        with (
            gateway(people.read, chance_for(plan.seed, "gateway")) as texts,
            service(texts, on_postgres=plan.database == "postgresql") as house,
        ):
            settle_in(house, people, of, plan.wait_seconds, say)
            _make_trouble(plan, house, people, of, say)
            report.unsettled = wait_for_the_end(house, people, say)
            settle_accounts(report, house, of, people.told, texts.texts)
            if report.unsettled:
                report.examples += house.last_words()
            report.kills_of, report.starts = house.kills, house.starts
    finally:
        people.end()
    report.kills = sum(report.kills_of.values())
    report.requests_in_vain = people.tries_in_vain
    report.seconds = round(time.monotonic() - began)
    return report


def settle_in(
    house: Service, people: People, of: Sequence[Circle], wait_seconds: int, say: Callable[[str], None]
) -> None:
    """Bring the circles in, give everybody what they call and answer with, and start the service."""
    say(f"importing {len(of)} circles")
    run(
        house.environ,
        *NIGHTLIGHT,
        "circle",
        "import",
        "-",
        given=circle_file(of, wait_seconds=wait_seconds),
    )
    token = run(house.environ, *NIGHTLIGHT, "token", "create", "campaign", "--scope", "call,read")
    callers = "\n".join(circle.id("ana") for circle in of)
    pages = run(house.environ, sys.executable, "-m", "tests.campaigns.own_pages", given=callers)
    people.get_ready(house.base_url, token, json.loads(pages))
    house.start()


def _make_trouble(
    plan: Plan, house: Service, people: People, of: Sequence[Circle], say: Callable[[str], None]
) -> None:
    """Calls come in all the while; kills come one after another."""
    chance = chance_for(plan.seed, "trouble")
    pauses = [chance.uniform(0.1, 2 * plan.pause_seconds - 0.1) for _ in range(plan.kills)]
    order = chance.sample(of, len(of))
    if plan.lose_an_ask:
        _lose_an_ask(house, people, order.pop())
    for circle in order:
        people.call(circle, chance.uniform(0, sum(pauses)))
    with bar("crash", plan.kills) as advance:
        for pause in pauses:
            until = time.monotonic() + pause
            while time.monotonic() < until:
                house.look_after()
                time.sleep(LOOK_SECONDS)
            while house.kill_something(chance) is None:
                house.look_after()
                time.sleep(LOOK_SECONDS)
            advance(1)
    told = people.told
    say(f"{plan.kills} kills; {len(told.calls)} calls, {len(told.answers)} answers acknowledged so far")


def _lose_an_ask(house: Service, people: People, circle: Circle) -> None:
    """Do what no crash may: let a planned first ask vanish while the workers are held still."""
    workers = ("worker 1", "worker 2") if house.database_url else ("worker",)
    held = [pid for worker in workers for pid in house.pause(worker)]
    try:
        people.call(circle, 0)
        caller = circle.id("ana")
        wait_until(lambda: caller in people.told.calls, "the call of the control")
        which = f"alert_id = '{people.told.calls[caller]}' AND person_id = '{circle.id('sam')}'"
        taken = rows(house, f"DELETE FROM notification WHERE {which} AND status = 'planned' RETURNING id")  # noqa: S608
        assert len(taken) == 1, "the control found no planned ask to take away"
    finally:
        for pid in held:
            os.kill(pid, signal.SIGCONT)


def wait_for_the_end(house: Service, people: People, say: Callable[[str], None]) -> dict[str, int]:
    """Faults have stopped: everything must come to rest by itself. What has not, when nothing moves any more.

    How long it takes is the machine's affair: there may be a queue when the last kill is over.
    """
    try:
        house.wait_until_ready()
    except TimeoutError:
        return {"services": 1}
    began = moved = said = time.monotonic()
    left: dict[str, int] = {}
    quiet = 0
    # Twice in a row, as an answer may be on its way between one look and the next.
    while quiet < 2 and moved + STUCK_SECONDS > time.monotonic() < began + SETTLE_SECONDS:
        house.look_after()
        now_left = unsettled(house) | ({"visits": people.open} if people.open else {})
        if now_left != left:
            left, moved = now_left, time.monotonic()
        quiet = 0 if left else quiet + 1
        if left and time.monotonic() - said > SAY_EVERY_SECONDS:
            said = time.monotonic()
            say(f"settling: {left}")
        time.sleep(0.5)
    return left


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.crash", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--calls", type=int, default=2000, help=f"1 to {CIRCLES_MAX}")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--pause", type=float, default=2.5, help="mean seconds between two kills")
    parser.add_argument("--wait", type=int, default=30, help="seconds for each step of the ladder")
    parser.add_argument(
        "--lose-an-ask", action="store_true", help="the control: must be found, and end with 1"
    )
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
        pause_seconds=given.pause,
        wait_seconds=given.wait,
        lose_an_ask=given.lose_an_ask,
    )
    try:
        report = campaign(plan, on_stderr("crash"))
    except (MissingServer, ServerFailed, ValueError) as error:
        on_stderr("crash")(f"NOT RUN: {error}")
        return 2
    sys.stdout.write((report.as_json() if given.json else report.as_text()) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
