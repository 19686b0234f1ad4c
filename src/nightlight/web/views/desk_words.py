"""At the host's desk: what somebody wrote back and nobody has, until somebody at the desk takes it."""

from django.http import HttpRequest, HttpResponse

from nightlight.store.dbclock import database_now
from nightlight.store.words_back import take_at_desk, words_for_host
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.views.desk import NOT_UNDERSTOOD, is_open
from nightlight.web.views.errors import desk_closed


@methods("GET", "HEAD", "POST")
def words(request: HttpRequest) -> HttpResponse:
    """The list, and one button for each."""
    now = database_now()
    if not is_open(request, now):
        return desk_closed()
    notice, status = "", 200
    if request.method == "POST":
        notice, status = NOT_UNDERSTOOD, 422
        if posted(request, "do") == "take":
            notice, status = ("took" if take_at_desk(posted(request, "word"), now) else "taken_already"), 200
    context = {"words": words_for_host(now), "notice": notice}
    return render(Page(template="desk_words.html", context=context, status=status), now=now)
