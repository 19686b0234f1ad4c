"""What a person can ask for, and what a member of their circle can offer."""

from enum import StrEnum


class Need(StrEnum):
    """What the caller asks for. The page's words for each are in the templates."""

    TALK = "talk"
    TEXT = "text"
    COME = "come"
    COMPANY = "company"
    STAY = "stay"
    DANGER = "danger"


class Offer(StrEnum):
    """What a member has said they can do. `keep` and `drive` answer no need by themselves."""

    TALK = "talk"
    TEXT = "text"
    COME = "come"
    COMPANY = "company"
    STAY = "stay"
    KEEP = "keep"
    DRIVE = "drive"


# How urgent a need is: a call joined or changed keeps the more urgent one, and urgent needs pass
# the hours of those who agreed to be woken.
_URGENCY: dict[Need, int] = {
    Need.TALK: 0,
    Need.TEXT: 0,
    Need.COMPANY: 0,
    Need.COME: 1,
    Need.STAY: 1,
    Need.DANGER: 2,
}

_SERVES: dict[Need, Offer] = {
    Need.TALK: Offer.TALK,
    Need.TEXT: Offer.TEXT,
    Need.COME: Offer.COME,
    Need.COMPANY: Offer.COMPANY,
    Need.STAY: Offer.STAY,
}


def is_urgent(need: Need) -> bool:
    """Whether *need* passes the hours of members who agreed to be woken."""
    return _URGENCY[need] > 0


def is_more_urgent(need: Need, than: Need) -> bool:
    """Whether *need* is strictly more urgent than *than*."""
    return _URGENCY[need] > _URGENCY[than]


def serves(offers: frozenset[Offer], need: Need) -> bool:
    """Whether somebody with these *offers* offered what *need* asks for; danger needs no offer."""
    return need is Need.DANGER or _SERVES[need] in offers
