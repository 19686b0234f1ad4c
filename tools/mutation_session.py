"""Run the tests that reach a line, over one mistake after another: a plugin of pytest, used by tools/mutation.py.

The tests are gathered once. For each mistake a child is forked, in which the function that has it is given
another body; the child has a database file of its own, copied from one that is made once, and ends with the
first test that fails.
"""

import ast
import gc
import os
import select
import shutil
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from django.db import connections
from pytest_django.plugin import blocking_manager_key

from tools.mutation_made import Made, constant_named, with_mistake

MODEL = "the model check, 15,000 transitions"
"""What is asked when no test has noticed a mistake in the rules."""
_MODEL_TRANSITIONS = 15_000


class Session:
    """What the children share: the tests, the functions they may get another body for, and a made database."""

    def __init__(self, session: pytest.Session, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.items = {item.nodeid: item for item in session.items}
        self.functions: dict[str, list[FunctionType]] = defaultdict(list)
        for one in gc.get_objects():
            if isinstance(one, FunctionType):
                self.functions[one.__code__.co_filename].append(one)
        self._made = folder / "made.sqlite3"
        # Rules are tested without one.
        if any("tests/engine" not in item.nodeid for item in session.items):
            with session.config.stash[blocking_manager_key].unblock():
                self._make_database()
        gc.collect()
        gc.freeze()

    def _make_database(self) -> None:
        from django.test import utils  # noqa: PLC0415  (pytest-django looks it up there when it runs)

        default = connections["default"]
        default.settings_dict["TEST"]["NAME"] = str(self._made)
        self._made.unlink(missing_ok=True)
        default.creation.create_test_db(verbosity=0, autoclobber=True)
        default.close()
        vars(utils).update(setup_databases=self._own_database, teardown_databases=lambda *_, **__: None)

    def _own_database(self, *_arguments: object, **_options: object) -> list[object]:
        own = self.folder / f"{os.getpid()}.sqlite3"
        shutil.copyfile(self._made, own)
        default = connections["default"]
        default.close()
        default.settings_dict["NAME"] = str(own)
        return []

    def in_child(self, work: Callable[[Callable[[str], None]], None], seconds: float) -> list[str] | None:
        """Do *work* in a child: the lines it said, or None when *seconds* were not enough."""
        out, into = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(out)
            self._be_child(work, into)
        os.close(into)
        said = _read_all(out, time.monotonic() + seconds)
        os.close(out)
        if said is None:
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for left in self.folder.glob(f"{child}.sqlite3*"):
            left.unlink(missing_ok=True)
        return said

    def _be_child(self, work: Callable[[Callable[[str], None]], None], into: int) -> None:
        try:
            os.setsid()
            silent = os.open(os.devnull, os.O_RDWR)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            work(lambda line: _say(into, line))
        except BaseException as fault:  # noqa: BLE001  (a child never comes back from here)
            _say(into, f"broke {type(fault).__name__}: {fault}".replace("\n", " "))
        finally:
            os._exit(0)

    def run(self, tests: list[str], failed: Callable[[str], None], passed: Callable[[str], None]) -> None:
        """Run *tests* in this process, one by one, and say of each how it came out; stops at a failure."""
        items = [self.items[test] for test in tests if test in self.items]
        for item, following in zip(items, [*items[1:], None], strict=True):
            reports = _reports_of(item, following)
            if any(report.failed for report in reports):
                failed(item.nodeid)
                return
            passed(item.nodeid)

    def reached(self, watched: tuple[str, ...], say: Callable[[str], None]) -> None:
        """Run every test and say which lines of files under *watched* it reached, and how long it took."""
        lines: set[tuple[str, int]] = set()
        tracer = _tracer(watched, lines)
        items = list(self.items.values())
        for item, following in zip(items, [*items[1:], None], strict=True):
            lines.clear()
            began = time.monotonic()
            threading.settrace(tracer)
            sys.settrace(tracer)
            try:
                reports = _reports_of(item, following)
            finally:
                sys.settrace(None)
                threading.settrace(None)
            if any(report.failed for report in reports):
                say(f"failed {item.nodeid}")
                continue
            at = " ".join(f"{Path(path).relative_to(self.root)}:{line}" for path, line in sorted(lines))
            say(f"test\t{item.nodeid}\t{time.monotonic() - began:.3f}\t{at}")

    def plant(self, made: Made) -> bool:
        """Put the mistake into the functions that are loaded; False when nothing loaded has it."""
        path = self.root / made.path
        source = path.read_text(encoding="utf-8")
        tree = with_mistake(source, made.number)
        if not made.function:
            return _plant_constant(made, tree, source)
        new = _codes(compile(tree, str(path), "exec"))
        old = _codes(compile(source, str(path), "exec"))
        planted = False
        for function in self.functions[str(path)]:
            key = _key(function.__code__)
            if key in new and new[key] != old[key]:
                function.__code__ = new[key]
                planted = True
        return planted


def _plant_constant(made: Made, tree: ast.Module, source: str) -> bool:
    """Give a constant its other value, in its own module and wherever it was imported by name."""
    name = constant_named(ast.parse(source), made.number)
    module = made.path.removeprefix("src/").removesuffix(".py").replace("/", ".")
    own = sys.modules[module].__dict__
    old = own[name]
    statement = next(one for one in tree.body if _gives(one, name))
    fresh = dict(own)
    exec(compile(ast.Module([statement], []), made.path, "exec"), fresh)  # noqa: S102  (our own source)
    for other in list(sys.modules.values()):
        names = getattr(other, "__dict__", {})
        if names.get(name) is old:
            names[name] = fresh[name]
    return bool(fresh[name] != old)


def _gives(statement: ast.stmt, name: str) -> bool:
    targets = [getattr(statement, "target", None), *getattr(statement, "targets", ())]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _codes(code: CodeType) -> dict[tuple[str, int], CodeType]:
    found = {_key(code): code}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= _codes(inner)
    return found


def _reports_of(item: pytest.Item, following: pytest.Item | None) -> list[pytest.TestReport]:
    from _pytest.runner import runtestprotocol  # noqa: PLC0415  (pytest's own way to run one test)

    return runtestprotocol(item, nextitem=following, log=False)


def _tracer(watched: tuple[str, ...], lines: set[tuple[str, int]]) -> Any:
    def within(frame: FrameType, event: str, _what: object) -> Any:
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return within

    def called(frame: FrameType, _event: str, _what: object) -> Any:
        return within if frame.f_code.co_filename.startswith(watched) else None

    return called


def _say(into: int, line: str) -> None:
    os.write(into, f"{line}\n".encode())


def _read_all(out: int, until: float) -> list[str] | None:
    """Every line until the other end closes; None when it does not in time."""
    got = b""
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([out], [], [], left)[0]:
            return None
        part = os.read(out, 1 << 16)
        if not part:
            return got.decode(errors="replace").splitlines()
        got += part


def try_mistake(session: Session, made: Made, tests: list[str], seconds: float) -> tuple[str, str]:
    """What came of one mistake (killed, survived, timeout, invalid), and which test noticed it."""

    def work(say: Callable[[str], None]) -> None:
        if not session.plant(made):
            say("invalid")
            return
        say("planted")
        session.run(tests, failed=lambda name: say(f"killed {name}"), passed=lambda _: None)
        say("over")

    said = session.in_child(work, seconds)
    if said is None:
        return "timeout", ""
    killed = next((line.removeprefix("killed ") for line in said if line.startswith("killed ")), "")
    if killed:
        return "killed", killed
    if "invalid" in said or "planted" not in said:
        return "invalid", next((line for line in said if line.startswith("broke")), "")
    broke = next((line for line in said if line.startswith("broke")), "")
    return ("killed", broke) if broke else ("survived", "")


def try_model(session: Session, made: Made, seconds: float) -> bool:
    """Whether a short walk of the model check notices a mistake in the rules."""

    def work(say: Callable[[str], None]) -> None:
        from nightlight.simulator.model import Check  # noqa: PLC0415  (only when no test has noticed)
        from nightlight.simulator.modelled_worlds import world_of  # noqa: PLC0415

        session.plant(made)
        for responders in (2, 3):
            if Check(world_of(responders)).run(_MODEL_TRANSITIONS).violation:
                say("killed")
                return
        say("over")

    said = session.in_child(work, seconds)
    return said is not None and (said != ["over"])
