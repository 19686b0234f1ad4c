"""Hold the tests against mistakes made by a tool: `make mutants`, or python -m tools.mutation --help.

First every test is run once and noted which lines of the engine and the store it reaches. Then, for each mistake,
the tests that reach its line are run until one fails: the mistake is killed. What survives is printed as a diff:
either a test is missing, or the mistake changes nothing anybody could see, and tools/mutation_equivalent.toml says
why. What was tried is kept in --folder, so a run that was broken off goes on where it stood.
"""

import json
import math
import random
import sys
import time
import tomllib
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tools.mutation_made import Made, made_in, told
from tools.mutation_session import MODEL, Session, try_mistake, try_model

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {"engine": "src/nightlight/engine", "store": "src/nightlight/store"}
TESTS = {"engine": ("tests/engine",), "store": ("tests/store", "tests/intake", "tests/worker")}
"""Which tests are asked. Others reach the same lines, too, and are slower; so what survives here may not there."""
EQUIVALENT = Path(__file__).with_name("mutation_equivalent.toml")
SECONDS_EACH = 90.0
"""So long may the tests of one mistake take; longer, and it counts as killed by its timeout if it ran for ever."""
SECONDS_MAP = 3600.0


class Plugin:
    """Does the work where pytest would run the tests."""

    def __init__(self, chosen: Namespace) -> None:
        self.chosen = chosen

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Go through the mistakes instead of through the tests."""
        folder = Path(self.chosen.folder)
        folder.mkdir(parents=True, exist_ok=True)
        shared = Session(session, ROOT, Path(self.chosen.scratch))
        reach = _reach(shared, self.chosen.module, folder / f"{self.chosen.module}.reach.json")
        _try_all(shared, reach, self.chosen, folder / f"{self.chosen.module}.jsonl")
        return True


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _reach(shared: Session, module: str, kept: Path) -> dict[str, list[str]]:
    """By line, which tests reach it, the quickest first; from *kept* when it is there."""
    if not kept.exists():
        _tell(f"which lines do {len(shared.items)} tests reach?")
        watched = (str(ROOT / SOURCES[module]),)
        said = shared.in_child(lambda say: shared.reached(watched, say), SECONDS_MAP)
        if said is None:
            raise SystemExit("the tests did not end in an hour")
        kept.write_text(json.dumps(_by_line(said)))
    return dict(json.loads(kept.read_text()))


def _by_line(said: list[str]) -> dict[str, list[str]]:
    tests: list[tuple[float, str, list[str]]] = []
    for line in said:
        if line.startswith("test\t"):
            _, name, seconds, at = line.split("\t")
            tests.append((float(seconds), name, at.split()))
        else:
            _tell(line)
    by_line: dict[str, list[str]] = {}
    for _, name, reached in sorted(tests):
        for at in reached:
            by_line.setdefault(at, []).append(name)
    return by_line


def _chosen_of(chosen: Namespace) -> list[Made]:
    """Every mistake, or a sample of them that the seed decides."""
    every = []
    for path in sorted((ROOT / SOURCES[chosen.module]).glob("*.py")):
        every += made_in(ROOT, str(path.relative_to(ROOT)))
    if chosen.only:
        every = [made for made in every if f"{made.path}:{made.function}".startswith(chosen.only)]
    if chosen.all or chosen.only:
        return every
    return random.Random(chosen.seed).sample(every, min(chosen.sample, len(every)))  # noqa: S311  (a sample)


def _try_all(shared: Session, reach: dict[str, list[str]], chosen: Namespace, kept: Path) -> None:
    tried = {one["id"]: one for one in _tried(kept)}
    mistakes = _chosen_of(chosen)
    began, done = time.monotonic(), 0
    for number, made in enumerate(mistakes, start=1):
        name = _id(made)
        if name in tried and not (chosen.again and tried[name]["came"] in ("survived", "invalid")):
            continue
        one = _try(shared, reach, made) | {"id": name}
        with kept.open("a") as into:
            into.write(json.dumps(one) + "\n")
        done += 1
        left = (len(mistakes) - number) * (time.monotonic() - began) / done
        _tell(
            f"{number}/{len(mistakes)} {one['came']:9} {made.path}:{made.line} {made.kind}; {left:.0f} s left"
        )


def _try(shared: Session, reach: dict[str, list[str]], made: Made) -> dict[str, object]:
    made = told(ROOT, made)
    # A constant of a module is read when others are loaded: every test of the module may notice it.
    tests = reach.get(f"{made.path}:{made.line}", []) if made.function else _of_module(reach, made.path)
    came, by = try_mistake(shared, made, tests, SECONDS_EACH) if tests else ("survived", "")
    if (
        came == "survived"
        and made.path.startswith(SOURCES["engine"])
        and try_model(shared, made, SECONDS_EACH)
    ):
        came, by = "killed", MODEL
    return asdict(made) | {"key": made.key, "came": came, "by": by, "tests": len(tests)}


def _of_module(reach: dict[str, list[str]], path: str) -> list[str]:
    found = (test for at, tests in reach.items() if at.startswith(f"{path}:") for test in tests)
    return list(dict.fromkeys(found))


def _tried(kept: Path) -> Iterator[dict[str, str]]:
    if kept.exists():
        yield from map(json.loads, kept.read_text().splitlines())


def interval(killed: int, of: int) -> tuple[float, float]:
    """The share killed, as a 95 % interval (Wilson's), from a sample."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, killed / of
    middle, spread = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def report(chosen: Namespace) -> int:
    """Print what came of every mistake tried so far; 1 when less than 95 % were killed."""
    excused = {one["key"] for one in tomllib.loads(EQUIVALENT.read_text()).get("equivalent", [])}
    wanted = {_id(made): made for made in _chosen_of(chosen)}
    last = {one["id"]: one for one in _tried(Path(chosen.folder) / f"{chosen.module}.jsonl")}
    tried = [one for name, one in last.items() if name in wanted and one["came"] != "invalid"]
    survived = [one for one in tried if one["came"] == "survived"]
    missing = [one for one in survived if told(ROOT, wanted[one["id"]]).key not in excused]
    of = len(tried) - (len(survived) - len(missing))
    killed, timeouts = of - len(missing), sum(one["came"] == "timeout" for one in tried)
    low, high = interval(killed, of)
    for one in missing:
        sys.stdout.write(f"{_as_diff(one)}\n\n")
    sys.stdout.write(
        f"{chosen.module}: {len(tried)} of {len(wanted)} mistakes tried, {len(tried) - of} change nothing that is seen;"
        f" of the other {of}, {killed} killed ({timeouts} by their timeout), {len(missing)} survived:"
        f" {100 * killed / max(1, of):.1f} % (95 %: {100 * low:.1f} to {100 * high:.1f})\n"
    )
    for path, (dead, all_of) in sorted(_by_file(tried, missing).items()):
        sys.stdout.write(f"  {path}: {dead} of {all_of}\n")
    return int(not of or killed < 0.95 * of)


def _by_file(tried: list[dict[str, str]], missing: list[dict[str, str]]) -> dict[str, tuple[int, int]]:
    every = Counter(one["path"] for one in tried)
    alive = Counter(one["path"] for one in missing)
    return {path: (count - alive[path], count) for path, count in every.items()}


def _as_diff(one: dict[str, str]) -> str:
    where = (
        f"{one['path']}:{one['line']} ({one['function'] or 'module'}, {one['kind']}; {one['tests']} tests)"
    )
    return f"{where}\n- {one['before']}\n+ {one['after'] or '(left out)'}"


def _id(made: Made) -> str:
    return f"{made.path}:{made.number}:{made.line}"


def main(arguments: list[str] | None = None) -> int:
    """Run by hand; 0 when at least 95 % were killed."""
    parser = ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("--module", choices=sorted(SOURCES), default="engine", help="whose mistakes")
    parser.add_argument("--sample", type=int, default=200, help="how many mistakes, by chance (200)")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--all", action="store_true", help="every mistake there is: hours")
    parser.add_argument("--only", default="", help="those of one file or function, as src/…/file.py:function")
    parser.add_argument("--again", action="store_true", help="try those that survived once more")
    parser.add_argument("--report", action="store_true", help="only print what came of it so far")
    parser.add_argument("--folder", default=".mutants", help="where what was tried is kept (.mutants)")
    parser.add_argument("--scratch", default="/dev/shm", help="where the databases of the tests lie")  # noqa: S108
    chosen = parser.parse_args(arguments)
    if not chosen.report:
        options = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-m", "not postgres and not servers"]
        pytest.main([*options, *TESTS[chosen.module]], plugins=[Plugin(chosen)])
    return report(chosen)


if __name__ == "__main__":
    sys.exit(main())
