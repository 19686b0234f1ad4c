"""The model check: small ladders, walked breadth first over the very rules the product runs.

    python -m nightlight.simulator.model --states 10000000

From a fresh call, and from far places a walk of many events leads to, every event is tried in every
state, in every order; around the rules, two modelled workers send, die, hang and come back late, and
the clock is set. States that the rules cannot tell apart are one state: times count from now, serial
numbers do not count, ages stop where no rule looks further. What breaks a promise is printed as the
shortest story that leads there. docs/internals/model-check.md says what is left out.
"""

import gc
import json
import multiprocessing
import random
import sys
import time
from argparse import ArgumentParser
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from nightlight.engine import decide
from nightlight.engine.decide import Decision
from nightlight.engine.events import DeliveryEvent, Event, WaitInterrupted
from nightlight.engine.facts import Facts
from nightlight.engine.invariants import broken
from nightlight.engine.state import Alert, AlertStatus
from nightlight.simulator.modelled_checks import wrongs
from nightlight.simulator.modelled_moves import BEGIN, World
from nightlight.simulator.modelled_promises import outbox_wrongs
from nightlight.simulator.modelled_result import Result
from nightlight.simulator.modelled_seen import Seen
from nightlight.simulator.modelled_senders import State
from nightlight.simulator.modelled_sending import Move
from nightlight.simulator.modelled_sights import seen_by, seen_in
from nightlight.simulator.modelled_states import fingerprint
from nightlight.simulator.modelled_walks import PRELUDES, likely, walk_length
from nightlight.simulator.modelled_way_out import dead_end
from nightlight.simulator.modelled_worlds import WORLDS, world_named

Step = tuple[Move, State | None, str]
"""A move, where it leads when that is somewhere new, and the promise it breaks, if any."""
Rules = Callable[[Alert | None, Event, Facts], Decision]

WAY_OUT_EVERY = 50
"""Every so many states, the way out is tried."""
FAR_SHARE = 0.5
"""The share of the whole that is spent around far places."""
FAR_EACH = 10_000
"""Transitions spent around each of them, or more of them in a longer check."""
TOLD_EVERY = 100_000
"""States from one word on the progress to the next."""
_MOVES_LEAST = 20
"""In every state at least about so many moves are possible."""
_NEW_LEAST = 2
"""And at least about so many of them lead to states that were not met before."""
_WAITING_MAX = 400_000
"""So many states at most wait to be expanded, whole, at some two kilobytes each; others are only looked at."""
# What may change nothing where it ought to have changed something.
_MUST_DO_SOMETHING = (WaitInterrupted, DeliveryEvent)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """When a walk ends: after so many transitions, or with so many distinct states."""

    transitions: int = sys.maxsize
    states: int = sys.maxsize

    def share(self, part: float) -> "Limit":
        """Return the limit of a *part* of the walk."""
        return Limit(transitions=int(self.transitions * part), states=int(self.states * part))


class Check:
    """One walk through one world. Stops at the first broken promise."""

    def __init__(
        self, world: World, rules: Rules = decide.run, tell: Callable[[int], None] | None = None
    ) -> None:
        self.world = world
        self.rules = rules
        self.result = Result(responders=len(world.names), steps=len(world.policy.steps))
        self.seen = Seen()
        self._tell = tell

    def run(self, transitions: int = sys.maxsize, states: int = sys.maxsize) -> Result:
        """Walk until *transitions* or *states* are reached, or a promise is broken."""
        limit = Limit(transitions=transitions, states=states)
        start = self.first()
        self._breadth_first(start, [], limit.share(1 - FAR_SHARE))
        each = max(FAR_EACH, (FAR_EACH * states // 100_000 if states < sys.maxsize else transitions // 100))
        seed = 0
        while not self._is_done(limit) and not self.result.violation:
            seed += 1
            far, story = self._walk(start, seed)
            if not self.result.violation:
                until = min(self.result.transitions + each, transitions)
                self._breadth_first(far, story, Limit(transitions=until, states=states))
        self.result.far_places = seed
        self.result.states = len(self.seen)
        return self.result

    def _is_done(self, limit: Limit) -> bool:
        return self.result.transitions >= limit.transitions or len(self.seen) >= limit.states

    def first(self) -> State:
        """Return the world just after Ana called."""
        people = self.world.at_first
        facts = self.world.facts(people, BEGIN)
        decision = self.rules(None, self.world.raised(), facts)
        after = self.world.shell.carry_out(people, decision.effects, new_hold=False)
        return State(decision.alert, after, BEGIN)

    def _breadth_first(self, root: State, prefix: list[str], limit: Limit) -> None:
        root_print = fingerprint(root)
        if root_print in self.seen and prefix:
            return
        self.seen.root(root_print)
        queue = deque([(root, root_print)])
        while queue and not self._is_done(limit):
            state, state_print = queue.popleft()
            room = self._has_room(len(queue), limit)
            self.result.expanded += 1
            for move, after, wrong in self._steps(state):
                if wrong:
                    self._found(wrong, prefix, state_print, move.words)
                    return
                if after is None:
                    continue
                after_print = fingerprint(after)
                if after_print in self.seen:
                    continue
                self.seen.add(after_print, state_print, move.words)
                self.result.sights.update(seen_by(move.words))
                found = self._wrong_in(after)
                if found:
                    self._found(found, prefix, state_print, move.words)
                    return
                if room:
                    queue.append((after, after_print))

    def _has_room(self, waiting: int, limit: Limit) -> bool:
        """Whether a new state may still be expanded within *limit*; else it need not be kept."""
        transitions = limit.transitions - self.result.transitions
        states = limit.states - len(self.seen)
        return (
            waiting < _WAITING_MAX and transitions > waiting * _MOVES_LEAST and states > waiting * _NEW_LEAST
        )

    def _steps(self, state: State) -> Iterator[Step]:
        """Take every move from *state*; None where it leads nowhere new."""
        same = self.world.facts(state.people, state.now)
        for move in self.world.moves(state):
            self.result.transitions += 1
            to = move.to
            still = to is state or (to.people is state.people and to.now is state.now)
            after, wrong = self.take(state, move, same if still else self.world.facts(to.people, to.now))
            yield move, after, wrong

    def take(self, state: State, move: Move, facts: Facts) -> tuple[State | None, str]:
        """Return the state after *move*, None when nothing changed, and the promise it breaks, if any."""
        to = move.to
        if move.event is None:
            return to, next(outbox_wrongs(self.world, state, move, to), "")
        try:
            decision = self.rules(state.alert, move.event, facts)
        except AssertionError as fault:
            return None, f"a rule broke its own word: {fault}"
        alert = decision.alert
        nothing = alert is state.alert and not decision.effects and to is state
        if nothing and not isinstance(move.event, _MUST_DO_SOMETHING):
            return None, ""
        new_hold = alert.holds != state.alert.holds
        people = self.world.shell.carry_out(to.people, decision.effects, new_hold=new_hold)
        after = State(alert, people, to.now, to.leases)
        wrong = next(wrongs(self.world, state, move, decision, after), "")
        return after, wrong or next(outbox_wrongs(self.world, state, move, after), "")

    def _wrong_in(self, state: State) -> str:
        """What is wrong in *state*, which was never met before; its timer was looked at on the way."""
        self.result.statuses.add(state.alert.status)
        self.result.sights |= set(seen_in(state, self.result.sights))
        found = broken(state.alert)
        if found:
            return found[0]
        if self._tell and len(self.seen) % TOLD_EVERY == 0:
            self._tell(len(self.seen))
        if len(self.seen) % WAY_OUT_EVERY == 0:
            self.result.ways_out += 1
            return dead_end(self.world, self.rules, state)
        return ""

    def _found(self, wrong: str, prefix: list[str], state_print: int, last: str) -> None:
        self.result.violation = wrong
        self.result.story = ["Ana calls", *prefix, *self.seen.story(state_print), last]

    def _walk(self, start: State, seed: int) -> tuple[State, list[str]]:
        """Go far from *start*, by chance but for *seed*; the promises are kept on the way, too."""
        chance = random.Random(seed)  # noqa: S311  (a walk, not a secret)
        state, story = start, list[str]()
        prelude = PRELUDES[seed % len(PRELUDES)]
        while len(story) < walk_length(prelude):
            steps = []
            for move, after, wrong in self._steps(state):
                found = wrong or (after is not None and next(iter(broken(after.alert)), ""))
                if found:
                    self.result.violation, self.result.story = found, ["Ana calls", *story, move.words]
                    return state, story
                if after is not None and after.alert.status is not AlertStatus.RESOLVED:
                    steps.append((move, after))
            told = [step for step in steps if step[0].words in prelude[len(story) : len(story) + 1]]
            move, state = chance.choice(told or likely(steps, chance))
            story.append(move.words)
            self.result.sights |= set(seen_in(state, self.result.sights))
        return state, story


def _teller(name: str, wanted: int | None) -> Callable[[int], None]:
    """Tell how far a walk came, how fast it is, and when it will have met as many states as are *wanted*."""
    began = time.monotonic()

    def tell(met: int) -> None:
        speed = met / max(time.monotonic() - began, 0.001)
        left = f", {max(wanted - met, 0) / speed / 60:.0f} minutes left" if wanted else ""
        sys.stderr.write(f"{name}: {met:,} states, {speed:,.0f} a second{left}\n")

    return tell


def walk(name: str, transitions: int | None, states: int | None) -> Result:
    """Walk through the world called *name* in this process, telling on stderr how far it came."""
    # Nothing here goes round in circles; looking for that among millions of states takes half the time.
    gc.disable()
    try:
        check = Check(world_named(name), tell=_teller(name, states))
        return check.run(transitions or sys.maxsize, states or sys.maxsize)
    finally:
        gc.enable()


def walk_all(
    names: list[str], transitions: int | None, states: int | None, jobs: int | None = None
) -> list[Result]:
    """Walk through the worlds called *names*, each with its share of the whole, on every processor."""
    if len(names) == 1:
        return [walk(names[0], transitions, states)]
    # A walk stops with the state it has in hand, so no share is rounded down.
    shares = [None if whole is None else -(-whole // len(names)) for whole in (transitions, states)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        return list(pool.map(walk, names, *([share] * len(names) for share in shares)))


def _as_dict(results: list[Result]) -> dict[str, object]:
    return {
        "states": sum(result.states for result in results),
        "violations": sum(bool(result.violation) for result in results),
        "worlds": [result.as_dict() for result in results],
    }


def _in_words(results: list[Result]) -> str:
    lines = [str(result) for result in results]
    if len(results) > 1:
        lines.append(f"all worlds: {sum(result.states for result in results):,} distinct states")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the check by hand; return 1 when a promise was broken."""
    parser = ArgumentParser(prog="python -m nightlight.simulator.model", description=__doc__)
    parser.add_argument("--states", type=int, help="stop with so many distinct states, over all worlds")
    parser.add_argument("--transitions", type=int, help="stop after so many transitions (1000000)")
    parser.add_argument("--world", choices=sorted(WORLDS), action="append", help="which ones (all of them)")
    parser.add_argument("--jobs", type=int, help="how many at once (one on each processor)")
    parser.add_argument("--json", action="store_true", help="print the result for a machine to read")
    chosen = parser.parse_args(arguments)
    if chosen.states is None and chosen.transitions is None:
        chosen.transitions = 1_000_000
    results = walk_all(chosen.world or list(WORLDS), chosen.transitions, chosen.states, chosen.jobs)
    sys.stdout.write((json.dumps(_as_dict(results)) if chosen.json else _in_words(results)) + "\n")
    return int(any(result.violation for result in results))


if __name__ == "__main__":
    sys.exit(main())
