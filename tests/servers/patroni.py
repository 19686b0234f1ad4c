"""Three machines with PostgreSQL, Patroni and etcd each, as processes on loopback: one dies, another takes over."""

import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

from tests.servers.postgres import OWNER, programs
from tests.servers.postgres_cluster import children, send
from tests.servers.processes import Server, ServerFailed, folder, free_port, program, wait_until

NAMES = ("a", "b", "c")
WHOLE_SECONDS = 180
TTL_SECONDS, LOOP_SECONDS, RETRY_SECONDS = 20, 2, 3
"""Patroni's lowest ttl, and what fits into it."""

_DCS = {
    "ttl": TTL_SECONDS,
    "loop_wait": LOOP_SECONDS,
    "retry_timeout": RETRY_SECONDS,
    "maximum_lag_on_failover": 0,
    "synchronous_mode": True,
    "synchronous_mode_strict": True,
    "primary_start_timeout": 0,
    "postgresql": {
        "use_pg_rewind": True,
        "parameters": {
            "wal_log_hints": "on",
            "max_connections": 100,
            "shared_buffers": "32MB",
            "fsync": "off",
        },
    },
}


class Machine:
    """One of them."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.home = home / name
        self.peer, self.client, self.rest, self.port = (free_port() for _ in range(4))
        self.running: dict[str, Server] = {}

    def start(self, all_of: "list[Machine]") -> None:
        """Start its etcd and its Patroni, which starts its PostgreSQL."""
        user = OWNER if os.geteuid() == 0 else None
        self.home.mkdir(mode=0o700, exist_ok=True)
        config = self.home / "patroni.json"
        config.write_text(json.dumps(self._config(all_of)))
        for path in (self.home, config):
            if user:
                shutil.chown(path, user, user)
        peers = ",".join(f"{each.name}=http://127.0.0.1:{each.peer}" for each in all_of)
        own = f"http://127.0.0.1:{self.client}", f"http://127.0.0.1:{self.peer}"
        etcd = [program("etcd", "etcd-server"), "--name", self.name, "--data-dir", str(self.home / "etcd")]
        etcd += [
            "--listen-client-urls",
            own[0],
            "--advertise-client-urls",
            own[0],
            "--initial-cluster",
            peers,
        ]
        etcd += [
            "--listen-peer-urls",
            own[1],
            "--initial-advertise-peer-urls",
            own[1],
            "--log-level",
            "error",
        ]
        commands = {"etcd": etcd, "patroni": [program("patroni", "patroni"), str(config)]}
        for part, command in commands.items():
            log = self.home / f"{part}.log"
            # Patroni is Debian's, with Debian's Python.
            environment = {"LC_ALL": "C.UTF-8", "HOME": str(self.home), "PYTHONPATH": ""}
            self.running[part] = Server(command, log=log, user=user, cwd=self.home, environment=environment)

    def leads(self) -> bool:
        """Whether it says of itself that it is the primary."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rest}/primary", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """End all its processes at once, as when the machine dies."""
        pids = [server.process.pid for server in self.running.values()]
        send(pids, signal.SIGSTOP)
        # What PostgreSQL starts leaves the group of whoever started it; its children are children's children.
        below, found = list(pids), []
        while below:
            found += below
            below = [child for pid in below for child in children(pid)]
        found += self._postgres()
        send(found, signal.SIGKILL)
        for server in self.running.values():
            server.kill()
        self.running.clear()

    def stop(self) -> None:
        """End it in order."""
        for part in ("patroni", "etcd"):
            if part in self.running:
                self.running.pop(part).stop()
        send(self._postgres(), signal.SIGKILL)

    def _postgres(self) -> list[int]:
        """Its server and that one's processes, which Patroni starts apart from itself."""
        try:
            own = int((self.home / "data" / "postmaster.pid").read_text().split()[0])
        except (OSError, IndexError):
            return []
        return [own, *children(own)]

    def _config(self, all_of: "list[Machine]") -> dict[str, object]:
        login = {"username": OWNER, "password": "made-up"}
        return {
            "scope": "nightlight",
            "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self.rest}", "connect_address": f"127.0.0.1:{self.rest}"},
            "etcd3": {"hosts": [f"127.0.0.1:{each.client}" for each in all_of]},
            "bootstrap": {"dcs": _DCS, "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "no-sync"]},
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}",
                "connect_address": f"127.0.0.1:{self.port}",
                "data_dir": str(self.home / "data"),
                "bin_dir": str(programs()),
                "pgpass": str(self.home / "pgpass"),
                "pg_hba": ["host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"],
                "authentication": {"superuser": login, "replication": login, "rewind": login},
                "parameters": {"unix_socket_directories": str(self.home)},
                "create_replica_methods": ["basebackup"],
                "basebackup": ["no-sync", {"checkpoint": "fast"}],
            },
        }


class Patroni:
    """All three, as the failover campaign uses them."""

    def __init__(self, home: Path) -> None:
        self._machines = [Machine(name, home) for name in NAMES]
        self._dead: Machine | None = None

    @property
    def url(self) -> str:
        """The address that names all of them."""
        places = ",".join(f"127.0.0.1:{each.port}" for each in self._machines)
        return f"postgresql://{OWNER}@{places}/postgres?target_session_attrs=read-write"

    def start(self) -> None:
        """Start all; return when two standbys follow, one of them waited for."""
        for each in self._machines:
            each.start(self._machines)
        self._wait_until_whole()

    def die(self, how: str, chance: Random) -> tuple[float, int]:
        """Kill the primary's machine. When it was dead, and 0, as no commit was cancelled."""
        self._dead = self._leader()
        assert self._dead is not None, "there is no primary to kill"
        self._dead.kill()
        return time.monotonic(), 0

    def mend(self) -> None:
        """Switch the machine on again; return when all is as before."""
        assert self._dead is not None
        self._dead.start(self._machines)
        self._wait_until_whole()

    def stop(self) -> None:
        """End all."""
        for each in self._machines:
            each.stop()

    def _leader(self) -> Machine | None:
        return next((each for each in self._machines if each.running and each.leads()), None)

    def _wait_until_whole(self) -> None:
        wait_until(self._is_whole, "Patroni's three machines", seconds=WHOLE_SECONDS)

    def _is_whole(self) -> bool:
        time.sleep(0.2)
        for server in (server for each in self._machines for server in each.running.values()):
            if server.process.poll() is not None:
                raise ServerFailed(
                    f"{server.log.stem} ended with {server.process.returncode}\n{server.said()}"
                )
        leader = self._leader()
        if leader is None:
            return False
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{leader.rest}/cluster", timeout=2) as answer:
                members = json.load(answer)["members"]
        except (OSError, urllib.error.HTTPError, ValueError):
            return False
        well = [each for each in members if each["state"] in ("running", "streaming")]
        return len(well) == len(NAMES) and any(each["role"] == "sync_standby" for each in well)


@contextmanager
def patroni() -> Iterator[Patroni]:
    """Three machines, whole; gone when the block is left. Raises MissingServer."""
    program("etcd", "etcd-server")
    program("patroni", "patroni")
    with ExitStack() as stack:
        home = stack.enter_context(folder("patroni"))
        if os.geteuid() == 0:
            shutil.chown(home, OWNER, OWNER)
        built = Patroni(home)
        stack.callback(built.stop)
        built.start()
        yield built
