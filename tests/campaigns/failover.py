"""The failover campaign: the database's machine dies while people call and answer, and a standby takes over.

`python -m tests.campaigns.failover --promotions 20`, or `--patroni`; see docs/internals/campaigns.md. Ends with 1
when anything was lost or the control lost nothing, and with 2 when it could not run.
"""

import argparse
import json
import math
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from random import Random
from typing import Protocol

from nightlight.store.postgresql import answer_within
from tests.campaigns.crash import settle_in, wait_for_the_end
from tests.campaigns.gateway import gateway
from tests.campaigns.ledger import Report, settle_accounts, zero_of
from tests.campaigns.people import People
from tests.campaigns.probe import Probe
from tests.campaigns.service import Service, service_on
from tests.campaigns.terminal import bar, chance_for, on_stderr
from tests.campaigns.world import CIRCLES_MAX, Circle, circles
from tests.servers.patroni import patroni
from tests.servers.postgres_cluster import Cluster, cluster, held
from tests.servers.processes import MissingServer, ServerFailed, wait_until

LOOK_SECONDS = 0.05
HELD_SECONDS_MAX = 0.8
WRITABLE_SECONDS = 120
ANSWER_SECONDS = 5
CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


class How(StrEnum):
    """How a primary dies."""

    AT_ONCE = "at once"
    BEHIND = "behind"
    """Its standbys heard nothing from it for a moment before; what it acknowledged alone is lost with it."""
    CANCELLED = "cancelled"
    """The same, and somebody cancelled the commits that waited for the standbys."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. The same *seed* gives the same people, calls, pauses and ways to die."""

    promotions: int
    calls: int
    seed: int
    pause_seconds: float = 4.0
    """The mean time between a whole cluster and the next death."""
    wait_seconds: int = 30
    with_patroni: bool = False


class Servers(Protocol):
    """Servers of which one is the primary, as this campaign uses them."""

    @property
    def url(self) -> str:
        """The address that names all of them."""

    def die(self, how: How, chance: Random) -> tuple[float, int]:
        """Let the primary die, and a standby take over, now or soon.

        Gives when it was dead, by `time.monotonic`, and how many waiting commits were cancelled before.
        """

    def mend(self) -> None:
        """Put a new standby into the place of what died; return when it follows."""


@dataclass(kw_only=True)
class FailoverReport:
    """The figures of one run, and the faults among them."""

    calls: Report
    by: str = "promoting"
    promotions: int = 0
    died: dict[str, int] = field(default_factory=dict)
    waits_cancelled: int = 0
    rows_acknowledged: int = 0
    rows_lost: int = 0
    writable_seconds: list[float] = field(default_factory=list)
    """After each death, until a row was kept again."""
    longest_gap_seconds: float = 0.0
    control_rows: int = 0
    control_lost: int = 0
    """With standbys nobody waits for."""
    control_deaths: int = 0

    @property
    def faults(self) -> list[str]:
        """Everything that must not be, in words; empty when all is well."""
        found = list(self.calls.faults)
        if self.rows_lost:
            found.append(f"{self.rows_lost} acknowledged rows lost")
        if self.control_deaths and not self.control_lost:
            found.append("the control lost nothing: this run could not have seen a loss")
        return found

    def as_json(self) -> str:
        """The figures for a machine."""
        own = {name: value for name, value in asdict(self).items() if name != "calls"}
        return json.dumps({**json.loads(self.calls.as_json()), **own, "faults": self.faults}, indent=2)

    def as_text(self) -> str:
        """The figures for people."""
        died = ", ".join(f"{name} {count}" for name, count in sorted(self.died.items()))
        times = self.writable_seconds
        rows = zero_of(self.rows_lost, self.rows_acknowledged)
        again = f"p50 {share(times, 0.5):.1f} s, p95 {share(times, 0.95):.1f} s"
        control = f"{self.control_deaths} deaths, standbys not waited for: lost {self.control_lost} of {self.control_rows}"
        lines = [
            self.calls.as_text(),
            f"  promotions           {self.promotions} by {self.by} ({died}), {self.waits_cancelled} waits cancelled",
            f"  rows                 {self.rows_acknowledged} acknowledged, lost {rows}",
            f"  writable again       {again}, longest gap {self.longest_gap_seconds:.1f} s",
            *([f"  control              {control}"] if self.control_deaths else []),
            *(f"  FAULT                {fault}" for fault in self.faults if fault not in self.calls.faults),
        ]
        return "\n".join(lines)


def share(times: Sequence[float], part: float) -> float:
    """The time within which that *part* of *times* lies; 0 of none."""
    return sorted(times)[max(math.ceil(part * len(times)) - 1, 0)] if times else 0.0


class Promoting:
    """A cluster nobody looks after but this campaign, which promotes the standby that is furthest ahead."""

    def __init__(self, own: Cluster) -> None:
        self._own = own
        self._dead = own.primary

    @property
    def url(self) -> str:
        """The address that names all of them."""
        return self._own.url

    def die(self, how: How, chance: Random) -> tuple[float, int]:
        """Kill every process of the primary at once, as when its machine dies, and promote."""
        primary, cancelled = self._own.primary, 0
        if how is not How.AT_ONCE:
            until = time.monotonic() + chance.uniform(0.2, HELD_SECONDS_MAX)
            with held(primary.processes("walsender")):
                while time.monotonic() < until:
                    if how is How.CANCELLED:
                        cancelled += len(primary.ask(CANCEL))
                    time.sleep(LOOK_SECONDS)
                primary.kill()
        else:
            primary.kill()
        self._dead, died_at = primary, time.monotonic()
        self._own.promote()
        return died_at, cancelled

    def mend(self) -> None:
        """Throw away what died and copy the new primary into its place."""
        self._own.copy(self._dead)
        self._own.wait_until_followed(len(self._own.nodes) - 1)


def campaign(plan: Plan, say: Callable[[str], None]) -> FailoverReport:
    """Run *plan* and count. Raises MissingServer, and TimeoutError when nothing starts or takes over."""
    answer_within(ANSWER_SECONDS)
    if plan.with_patroni:
        with patroni() as own:
            return _with(plan, own, say)
    with cluster() as built:
        report = _with(plan, Promoting(built), say)
    if plan.promotions:
        control(report, max(1, plan.promotions // 20), plan.seed)
    return report


def _with(plan: Plan, servers: Servers, say: Callable[[str], None]) -> FailoverReport:
    by = "Patroni" if plan.with_patroni else "promoting"
    calls = Report(what="failover campaign", database="postgresql", seed=plan.seed, calls_wanted=plan.calls)
    report = FailoverReport(calls=calls, by=by)
    began = time.monotonic()
    of = circles(plan.calls, chance_for(plan.seed, "circles"))
    people = People(of, chance_for(plan.seed, "people"))
    try:
        with (
            gateway(people.read, chance_for(plan.seed, "gateway")) as texts,
            service_on(texts, servers.url) as house,
        ):
            settle_in(house, people, of, plan.wait_seconds, say)
            probe = Probe(servers.url)
            try:
                _let_them_die(
                    _Run(plan=plan, servers=servers, house=house, people=people, circles=of, probe=probe),
                    report,
                )
            finally:
                probe.end()
            calls.unsettled = wait_for_the_end(house, people, say)
            settle_accounts(calls, house, of, people.told, texts.texts)
            if calls.unsettled:
                calls.examples += house.last_words()
            calls.kills_of, calls.starts = dict(report.died), house.starts
            _count(report, probe)
    finally:
        people.end()
    calls.kills, calls.requests_in_vain = report.promotions, people.tries_in_vain
    calls.seconds = round(time.monotonic() - began)
    return report


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What one run is made of."""

    plan: Plan
    servers: Servers
    house: Service
    people: People
    circles: Sequence[Circle]
    probe: Probe


def _let_them_die(run: _Run, report: FailoverReport) -> None:
    plan, servers, house = run.plan, run.servers, run.house
    chance, died = chance_for(plan.seed, "trouble"), Counter[str]()
    ways = [How.AT_ONCE] if plan.with_patroni else [*How]
    with bar("failover", plan.promotions) as advance:
        for number in range(plan.promotions):
            pause = chance.uniform(0.5, 2 * plan.pause_seconds - 0.5)
            for circle in run.circles[number :: plan.promotions]:
                run.people.call(circle, chance.uniform(0, pause + 2))
            _wait(pause, house)
            # In turn, so that few deaths are of every kind; the worst first.
            how = ways[-1 - number % len(ways)]
            died_at, cancelled = servers.die(how, chance)
            report.waits_cancelled += cancelled
            report.writable_seconds.append(_writable_at(run.probe, died_at, house) - died_at)
            died[how.value] += 1
            servers.mend()
            report.promotions += 1
            report.died = dict(died)
            advance(1)


def _writable_at(probe: Probe, died_at: float, house: Service) -> float:
    """When a row was kept again. Raises TimeoutError."""
    until = died_at + WRITABLE_SECONDS
    while (found := probe.first_after(died_at)) is None:
        if time.monotonic() > until:
            raise TimeoutError(f"waited {WRITABLE_SECONDS} s in vain for a server that can be written")
        _wait(LOOK_SECONDS, house)
    return found


def _wait(seconds: float, house: Service) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        house.look_after()
        time.sleep(LOOK_SECONDS)


def _count(report: FailoverReport, probe: Probe) -> None:
    report.rows_acknowledged, report.rows_lost = probe.acknowledged, probe.lost()
    report.longest_gap_seconds = probe.longest_gap()


def control(report: FailoverReport, deaths: int, seed: int) -> None:
    """The same deaths with standbys nobody waits for, which must lose something; counted in *report*."""
    chance = chance_for(seed, "control")
    with cluster(synchronous=False) as built:
        servers = Promoting(built)
        probe = Probe(servers.url)
        try:
            for _ in range(deaths):
                _wait_for_a_row(probe)
                servers.die(How.BEHIND, chance)
                _wait_for_a_row(probe)
                servers.mend()
        finally:
            probe.end()
        report.control_deaths, report.control_rows, report.control_lost = (
            deaths,
            probe.acknowledged,
            probe.lost(),
        )


def _wait_for_a_row(probe: Probe) -> None:
    moment = time.monotonic()
    wait_until(lambda: probe.first_after(moment) is not None, "a row", seconds=WRITABLE_SECONDS)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.failover", description=__doc__)
    parser.add_argument("--promotions", type=int, default=20)
    parser.add_argument("--calls", type=int, default=200, help=f"1 to {CIRCLES_MAX}")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument(
        "--pause", type=float, default=4.0, help="mean seconds from a whole cluster to a death"
    )
    parser.add_argument("--wait", type=int, default=30, help="seconds for each step of the ladder")
    parser.add_argument("--patroni", action="store_true", help="let Patroni take over, with etcd")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Run it as *words* say; the exit code."""
    given = _arguments(words)
    plan = Plan(
        promotions=given.promotions,
        calls=given.calls,
        seed=given.seed,
        pause_seconds=given.pause,
        wait_seconds=given.wait,
        with_patroni=given.patroni,
    )
    try:
        report = campaign(plan, on_stderr("failover"))
    except (MissingServer, ServerFailed, ValueError) as error:
        on_stderr("failover")(f"NOT RUN: {error}")
        return 2
    sys.stdout.write((report.as_json() if given.json else report.as_text()) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
