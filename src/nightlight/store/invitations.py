"""Invitations, as the person who invites sees them. Nobody is reached by one: the person hands its link over.

What whoever opens the link does with it is in `store.joining`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from django.db.models import Q, QuerySet

from nightlight import chance
from nightlight.engine.needs import Offer
from nightlight.store.minors import may_invite
from nightlight.store.models import Circle, Invitation, LadderPlace, Membership, Person
from nightlight.store.races import racing
from nightlight.store.sealing import opened, seal, token_hash

TOKEN_BYTES = 24
INVITATION_LASTS = timedelta(days=14)
CIRCLE_MAX = 20
"""Members of one circle; whoever is invited has a place held for them."""
WRONG_ADDRESSES_MAX = 5


class InvitationState(StrEnum):
    """How an invitation stands."""

    OPEN = "open"
    OPENED = "opened"
    """Somebody pressed something on its page and has not answered. A mere look changes nothing."""
    YES = "yes"
    NO = "no"
    RAN_OUT = "ran_out"
    WITHDRAWN = "withdrawn"


UNANSWERED = frozenset({InvitationState.OPEN, InvitationState.OPENED})


class Answer(StrEnum):
    """What was said to an invitation."""

    YES = "yes"
    NO = "no"
    NOT_ME = "not_me"
    """Whoever opened it says that it was not meant for them."""


class Why(StrEnum):
    """Why somebody cannot be invited, or an invitation cannot be handed over."""

    FULL = "full"
    SECOND_PARENT = "second_parent"
    NOT_APPROVED = "not_approved"
    OVER = "over"
    """It was answered or withdrawn, or its member is gone."""


class InvitationRefused(ValueError):
    """Nothing was changed; `why` says what stands against it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Whom a person invites, to what, and in which words."""

    name: str
    offers: tuple[Offer, ...]
    words: str
    language: str
    is_adult: bool = True
    is_parent: bool = False


@dataclass(frozen=True, kw_only=True)
class InvitationView:
    """One invitation, opened for the one who invites or for whoever holds its link."""

    id: str
    circle: str
    name: str
    offers: tuple[Offer, ...]
    words: str
    language: str
    is_adult: bool
    is_parent: bool
    created_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    answer: str
    reply: str
    state: InvitationState
    person: str | None
    """A member who is asked for more, or whoever said yes."""
    token: str
    """Empty once it cannot be handed over any more."""

    @property
    def is_for_more(self) -> bool:
        """Whether a member is asked for more than they agreed to."""
        return self.person is not None and self.state is not InvitationState.YES


@dataclass(frozen=True, kw_only=True)
class MemberToAsk:
    """A member of a circle who can be asked for more."""

    id: int
    """Of the membership: what an address of a page may hold."""
    person: str
    name: str
    language: str
    offers: tuple[Offer, ...]


@dataclass(frozen=True, kw_only=True)
class Inviter:
    """What the page of whoever invites must know before it asks anything."""

    is_minor: bool
    may_invite: bool
    is_full: bool
    has_adult: bool
    """A grown-up is in the circle, or is invited."""


def inviter(person: str, now: datetime) -> Inviter:
    """Whether *person* may invite somebody now, and what the rule for minors asks of them."""
    row = Person.objects.get(pk=person)
    adults = _members(person).filter(is_adult=True).exists() or (
        _waiting(person, now).filter(is_adult=True).exists()
    )
    return Inviter(
        is_minor=row.is_minor,
        may_invite=may_invite(person),
        is_full=_places_taken(person, now) >= CIRCLE_MAX,
        has_adult=adults,
    )


def member_numbered(circle: str, number: int) -> MemberToAsk | None:
    """The member of *circle* whose membership has this *number*, or None when they are none now."""
    person = _members(circle).filter(pk=number).values_list("person_id", flat=True).first()
    return member_to_ask(circle, person) if person else None


def member_to_ask(circle: str, person: str) -> MemberToAsk | None:
    """The member *person* of *circle*, or None when they are none now."""
    row = _members(circle).filter(person=person).exclude(agreed_on=None).select_related("person").first()
    if row is None:
        return None
    return MemberToAsk(
        id=row.pk,
        person=row.person_id,
        name=row.person.name,
        language=row.person.language,
        offers=tuple(map(Offer, row.offers)),
    )


def invite(circle: str, asked: Asked, now: datetime, person: str = "") -> tuple[str, str]:
    """An open invitation into the circle of *circle*; its id, and the token of its link.

    With *person*, a member is asked for more. Raises `InvitationRefused`.
    """
    return racing(partial(_invite, circle, asked, now, person))


def _invite(circle: str, asked: Asked, now: datetime, person: str) -> tuple[str, str]:
    lock_circle(circle)
    if not may_invite(circle):
        raise InvitationRefused(Why.NOT_APPROVED)
    if person and member_to_ask(circle, person) is None:
        raise InvitationRefused(Why.OVER)
    if not person:
        _refuse_if_no_place(circle, now, is_parent=asked.is_parent)
    token = chance.new_token(TOKEN_BYTES)
    row = Invitation.objects.create(
        id=chance.new_id(),
        circle_id=circle,
        token_hash=token_hash(token),
        token_sealed=seal(token),
        person_id=person or None,
        name=asked.name,
        offers=[offer.value for offer in asked.offers],
        words_sealed=seal(asked.words) if asked.words else "",
        language=asked.language,
        is_adult=asked.is_adult,
        is_parent=asked.is_parent,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    return row.pk, token


def renew(invitation: str, circle: str, now: datetime) -> str:
    """A new link for an invitation nobody answered; the one before opens nothing. Raises `InvitationRefused`."""
    return racing(partial(_renew, invitation, circle, now))


def _renew(invitation: str, circle: str, now: datetime) -> str:
    lock_circle(circle)
    row = Invitation.objects.select_for_update().get(pk=invitation, circle=circle)
    if state_of(row, now) not in UNANSWERED | {InvitationState.RAN_OUT}:
        raise InvitationRefused(Why.OVER)
    if not may_invite(circle):
        raise InvitationRefused(Why.NOT_APPROVED)
    if row.person_id is None:
        _refuse_if_no_place(circle, now, is_parent=row.is_parent, besides=row.pk)
    token = chance.new_token(TOKEN_BYTES)
    row.token_hash, row.token_sealed = token_hash(token), seal(token)
    row.expires_at, row.opened_at, row.wrong_addresses = now + INVITATION_LASTS, None, 0
    row.save()
    return token


def withdraw(invitation: str, circle: str, now: datetime) -> bool:
    """Its link opens nothing from now on; whether it was still unanswered. Nobody is told."""
    rows = Invitation.objects.filter(pk=invitation, circle=circle, withdrawn_at=None, answered_at=None)
    return bool(rows.update(withdrawn_at=now, token_sealed=""))


def invitations_of(circle: str, now: datetime) -> tuple[InvitationView, ...]:
    """Every invitation into the circle of *circle*, the newest first."""
    rows = Invitation.objects.filter(circle=circle).order_by("-created_at", "pk")
    return tuple(view_of(row, now) for row in rows)


def invitation_of(circle: str, invitation: str, now: datetime) -> InvitationView | None:
    """One invitation into the circle of *circle*, or None when it is nobody's or another's."""
    row = Invitation.objects.filter(pk=invitation, circle=circle).first()
    return view_of(row, now) if row else None


def find(token: str, now: datetime) -> InvitationView | None:
    """The invitation whose link has *token*, however it stands; or None."""
    row = Invitation.objects.filter(token_hash=token_hash(token)).first()
    return view_of(row, now) if row else None


def joined_but_not_on_ladder(circle: str) -> tuple[tuple[str, str], ...]:
    """Members who said yes and stand on no step: their ids and names. Nobody is put there silently."""
    placed = LadderPlace.objects.filter(step__circle=circle).values("person")
    rows = _members(circle).exclude(agreed_on=None).exclude(person__in=placed).select_related("person")
    return tuple((row.person_id, row.person.name) for row in rows)


def state_of(row: Invitation, now: datetime) -> InvitationState:
    """How *row* stands at *now*."""
    if row.answer:
        return InvitationState.YES if row.answer == Answer.YES else InvitationState.NO
    if row.withdrawn_at is not None:
        return InvitationState.WITHDRAWN
    if now >= row.expires_at:
        return InvitationState.RAN_OUT
    return InvitationState.OPENED if row.opened_at is not None else InvitationState.OPEN


def view_of(row: Invitation, now: datetime) -> InvitationView:
    """*row*, opened; what no key opens is empty."""
    return InvitationView(
        id=row.pk,
        circle=row.circle_id,
        name=row.name,
        offers=tuple(map(Offer, row.offers)),
        words=opened(row.words_sealed),
        language=row.language,
        is_adult=row.is_adult,
        is_parent=row.is_parent,
        created_at=row.created_at,
        expires_at=row.expires_at,
        answered_at=row.answered_at,
        answer=row.answer,
        reply=opened(row.reply_sealed),
        state=state_of(row, now),
        person=row.person_id,
        token=opened(row.token_sealed),
    )


def lock_circle(person: str) -> Circle:
    """The circle of *person*, held until the transaction at hand is over; made when there is none yet."""
    Circle.objects.get_or_create(person_id=person)
    return Circle.objects.select_for_update().get(pk=person)


def is_full(circle: str) -> bool:
    """Whether the circle has as many members as one may have."""
    return _members(circle).count() >= CIRCLE_MAX


def _members(circle: str) -> QuerySet[Membership]:
    return Membership.objects.filter(circle=circle, ended_at=None)


def _waiting(circle: str, now: datetime, besides: str = "") -> QuerySet[Invitation]:
    """Invitations of people who are no members yet, which may still be answered."""
    open_ones = Q(answer="", withdrawn_at=None, expires_at__gt=now, person=None)
    return Invitation.objects.filter(open_ones, circle=circle).exclude(pk=besides)


def _places_taken(circle: str, now: datetime, besides: str = "") -> int:
    return _members(circle).count() + _waiting(circle, now, besides).count()


def _refuse_if_no_place(circle: str, now: datetime, *, is_parent: bool, besides: str = "") -> None:
    if _places_taken(circle, now, besides) >= CIRCLE_MAX:
        raise InvitationRefused(Why.FULL)
    parents = (_members(circle).filter(is_parent=True), _waiting(circle, now, besides).filter(is_parent=True))
    is_minor = Person.objects.filter(pk=circle, is_minor=True).exists()
    if is_minor and is_parent and any(rows.exists() for rows in parents):
        raise InvitationRefused(Why.SECOND_PARENT)
