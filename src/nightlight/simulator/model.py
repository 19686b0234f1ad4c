"""The model check: small ladders, walked breadth first over the very rules the product runs.

    python -m nightlight.simulator.model --transitions 1000000 --responders 2

From a fresh call, and from far places a walk of many events leads to, every event is tried in every
state, in every order. States that the rules cannot tell apart are one state: times count from now,
serial numbers do not count, ages stop where no rule looks further. What breaks a promise is printed
as the shortest story that leads there.
"""

import json
import random
import sys
from argparse import ArgumentParser
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from nightlight.engine import decide
from nightlight.engine.decide import Decision
from nightlight.engine.effects import Notify
from nightlight.engine.events import Event
from nightlight.engine.facts import Facts
from nightlight.engine.holding import HELD_MAX, RENEWALS_MAX
from nightlight.engine.ids import PersonId
from nightlight.engine.invariants import broken
from nightlight.engine.needs import Need
from nightlight.engine.policy import EscalationPolicy, EscalationStep
from nightlight.engine.state import Alert, AlertStatus
from nightlight.simulator.modelled_checks import wrongs
from nightlight.simulator.modelled_moves import BEGIN, TIMER_EVENTS, Move, State, World
from nightlight.simulator.modelled_outbox import WAITING, Row, Standing, carry_out, settle, time_passed
from nightlight.simulator.modelled_states import fingerprint

Step = tuple[Move, State | None, str]
"""A move, where it leads when that is somewhere new, and the promise it breaks, if any."""
Rules = Callable[[Alert | None, Event, Facts], Decision]

SAM, BO, KIT = PersonId("sam"), PersonId("bo"), PersonId("kit")
TIMERS_TO_AN_ASK_MAX = 12
"""From anywhere, so many timers at most until somebody who can be asked is asked."""
DEAD_END_EVERY = 50
"""Every so many states, the way out is tried."""
FAR_WALK = 40
"""So many events lead to a far place."""
_A_LONG_HOLD = ("bo says yes", "bo says they are in touch", "time passes: acknowledgement_expired")
PRELUDES = (
    (),
    # Bo's hour is used up.
    _A_LONG_HOLD * 2,
    # Sam asks for more time as often as anybody may.
    ("sam says yes", *("sam asks for more time",) * 3),
    # Ana was in touch, and neither said a word any more.
    ("bo says yes", "Ana says she is in touch", *("time passes: contact_due",) * 2),
)
"""How walks to far places begin; what by chance alone takes too long to come about."""
WALK_TIME, WALK_LEAVING = 0.35, 0.05
"""How often on such a walk time passes, and how often somebody may leave."""
FAR_SHARE = 0.5
"""The share of the transitions that is spent around far places."""
FAR_EACH = 10_000
"""Transitions spent around each of them."""


SIGHTS: dict[str, Callable[[Alert], bool]] = {
    "a third round": lambda alert: alert.round >= 3,
    "a step that a hold interrupted": lambda alert: any(step.left is not None for step in alert.ahead),
    "a pause that a hold interrupted": lambda alert: alert.pause_left is not None,
    "a yes renewed as often as may be": lambda alert: (
        alert.hold is not None and alert.hold.renewals == RENEWALS_MAX
    ),
    "an hour that is used up": lambda alert: any(held.time >= HELD_MAX for held in alert.held),
    "a second while someone has it": lambda alert: alert.hold is not None and bool(alert.seconds),
    "a former taker kept as a second": lambda alert: alert.hold is None and bool(alert.seconds),
    "two in touch who were asked": lambda alert: alert.contact is not None and alert.contact.asked,
    "a ladder worked gently": lambda alert: alert.gently,
    "an answer taken back": lambda alert: bool(alert.undone),
    "somebody who was not available": lambda alert: bool(alert.unavailable),
    "danger": lambda alert: alert.need is Need.DANGER,
}
"""What a check must have come across, or it did not go far enough to prove anything."""


def world_of(responders: int) -> World:
    """Return a ladder of two steps for 2 or 3 *responders* with two ways each."""
    five, ten = timedelta(minutes=5), timedelta(minutes=10)
    second = EscalationStep(ask=(BO,), wait=ten)
    if responders == 3:
        second = EscalationStep(ask=(BO, KIT), wait=ten, fair=True)
    return World(
        names=(SAM, BO, KIT)[:responders],
        # The longest pause from the start, so that every pause is alike.
        policy=EscalationPolicy(
            steps=(EscalationStep(ask=(SAM,), wait=five), second), repeat_after=timedelta(minutes=60)
        ),
        wakeable=frozenset({SAM}),
    )


@dataclass
class Result:
    """What a check found."""

    responders: int
    states: int = 0
    transitions: int = 0
    ways_out: int = 0
    """From so many states the way out was followed."""
    statuses: set[AlertStatus] = field(default_factory=set)
    sights: set[str] = field(default_factory=set)
    """Which of `SIGHTS` were seen."""
    violation: str = ""
    story: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """Return the result for a machine to read."""
        return {
            "responders": self.responders,
            "states": self.states,
            "transitions": self.transitions,
            "ways_out": self.ways_out,
            "violations": int(bool(self.violation)),
            "violation": self.violation,
            "story": self.story,
        }

    def __str__(self) -> str:
        counted = (
            f"{self.responders} responders: {self.states:,} states, {self.transitions:,} transitions,"
            f" the way out followed from {self.ways_out:,}"
        )
        if not self.violation:
            return f"{counted}; every promise kept"
        told = "\n".join(f"  {number}. {words}" for number, words in enumerate(self.story, start=1))
        return f"{counted}\nBROKEN: {self.violation}\nThe story that leads there:\n{told}"


class Check:
    """One walk through one world. Stops at the first broken promise."""

    def __init__(self, world: World, rules: Rules = decide.run) -> None:
        self.world = world
        self.rules = rules
        self.result = Result(responders=len(world.names))
        self.seen: dict[int, tuple[int, str] | None] = {}

    def run(self, transitions: int) -> Result:
        """Walk until *transitions* were taken, or nothing new is left, or a promise is broken."""
        start = self.first()
        self._breadth_first(start, [], int(transitions * (1 - FAR_SHARE)))
        seed = 0
        while self.result.transitions < transitions and not self.result.violation:
            seed += 1
            far, story = self._walk(start, seed)
            if not self.result.violation:
                until = min(self.result.transitions + FAR_EACH, transitions)
                self._breadth_first(far, story, until)
        self.result.states = len(self.seen)
        return self.result

    def first(self) -> State:
        """Return the world just after Ana called."""
        people = self.world.at_first
        facts = self.world.facts(people, BEGIN)
        decision = self.rules(None, self.world.raised(), facts)
        after = carry_out(people, self.world.names, decision.effects, BEGIN, new_hold=False)
        return State(decision.alert, after, BEGIN)

    def _breadth_first(self, root: State, prefix: list[str], until: int) -> None:
        root_print = fingerprint(root)
        if root_print in self.seen and prefix:
            return
        self.seen[root_print] = None
        queue = deque([(root, root_print)])
        while queue and self.result.transitions < until:
            state, state_print = queue.popleft()
            # What cannot be expanded within the budget any more need not be kept.
            room = (until - self.result.transitions) > len(queue) * 20
            for move, after, wrong in self._steps(state):
                if wrong:
                    self._found(wrong, prefix, state_print, move.words)
                    return
                if after is None:
                    continue
                after_print = fingerprint(after)
                if after_print in self.seen:
                    continue
                self.seen[after_print] = (state_print, move.words)
                found = self._wrong_in(after)
                if found:
                    self._found(found, prefix, state_print, move.words)
                    return
                if room:
                    queue.append((after, after_print))

    def _steps(self, state: State) -> Iterator[Step]:
        """Take every move from *state*; None where it leads nowhere new."""
        same = self.world.facts(state.people, state.now)
        for move in self.world.moves(state):
            self.result.transitions += 1
            still = move.people is state.people and move.now is state.now
            facts = same if still else self.world.facts(move.people, move.now)
            after, wrong = self.take(state, move, facts)
            yield move, after, wrong

    def take(self, state: State, move: Move, facts: Facts) -> tuple[State | None, str]:
        """Return the state after *move*, None when nothing changed, and the promise it breaks, if any."""
        if move.event is None:
            return State(state.alert, move.people, move.now), ""
        try:
            decision = self.rules(state.alert, move.event, facts)
        except AssertionError as fault:
            return None, f"a rule broke its own word: {fault}"
        alert = decision.alert
        if alert is state.alert and not decision.effects and facts.now == state.now:
            nothing = move.people is state.people
            return (None if nothing else State(alert, move.people, move.now)), ""
        new_hold = alert.holds != state.alert.holds
        people = carry_out(move.people, self.world.names, decision.effects, move.now, new_hold=new_hold)
        after = State(alert, people, move.now)
        return after, next(wrongs(self.world, state, move, decision, after), "")

    def _wrong_in(self, state: State) -> str:
        self.result.statuses.add(state.alert.status)
        self.result.sights.update(name for name, seen in SIGHTS.items() if seen(state.alert))
        found = broken(state.alert, state.now)
        if found:
            return found[0]
        if len(self.seen) % DEAD_END_EVERY == 0:
            self.result.ways_out += 1
            return (
                "" if self.leads_to_an_ask(state) else "nobody is ever asked again, though somebody could be"
            )
        return ""

    def _found(self, wrong: str, prefix: list[str], state_print: int, last: str) -> None:
        story = [last]
        step = self.seen[state_print]
        while step is not None:
            state_print, words = step
            story.append(words)
            step = self.seen[state_print]
        self.result.violation = wrong
        self.result.story = ["Ana calls", *prefix, *reversed(story)]

    def _walk(self, start: State, seed: int) -> tuple[State, list[str]]:
        """Go far from *start*, by chance but for *seed*; the promises are kept on the way, too."""
        chance = random.Random(seed)  # noqa: S311  (a walk, not a secret)
        state, story = start, list[str]()
        prelude = PRELUDES[seed % len(PRELUDES)]
        # After a prelude a few steps by chance are enough: what it led to should still be there.
        length = len(prelude) + (FAR_WALK // 10 if prelude else FAR_WALK)
        while len(story) < length:
            steps = [
                (move, after, wrong)
                for move, after, wrong in self._steps(state)
                if wrong or (after is not None and after.alert.status is not AlertStatus.RESOLVED)
            ]
            broke = next(((move, wrong) for move, _, wrong in steps if wrong), None)
            if broke:
                self.result.violation, self.result.story = broke[1], ["Ana calls", *story, broke[0].words]
                break
            told = [step for step in steps if step[0].words in prelude[len(story) : len(story) + 1]]
            move, after, _ = chance.choice(told or _likely(steps, chance))
            assert after is not None
            state = after
            story.append(move.words)
        return state, story

    def leads_to_an_ask(self, state: State) -> bool:
        """Whether, when nothing but timers happens from *state*, somebody who can be asked is asked."""
        if state.alert.status is AlertStatus.RESOLVED or not self._somebody_can_be_asked(state):
            return True
        for _ in range(TIMERS_TO_AN_ASK_MAX):
            timer = state.alert.timer
            if timer is None:
                return False
            now = max(timer.due, state.now)
            people = time_passed(_all_arrive(state))
            event = TIMER_EVENTS[timer.kind](generation=timer.generation)
            decision = self.rules(state.alert, event, self.world.facts(people, now))
            if any(isinstance(effect, Notify) for effect in decision.effects):
                return True
            new_hold = decision.alert.holds != state.alert.holds
            after = carry_out(people, self.world.names, decision.effects, now, new_hold=new_hold)
            state = State(decision.alert, after, now)
        return False

    def _somebody_can_be_asked(self, state: State) -> bool:
        return any(
            who.available and not who.removed and not all(who.gone)
            for name, who in zip(self.world.names, state.people, strict=True)
            if name in self.world.policy.people
        )


def _all_arrive(state: State) -> tuple[Standing, ...]:
    people = list(state.people)
    for i, who in enumerate(people):
        for number, row in enumerate(who.rows):
            if row in WAITING:
                people[i] = settle(people[i], number, Row.LIVE)
    return tuple(people)


def _likely(steps: list[Step], chance: random.Random) -> list[Step]:
    """Choose what a long walk may meet next: now and then time passes, and hardly anybody leaves.

    Removals and stopped ways cannot be taken back; by chance alone the circle would soon be empty.
    """
    lot = chance.random()
    if lot < WALK_TIME:
        return [step for step in steps if step[0].words.startswith("time passes")]
    if lot > 1 - WALK_LEAVING:
        return steps
    return [step for step in steps if "removed" not in step[0].words and "stops" not in step[0].words]


def main(arguments: list[str] | None = None) -> int:
    """Run the check by hand; return 1 when a promise was broken."""
    parser = ArgumentParser(prog="python -m nightlight.simulator.model", description=__doc__)
    parser.add_argument("--transitions", type=int, default=1_000_000)
    parser.add_argument("--responders", type=int, choices=(2, 3), default=2)
    parser.add_argument("--json", action="store_true", help="print the result for a machine to read")
    chosen = parser.parse_args(arguments)
    result = Check(world_of(chosen.responders)).run(chosen.transitions)
    sys.stdout.write((json.dumps(result.as_dict()) if chosen.json else str(result)) + "\n")
    return 1 if result.violation else 0


if __name__ == "__main__":
    sys.exit(main())
