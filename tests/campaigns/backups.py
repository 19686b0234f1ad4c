"""The backup campaign: copies are taken while people call and answer, the machine dies, and one is put back.

`python -m tests.campaigns.backups --from sqlite --into postgresql --backups 50 --calls 1000`; see
docs/internals/campaigns.md. Ends with 1 when anything was lost or went out that must not, and with 2
when it could not run.
"""

import argparse
import json
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.campaigns.backups_accounts import (
    Report,
    Start,
    account_for_copy,
    account_for_going_on,
    account_for_holding,
)
from tests.campaigns.crash import DATABASES
from tests.campaigns.gateway import Gateway, gateway
from tests.campaigns.ledger import rows, unsettled
from tests.campaigns.people import People
from tests.campaigns.service import NIGHTLIGHT, Service, run, service
from tests.campaigns.terminal import bar, chance_for, on_stderr
from tests.campaigns.world import CIRCLES_MAX, Circle, circle_file, circles
from tests.servers.processes import MissingServer, ServerFailed, folder, wait_until

HELD_STEPS = 2
"""So many waits of the ladder pass while the calls are held: had they gone on, somebody would have been asked."""
GOING_ON_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. The same *seed* gives the same people, minds and calls."""

    source: str
    target: str
    backups: int
    calls: int
    seed: int
    pause_seconds: float = 1.0
    """Between the end of one copy and the beginning of the next."""
    wait_seconds: int = 6
    """How long each step of the ladder is given."""
    lose_a_call: bool = False
    """The negative control, on SQLite: let an acknowledged call vanish before each copy, which must be found."""


def campaign(plan: Plan, say: Callable[[str], None]) -> Report:
    """Run *plan* and count; *say* hears how far it is. Raises MissingServer, and TimeoutError when nothing starts."""
    report = Report(source=plan.source, target=plan.target, seed=plan.seed)
    of = circles(plan.calls, chance_for(plan.seed, "circles"))
    people = People(of, chance_for(plan.seed, "people"))
    with folder("backups") as copies, gateway(people.read, chance_for(plan.seed, "gateway")) as texts:
        try:
            with service(texts, on_postgres=plan.source == "postgresql") as house:
                settle_in(plan, house, people, of)
                last = _copy_while_they_call(plan, house, people, of, copies=copies, report=report)
                house.kill_all()
        finally:
            people.end()
        if plan.lose_a_call:
            return report
        say(f"{report.copies} copies taken; putting the last one back into {plan.target}")
        with service(texts, on_postgres=plan.target == "postgresql") as house:
            _put_back(plan, house, texts, last, report=report, say=say)
    return report


def settle_in(plan: Plan, house: Service, people: People, of: Sequence[Circle]) -> None:
    """Import the circles, make the callers' pages, and start everything."""
    given = circle_file(of, wait_seconds=plan.wait_seconds)
    run(house.environ, *NIGHTLIGHT, "circle", "import", "-", given=given)
    token = run(house.environ, *NIGHTLIGHT, "token", "create", "campaign", "--scope", "call,read")
    callers = "\n".join(circle.id("ana") for circle in of)
    pages = run(house.environ, sys.executable, "-m", "tests.campaigns.own_pages", given=callers)
    people.get_ready(house.base_url, token, json.loads(pages))
    house.start()


def _copy_while_they_call(
    plan: Plan, house: Service, people: People, of: Sequence[Circle], *, copies: Path, report: Report
) -> Path:
    """Take copy after copy while calls come in, and account for each; the last one."""
    for number, circle in enumerate(of):
        # They keep coming for as long as copies are taken, however slow this machine is just now.
        if number < plan.calls // (plan.backups + 1) + 1:
            people.call(circle, 0)
    waiting = list(of[plan.calls // (plan.backups + 1) + 1 :])
    wait_until(lambda: bool(people.told.calls), "the first call")
    copy = copies / "none"
    with bar("copies", plan.backups) as advance:
        for number in range(plan.backups):
            for circle in waiting[number :: plan.backups]:
                people.call(circle, 0)
            copy = copies / f"copy-{number}"
            start = Start.of(people.told)
            if plan.lose_a_call:
                _lose_a_call(house, start)
            began = time.monotonic()
            run(house.environ, *NIGHTLIGHT, "backup", str(copy))
            report.seconds_of_copy.append(round(time.monotonic() - began, 2))
            account_for_copy(report, copy, start)
            if number:
                (copies / f"copy-{number - 1}").unlink()
            advance(1)
            time.sleep(plan.pause_seconds)
    return copy


def _lose_a_call(house: Service, start: Start) -> None:
    """Let a call vanish that was acknowledged before the copy begins, and leave what belongs to it."""
    call = next(iter(start.calls.values()))
    rows(house, f"DELETE FROM alert WHERE id = '{call}' RETURNING id")  # noqa: S608


def _put_back(
    plan: Plan, house: Service, texts: Gateway, copy: Path, *, report: Report, say: Callable[[str], None]
) -> None:
    """Put *copy* back, start everything, see that nothing goes out; then let it go on, and see what does."""
    began = time.monotonic()
    run(house.environ, *NIGHTLIGHT, "restore", str(copy))
    report.seconds_of_restore = round(time.monotonic() - began, 2)
    before = len(texts.texts)
    house.start()
    time.sleep(HELD_STEPS * plan.wait_seconds)
    account_for_holding(report, house, copy, texts.texts[before:])
    say(f"{report.held} calls were held; letting them go on")
    run(house.environ, *NIGHTLIGHT, "restore", "--continue")
    try:
        wait_until(lambda: not unsettled(house), "the calls to come to rest", seconds=GOING_ON_SECONDS)
    except TimeoutError:
        report.unsettled = unsettled(house)
    account_for_going_on(report, house, copy)
    report.open_at_the_end = len(rows(house, "SELECT id FROM alert WHERE status <> 'resolved'"))


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.backups", description=__doc__)
    parser.add_argument("--from", dest="source", choices=DATABASES, default="sqlite")
    parser.add_argument("--into", dest="target", choices=DATABASES, default="sqlite")
    parser.add_argument("--backups", type=int, default=50)
    parser.add_argument("--calls", type=int, default=1000, help=f"1 to {CIRCLES_MAX}")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument(
        "--lose-a-call", action="store_true", help="the control: must be found, and end with 1"
    )
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Run it as *words* say; the exit code."""
    given = vars(_arguments(words))
    as_json = given.pop("json")
    try:
        report = campaign(Plan(**given), on_stderr("backups"))
    except (MissingServer, ServerFailed, ValueError) as error:
        on_stderr("backups")(f"NOT RUN: {error}")
        return 2
    sys.stdout.write((report.as_json() if as_json else report.as_text()) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
