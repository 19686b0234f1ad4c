"""What people and programs do from outside: requests that are made again until the service answers."""

import http.client
import json
import queue
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

AGAIN_SECONDS = 0.15
AGAIN_SECONDS_MAX = 3.0
"""Each try in vain doubles the pause up to this: hundreds who wait must not take the machine for themselves."""
REQUEST_SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What came back."""

    status: int
    body: str


def post(url: str, body: bytes, headers: dict[str, str]) -> Answered | None:
    """Send *body* once; None when no whole answer came back, so that nobody knows."""
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:
            return Answered(status=answer.status, body=answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answered(status=error.code, body="")
    except (OSError, http.client.HTTPException):
        return None


def post_form(url: str, **fields: str) -> Answered | None:
    """Press a button."""
    return post(
        url,
        urllib.parse.urlencode(fields).encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )


def post_json(url: str, document: dict[str, str], **headers: str) -> Answered | None:
    """Ask for something over the API."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return post(url, json.dumps(document).encode(), {"Content-Type": "application/json", **named})


@dataclass(order=True)
class _Due:
    at: float
    number: int
    visit: Callable[[], Answered | None] = field(compare=False)
    then: Callable[[Answered], None] = field(compare=False)
    pause: float = field(default=AGAIN_SECONDS, compare=False)


class Visits:
    """Visits at given moments, by several threads, each made again until the service has answered it."""

    def __init__(self, threads: int) -> None:
        self._queue: queue.PriorityQueue[_Due] = queue.PriorityQueue()
        self._lock = threading.Lock()
        self._count = 0
        self._open = 0
        self._ended = threading.Event()
        self.tries_in_vain = 0
        """How often no answer came, or one that said the service is in trouble."""
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def plan(self, at: float, visit: Callable[[], Answered | None], then: Callable[[Answered], None]) -> None:
        """Make *visit* at the moment *at* of `time.monotonic`; *then* hears the answer."""
        with self._lock:
            self._count += 1
            self._open += 1
            number = self._count
        self._queue.put(_Due(at=at, number=number, visit=visit, then=then))

    @property
    def open(self) -> int:
        """How many visits were not answered yet."""
        with self._lock:
            return self._open

    def end(self) -> None:
        """Make no more of them."""
        self._ended.set()
        for thread in self._threads:
            thread.join(REQUEST_SECONDS + 1)

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                due = self._queue.get(timeout=0.1)
            except queue.Empty:
                continue
            if due.at > time.monotonic():
                self._queue.put(due)
                self._ended.wait(min(due.at - time.monotonic(), 0.05) if due.at > time.monotonic() else 0)
                continue
            self._make(due)

    def _make(self, due: _Due) -> None:
        answered = due.visit()
        if answered is None or answered.status >= 500:
            due.at = time.monotonic() + due.pause
            due.pause = min(2 * due.pause, AGAIN_SECONDS_MAX)
            with self._lock:
                self.tries_in_vain += 1
            self._queue.put(due)
            return
        # What follows is planned before this counts as done, so that nobody takes a pause for the end.
        due.then(answered)
        with self._lock:
            self._open -= 1
