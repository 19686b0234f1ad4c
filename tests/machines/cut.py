"""Three machines on one PostgreSQL: a cable is cut, a machine stands still, the database is away.

`make machines`, or `python -m tests.machines.cut --rounds 1`; see docs/operating/growing.md. Needs root, for
network namespaces. Ends with 1 when anything was lost, and with 2 when it could not run.
"""

import argparse
import os
import secrets
import signal
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tests.campaigns.crash import LOOK_SECONDS, SAY_EVERY_SECONDS, STUCK_SECONDS
from tests.campaigns.ledger import Report, rows, settle_accounts, unsettled
from tests.campaigns.people import People
from tests.campaigns.terminal import bar, chance_for, on_stderr
from tests.campaigns.world import CIRCLES_MAX, Circle, circles
from tests.machines.cables import cables
from tests.machines.counted import Away, Cut, MachinesReport, count_machines
from tests.machines.hosts import DATABASE, HOSTS, MACHINES, OUTSIDE, Hosts, hosts
from tests.machines.provider import Provider, provider
from tests.servers.processes import MissingServer, ServerFailed, wait_until

NOTHING_WENT_OUT = ("This did not go out.", "A person answers here")
"""What the page says when a call could not be written down, and above the numbers to ring."""
IN_HAND_SECONDS = 1.5
"""For so long the gateway keeps a machine waiting before it is cut off, so that it has something in hand."""
BETWEEN_SECONDS = 5.0
"""So long all is well after a machine came back, and calls come in."""
SETTLE_SECONDS = 900
PAGES_EVERY_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run: so many rounds of a cut machine and a database that is away, with calls all the while."""

    seed: int
    rounds: int = 1
    calls: int = 60
    """In each round."""
    cut_seconds: float = 24.0
    """Longer than a lease (15 s) and the pause before the next try (5 s), so that others take over meanwhile."""
    away_seconds: float = 30.0
    wait_seconds: int = 30
    """How long each step of the ladder is given."""
    lose_an_ask: bool = False
    """The negative control: when all is well again take a planned ask out of the database; it must be found missing."""


def campaign(plan: Plan, say: Callable[[str], None]) -> MachinesReport:
    """Run *plan* and count; *say* hears how far it is. Raises MissingServer where it cannot be had."""
    of = circles(plan.calls * plan.rounds + 1, chance_for(plan.seed, "circles"))
    accounts = Report(database="postgresql", seed=plan.seed, calls_wanted=len(of))
    report = MachinesReport(accounts=accounts)
    began = time.monotonic()
    with cables(MACHINES) as made, made.inside(OUTSIDE), hosts(made) as house, ExitStack() as undo:
        people = People(of, chance_for(plan.seed, "people"))
        undo.callback(people.end)
        names = {made.addresses[name]: name for name in HOSTS}
        chance = chance_for(plan.seed, "gateway")
        texts = undo.enter_context(provider(house.gateway_place, names, people.read, chance))
        say(f"{len(of)} circles, three machines")
        token, pages = house.settle_in(of, plan.wait_seconds)
        people.get_ready(house.base_url, token, pages)
        house.start(undo)
        run = _Run(plan=plan, house=house, people=people, texts=texts, report=report, say=say)
        with bar("rounds", plan.rounds) as done:
            for number in range(plan.rounds):
                run.round(number, of[number * plan.calls : (number + 1) * plan.calls], pages)
                done(1)
        _last_call(run, of[-1])
        accounts.unsettled = _wait_for_the_end(run)
        settle_accounts(accounts, house.as_service, of, people.told, [each.text for each in texts.sent])
        count_machines(report, house.as_service, texts.sent)
        if report.faults:
            accounts.examples += house.last_words()
        accounts.requests_in_vain = people.tries_in_vain
    accounts.seconds = round(time.monotonic() - began)
    return report


@dataclass(frozen=True, kw_only=True)
class _Run:
    plan: Plan
    house: Hosts
    people: People
    texts: Provider
    report: MachinesReport
    say: Callable[[str], None]

    def round(self, number: int, of: Sequence[Circle], pages: dict[str, str]) -> None:
        """Calls all the while; one machine is cut off or stands still, then nobody has a database."""
        machine = HOSTS[(number + 1) % len(HOSTS)]
        third = len(of) // 3
        self.lose_a_machine(machine, of[:third], of[third : 2 * third], stands_still=number % 2 == 1)
        self.lose_the_database(of[2 * third :], pages)

    def lose_a_machine(
        self, machine: str, before: Sequence[Circle], during: Sequence[Circle], *, stands_still: bool
    ) -> None:
        """Let *machine* be gone while it has messages in hand; others go on."""
        chance = chance_for(self.plan.seed, f"calls at {len(self.report.cuts)}")
        self.texts.keep_waiting(machine)
        for circle in before:
            self.people.call(circle, chance.uniform(0, IN_HAND_SECONDS))
        wait_until(lambda: bool(self.texts.in_hand()), f"something in the hands of {machine}", seconds=60)
        time.sleep(IN_HAND_SECONDS)
        if stands_still:
            self.house.stand_still(machine)
        else:
            self.house.cables.pull(machine)
        at, in_hand = time.monotonic(), tuple(self.texts.in_hand())
        self.say(f"{machine} {'stands still' if stands_still else 'is cut off'} with {len(in_hand)} in hand")
        # What it asked of the gateway is answered, to a machine that cannot hear it now.
        self.texts.let_go(machine)
        for circle in during:
            self.people.call(circle, chance.uniform(0, self.plan.cut_seconds + BETWEEN_SECONDS))
        time.sleep(self.plan.cut_seconds)
        if stands_still:
            self.house.go_on(machine)
            self.report.stills += 1
        else:
            self.house.cables.plug_in(machine)
        self.report.cuts.append(
            Cut(machine=machine, at=at, back_at=time.monotonic(), in_hand=in_hand),
        )
        self.say(f"{machine} is back")
        time.sleep(BETWEEN_SECONDS)

    def lose_the_database(self, of: Sequence[Circle], pages: dict[str, str]) -> None:
        """Let nobody reach the database, while people go on pressing."""
        chance = chance_for(self.plan.seed, f"away {len(self.report.aways)}")
        self.house.cables.pull(DATABASE)
        began = time.monotonic()
        away = Away(seconds=self.plan.away_seconds, pressed=len(of))
        self.say("the database is away")
        for circle in of:
            self.people.call(circle, chance.uniform(0, self.plan.away_seconds * 0.8))
        # By then nothing is under way any more that began before.
        time.sleep(PAGES_EVERY_SECONDS)
        while time.monotonic() - began < self.plan.away_seconds * 0.6:
            self._press(away, pages[chance.choice(of).id("ana")])
            time.sleep(PAGES_EVERY_SECONDS)
        time.sleep(max(began + self.plan.away_seconds - time.monotonic(), 0))
        self.house.cables.plug_in(DATABASE)
        self.report.aways.append(away)
        self.say("the database is back")

    def _press(self, away: Away, token: str) -> None:
        """Press once on a page of one's own, and read what comes back."""
        began = time.monotonic()
        body = urllib.parse.urlencode({"do": "raise", "need": "talk"}).encode()
        request = urllib.request.Request(f"{self.house.base_url}/m/{token}", data=body, method="POST")
        away.pages_asked += 1
        try:
            with urllib.request.urlopen(request, timeout=30):
                pass
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode()
            away.pages_true += error.code == 503 and all(words in text for words in NOTHING_WENT_OUT)
        except OSError:
            pass
        away.slowest_page_seconds = max(away.slowest_page_seconds, time.monotonic() - began)


def _last_call(run: _Run, circle: Circle) -> None:
    """One more when all is well again; in the control its first ask is taken away while the workers are held."""
    if not run.plan.lose_an_ask:
        run.people.call(circle, 0)
        return
    for server in run.house.workers.values():
        os.kill(server.process.pid, signal.SIGSTOP)
    try:
        run.people.call(circle, 0)
        wait_until(lambda: circle.id("ana") in run.people.told.calls, "the call of the control", seconds=60)
        which = f"person_id = '{circle.id('sam')}' AND status = 'planned'"
        taken = rows(run.house.as_service, f"DELETE FROM notification WHERE {which} RETURNING id")  # noqa: S608
        assert len(taken) == 1, "the control found no planned ask to take away"
    finally:
        for server in run.house.workers.values():
            os.kill(server.process.pid, signal.SIGCONT)


def _wait_for_the_end(run: _Run) -> dict[str, int]:
    """Faults have stopped: everything must come to rest by itself. What has not, when nothing moves any more."""
    began = moved = said = time.monotonic()
    left: dict[str, int] = {}
    quiet = 0
    # Twice in a row, as an answer may be on its way between one look and the next.
    while quiet < 2 and moved + STUCK_SECONDS > time.monotonic() < began + SETTLE_SECONDS:
        now_left = unsettled(run.house.as_service) | ({"visits": run.people.open} if run.people.open else {})
        if now_left != left:
            left, moved = now_left, time.monotonic()
        quiet = 0 if left else quiet + 1
        if left and time.monotonic() - said > SAY_EVERY_SECONDS:
            said = time.monotonic()
            run.say(f"settling: {left}")
        time.sleep(10 * LOOK_SECONDS)
    return left


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.machines.cut", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--calls", type=int, default=60, help="in each round")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--cut", type=float, default=24, help="seconds a machine is cut off")
    parser.add_argument("--away", type=float, default=30, help="seconds nobody has a database")
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
        seed=given.seed,
        rounds=given.rounds,
        calls=given.calls,
        cut_seconds=given.cut,
        away_seconds=given.away,
        wait_seconds=given.wait,
        lose_an_ask=given.lose_an_ask,
    )
    say = on_stderr("machines")
    try:
        if not 0 <= given.rounds * given.calls < CIRCLES_MAX:
            raise ValueError(f"at most {CIRCLES_MAX - 1} calls in all")
        report = campaign(plan, say)
    except (MissingServer, ServerFailed, TimeoutError, ValueError) as error:
        say(f"NOT RUN: {error}")
        return 2
    sys.stdout.write((report.as_json() if given.json else report.as_text()) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
