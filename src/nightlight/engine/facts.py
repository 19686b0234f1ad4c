"""What the engine is told about the world at one instant: the time, and who can be reached how.

Facts are read afresh from the store for every event. Consent lives here and never in the alert, so
that what a person withdrew counts from that moment (rule 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from nightlight.engine.ids import AlertId, ContactMethodId, PersonId
from nightlight.engine.needs import Offer


class WayUse(StrEnum):
    """How far one way of the ask a person has open has come."""

    UNUSED = "unused"
    """Planned, held or cancelled: it was not tried."""
    LIVE = "live"
    """It is on its way, or arrived, or may have."""
    FAILING = "failing"
    """A try failed; it will be tried again, or was to be until the ask was stopped."""
    DEAD = "dead"
    """Nothing more will be tried by this way."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One proven way to reach a person, with the delay they chose for it."""

    contact_method: ContactMethodId
    after: timedelta = timedelta(0)
    use: WayUse = WayUse.UNUSED


@dataclass(frozen=True, kw_only=True)
class Member:
    """One person of the circle, as of now and as far as this alert is concerned."""

    person: PersonId
    consents: bool = True
    """They agreed, and neither paused, ended nor outlived that agreement."""
    removed: bool = False
    """They left, were taken out, or must never be contacted."""
    within_hours: bool = True
    wake_me: bool = False
    offers: frozenset[Offer] = frozenset({Offer.TALK})
    has_open_alert: bool = False
    """They have an open call of their own."""
    last_asked_at: datetime | None = None
    """When anyone's call last asked them; a fair step asks the least lately asked first."""
    ways: tuple[Way, ...] = ()
    """In the order and with the delays they chose; `use` speaks of the ask they have open here."""
    asked_by: int = 0
    """Serial of the message the ways' `use` speaks of."""
    reached_by: tuple[ContactMethodId, ...] = ()
    """Ways by which an ask of this alert is on its way, arrived or may have; the best proven first."""
    stood_down: bool = False
    """A message that someone has it, of the last hold, is on its way or arrived; not while only planned."""


_NOBODY: Mapping[PersonId, Member] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything `decide` may know besides the alert and the event."""

    now: datetime
    alert_id: AlertId
    """A fresh id when an alert is to be made; else the id of the alert at hand."""
    members: Mapping[PersonId, Member] = field(default_factory=lambda: _NOBODY)
    added: tuple[PersonId, ...] = ()
    """People on the ladder as it stands today who are not on the frozen one, in ladder order."""

    def __post_init__(self) -> None:
        assert self.now.tzinfo is not None, "facts carry aware times"

    def member(self, person: PersonId) -> Member:
        """The member, or, for somebody no longer known, one who is removed and has no way left."""
        known = self.members.get(person)
        return known or Member(person=person, consents=False, removed=True)
