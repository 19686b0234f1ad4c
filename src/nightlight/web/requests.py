"""What comes in with a request, read the careful way."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.urls import register_converter

from nightlight.config import is_loopback
from nightlight.web.views.errors import method_not_allowed

BODY_BYTES_MAX = 64 * 1024
LOOKING = ("GET", "HEAD")

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


class CallId:
    """An id of a call in an address. What is not like one is not looked for."""

    regex = "[0-9A-Za-z]{1,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CallId, "call")


def methods(*allowed: str) -> Callable[[View[Rest]], View[Rest]]:
    """Let only requests with these methods through; others hear which would be right (405)."""

    def decorate(view: View[Rest]) -> View[Rest]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            if request.method not in allowed:
                return method_not_allowed(request, allowed)
            return view(request, *args, **kwargs)

        return checked

    return decorate


def is_at_this_machine(request: HttpRequest) -> bool:
    """Whether *request* was made on this machine, to an address of this machine."""
    host, _ = split_domain_port(request.get_host())
    return all(is_loopback(each) for each in (host.strip("[]"), request.META.get("REMOTE_ADDR", "")))


def posted(request: HttpRequest, name: str) -> str:
    """One field of a form, without white space around it and without what no database can hold."""
    return request.POST.get(name, "").replace("\0", "").strip()
