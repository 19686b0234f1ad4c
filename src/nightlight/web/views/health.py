"""Whether this process lives, and whether the whole service works. Neither page needs a token."""

from datetime import timedelta

from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponse, JsonResponse

from nightlight.store.dbclock import database_now
from nightlight.store.heartbeats import last_beat
from nightlight.web.requests import methods

WORKER_LATE_AFTER = timedelta(seconds=60)
"""No full round of the worker for this long is an outage (design, rule 12)."""


@methods("GET", "HEAD")
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """This web process answers."""
    try:
        lag = _worker_lag()
    except DatabaseTrouble:
        lag = None
    return _answer("ok", lag)


@methods("GET", "HEAD")
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Calls are being worked: the database answers, and the worker finished a round within a minute."""
    try:
        lag = _worker_lag()
    except DatabaseTrouble:
        return _answer("no database", None, status=503)
    if lag is None or lag > WORKER_LATE_AFTER:
        return _answer("worker late", lag, status=503)
    return _answer("ok", lag)


def _worker_lag() -> timedelta | None:
    """How long ago the worker finished a full round; None when it never did."""
    beat = last_beat()
    return max(database_now() - beat, timedelta(0)) if beat else None


def _answer(word: str, lag: timedelta | None, status: int = 200) -> HttpResponse:
    seconds = round(lag.total_seconds(), 1) if lag is not None else None
    return JsonResponse({"status": word, "worker_lag_seconds": seconds}, status=status)
