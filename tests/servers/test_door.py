"""Whoever holds a connection open, or sends very slowly, holds up nobody else; whoever asked is answered."""

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.servers.processes import wait_until
from tests.servers.sample import Try, running

MANY = 60
"""More than any number of threads we have."""
PATIENCE_SECONDS = 30
HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Try]:
    with running(tmp_path_factory.mktemp("door")) as tried:
        yield tried


@pytest.fixture
def connections(house: Try) -> Iterator[list[socket.socket]]:
    """Sixty that are open, and closed at the end."""
    with ExitStack() as stack:
        yield [stack.enter_context(connect(house)) for _ in range(MANY)]


def connect(house: Try) -> socket.socket:
    host, port = house.base.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)


def healthy(house: Try) -> bool:
    with urlopen(f"{house.base}/healthz", timeout=PATIENCE_SECONDS) as answer:
        return bool(answer.status == 200)


def still_open(connection: socket.socket) -> bool:
    """Whether the other side has not closed it yet."""
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True


def test_connections_on_which_nothing_comes_hold_up_nobody(
    house: Try, connections: list[socket.socket]
) -> None:
    assert healthy(house)
    assert all(still_open(each) for each in connections)


def test_requests_that_trickle_hold_up_nobody(house: Try, connections: list[socket.socket]) -> None:
    for each in connections:
        each.sendall(HEAD)
    assert healthy(house)
    connections[0].sendall(b"\r\n")
    assert connections[0].recv(15) == b"HTTP/1.1 200 OK"
    assert all(still_open(each) for each in connections[1:])


def test_a_form_that_trickles_holds_up_nobody(house: Try, connections: list[socket.socket]) -> None:
    for each in connections:
        each.sendall(b"POST /try HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20\r\n\r\ndo=")
    assert healthy(house)


def test_whoever_was_told_goodbye_and_stays_holds_up_nobody(
    house: Try, connections: list[socket.socket]
) -> None:
    for each in connections:
        each.sendall(HEAD + b"Connection: close\r\n\r\n")
    for each in connections:
        while each.recv(4096):
            pass
    assert healthy(house)


def test_what_is_far_too_large_is_refused_and_the_house_lives_on(house: Try) -> None:
    for size in (100_000, 3_000_000):
        with pytest.raises(HTTPError) as refused:
            urlopen(Request(f"{house.base}/try", data=b"x" * size), timeout=PATIENCE_SECONDS)
        assert refused.value.code == 413
    assert healthy(house)


def test_the_line_says_nothing_of_what_serves(house: Try) -> None:
    with urlopen(f"{house.base}/healthz", timeout=PATIENCE_SECONDS) as answer:
        assert "Server" not in answer.headers


def test_what_was_asked_before_the_end_is_answered(tmp_path: Path) -> None:
    with running(tmp_path) as house, connect(house) as ana:
        ana.sendall(HEAD + b"\r\n")
        house.server.process.send_signal(signal.SIGTERM)
        assert ana.recv(15) == b"HTTP/1.1 200 OK"
        wait_until(lambda: house.server.process.poll() is not None, "the end")
