"""The person's own check-ins: making one, changing it, pausing it, switching it on and off."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from nightlight import chance, config
from nightlight.channels.registry import page_word
from nightlight.intake import check_in_wishes, checkin
from nightlight.intake.channels import kinds_on
from nightlight.intake.supporting import NotUnderstood
from nightlight.store import check_in_queries, check_ins
from nightlight.store.check_in_edits import CHECK_INS_MAX, NAME_CHARACTERS_MAX, Press, TooMany
from nightlight.store.check_in_queries import CheckInView
from nightlight.store.local_time import local_date
from nightlight.store.page_queries import circle_view
from nightlight.web import check_in_form as form
from nightlight.web.check_in_form import FIELDS, Choices, Draft, Question
from nightlight.web.check_in_page import reminder_words, stand_of, stands_of
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only
from nightlight.web.ways_in import see_other

PLACE = "/check-ins"
MAKE = "make"
AGAIN = "again:"
"""Before the name of a question that is to be asked once more."""
NOTICES = ("made", "kept", "removed", "paused", "on", "off", "back", "key_dropped", "link")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question on its page."""

    question: Question
    draft: Draft
    why: str = ""
    """Why what was said before cannot be taken."""
    check_in: str = ""
    """The one that is changed; empty for a new one."""


@methods("GET", "HEAD")
@signed_in_only
def everything(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All of them."""
    stands = stands_of(visit.person.id, visit.now)
    context = {
        "stands": stands,
        "notice": _notice(request),
        "may_make": len(stands) < CHECK_INS_MAX,
        "has_way": bool(_choices(visit).kinds),
    }
    return _page(visit, "check_ins.html", context)


def _notice(request: HttpRequest) -> str:
    return next((word for word in NOTICES if word in request.GET), "")


def _page(visit: Visit, template: str, context: Mapping[str, object], status: int = 200) -> HttpResponse:
    return render(
        Page(template=template, context=context, status=status, layout="person.html"),
        now=visit.now,
        reader=visit.person,
    )


def _choices(visit: Visit) -> Choices:
    person = visit.person.id
    kinds = check_in_queries.reminder_kinds(person, (), kinds_on())
    return Choices(
        kinds=tuple(dict.fromkeys(kinds)),
        members=frozenset(each.person for each in check_in_queries.choosable(person)),
        has_ladder=circle_view(person).has_ladder,
    )


# ------------------------------------------------------------------------------------------ making one


@methods("GET", "HEAD", "POST")
@signed_in_only
def new(request: HttpRequest, visit: Visit) -> HttpResponse:
    """One question after another; nothing is kept before the last."""
    choices = _choices(visit)
    if not choices.kinds:
        return _page(visit, "check_in_no_way.html", {})
    if request.method != "POST":
        return _ask(visit, choices, Asked(question=Question.WHEN, draft=Draft()))
    draft, step = form.read(request.POST), posted(request, "step")
    if step == MAKE:
        return _make(visit, choices, draft, posted(request, "once"))
    if step.removeprefix(AGAIN) not in set(Question):
        return _ask(visit, choices, Asked(question=Question.WHEN, draft=draft, why="not_chosen"))
    question = Question(step.removeprefix(AGAIN))
    why = "" if step.startswith(AGAIN) else form.wrong(question, draft, choices)
    if why or step.startswith(AGAIN):
        return _ask(visit, choices, Asked(question=question, draft=draft, why=why))
    following = form.next_question(question, draft, choices)
    if following is not None:
        return _ask(visit, choices, Asked(question=following, draft=draft))
    return _look_again(visit, choices, draft)


def _look_again(visit: Visit, choices: Choices, draft: Draft, why: str = "") -> HttpResponse:
    """All that was said, on one page, and the button that switches it on."""
    found = _found_wrong(visit, choices, draft)
    if found is not None and not why:
        return _ask(visit, choices, Asked(question=found[0], draft=draft, why=found[1]))
    plan = form.plan_of(draft, choices)
    zone, now = visit.person.time_zone, visit.now
    context = {
        "draft": draft,
        "plan": plan,
        "why": why,
        "once": chance.new_id(),
        "kept": draft.pairs(without=("name",)),
        "is_daily": plan.rule == form.DAILY,
        "days": form.day_names(draft.weekdays if draft.days == "some" else ()),
        "times": check_in_wishes.next_times(plan.rule, local_date(now, zone), plan.at, zone, now),
        "minutes": int(plan.grace.total_seconds() // 60),
        "words": reminder_words(visit.person.id, plan.remind),
        "told": check_in_queries.names_of(sorted(plan.told)),
        "noted": check_in_queries.names_of(sorted(plan.noted)),
        "name_max": NAME_CHARACTERS_MAX,
        "questions": [
            each for each in Question if each is not Question.NAME and form.asks(each, draft, choices)
        ],
    }
    return _page(visit, "check_in_last.html", context, 422 if why else 200)


def _found_wrong(visit: Visit, choices: Choices, draft: Draft) -> tuple[Question, str] | None:
    """The first question whose answer cannot be taken, also because its dates lie too far off to be kept."""
    found = form.first_wrong(draft, choices)
    if found is not None:
        return found
    plan, zone = form.plan_of(draft, choices), visit.person.time_zone
    today = local_date(visit.now, zone)
    times = check_in_wishes.next_times(plan.rule, today, plan.at, zone, visit.now)
    return None if times else (Question.WHEN, "no_rule")


def _make(visit: Visit, choices: Choices, draft: Draft, once: str) -> HttpResponse:
    found = _found_wrong(visit, choices, draft)
    if found == (Question.NAME, "too_long"):
        cut = form.read_name(draft)
        return _look_again(visit, choices, cut, "too_long")
    if found is not None:
        return _ask(visit, choices, Asked(question=found[0], draft=draft, why=found[1]))
    try:
        press = Press(once=once, today=local_date(visit.now, visit.person.time_zone), now=visit.now)
        made = check_in_wishes.make(visit.person.id, form.plan_of(draft, choices), press)
    except TooMany:
        return _look_again(visit, choices, draft, "too_many")
    return see_other(f"{PLACE}/{made}?made")


def _ask(visit: Visit, choices: Choices, asked: Asked) -> HttpResponse:
    context = {
        "question": asked.question,
        "draft": asked.draft,
        "why": asked.why,
        "kept": asked.draft.pairs(without=FIELDS[asked.question]),
        "action": f"{PLACE}/{asked.check_in}/change" if asked.check_in else f"{PLACE}/new",
        "back": f"{PLACE}/{asked.check_in}" if asked.check_in else PLACE,
        "weekdays": list(zip(form.DAYS, form.day_names(form.DAYS), strict=True)),
        "graces": form.GRACES,
        "needs": form.NEEDS,
        "members": check_in_queries.choosable(visit.person.id),
        "kinds": [(kind, page_word(kind)) for kind in choices.kinds],
        "has_ladder": choices.has_ladder,
        "name_max": NAME_CHARACTERS_MAX,
    }
    return _page(visit, "check_in_question.html", context, 422 if asked.why else 200)


# --------------------------------------------------------------------------------- one that is there


def _own(visit: Visit, check_in: str) -> CheckInView:
    found = check_in_queries.check_in_of(visit.person.id, check_in, visit.now)
    if found is None:
        raise Http404
    return found


@methods("GET", "HEAD", "POST")
@signed_in_only
def one(request: HttpRequest, visit: Visit, id: str) -> HttpResponse:  # noqa: A002  (named as in the address)
    """How it stands, and every press about it."""
    view = _own(visit, id)
    if request.method != "POST":
        return _show(visit, view, notice=_notice(request), asking="remove" in request.GET)
    do, now = posted(request, "do"), visit.now
    match do:
        case "on":
            checkin.switch_on(view.id, now)
        case "off":
            checkin.switch_off(view.id, now)
        case "back":
            checkin.end_pause(view.id, now)
        case "key":
            return _show(visit, _own(visit, id), key=check_in_wishes.new_machine_key(view.id))
        case "key_dropped":
            check_ins.drop_machine_key(view.id)
        case "link":
            check_in_wishes.new_page_link(view.id)
        case "remove":
            check_in_wishes.remove(view.id)
            return HttpResponseRedirect(f"{PLACE}?removed")
        case _:
            return _show(visit, view, notice="not_understood", status=422)
    return see_other(f"{PLACE}/{view.id}?{do}")


def _show(
    visit: Visit,
    view: CheckInView,
    *,
    notice: str = "",
    status: int = 200,
    asking: bool = False,
    key: str = "",
) -> HttpResponse:
    base = config.current().base_url
    context = {
        "stand": stand_of(view, visit.person.id, visit.now),
        "words": reminder_words(visit.person.id, view.remind),
        "may_choose_ways": len(_choices(visit).kinds) > 1,
        "has_ladder": _choices(visit).has_ladder,
        "notice": notice,
        "asking": asking,
        "key": key,
        "key_address": f"{base}/api/v1/check-ins/{key}",
        "link": f"{base}/c/{view.token}" if view.token else "",
        "times": check_in_wishes.next_times(
            view.rule, view.starts_on, view.at, visit.person.time_zone, visit.now
        ),
    }
    return _page(visit, "check_in_own.html", context, status)


@methods("GET", "HEAD", "POST")
@signed_in_only
def change(request: HttpRequest, visit: Visit, id: str) -> HttpResponse:  # noqa: A002  (named as in the address)
    """One question of one check-in, asked anew."""
    view, choices = _own(visit, id), _choices(visit)
    if request.method != "POST":
        what = request.GET.get("what", "")
        if what not in set(Question):
            raise Http404
        return _ask(visit, choices, Asked(question=Question(what), draft=form.draft_of(view), check_in=id))
    draft, step = form.read(request.POST), posted(request, "step")
    if step not in set(Question):
        return _show(visit, view, notice="not_understood", status=422)
    why = form.wrong(Question(step), draft, choices)
    if why:
        return _ask(visit, choices, Asked(question=Question(step), draft=draft, why=why, check_in=id))
    found = _found_wrong(visit, choices, draft)
    if step == Question.MISS and draft.miss != view.on_miss:
        # Whom to tell, or what to ask for, belongs to it.
        following = form.next_question(Question.MISS, draft, choices)
        found = (following, "") if following in (Question.WHO, Question.NEED) else found
    if found is not None:
        return _ask(visit, choices, Asked(question=found[0], draft=draft, why=found[1], check_in=id))
    check_in_wishes.change(view.id, form.plan_of(draft, choices), visit.person.time_zone, visit.now)
    return see_other(f"{PLACE}/{view.id}?kept")


@methods("GET", "HEAD", "POST")
@signed_in_only
def pause(request: HttpRequest, visit: Visit, id: str) -> HttpResponse:  # noqa: A002  (named as in the address)
    """Away, or a phone that may be dead: until when nothing is asked."""
    view = _own(visit, id)
    if request.method != "POST":
        return _show_pause(visit, view)
    until = posted(request, "day"), posted(request, "hour")
    try:
        check_in_wishes.pause(view.id, posted(request, "why"), until, visit.person.time_zone, visit.now)
    except NotUnderstood as error:
        return _show_pause(visit, view, why=str(error), typed=until)
    return see_other(f"{PLACE}/{view.id}?paused")


def _show_pause(
    visit: Visit, view: CheckInView, *, why: str = "", typed: tuple[str, str] = ("", "")
) -> HttpResponse:
    context = {
        "back": f"{PLACE}/{view.id}",
        "why": why,
        "day": typed[0],
        "hour": typed[1],
        "today": local_date(visit.now, visit.person.time_zone),
    }
    return _page(visit, "check_in_pause.html", context, 422 if why else 200)
