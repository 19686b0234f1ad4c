"""Child processes that are started again when they end, and that end with their parent whatever ends it."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import click

RESTARTS_MAX = 3
RESTARTS_WITHIN_SECONDS = 60.0
BACK_OFF_SECONDS = (0.2, 1.0)
STOP_WITHIN_SECONDS = 12.0
"""Longer than a message in flight may take (8 s), so that it can be settled."""
POLL_SECONDS = 0.1

GIVE_UP_CODES = (2, 3)
"""A child that ends so says that a setting is wrong or a migration due: starting it again mends neither."""

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> Callable[[], None] | None:
    """What a child does between fork and exec so that it ends when its parent ends, even by `kill -9`.

    None where the system has no such thing; there an orphan ends when it next looks for its parent.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask() -> None:
        # What the parent does on SIGTERM is inherited up to exec, which then forgets that it came: a child
        # whose parent died in between would live on, holding the port of the next.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have ended before the line above.
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return ask


@dataclass
class Child:
    """One kind of child, and the process that is it now."""

    name: str
    command: Sequence[str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0
    ended_at: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS_MAX))

    def start(self, environ: Mapping[str, str]) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            self.command,
            env=dict(environ),
            pass_fds=self.pass_fds,
            preexec_fn=die_with_parent(),  # noqa: PLW1509  (one thread, and nothing but a system call)
            # Ctrl-C is for the parent, which then ends its children in order.
            start_new_session=True,
        )


class GaveUp(Exception):
    """A child cannot be kept running. `code` is what the parent should end with."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Supervisor:
    """Keeps its children running until told to stop."""

    def __init__(self, children: Sequence[Child], environ: Mapping[str, str]) -> None:
        self._children = children
        self._environ = environ
        self._stopping = False

    def stop(self) -> None:
        """End all of it; from a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Start the children and stay until stopped. Raises `GaveUp`."""
        try:
            while not self._stopping:
                for child in self._children:
                    self._look_after(child)
                time.sleep(POLL_SECONDS)
        finally:
            self._end_all()

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_at:
                child.start(self._environ)
            return
        code = child.process.poll()
        if code is None:
            return
        child.process = None
        if self._stopping:
            return
        if code in GIVE_UP_CODES:
            raise GaveUp(f"{child.name} ended with {code}; see its message above", code)
        child.ended_at.append(now)
        recent = [ended for ended in child.ended_at if now - ended < RESTARTS_WITHIN_SECONDS]
        if len(recent) >= RESTARTS_MAX:
            raise GaveUp(f"{child.name} ended {RESTARTS_MAX} times in a minute, last with {code}", 1)
        pause = BACK_OFF_SECONDS[len(recent) - 1]
        click.echo(
            f"nightlight serve: {child.name} ended with {code}; starting it again in {pause:g} s", err=True
        )
        child.start_at = now + pause

    def _end_all(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_WITHIN_SECONDS
        for process in running:
            try:
                process.wait(max(deadline - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
