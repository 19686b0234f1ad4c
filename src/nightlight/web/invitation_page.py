"""What the page behind an invitation shows, for whoever holds its link and for the person who looks beforehand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from nightlight.engine.needs import Offer
from nightlight.intake.channels import countries_here
from nightlight.intake.invitation import (
    AGREED_DAYS_MAX,
    DELAYS_MINUTES,
    KIND_WORD_CHARACTERS_MAX,
    MONTHS_DEFAULT,
    NUMBERS,
    WAYS_PER_KIND,
    Errors,
    WayForm,
    Wrong,
    YesForm,
    kinds_offered,
    number_like,
    prefix_here,
    zones,
)
from nightlight.store.agreed_time import months_after
from nightlight.store.invitations import InvitationView, MemberToAsk
from nightlight.store.page_queries import Reader

HOURS = tuple(f"{hour:02}:00" for hour in range(24))


@dataclass(frozen=True, kw_only=True)
class OfferLine:
    """One thing that can be offered, and whether it is ticked."""

    offer: str
    is_ticked: bool


@dataclass(frozen=True, kw_only=True)
class WayLine:
    """One way as it stands in the form."""

    name: str
    kind: str
    is_number: bool
    address: str
    after: str
    error: str
    like: str
    """What the number would be with the country before it."""
    is_folded: bool
    """One more of a kind that has one already."""


def offer_lines(ticked: Iterable[str]) -> tuple[OfferLine, ...]:
    """Everything that can be offered."""
    chosen = frozenset(ticked)
    return tuple(OfferLine(offer=offer.value, is_ticked=offer.value in chosen) for offer in Offer)


def blank_ways() -> tuple[WayForm, ...]:
    """The ways of a form that nobody filled in: so many for each kind that is on."""
    kinds = kinds_offered()
    return tuple(WayForm(channel=kind) for _ in range(WAYS_PER_KIND) for kind in kinds)


def invitation_context(
    view: InvitationView,
    caller: Reader,
    form: YesForm,
    now: datetime,
    *,
    errors: Errors | None = None,
    member: MemberToAsk | None = None,
) -> dict[str, object]:
    """What `invitation.html` needs to know."""
    errors = errors or {}
    has = frozenset(member.offers) if member else frozenset()
    lines = tuple(_way_lines(form.ways or blank_ways(), errors))
    folded = tuple(line for line in lines if line.is_folded)
    today = now.astimezone(ZoneInfo(form.time_zone if form.time_zone in zones() else "UTC")).date()
    return {
        "invitation": view,
        "caller": caller.name,
        "form": form,
        "errors": errors,
        "first_wrong": next(iter(errors), ""),
        "offers": [line for line in offer_lines(form.offers) if Offer(line.offer) not in has],
        "is_for_more": member is not None,
        "has": [offer.value for offer in has],
        "ways": tuple(line for line in lines if not line.is_folded),
        "more_ways": folded,
        "is_more_open": any(line.address or line.error for line in folded),
        "delays": DELAYS_MINUTES,
        "hours": HOURS,
        "zones": zones(),
        "prefix": prefix_here(),
        "countries": countries_here(),
        "until_default": months_after(today, MONTHS_DEFAULT),
        "days_max": AGREED_DAYS_MAX,
        "word_max": KIND_WORD_CHARACTERS_MAX,
    }


def _way_lines(forms: tuple[WayForm, ...], errors: Errors) -> Iterable[WayLine]:
    seen: set[str] = set()
    for place, form in enumerate(forms):
        name = f"way-{place}"
        error = errors.get(name, "")
        yield WayLine(
            name=name,
            kind=form.channel,
            is_number=form.channel in NUMBERS,
            address=form.address,
            after=form.after,
            error=error,
            like=number_like(form.address) if error == Wrong.NO_COUNTRY else "",
            is_folded=form.channel in seen,
        )
        seen.add(form.channel)
