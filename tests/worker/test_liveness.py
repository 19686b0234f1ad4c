"""The ping to an outside watch: after a full round, and after nothing else. A real server is asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import structlog
from django.db import OperationalError

from nightlight import config
from nightlight.worker import liveness
from nightlight.worker.liveness import PING_AGAIN_AFTER, PING_EVERY, Watchdog
from nightlight.worker.loop import Worker
from tests.people import NOON

SECRET_PATH = "/ping/4d1f-the-address-is-the-key"


class Switch:
    """A dead man's switch, as any service that offers one has it: it answers, and keeps who called."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = b"OK"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{SECRET_PATH}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        switch = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                switch.called.append(f"{self.command} {self.path}")
                self.send_response(switch.status)
                for name, value in switch.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(switch.body)))
                self.end_headers()
                with suppress(ConnectionError):
                    self.wfile.write(switch.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (as inherited)
                """A test's output is for its failures."""

        return Handler


@pytest.fixture
def switch() -> Iterator[Switch]:
    made = Switch()
    yield made
    made.close()


def finished() -> None:
    """Until no ping is under way."""
    for thread in threading.enumerate():
        if thread.name == "watchdog":
            thread.join(20)
            assert not thread.is_alive()


def pings(watchdog: Watchdog, *seconds: float) -> None:
    """A full round is done at each of these seconds after noon."""
    for after in seconds:
        watchdog.full_round(NOON + timedelta(seconds=after))
        finished()


def record_of(watchdog: Watchdog, *seconds: float) -> list[Any]:
    with structlog.testing.capture_logs() as record:
        pings(watchdog, *seconds)
    return record


def test_a_full_round_pings_at_most_twice_a_minute(switch: Switch) -> None:
    pings(Watchdog(switch.url), *range(61))

    assert switch.called == [f"GET {SECRET_PATH}"] * 3
    assert timedelta(seconds=60) / 2 >= PING_EVERY, "one ping may get lost before anybody is woken"


def test_without_an_address_nobody_is_called(switch: Switch) -> None:
    pings(Watchdog(""), 0, 60)

    assert switch.called == []
    assert [each for each in threading.enumerate() if each.name == "watchdog"] == []


def test_a_clock_that_is_set_back_does_not_silence_it(switch: Switch) -> None:
    pings(Watchdog(switch.url), 0, -7200)

    assert len(switch.called) == 2


@pytest.mark.parametrize("status", [301, 302, 404, 500])
def test_a_refused_ping_is_on_record_without_the_address_and_comes_again_soon(
    switch: Switch, status: int
) -> None:
    """A redirect is a refusal: whoever counts pings would never hear of it."""
    switch.status = status
    switch.headers = {"Location": f"{switch.url}/elsewhere"} if status < 400 else {}
    watchdog = Watchdog(switch.url)
    record = record_of(watchdog, 0, 1)

    assert switch.called == [f"GET {SECRET_PATH}"]
    assert record == [{"event": "watchdog refused the ping", "status": status, "log_level": "warning"}]
    switch.status = 200
    again = PING_AGAIN_AFTER.total_seconds()
    assert record_of(watchdog, again, again + 6) == []
    assert len(switch.called) == 2


def test_an_address_nobody_listens_at_is_on_record_without_the_address(switch: Switch) -> None:
    switch.close()
    (line,) = record_of(Watchdog(switch.url), 0)

    assert line["event"] == "watchdog not reached"
    assert set(line) == {"event", "error", "log_level"}
    assert "127.0.0.1" not in str(line)
    assert "4d1f" not in str(line)


def test_whatever_breaks_in_a_ping_the_next_one_comes(
    switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watchdog = Watchdog(switch.url)
    with monkeypatch.context() as broken:
        broken.setattr(watchdog._http, "request", lambda *_, **__: 1 / 0)
        (line,) = record_of(watchdog, 0)
    assert line["error"] == "ZeroDivisionError"

    pings(watchdog, 10)
    assert len(switch.called) == 1


def test_a_long_answer_is_not_waited_for(switch: Switch) -> None:
    switch.body = b"x" * 5_000_000
    pings(Watchdog(switch.url), 0, 30)

    assert len(switch.called) == 2


def test_a_watch_that_hangs_does_not_hold_up_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    watchdog = Watchdog("http://127.0.0.1:1/")
    began, answered = threading.Event(), threading.Event()

    def hangs() -> bool:
        began.set()
        return answered.wait(20)

    monkeypatch.setattr(watchdog, "_is_taken", hangs)
    watchdog.full_round(NOON)
    assert began.wait(20)
    # It comes back at once, while the first ping is still out, and begins no second one.
    watchdog.full_round(NOON + timedelta(minutes=5))
    assert len([each for each in threading.enumerate() if each.name == "watchdog"]) == 1
    answered.set()
    finished()


# ------------------------------------------------------------------------------ inside a worker


class ThreeRounds:
    """Wakes at once, and stops its worker after three rounds."""

    def __init__(self) -> None:
        self.worker: Worker | None = None
        self.rounds = 0

    def wait(self, seconds: float) -> None:
        self.rounds += 1
        if self.rounds == 3 and self.worker is not None:
            self.worker.stop()

    def wake(self) -> None: ...

    def close(self) -> None: ...


class Noon:
    def now(self) -> Any:
        return NOON


@pytest.fixture
def watched(switch: Switch, with_settings: Callable[..., config.Settings], channels_on: None) -> Worker:
    """A worker with an outside watch; it works three rounds."""
    with_settings(watchdog_url=switch.url)
    rounds = ThreeRounds()
    worker = Worker(Noon(), rounds)
    rounds.worker = worker
    return worker


def run(worker: Worker) -> list[Any]:
    with structlog.testing.capture_logs() as record:
        worker.run()
    finished()
    return record


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_a_worker_that_goes_round_pings(watched: Worker, switch: Switch) -> None:
    run(watched)

    assert switch.called == [f"GET {SECRET_PATH}"]


PLACES = ["sender.claiming", "_waker.round", "_waker.give_everyone_time_again", "_clock.now"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
@pytest.mark.parametrize("error", [ValueError("ours"), OperationalError("away")])
@pytest.mark.parametrize("place", PLACES)
def test_a_worker_whose_round_breaks_anywhere_does_not_ping(
    watched: Worker, switch: Switch, monkeypatch: pytest.MonkeyPatch, place: str, error: Exception
) -> None:
    """It runs, and does nothing: the alarm outside must ring as if it had stopped."""

    def breaks(*_: object) -> None:
        raise error

    part, _, step = place.partition(".")
    monkeypatch.setattr(getattr(watched, part), step, breaks)
    monkeypatch.setattr("nightlight.worker.loop.connections.close_all", lambda: None)
    record = run(watched)

    assert len([line for line in record if line["event"] in ("round broke", "database away")]) == 3
    assert switch.called == []


@pytest.mark.django_db(transaction=True)
def test_a_sign_of_life_that_cannot_be_written_down_is_none(
    watched: Worker, switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full: what cannot write can send nothing either."""

    def full(*_: object) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr("nightlight.worker.loop.heartbeats.beat", full)
    monkeypatch.setattr("nightlight.worker.loop.connections.close_all", lambda: None)
    run(watched)

    assert switch.called == []


def test_the_alarm_outside_can_be_set_to_a_minute() -> None:
    """A ping that got lost, its wait, and the next one fit into the minute the design gives."""
    worst = PING_EVERY + timedelta(seconds=liveness.PING_TIMEOUT_SECONDS) + PING_AGAIN_AFTER

    assert worst < timedelta(seconds=60)
