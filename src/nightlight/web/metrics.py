"""The numbers of `store.metrics` in the form that Prometheus reads. docs/operating/monitoring.md explains each.

All are gauges, taken when they are asked for: several web processes would count each for itself, and
what is counted from rows falls when rows are erased. Labels hold words of ours and nothing else.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from nightlight import __version__
from nightlight.channels.registry import KINDS
from nightlight.engine.retries import Outcome
from nightlight.engine.state import AlertStatus
from nightlight.intake.channels import provider_name
from nightlight.store.heartbeats import WORKER
from nightlight.store.metrics import ASK, NEWS, OUTCOMES, Numbers

OTHER = "other"
"""Stands for a channel of which this version knows nothing, and for a provider that is off."""
_SHOWN_ALWAYS = tuple(kind for kind in KINDS if not kind.startswith("sample-"))


class Measured(Collector):
    """One moment's numbers, ready to be read."""

    def __init__(self, numbers: Numbers, providers: Mapping[str, Sequence[str]]) -> None:
        """*providers* are those that are on, by kind, in the order of the settings."""
        self._numbers = numbers
        self._providers = providers

    def collect(self) -> Iterator[Metric]:
        """Every number, with its name, its meaning in one line, and its labels."""
        numbers = self._numbers
        yield _by("build_info", "The version that answers.", ("version",), {(__version__,): 1})
        yield from self._calls()
        yield _by_channel(
            "messages_waiting",
            "Messages that are due and not sent.",
            ("channel", "what"),
            numbers.waiting,
            (ASK, NEWS),
        )
        yield _by(
            "oldest_due_seconds",
            "For how long the oldest thing has been due that is not done; 0 when nothing is.",
            ("what",),
            {
                (what,): numbers.oldest_due[what].total_seconds() if what in numbers.oldest_due else 0
                for what in (ASK, NEWS, "timer")
            },
        )
        yield _by_channel(
            "messages_last_hour",
            "Messages settled in the last hour, by what is known of them now.",
            ("channel", "outcome"),
            numbers.messages,
            [outcome.value for outcome in OUTCOMES],
        )
        yield _by_channel(
            "attempts_last_hour",
            "Single tries that ended in the last hour; a message may take several.",
            ("channel", "outcome"),
            self._attempts(),
            [outcome.value for outcome in Outcome],
        )
        yield _by(
            "provider_attempts_last_hour",
            "The same by provider; those of providers that are off are together.",
            ("channel", "provider", "outcome"),
            self._attempts_by_provider(),
        )
        yield from self._check_ins()
        yield from self._service()

    def _attempts(self) -> Mapping[tuple[str, str], int]:
        found: Counter[tuple[str, str]] = Counter()
        for (channel, _, outcome), count in self._numbers.attempts.items():
            found[channel, outcome] += count
        return found

    def _attempts_by_provider(self) -> Mapping[tuple[str, ...], float]:
        """With a zero for whatever may come of those that are on."""
        found: Counter[tuple[str, ...]] = Counter()
        for channel, names in self._providers.items():
            found.update({(channel, name, outcome.value): 0 for name in names for outcome in Outcome})
        for (channel, stored, outcome), count in self._numbers.attempts.items():
            names = self._providers.get(channel, ())
            name = provider_name(channel, stored, names)
            kind = channel if channel in KINDS else OTHER
            found[kind, name if name in names else OTHER, outcome] += count
        return found

    def _calls(self) -> Iterator[Metric]:
        numbers = self._numbers
        statuses = [status.value for status in AlertStatus if status is not AlertStatus.RESOLVED]
        yield _by(
            "calls_open",
            "Calls that are not over.",
            ("status",),
            {(status,): numbers.calls.get(status, 0) for status in statuses},
        )
        yield _one(
            "calls_set_aside",
            "Calls on which a rule of ours broke; their circles are asked by a plain message.",
            numbers.set_aside,
        )
        yield _one("calls_held", "Calls that wait for the host since a backup was put back.", numbers.held)
        yield _one(
            "calls_stuck", "Open calls without a timer that goes off in time; never above 0.", numbers.stuck
        )

    def _check_ins(self) -> Iterator[Metric]:
        numbers = self._numbers.check_ins
        yield _one("check_ins_running", "Check-ins that are due and whose time runs.", numbers.running)
        yield _one(
            "check_ins_stuck", "Check-ins that should long have moved on; never above 0.", numbers.stuck
        )
        yield _one(
            "check_ins_oldest_due_seconds",
            "For how long the oldest look at a check-in has been due; 0 when none is.",
            numbers.oldest_due.total_seconds(),
        )

    def _service(self) -> Iterator[Metric]:
        numbers = self._numbers
        yield _one(
            "messages_unsettled", "Messages taken up by a worker that never said what came.", numbers.lapsed
        )
        ages: dict[tuple[str, ...], float] = {(WORKER,): inf}
        ages |= {(part.name,): part.age.total_seconds() for part in numbers.parts}
        yield _by(
            "heartbeat_age_seconds",
            "Since the last full round; infinite when there never was one.",
            ("part",),
            ages,
        )
        yield _by(
            "last_round_seconds",
            "How long the last full round took.",
            ("part",),
            {(part.name,): part.round.total_seconds() for part in numbers.parts},
        )
        yield _by(
            "listening_age_seconds",
            "Since a line on which we listen (a mailbox, a chat) last worked; infinite when it never did.",
            ("line",),
            {(name,): inf if age is None else age.total_seconds() for name, age in numbers.lines.items()},
        )
        yield _one(
            "clock_ahead_seconds",
            "How far in the future something was recorded: the clock was set back.",
            numbers.clock_ahead.total_seconds(),
        )
        yield _one(
            "durability_faults",
            "Settings of the database with which a commit might not survive a power cut.",
            numbers.durability_faults,
        )


def _one(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"nightlight_{name}", meaning, value=value)


def _by(name: str, meaning: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(f"nightlight_{name}", meaning, labels=labels)
    for words, value in values.items():
        family.add_metric(words, value)
    return family


def _by_channel(
    name: str,
    meaning: str,
    labels: tuple[str, str],
    counts: Mapping[tuple[str, str], int],
    words: Iterable[str],
) -> Metric:
    """With a zero for whatever may come, so that a first failure is seen as a rise."""
    shown: dict[tuple[str, ...], float] = {(kind, word): 0 for kind in _SHOWN_ALWAYS for word in words}
    for (channel, word), count in counts.items():
        key = (channel if channel in KINDS else OTHER, word)
        shown[key] = shown.get(key, 0) + count
    return _by(name, meaning, labels, shown)
