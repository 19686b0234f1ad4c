"""Everything that goes to a house and comes from it, written down byte by byte; and what words look like in there."""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

CHUNK = 65536


@dataclass
class Overheard:
    """A door in front of a house, at `base`; `asked` is what came in by it, `told` what went out."""

    base: str
    asked: bytearray = field(default_factory=bytearray)
    told: bytearray = field(default_factory=bytearray)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def _carry(self, source: socket.socket, sink: socket.socket, heard: bytearray) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                with self._lock:
                    heard += chunk
                sink.sendall(chunk)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _serve(self, listening: socket.socket, house: tuple[str, int]) -> None:
        while True:
            try:
                reader, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError):
                behind = socket.create_connection(house)
                for ends in ((reader, behind, self.asked), (behind, reader, self.told)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()


@contextmanager
def overhearing(port: int) -> Iterator[Overheard]:
    """A door in front of the house that listens on *port* of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        heard = Overheard(base=f"http://127.0.0.1:{listening.getsockname()[1]}")
        threading.Thread(target=heard._serve, args=(listening, ("127.0.0.1", port)), daemon=True).start()
        yield heard
        listening.shutdown(socket.SHUT_RDWR)


def forms(word: str) -> Iterator[bytes]:
    """What *word*, letters and digits only, looks like as it is, in hexadecimal, in UTF-16, and inside of base64."""
    plain = word.encode()
    yield plain
    yield plain.hex().encode()
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    for before in range(3):
        # The first and last letters depend on what stands around the word.
        whole = base64.b64encode(b" " * before + plain)
        yield whole[-(-before * 4 // 3) + 1 : -4]


def found_in(hay: bytes, words: list[str]) -> list[str]:
    """Those of *words* that stand in *hay* in any form."""
    return [word for word in words if any(form in hay for form in forms(word))]


def files_under(folder: Path) -> dict[str, bytes]:
    """Every file under *folder*, by its name."""
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
