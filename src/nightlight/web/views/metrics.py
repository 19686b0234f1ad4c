"""Numbers about the whole service, for whoever watches its machines. No number says anything of a person."""

from django.db import Error as DatabaseTrouble
from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from nightlight.intake.channels import names_on
from nightlight.store.access import Scope
from nightlight.store.dbclock import database_now
from nightlight.store.metrics import measure
from nightlight.web.metrics import Measured
from nightlight.web.requests import is_at_this_machine, methods
from nightlight.web.views.api import lacks_scope, no_good_token, program_behind

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The text form every reader of metrics understands."""

_PASSED_ON = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


@methods("GET", "HEAD")
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers of this moment, for this machine or for a token that may see them; 503 without a database."""
    try:
        refused = _refused(request)
        if refused is not None:
            return refused
        numbers = measure(database_now())
    except DatabaseTrouble:
        return HttpResponse("# the database cannot be reached\n", status=503, content_type=CONTENT_TYPE)
    registry = CollectorRegistry()
    registry.register(Measured(numbers, names_on()[0]))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE)


def _refused(request: HttpRequest) -> HttpResponse | None:
    """None for who may look. Who shows no token hears of an address at which nothing is."""
    if "Authorization" in request.headers:
        caller = program_behind(request)
        if caller is None:
            return no_good_token()
        return None if caller.scopes & {Scope.METRICS, Scope.READ} else lacks_scope(Scope.METRICS)
    # What a proxy on this machine passes on comes from this machine too, and is somebody else's.
    if is_at_this_machine(request) and not any(name in request.headers for name in _PASSED_ON):
        return None
    raise Http404
