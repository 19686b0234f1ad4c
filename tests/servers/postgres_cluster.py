"""A primary and its standbys, thrown away afterwards: killed, promoted, copied anew.

Every server is one that may become the primary: the standbys follow whichever of all can be written, and a
server waits for those of the others that are named as synchronous.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.servers.postgres import OWNER, make_database, programs
from tests.servers.processes import Server, folder, free_port, wait_until

_READY_SECONDS = 30
# Nobody cuts the power of these, so nothing is gained by waiting for a disk that others use as well.
_SMALL = (
    "fsync=off",
    "shared_buffers=32MB",
    "max_connections=100",
    "max_wal_senders=10",
    "wal_keep_size=64MB",
)
_QUICK = ("wal_receiver_timeout=2s", "wal_retrieve_retry_interval=100ms", "wal_sender_timeout=5s")


class Node:
    """One server of a cluster, known by its name."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.port = free_port()
        self.data = home / name
        self._home = home
        self._server: Server | None = None

    def start(self, settings: Sequence[str]) -> None:
        """Start it, and return when it takes connections. Raises ServerFailed."""
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", f"cluster_name={self.name}"]
        options += [f"unix_socket_directories={self._home}", "hot_standby=on", *_SMALL, *_QUICK, *settings]
        self._server = Server(
            [str(programs() / "postgres"), "-D", str(self.data), *(w for o in options for w in ("-c", o))],
            log=self._home / f"{self.name}.log",
            user=_user(),
            cwd=self._home,
            stop_signal=signal.SIGINT,
        )
        check = [str(programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        is_ready = lambda: subprocess.run(check, check=False).returncode == 0  # noqa: E731
        self._server.ready(is_ready, f"PostgreSQL {self.name}", seconds=_READY_SECONDS)

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._server is not None and self._server.process.poll() is None

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What this very server answers. Raises psycopg.Error."""
        where = f"host=127.0.0.1 port={self.port} user={OWNER} dbname=postgres connect_timeout=3"
        with psycopg.connect(where, autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def received(self) -> int:
        """How far, in bytes of the log, this standby has what the primary wrote."""
        [(byte,)] = self.ask("SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn")
        return int(byte or 0)

    def processes(self, title: str = "") -> list[int]:
        """Its processes, itself first; with *title* only those that carry it in theirs."""
        assert self._server is not None
        own = self._server.process.pid
        below = children(own)
        return [pid for pid in (own, *below) if title in _title(pid)]

    def kill(self) -> None:
        """End all its processes at once, as when its machine dies."""
        assert self._server is not None
        own = self._server.process.pid
        # Held still first, so that it starts no other while the rest are counted.
        send([own], signal.SIGSTOP)
        send(self.processes(), signal.SIGKILL)
        self._server.kill()
        self._server = None

    def stop(self) -> None:
        """End it in order."""
        if self._server is not None:
            self._server.stop()
            self._server = None


class Cluster:
    """Servers of which one is the primary. `synchronous` names how many of the others a commit waits for."""

    def __init__(self, home: Path, names: Sequence[str], *, synchronous: bool) -> None:
        self.nodes = [Node(name, home) for name in names]
        self.primary = self.nodes[0]
        self._synchronous = synchronous

    @property
    def url(self) -> str:
        """The address that names every server, and wants the one that can be written."""
        places = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgresql://{OWNER}@{places}/postgres?target_session_attrs=read-write"

    @property
    def standbys(self) -> list[Node]:
        """Those that run and are not the primary."""
        return [node for node in self.nodes if node is not self.primary and node.is_running]

    def start(self) -> None:
        """Make the primary, then its standbys; return when a commit is waited for as it is to be."""
        make_database(self.primary.data, _user())
        (self.primary.data / "pg_hba.conf").write_text(
            "host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n"
        )
        self.primary.start(self._settings(self.primary))
        for node in self.nodes[1:]:
            self.copy(node)
        self.wait_until_followed(len(self.nodes) - 1)

    def copy(self, node: Node) -> None:
        """Make *node* anew as a standby of the primary, and start it."""
        if node.data.exists():
            shutil.rmtree(node.data)
        where = ["-h", "127.0.0.1", "-p", str(self.primary.port), "-U", OWNER]
        subprocess.run(
            [str(programs() / "pg_basebackup"), "-D", str(node.data), *where, "-c", "fast", "-X", "stream", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=node.data.parent,
            user=_user(),
            group=_user(),
            extra_groups=[] if _user() else None,
        )  # fmt: skip
        (node.data / "standby.signal").touch()
        node.start(self._settings(node))

    def promote(self) -> Node:
        """Make the standby that is furthest ahead the primary; the others follow it by themselves.

        The one before must be dead, and the standbys must have noticed.
        """
        standbys = self.standbys
        for node in standbys:
            wait_until(lambda node=node: not node.processes("streaming"), f"{node.name} to miss it")  # type: ignore[misc]
        chosen = max(standbys, key=lambda node: node.received())
        chosen.ask("SELECT pg_promote(true, 60)")
        self.primary = chosen
        return chosen

    def wait_until_followed(self, count: int) -> None:
        """Return when so many standbys follow the primary. Raises TimeoutError."""
        query = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
        wait_until(lambda: self.primary.ask(query) >= [(count,)], f"{count} standbys", seconds=_READY_SECONDS)

    def stop(self) -> None:
        """End all of them."""
        for node in self.nodes:
            node.stop()

    def _settings(self, node: Node) -> list[str]:
        others = [each for each in self.nodes if each is not node]
        hosts = ",".join("127.0.0.1" for _ in others)
        ports = ",".join(str(each.port) for each in others)
        whom = f"host={hosts} port={ports} user={OWNER} target_session_attrs=read-write connect_timeout=2"
        follow = [f"primary_conninfo={whom} application_name={node.name}", "recovery_target_timeline=latest"]
        wait = [f"synchronous_standby_names=ANY 1 ({','.join(each.name for each in others)})"]
        return follow + (wait if self._synchronous else [])


def _user() -> str | None:
    return OWNER if os.geteuid() == 0 else None


def children(pid: int) -> list[int]:
    """The processes that *pid* started and that still run."""
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def send(pids: Sequence[int], number: signal.Signals) -> None:
    """Send a signal to each of *pids* that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


@contextmanager
def held(pids: Sequence[int]) -> Iterator[None]:
    """Hold processes still while the block runs; those that are still there go on afterwards."""
    send(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        send(pids, signal.SIGCONT)


@contextmanager
def cluster(names: Sequence[str] = ("a", "b", "c"), *, synchronous: bool = True) -> Iterator[Cluster]:
    """A primary and standbys on free ports of loopback, running; gone when the block is left.

    With *synchronous* a commit is answered when any one standby has it on its disk. Raises MissingServer.
    """
    with ExitStack() as stack:
        home = stack.enter_context(folder("cluster"))
        if user := _user():
            shutil.chown(home, user, user)
        built = Cluster(home, names, synchronous=synchronous)
        stack.callback(built.stop)
        built.start()
        yield built
