"""A made-up SIP trunk that fails in ways a real Kamailio cannot be made to. Its phones ring, and nobody picks up."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.sip import own_address

SILENCE, GARBAGE, TRYING_FOR_EVER = "", "garbage", "100 Trying"
RINGING = "180 Ringing"


class FaultyTrunk:
    """Says *status* to whoever wants a phone rung, over UDP."""

    def __init__(self, address: str, status: str) -> None:
        self.address = address
        self._status = status
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind((address, 0))
        self._line.settimeout(0.1)
        self.port: int = self._line.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._over.set()
        self._thread.join()
        self._line.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                packet, place = self._line.recvfrom(65536)
            except (TimeoutError, ConnectionError):
                continue
            asked = packet.decode("latin-1")
            word = asked.partition(" ")[0]
            if word == "INVITE" and self._status == GARBAGE:
                self._line.sendto(b"\x00\xff what is this\r\n\r\n", place)
            elif word == "INVITE" and self._status:
                self._line.sendto(_answer(asked, self._status), place)
            elif word in ("CANCEL", "BYE"):
                self._line.sendto(_answer(asked, "200 OK"), place)


def _answer(asked: str, status: str) -> bytes:
    copied = [line for line in asked.split("\r\n") if re.match(r"(?i)(via|from|to|call-id|cseq):", line)]
    told = [
        line + ";tag=1" if line.lower().startswith("to:") and ";tag" not in line else line for line in copied
    ]
    return "\r\n".join([f"SIP/2.0 {status}", *told, "Content-Length: 0", "", ""]).encode("latin-1")


@contextmanager
def faulty_trunk(status: str) -> Iterator[FaultyTrunk]:
    """A trunk that answers *status* to every INVITE; with SILENCE, nothing."""
    with own_address() as address:
        trunk = FaultyTrunk(address, status)
        try:
            yield trunk
        finally:
            trunk.stop()
