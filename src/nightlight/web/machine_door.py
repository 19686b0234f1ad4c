"""A door before all others, for machines: `POST /api/v1/check-ins/{key}` of a check-in that is in order. Stop 1.

A lamp may say "still there" very often, and for each of them all the care for people's pages would be taken:
sessions of the database looked at, languages, cookies. What cannot be done in a moment here (another
database, an unknown key, a call that is open, anything that breaks) goes through the door that all others take,
and gets the same answer there; a test holds the two answers against each other.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from django.db import Error, connection

from nightlight.intake.machine import shortly
from nightlight.store.dbclock import DatabaseClock
from nightlight.store.postgresql import is_outcome_unknown
from nightlight.web.middleware import HEADERS

PREFIX = "/api/v1/check-ins/"
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_HEADERS = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *HEADERS.items()]

_log = structlog.get_logger()
_clock = DatabaseClock()


def with_machine_door(application: WSGIApplication) -> WSGIApplication:
    """*application*, behind this door."""

    def door(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            body = _answer(environ, _clock.now) if _is_for_us(environ) else b""
        except Error:
            start_response(
                "503 Service Unavailable", [*_HEADERS, ("Retry-After", "2"), ("Content-Length", "0")]
            )
            return []
        if not body:
            return application(environ, start_response)
        start_response("200 OK", [*_HEADERS, ("Content-Length", str(len(body)))])
        return [body]

    return door


def _is_for_us(environ: WSGIEnvironment) -> bool:
    # A page of somebody else's that posts here says where it comes from; that is for the other door to refuse.
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ["PATH_INFO"].startswith(PREFIX)
        and "HTTP_ORIGIN" not in environ
    )


def _answer(environ: WSGIEnvironment, now: Callable[[], datetime]) -> bytes:
    """The body of a good answer; empty when it is for the other door. Raises when nobody knows what was kept."""
    key = environ["PATH_INFO"].removeprefix(PREFIX)
    if not _KEY.fullmatch(key):
        return b""
    try:
        taken = shortly(key, now())
    except Error as error:
        # The database was away, or has closed what nobody used for long.
        _log.warning("machine goes the long way", error=type(error).__name__)
        connection.close()
        # The other door would find it made already, and say so, though it may be lost with one server.
        if is_outcome_unknown(error):
            raise
        return b""
    return answer_body(taken.next_due) if taken is not None else b""


def answer_body(next_due: datetime | None) -> bytes:
    """What a machine is told whose sign of life was taken in."""
    due = (
        next_due.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
        if next_due
        else None
    )
    return json.dumps({"status": "ok", "next_due": due}).encode()
