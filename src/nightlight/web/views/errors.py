"""What is shown when something is not there, not allowed, or broken: plain words, the numbers, a way on.

Programs get the same as problem+json, providers an empty text.
"""

import json
from collections.abc import Sequence
from http import HTTPStatus

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    SuspiciousOperation,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from nightlight.web.numbers import remembered
from nightlight.web.rendering import Page, render

TRY_AGAIN_SECONDS = 2
"""When a program is told to come again: a server that takes over needs longer, and each try costs nothing."""

_KNOWN_TO_DJANGO = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)


def problem(status: int, detail: str, **headers: str) -> HttpResponse:
    """An answer for programs: what was wrong, and what would be right."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    response = HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response


def is_failure(error: Exception) -> bool:
    """Whether *error* is a fault of ours, and not of what was asked for."""
    return not isinstance(error, _KNOWN_TO_DJANGO)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The same for every link that opens nothing, whatever the reason."""
    return _say(request, 404, "not_found.html", "there is nothing at this address")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """What came cannot be read."""
    return _say(request, 400, "bad_request.html", "this request cannot be read")


def method_not_allowed(request: HttpRequest, allowed: Sequence[str]) -> HttpResponse:
    """The address is right and the method is not."""
    response = _say(request, 405, "bad_request.html", f"use {' or '.join(allowed)} here")
    response["Allow"] = ", ".join(allowed)
    return response


def foreign(request: HttpRequest) -> HttpResponse:
    """A form that stands on somebody else's page."""
    return _say(request, 403, "foreign.html", "a page of another site may not post here")


def too_large(request: HttpRequest) -> HttpResponse:
    """More than anything here can need."""
    return _say(request, 413, "bad_request.html", "the body may have at most 64 KiB")


def desk_closed() -> HttpResponse:
    """The host's desk without a session."""
    return render(Page(template="desk_closed.html", context={}, status=403))


def no_database(request: HttpRequest) -> HttpResponse:
    """We cannot reach our own records, or cannot be sure that what came was written into them."""
    detail = "the database cannot be reached, or could not be sure; try again in a moment, with the same key"
    response = _say(request, 503, "broken.html", detail, away=True)
    response["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug of ours."""
    return _say(request, 500, "broken.html", "something broke on our side; it was written down", away=True)


def _say(
    request: HttpRequest, status: int, template: str, detail: str, *, away: bool = False
) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(status, detail)
    if request.path.startswith("/hooks/"):
        return HttpResponse(status=status, content_type="text/plain")
    # When something broke, what is remembered is shown: the database may be what broke.
    shown = remembered() if away else None
    return render(Page(template=template, context={}, status=status), shown=shown)
