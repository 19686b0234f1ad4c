"""The process that serves pages, on a socket that it inherits: `python -m nightlight.web.server FD`.

One thread reads and writes for everybody at once, and hands over only what has come whole; so a telephone on a
slow line, a browser that opens connections in advance, or somebody who means harm holds up nobody else.
"""

import logging
import select
import signal
import socket
import sys
import time
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

THREADS = 8
"""Requests a web process answers at once. Reads are short; nothing here waits for a provider."""
CONNECTIONS_MAX = 900
"""Open at once. Below the 1,024 files a process may have open where nobody chose otherwise."""
SILENT_SECONDS = 15
"""A connection on which nothing comes or goes for so long is closed; a live page asks every two seconds."""
LET_FINISH_SECONDS = 3.0
"""What has been asked before we are told to stop is answered within this, or not at all."""
LOOK_SECONDS = 1.0
"""Between two looks at which connections have been silent for too long, if nothing else happens."""
SOON_SECONDS = 0.02
"""Between two looks at the end whether all has been said."""
WHOLE_BODY_BYTES = 1024 * 1024
"""Kept in memory until whole, so that nothing that people wrote lies in a temporary file. No page takes so much."""


Open = dict[int, Any]
"""All that one server reads from and writes to, by the number of the file."""


def make(listening: socket.socket, everything: Open) -> BaseWSGIServer:
    """The server of our pages on *listening*, which listens already; it keeps in *everything* what is open."""
    from nightlight.web.wsgi import application  # noqa: PLC0415  (reads tables, so only who serves has it)

    # Its words name paths, and the path of an answer page is its token.
    logging.getLogger("waitress").addHandler(logging.NullHandler())
    logging.getLogger("waitress").propagate = False
    server = create_server(
        application,
        map=everything,
        sockets=[listening],
        threads=THREADS,
        connection_limit=CONNECTIONS_MAX,
        channel_timeout=SILENT_SECONDS,
        cleanup_interval=SILENT_SECONDS // 3,
        inbuf_overflow=WHOLE_BODY_BYTES,
        max_request_body_size=WHOLE_BODY_BYTES,
        ident=None,
        # Somebody in front of us on this machine says whether the line to the reader is encrypted. What else
        # such a one adds is read by nobody but the page of figures, which wants to know that it was there.
        trusted_proxy="127.0.0.1",
        trusted_proxy_headers={"x-forwarded-proto"},
        clear_untrusted_proxy_headers=False,
    )
    assert isinstance(server, BaseWSGIServer), "one socket, one server"
    return server


def serve(server: BaseWSGIServer, everything: Open) -> None:
    """Serve until told to stop; then answer what has been asked, and return."""
    told: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        told.append(number)
        server.pull_trigger()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while not told:
        _turn(everything, LOOK_SECONDS)
    until = time.monotonic() + LET_FINISH_SECONDS
    while (_is_asked(everything) or _owes(everything)) and time.monotonic() < until:
        _turn(everything, SOON_SECONDS)
    server.task_dispatcher.shutdown(timeout=0)


def _turn(everything: Open, seconds: float) -> None:
    """Take what has come and give what can go; waits so long for it, if there is nothing."""
    # select() knows no file above 1,023, so poll().
    wasyncore.loop(timeout=seconds, use_poll=True, map=everything, count=1)


def _is_asked(everything: Open) -> bool:
    """Whether something has come that is not read yet."""
    poll = select.poll()
    for number in everything:
        poll.register(number, select.POLLIN)
    return bool(poll.poll(0))


def _owes(everything: Open) -> bool:
    """Whether somebody still waits for an answer, or for the rest of one."""
    readers = [each for each in everything.values() if isinstance(each, HTTPChannel)]
    return any(each.requests or each.total_outbufs_len for each in readers)


def main() -> None:
    """Serve on the socket whose number is the one argument."""
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        everything: Open = {}
        serve(make(listening, everything), everything)


if __name__ == "__main__":
    main()
