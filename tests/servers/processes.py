"""Starting real servers on free ports, waiting until they answer, and leaving nothing behind.

Usable with and without pytest. Every server here is a context manager; one that is missing on this
machine raises `MissingServer`, which names the Debian package.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

READY_SECONDS = 45
STOP_SECONDS = 10
PAUSE_SECONDS = 0.02


class MissingServer(RuntimeError):
    """A server the tests talk to is not installed."""


class ServerFailed(RuntimeError):
    """A server ended, or did not become ready in time; the text ends with what it said."""


def program(name: str, package: str, *, where: str | None = None) -> str:
    """The path of *name*. Raises MissingServer, naming *package*."""
    found = shutil.which(name, path=where or f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/kannel/test")
    if found is None:
        raise MissingServer(f"{name} is not installed; as root: apt-get install {package}")
    return found


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(check: Callable[[], bool], what: str, *, seconds: float = READY_SECONDS) -> None:
    """Return as soon as *check* holds. Raises TimeoutError, naming *what*, when it never does."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain for {what}")
        time.sleep(PAUSE_SECONDS)


def listens(port: int) -> bool:
    """Whether somebody accepts connections on *port* of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def folder(prefix: str) -> Iterator[Path]:
    """A folder that other users can enter, removed at the end."""
    path = Path(tempfile.mkdtemp(prefix=f"nightlight-{prefix}-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Server:
    """One process in a group of its own; it ends with us, also when we are killed."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        user: str | None = None,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.log = log
        self._stop_signal = stop_signal
        tied = [program("setpriv", "util-linux"), f"--pdeathsig={stop_signal.name.removeprefix('SIG')}"]
        if user:
            tied += [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*tied, "--", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    def ready(self, check: Callable[[], bool], what: str, *, seconds: float = READY_SECONDS) -> None:
        """Wait for *check*. Raises ServerFailed when the process ends first, or it takes too long."""

        def settled() -> bool:
            return self.process.poll() is not None or check()

        try:
            wait_until(settled, what, seconds=seconds)
        except TimeoutError as error:
            raise ServerFailed(f"{error}\n{self.said()}") from None
        if self.process.poll() is not None:
            raise ServerFailed(f"{what} ended with {self.process.returncode}\n{self.said()}")

    def said(self) -> str:
        """The end of what it wrote."""
        return self.log.read_text(errors="replace")[-4000:]

    def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """Ask it to end, and after *seconds* make its whole group end."""
        self._signal(self._stop_signal, only_parent=True)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        self.kill()

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        self._signal(signal.SIGKILL)
        self.process.wait(STOP_SECONDS)
        if self.process.stdin is not None:
            self.process.stdin.close()

    def _signal(self, number: signal.Signals, *, only_parent: bool = False) -> None:
        try:
            if only_parent:
                self.process.send_signal(number)
            else:
                os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass
