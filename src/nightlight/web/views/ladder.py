"""Who is asked, and in what order: arranged, suggested, rehearsed. Nothing here is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from nightlight.channels.registry import KINDS, page_word
from nightlight.engine.needs import Need
from nightlight.engine.policy import PolicyError
from nightlight.intake.alert import NotPossible
from nightlight.intake.arranging import save_ladder
from nightlight.intake.readiness import gaps, suggested_ladder
from nightlight.intake.rehearse import Rehearsal, rehearse
from nightlight.store.keeping_away import kept_away
from nightlight.store.ladders import Arranged, LadderChanged, NotInCircle, arranged
from nightlight.store.members import MemberView, members_of
from nightlight.web.ladder_form import WAITS, Draft, drafts_of, pressed, read, steps_of
from nightlight.web.rendering import Page, render, zone_of
from nightlight.web.requests import methods, posted
from nightlight.web.session import Visit, signed_in_only

SUNDAY = 6
NIGHT_HOUR = 3
"""The hour that a rehearsal offers beside now: the one in which circles have most gaps."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How the page stands: the steps in the form, and what it has to say."""

    drafts: tuple[Draft, ...]
    version: int
    notice: str = ""
    status: int = 200
    is_draft: bool = False
    """The form is not what is kept."""
    other: tuple[Draft, ...] = ()
    """What another tab saved meanwhile."""
    rehearsal: Rehearsal | None = None


@methods("GET", "HEAD", "POST")
@signed_in_only
def ladder(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The ladder of whoever is signed in."""
    kept = arranged(visit.person.id)
    if request.method != "POST":
        notice = "saved" if "saved" in request.GET else ""
        return _show(visit, Shown(drafts=drafts_of(kept.steps), version=kept.version, notice=notice))
    members = {member.person: member.name for member in members_of(visit.person.id)}
    drafts = read(request.POST, members)
    version = posted(request, "version")
    shown = Shown(
        drafts=drafts, version=int(version) if version.isascii() and version.isdecimal() else kept.version
    )
    return _press(request, visit, shown, kept)


def _press(request: HttpRequest, visit: Visit, shown: Shown, kept: Arranged) -> HttpResponse:
    do = posted(request, "do")
    changed = drafts_of(kept.steps) != shown.drafts
    if do == "save":
        return _save(visit, shown)
    if do == "suggest":
        drafts = drafts_of(suggested_ladder(visit.person.id, visit.now))
        return _show(visit, Shown(drafts=drafts, version=shown.version, notice="suggested", is_draft=True))
    if do == "take_other":
        return HttpResponseRedirect("/ladder")
    if do.startswith("rehearse"):
        return _rehearse(request, visit, shown, is_draft=changed)
    drafts = pressed(shown.drafts, do, request.POST)
    return _show(visit, Shown(drafts=drafts, version=shown.version, is_draft=True))


def _save(visit: Visit, shown: Shown) -> HttpResponse:
    try:
        save_ladder(visit.person.id, steps_of(shown.drafts), version=shown.version)
    except LadderChanged:
        now = arranged(visit.person.id)
        again = Shown(
            drafts=shown.drafts,
            version=now.version,
            other=drafts_of(now.steps),
            notice="changed_elsewhere",
            status=409,
            is_draft=True,
        )
        return _show(visit, again)
    except (NotInCircle, PolicyError):
        again = Shown(
            drafts=shown.drafts, version=shown.version, notice="not_possible", status=422, is_draft=True
        )
        return _show(visit, again)
    return HttpResponseRedirect("/ladder?saved")


def _rehearse(request: HttpRequest, visit: Visit, shown: Shown, *, is_draft: bool) -> HttpResponse:
    need, at = posted(request, "need") or Need.TALK, _moment(request, visit)
    rehearsal, notice = None, ""
    if need not in set(Need) or at is None:
        notice = "not_understood"
    else:
        try:
            rehearsal = rehearse(visit.person.id, Need(need), at)
        except (NotPossible, PolicyError):
            notice = "nothing_to_rehearse"
    return _show(
        visit,
        Shown(
            drafts=shown.drafts,
            version=shown.version,
            notice=notice,
            status=422 if notice else 200,
            rehearsal=rehearsal,
            is_draft=is_draft,
        ),
    )


def _moment(request: HttpRequest, visit: Visit) -> datetime | None:
    """When the call would be: now, at 3 on Sunday, or at the next time the clock shows what was typed."""
    local = visit.now.astimezone(zone_of(visit.person))
    do, written = posted(request, "do"), posted(request, "at")
    if do == "rehearse:now":
        return visit.now
    if do == "rehearse:night":
        ahead = (SUNDAY - local.weekday()) % 7
        night = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0) + timedelta(days=ahead)
        return night if night > local else night + timedelta(days=7)
    try:
        hour, minute = (int(part) for part in written.split(":"))
        moment = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        return None
    return moment if moment >= local else moment + timedelta(days=1)


def _show(visit: Visit, shown: Shown) -> HttpResponse:
    members = members_of(visit.person.id)
    names = {member.person: member.name for member in members}
    context = {
        "steps": [_step(draft, members) for draft in shown.drafts],
        "shown": shown,
        "other": [[names.get(person, "") for person in draft.people] for draft in shown.other],
        "has_members": bool(members),
        "left_out": [m.name for m in members if not any(m.person in d.people for d in shown.drafts)],
        "gaps": gaps(visit.person.id, visit.person.time_zone, visit.now),
        "needs": list(Need),
        "rows": _rows(shown.rehearsal) if shown.rehearsal else [],
        "kept_away": len(kept_away(visit.person.id)),
    }
    page = Page(template="ladder.html", context=context, status=shown.status)
    return render(page, now=visit.now, reader=visit.person)


def _step(draft: Draft, members: tuple[MemberView, ...]) -> dict[str, object]:
    return {
        "draft": draft,
        "people": [
            {
                "id": member.person,
                "name": member.name,
                "ways": [KINDS[way.channel].page_word for way in member.ways if way.channel in KINDS],
                "proven": any(way.proven_at for way in member.ways),
            }
            for person in draft.people
            for member in members
            if member.person == person
        ],
        "others": [m for m in members if m.person not in draft.people],
        "waits": sorted({*WAITS, draft.minutes}),
    }


def _rows(rehearsal: Rehearsal) -> list[dict[str, object]]:
    """What would go out, put together where one person is tried by several ways at the same time."""
    rows: list[dict[str, object]] = []
    for each in rehearsal.tries:
        word = page_word(each.channel)
        last = rows[-1] if rows else None
        if last and (last["at"], last["who"]) == (each.at, each.who):
            last["ways"] = (*last["ways"], word)  # type: ignore[misc]
        else:
            rows.append(
                {"at": each.at, "who": each.who, "name": each.name, "ways": (word,), "wished": each.wished}
            )
    return rows
