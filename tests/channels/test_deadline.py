"""Every conversation with a provider has one end, and one thread sees to all of them."""

import socket
import threading
from collections.abc import Iterator

import pytest

from nightlight.channels.deadline import Deadline

LONG = 60.0
SHORT = 0.05


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A provider that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_whose_time_is_up_first_is_cut_off_first_whoever_began_first(silent_port: int) -> None:
    with Deadline(LONG) as long, Deadline(SHORT) as short:
        patient = long.connect("127.0.0.1", silent_port)
        hasty = short.connect("127.0.0.1", silent_port)
        with patient, hasty:
            assert hasty.recv(1) == b""
            assert short.passed
            patient.setblocking(False)
            with pytest.raises(BlockingIOError):
                patient.recv(1)
            assert not long.passed


def test_what_is_over_before_its_time_is_left_alone(silent_port: int) -> None:
    with Deadline(SHORT) as over:
        over.connect("127.0.0.1", silent_port).close()
    with Deadline(2 * SHORT) as later, later.connect("127.0.0.1", silent_port) as connection:
        assert connection.recv(1) == b""
    assert later.passed
    assert not over.passed


def test_one_thread_watches_any_number_of_them(silent_port: int) -> None:
    deadlines = [Deadline(LONG) for _ in range(5)]
    for each in deadlines:
        each.__enter__()
    try:
        assert [thread.name for thread in threading.enumerate()].count("deadlines") == 1
    finally:
        for each in deadlines:
            each.__exit__(None, None, None)
