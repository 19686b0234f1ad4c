"""Machines of our own on one machine: a network namespace each, and a cable from it to one switch.

Addresses are of 198.18.0.0/24, which is kept for trials (RFC 2544). It needs root and `ip` (Debian: iproute2);
nothing of the machine's own network is touched, and everything is gone when the block is left.
"""

import ctypes
import os
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.servers.processes import MissingServer, program

NET = "198.18.0"
_CLONE_NEWNET = 0x40000000
_OWN = Path("/proc/thread-self/ns/net")


class Cables:
    """Some machines by name, each with an address and a cable that can be pulled."""

    def __init__(self, prefix: str, addresses: dict[str, str]) -> None:
        self._prefix = prefix
        self.addresses = addresses

    @contextmanager
    def inside(self, machine: str) -> Iterator[None]:
        """Be on *machine* with this thread, and with every thread and process that it begins."""
        before = os.open(_OWN, os.O_RDONLY)
        there = os.open(f"/run/netns/{self._prefix}{machine}", os.O_RDONLY)
        try:
            _enter(there)
            yield
        finally:
            _enter(before)
            os.close(there)
            os.close(before)

    def pull(self, machine: str) -> None:
        """Pull the cable of *machine*: nothing comes or goes, and nobody is told."""
        _ip("-n", f"{self._prefix}switch", "link", "set", f"to-{machine}", "down")

    def plug_in(self, machine: str) -> None:
        """Put it back."""
        _ip("-n", f"{self._prefix}switch", "link", "set", f"to-{machine}", "up")


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "this thread cannot enter a network namespace")


def _ip(*words: str) -> None:
    done = subprocess.run([program("ip", "iproute2"), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingServer(f"ip {' '.join(words)}: {done.stderr.strip()}")


@contextmanager
def cables(machines: Sequence[str]) -> Iterator[Cables]:
    """*machines*, which can reach one another. Raises `MissingServer` where this cannot be had."""
    if os.geteuid() != 0:
        raise MissingServer("machines of one's own need root, for network namespaces")
    prefix = f"nl{secrets.token_hex(2)}-"
    made = Cables(prefix, {name: f"{NET}.{number}" for number, name in enumerate(machines, start=10)})
    with ExitStack() as undo:
        _namespace(f"{prefix}switch", undo)
        switch = ("-n", f"{prefix}switch", "link")
        _ip(*switch, "add", "switch", "type", "bridge", "forward_delay", "0")
        _ip(*switch, "set", "switch", "up")
        for name, address in made.addresses.items():
            own = f"{prefix}{name}"
            _namespace(own, undo)
            _ip(*switch, "add", f"to-{name}", "type", "veth", "peer", "name", "cable", "netns", own)
            _ip(*switch, "set", f"to-{name}", "master", "switch", "up")
            _ip("-n", own, "address", "add", f"{address}/24", "dev", "cable")
            _ip("-n", own, "link", "set", "cable", "up")
        yield made


def _namespace(name: str, undo: ExitStack) -> None:
    _ip("netns", "add", name)
    undo.callback(_ip, "netns", "del", name)
    _ip("-n", name, "link", "set", "lo", "up")
