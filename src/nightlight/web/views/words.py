"""Words between two people: "thinking of you", which needs no answer, and the one by which a text calls."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from nightlight.engine.own_words import WORD_CHARACTERS_MAX, why_unfit
from nightlight.intake import supporting as intake
from nightlight.intake.own_ways import own_ways
from nightlight.intake.supporting import moment_of
from nightlight.store import own_texts, thoughts
from nightlight.store.stepping_back import Mine, NotAgreed
from nightlight.store.supporting import agreement
from nightlight.store.thoughts import A_DAY, Sent
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.views.supporter import Supporter, by_link

TEXT_KIND = "sms"


@methods("GET", "HEAD", "POST")
@by_link
def word(request: HttpRequest, supporter: Supporter, id: int) -> HttpResponse:  # noqa: A002  (as in the address)
    """A member sends it with one tap."""
    which = agreement(supporter.person.id, id, supporter.now)
    if which is None:
        raise Http404
    said = None
    if request.method == "POST":
        try:
            own = Mine(person=supporter.person.id, membership=which.id)
            said = thoughts.send(own, moment_of(supporter.now))
        except NotAgreed:
            raise Http404 from None
    status = 422 if said in (Sent.ENOUGH_TODAY, Sent.NOT_NOW) else 200
    return supporter.show(
        "supporter_word.html", circle=which, said=said, word=thoughts.own_word(which.id), status=status
    )


@methods("GET", "HEAD", "POST")
@signed_in_only
def limits(request: HttpRequest, visit: Visit) -> HttpResponse:
    """How many of them a day may come; and those that are there, put away."""
    notice, status = "kept" if "kept" in request.GET else "", 200
    if request.method == "POST":
        if posted(request, "do") == "put_away":
            thoughts.put_away(visit.person.id, visit.now)
            return HttpResponseRedirect("/home")
        number = posted(request, "number")
        if number in {str(each) for each in A_DAY}:
            thoughts.set_words_a_day(visit.person.id, int(number))
            return HttpResponseRedirect("/me/thoughts?kept")
        notice, status = "not_understood", 422
    context = {
        "notice": notice,
        "thoughts": thoughts.thoughts_of(visit.person.id, visit.now),
        "number": thoughts.words_a_day(visit.person.id),
        "choices": A_DAY,
    }
    page = Page(template="me_thoughts.html", context=context, status=status)
    return render(page, now=visit.now, reader=visit.person)


@methods("GET", "HEAD", "POST")
@signed_in_only
def call_word(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The word by which a text from the person's own number calls."""
    if request.method != "POST":
        return _show(visit, notice=next((each for each in ("kept", "ended") if each in request.GET), ""))
    match posted(request, "do"):
        case "end":
            own_texts.keep_call_word(visit.person.id, "")
            return HttpResponseRedirect("/me/word?ended")
        case "keep":
            typed = posted(request, "word")
            unfit = why_unfit(typed)
            if unfit is not None:
                return _show(visit, notice=unfit.value, typed=typed, status=422)
            own_texts.keep_call_word(visit.person.id, typed)
            return HttpResponseRedirect("/me/word?kept")
    return _show(visit, notice="not_understood", status=422)


def _show(visit: Visit, *, notice: str = "", typed: str = "", status: int = 200) -> HttpResponse:
    numbers = [way for way in own_ways(visit.person.id) if way.channel == TEXT_KIND and way.is_proven]
    context = {
        "notice": notice,
        "typed": typed,
        "word": own_texts.call_word(visit.person.id),
        "word_max": WORD_CHARACTERS_MAX,
        "numbers_of_mine": numbers,
        "senders": intake.sender_numbers(),
    }
    return render(
        Page(template="me_word.html", context=context, status=status), now=visit.now, reader=visit.person
    )
