"""What holds for every page: strict headers, no posts from elsewhere, no body beyond measure, kind failures."""

from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from nightlight import config
from nightlight.web.requests import BODY_BYTES_MAX, LOOKING
from nightlight.web.views import errors

_log = structlog.get_logger()

Next = Callable[[HttpRequest], HttpResponse]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
        # Text that would run is taken from static/trusted.js alone.
        " require-trusted-types-for 'script'; trusted-types nightlight"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class StrictHeaders:
    """Every answer says what a browser may do with it; nothing but static files is kept anywhere."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through, and set the headers on what comes back."""
        response = self._next(request)
        for name, value in HEADERS.items():
            response[name] = value
        # Static files come with a lifetime of their own.
        response.setdefault("Cache-Control", "no-store")
        return response


class OwnPagesOnly:
    """A form of another site cannot post here, and nothing huge can be posted at all.

    Not for programs that show a token, nor for providers, whose address holds a secret.
    """

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse what must be refused, before anything reads it."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            return errors.too_large(request)
        if request.method not in LOOKING and not _is_exempt(request) and _is_foreign(request):
            return errors.foreign(request)
        return self._next(request)


def _is_exempt(request: HttpRequest) -> bool:
    return request.path.startswith("/hooks/") or (
        request.path.startswith("/api/") and "Authorization" in request.headers
    )


def _is_foreign(request: HttpRequest) -> bool:
    """Whether a browser says that this came from another site's page.

    Our own pages send no referrer, and for their posts a browser then says `Origin: null`; so null
    alone tells nothing. Where browsers tell more, `Sec-Fetch-Site` says it.
    """
    if request.headers.get("Sec-Fetch-Site", "") in ("cross-site", "same-site"):
        return True
    origin = request.headers.get("Origin", "")
    own = {config.current().base_url, f"{request.scheme}://{request.get_host()}"}
    return origin not in ("", "null") and origin not in own


class LanguageOfStrangers:
    """Whoever is not known yet reads the language their browser asks for, where we speak it."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through in that language; pages for somebody known choose theirs."""
        with translation.override(translation.get_language_from_request(request)):
            response = self._next(request)
        response.setdefault("Vary", "Accept-Language")
        return response


class KindFailures:
    """A page of ours that breaks says so in plain words; the record names the view, never the path."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through; failures come to `process_exception`."""
        return self._next(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What to show for *error*; None leaves it to Django, which knows 404 and 400."""
        if not errors.is_failure(error):
            return None
        note_failure(request, error)
        if isinstance(error, OperationalError | InterfaceError):
            return errors.no_database(request)
        return errors.server_error(request)


def note_failure(request: HttpRequest, error: Exception) -> None:
    """Keep for the host which view broke and how, without the path, which may hold a token."""
    match = request.resolver_match
    _log.error("page failed", view=match.view_name if match else "", error=type(error).__name__)
