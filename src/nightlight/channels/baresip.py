"""One baresip for one ring, told what to do over its control socket. Part of `voice_sip`.

A process for each ring: each has words of its own, and one that breaks takes no other with it. It ends
with the thread that began it, also when that is killed. What is said on the other side is not kept.
"""

import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

START_SECONDS_MAX = 3.0
LOOK_SECONDS = 0.1
PROGRAMS = {"baresip": "baresip-core", "espeak-ng": "espeak-ng", "sox": "sox", "setpriv": "util-linux"}
"""What is needed on this machine, and the Debian package it comes in."""

_CONFIGURATION = """\
call_max_calls 1
audio_player aufile,/dev/null
audio_source aufile,{folder}/0.wav
audio_alert aufile,/dev/null
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports 20000-29999
jitter_buffer_delay 1-5
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {control}
"""

_PREFIX = "nightlight-phone-"
_MEMORY = Path("/dev/shm")  # noqa: S108  (each ring has a folder of its own in there, which nobody else may enter)
_PLACE = _MEMORY if _MEMORY.is_dir() else None
"""What is said lies in memory, not on a disk."""

Event = tuple[str, str]
"""What happened (`CALL_RINGING`, `CALL_ESTABLISHED`, `CALL_DTMF_START`, `CALL_CLOSED`), and the word with it."""


class PhoneBroke(Exception):
    """This baresip cannot be used, or no more."""


def _sweep() -> None:
    """Remove what processes left behind that were killed in the middle of a ring."""
    for folder in Path(_PLACE or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        process = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if process.isdigit() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def missing_program() -> str:
    """The Debian package of a program that is needed and missing; empty when all are there."""
    return next((package for name, package in PROGRAMS.items() if shutil.which(name) is None), "")


class Baresip:
    """One phone, for one ring. Made, used for what happens, and closed by one thread; others may `play`."""

    def __init__(self, account: str, said: bytes) -> None:
        """*account* is a line of its `accounts`, *said* the WAV file that is heard when it is picked up."""
        _sweep()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_PLACE))
        self._lock = threading.Lock()
        self._played = 0
        self._unread = b""
        # Anywhere in a network that is this machine's alone, so that no two meet.
        chance = random.SystemRandom()
        host = f"127.{chance.randint(1, 254)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}"
        self._control = (host, chance.randint(20000, 60000))
        written = {
            "config": _CONFIGURATION.format(folder=self._folder, control=f"{host}:{self._control[1]}"),
            "accounts": account + "\n",
            "contacts": "",
        }
        for name, text in written.items():
            (self._folder / name).write_text(text)
        (self._folder / "0.wav").write_bytes(said)
        self._process = self._start()
        self._socket = self._connect()
        # It has read them by now, and whoever is killed in the middle of a ring cannot tidy up.
        for name in written:
            (self._folder / name).unlink()

    def dial(self, number: str, trunk: str) -> None:
        """Begin to ring *number* through *trunk*, `host:port`. Raises `PhoneBroke`."""
        self._do("dial", f"sip:{number}@{trunk}")

    def play(self, said: bytes) -> None:
        """Say this from now on instead; when it ends the line is closed. Raises `PhoneBroke`."""
        with self._lock:
            self._played += 1
            file = self._folder / f"{self._played}.wav"
        try:
            file.write_bytes(said)
        except OSError as error:
            raise PhoneBroke("closed") from error
        self._do("ausrc", f"aufile,{file}")

    def hang_up(self) -> None:
        """Stop ringing, or close the line. Raises `PhoneBroke`."""
        self._do("hangup", "")

    def happens(self, seconds: float) -> Iterator[Event]:
        """What happens within so many *seconds*. Raises `PhoneBroke` when it is gone."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(min(left, LOOK_SECONDS))
            try:
                received = self._socket.recv(65536)
            except TimeoutError:
                continue
            except OSError as error:
                raise PhoneBroke("disconnected") from error
            if not received:
                raise PhoneBroke("ended")
            self._unread += received
            yield from self._read()

    def close(self) -> None:
        """End it, and leave nothing behind."""
        with contextlib.suppress(PhoneBroke):
            self._do("quit", "")
        self._socket.close()
        self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        command = ["setpriv", "--pdeathsig=TERM", "--", "baresip", "-4", "-f", str(self._folder)]
        quiet = subprocess.DEVNULL
        try:
            return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise PhoneBroke("not_installed") from error

    def _connect(self) -> socket.socket:
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end and self._process.poll() is None:
            try:
                return socket.create_connection(self._control, timeout=START_SECONDS_MAX)
            except OSError:
                time.sleep(0.02)
        self._end()
        raise PhoneBroke("not_started")

    def _end(self) -> None:
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _do(self, command: str, given: str) -> None:
        told = json.dumps({"command": command, "params": given}).encode()
        try:
            with self._lock:
                self._socket.sendall(b"%d:%s," % (len(told), told))
        except OSError as error:
            raise PhoneBroke("disconnected") from error

    def _read(self) -> Iterator[Event]:
        """Every whole message in what was received: its length, a colon, JSON, a comma."""
        while b":" in self._unread:
            length, _, rest = self._unread.partition(b":")
            if not length.isdigit() or len(rest) <= int(length):
                return
            told, self._unread = json.loads(rest[: int(length)]), rest[int(length) + 1 :]
            if isinstance(told, dict) and told.get("event"):
                yield str(told.get("type", "")), str(told.get("param", ""))
