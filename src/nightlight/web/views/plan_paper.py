"""A blank plan to print, for whoever writes by hand or whose browser runs no script."""

from django.http import HttpRequest, HttpResponse

from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods

KINDS = (
    "signs",
    "alone",
    "around",
    "people",
    "helpers",
    "safer",
    "stay",
    "how",
    "not",
    "list",
    "letters",
)
"""The parts of a plan, in the order of the page. Which is which, only browsers know."""
LINES = 5
"""To write on, under each question."""


@methods("GET", "HEAD")
def blank(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """All questions with lines to write on, for paper. Anybody may print it."""
    return render(Page(template="plan_blank.html", context={"kinds": KINDS, "lines": range(LINES)}))
