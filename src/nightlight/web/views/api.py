"""Calls, for other programs of the host's: JSON in and out, problem+json when something is wrong.

Stops 1 and 9 of the road.
"""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse

from nightlight import config
from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.store.access import ApiCaller, CalledOnce, KeyReused, Scope, api_caller, call_by_program
from nightlight.store.advance import NoSuchAlert
from nightlight.store.dbclock import database_now
from nightlight.store.page_queries import reader
from nightlight.store.queries import alert_view, alert_views
from nightlight.store.queries_json import alert_json
from nightlight.web.requests import methods
from nightlight.web.views.errors import problem

KEY_CHARACTERS_MAX = 255
PERSON_ID = re.compile(r"[-\w]{1,64}", re.ASCII)
_EXAMPLE = 'write it like {"person": "ana", "need": "talk"}'

Rest = ParamSpec("Rest")
Program = Callable[Concatenate[HttpRequest, ApiCaller, Rest], HttpResponse]


class CallWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a request that raises a call."""

    person: str
    need: str = Need.TALK


class NotUnderstood(ValueError):
    """The request cannot be done as it stands; the message says why, and what would be right."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def program_behind(request: HttpRequest) -> ApiCaller | None:
    """The program whose token *request* shows, or None."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return api_caller(token.strip()) if kind.lower() == "bearer" else None


def no_good_token() -> HttpResponse:
    """What is said without a good token."""
    detail = "send a token that was not revoked, as `Authorization: Bearer …`"
    return problem(401, detail, WWW_Authenticate="Bearer")


def lacks_scope(scope: Scope) -> HttpResponse:
    """What is said to a good token that may do other things."""
    return problem(403, f"this token has not the scope {scope}; make one with --scope {scope}")


def needs_scope(
    scope: Scope,
) -> Callable[[Program[Rest]], Callable[Concatenate[HttpRequest, Rest], HttpResponse]]:
    """Let only programs through whose token has *scope*, and hand the view which one it is."""

    def decorate(view: Program[Rest]) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            caller = program_behind(request)
            if caller is None:
                return no_good_token()
            if scope not in caller.scopes:
                return lacks_scope(scope)
            return view(request, caller, *args, **kwargs)

        return checked

    return decorate


@methods("GET", "HEAD", "POST")
def calls(request: HttpRequest) -> HttpResponse:
    """A list of calls, or one more."""
    return _raise(request) if request.method == "POST" else _list(request)


@methods("GET", "HEAD")
@needs_scope(Scope.READ)
def call(request: HttpRequest, caller: ApiCaller, id: str) -> HttpResponse:  # noqa: A002, ARG001  (as documented)
    """One call."""
    try:
        return JsonResponse(alert_json(alert_view(id)))
    except NoSuchAlert:
        return problem(404, "there is no call with this id")


@needs_scope(Scope.READ)
def _list(request: HttpRequest, caller: ApiCaller) -> HttpResponse:  # noqa: ARG001
    status = request.GET.get("status", "")
    if status not in ("", "open"):
        return problem(422, f"status is {status!r}; it can only be open, or be left out for all calls")
    views = alert_views(open_only=status == "open")
    return JsonResponse({"calls": [alert_json(view) for view in views]})


@needs_scope(Scope.CALL)
def _raise(request: HttpRequest, caller: ApiCaller) -> HttpResponse:
    try:
        key = _idempotency_key(request)
        wanted = _call_wanted(request)
        called = _call(caller, wanted, key)
    except NotUnderstood as error:
        return problem(error.status, error.detail)
    except (intake.NotPossible, KeyReused) as error:
        return problem(422, str(error))
    body = {"id": called.alert, "url": f"{config.current().base_url}/desk/calls/{called.alert}"}
    return JsonResponse(body, status=201 if called.is_new else 200)


def _call(caller: ApiCaller, wanted: CallWanted, key: str) -> CalledOnce:
    now, need = database_now(), Need(wanted.need)
    return call_by_program(caller, wanted.person, key, now, lambda: intake.call(wanted.person, need, now))


def _idempotency_key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > KEY_CHARACTERS_MAX:
        raise NotUnderstood(
            422, f"Idempotency-Key has {len(key)} characters; it may have at most {KEY_CHARACTERS_MAX}"
        )
    return key


def _call_wanted(request: HttpRequest) -> CallWanted:
    if request.content_type != "application/json":
        raise NotUnderstood(415, f"the body must be JSON, sent as application/json; {_EXAMPLE}")
    try:
        wanted = msgspec.convert(json.loads(request.body), CallWanted)
    except msgspec.ValidationError as error:
        raise NotUnderstood(422, f"{error}; {_EXAMPLE}") from error
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(422, f"the body is not JSON; {_EXAMPLE}") from error
    if wanted.need not in set(Need):
        raise NotUnderstood(422, f"need is {wanted.need!r}; it can be {', '.join(Need)}")
    if not PERSON_ID.fullmatch(wanted.person) or reader(wanted.person) is None:
        raise NotUnderstood(404, f"there is nobody with the id {wanted.person!r}")
    return wanted
