"""The page behind a note after a call: the words, room to write back, and one button after which no more come."""

from django.http import Http404, HttpRequest, HttpResponse

from nightlight.store.dbclock import database_now
from nightlight.store.follow_ups import stop_notes, wishes_of
from nightlight.store.follow_ups_due import note_behind
from nightlight.store.page_queries import reader
from nightlight.store.words_back import TEXT_MAX, words_of
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.views.after import NOT_UNDERSTOOD, written


@methods("GET", "HEAD", "POST")
def follow_up(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing; writing back reaches a human, and enough is enough."""
    now = database_now()
    note = note_behind(token, now)
    person = reader(note.person) if note else None
    if note is None or person is None:
        raise Http404
    notice, status = "", 200
    if request.method == "POST":
        match posted(request, "do"):
            case "write":
                try:
                    notice = written(note, posted(request, "text"), now)
                except ValueError as error:
                    notice, status = str(error), 422
            case "enough":
                stop_notes(person.id, now)
                notice = "enough"
            case _:
                notice, status = NOT_UNDERSTOOD, 422
    context = {
        "note": note,
        "notice": notice,
        "typed": posted(request, "text") if status != 200 else "",
        "notes_on": wishes_of(person.id).notes_on,
        "words_sent": words_of(person.id, now),
        "text_max": TEXT_MAX,
    }
    return render(Page(template="follow_up.html", context=context, status=status), now=now, reader=person)
