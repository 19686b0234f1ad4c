"""What goes out about things that were arranged: where it leads, what it gives away, and whom it may disturb."""

from datetime import datetime, time, timedelta

import pytest

from nightlight.store import notices_send
from nightlight.store.arranged import tell_member, tell_owner
from nightlight.store.models import Membership, Notice, Quiet
from nightlight.store.notices import NoticePurpose
from nightlight.worker.noticing import message_of
from tests.factories import a_ladder, a_way
from tests.people import ANA, NOON, SAM

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ON = frozenset({"smtp"})
TO_MEMBERS = (NoticePurpose.PROMISE, NoticePurpose.PROMISE_OPEN, NoticePurpose.STAY, NoticePurpose.TALK)
TO_ANA = (NoticePurpose.PROMISE_NEWS, NoticePurpose.STAY, NoticePurpose.TALK)


@pytest.fixture(autouse=True)
def ana() -> None:
    a_ladder()
    a_way(ANA)


def sent(now: datetime = NOON) -> list[tuple[str, str]]:
    """Where what goes out now leads, and its words."""
    claims = notices_send.claim(now, {"smtp": 9}, {"smtp": 1})
    letters = [(claim, notices_send.letter_of(claim)) for claim in claims]
    messages = [
        message_of(claim, letter, "https://circle.example.org", "Circle") for claim, letter in letters
    ]
    return [(message.link.removeprefix("https://circle.example.org/"), message.text) for message in messages]


def tell_sam(purpose: NoticePurpose) -> None:
    tell_member(purpose, SAM, ANA, NOON, ON)


@pytest.mark.parametrize("purpose", TO_MEMBERS)
def test_a_member_is_led_to_their_own_page_and_the_words_give_nothing_away(purpose: NoticePurpose) -> None:
    tell_sam(purpose)
    [(link, text)] = sent()
    assert link.startswith("s/")
    for word in ("promise", "stay", "door", "talk", "call"):
        assert word not in text.lower().replace(link.lower(), "")


@pytest.mark.parametrize(("purpose", "page"), [*zip(TO_ANA, ("home", "home", "talks"), strict=True)])
def test_ana_is_led_to_pages_she_signs_in_to(purpose: NoticePurpose, page: str) -> None:
    tell_owner(purpose, ANA, NOON, ON)
    [(link, _)] = sent()
    assert link == page


def test_outside_their_hours_only_what_they_named_themselves_comes() -> None:
    Membership.objects.filter(person=SAM).update(hours_from=time(20), hours_until=time(22))
    for purpose in TO_MEMBERS:
        tell_sam(purpose)
    sent()
    assert list(Notice.objects.filter(status="leased").values_list("purpose", flat=True)) == ["promise"]


@pytest.mark.parametrize("purpose", TO_MEMBERS)
def test_in_a_pause_it_waits_and_after_leaving_it_is_not_sent(purpose: NoticePurpose) -> None:
    tell_sam(purpose)
    Membership.objects.filter(person=SAM).update(paused_until=NOON + timedelta(hours=4))
    assert sent() == []
    assert Notice.objects.get().status == "planned"
    Membership.objects.filter(person=SAM).update(paused_until=None, ended_at=NOON)
    assert sent(NOON + timedelta(minutes=11)) == []
    assert Notice.objects.get().status == "skipped"


@pytest.mark.parametrize("purpose", [*TO_MEMBERS, NoticePurpose.PROMISE_NEWS])
def test_the_one_switch_stops_it(purpose: NoticePurpose) -> None:
    tell_sam(purpose)
    tell_owner(purpose, ANA, NOON, ON)
    Quiet.objects.create(person_id=ANA, since=NOON, by="person")
    assert sent() == []
    assert {*Notice.objects.values_list("reason", flat=True)} == {"quiet"}
