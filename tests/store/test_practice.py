"""Practice: who is asked, how often, at which hours, and what a tap or a silence shows."""

from datetime import datetime, timedelta

import pytest

from nightlight.store.models import Circle, ContactMethod, Drill, Membership, Notice, SupporterLink
from nightlight.store.practice import (
    WhyNot,
    begin_all,
    begin_drill,
    begin_monthly,
    circles_due,
    practice_of,
    set_monthly,
)
from nightlight.store.proofs import proven_lately
from nightlight.store.renewals import ask_for_renewal, ending_soon
from nightlight.store.sealing import unseal
from nightlight.store.ways import tap
from tests.factories import a_circle, a_ladder, a_member, a_never_contact, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NOON, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ON = frozenset({"smtp", "sms"})


@pytest.fixture
def circle(world: World) -> NoticeWorld:
    """Sam and Bo are there for Ana, Kit for Noa."""
    a_ladder((SAM, BO))
    a_ladder((KIT,), of=NOA)
    a_way(SAM, "sms")
    return NoticeWorld(world)


def taps(person: str, now: datetime) -> None:
    for row in Notice.objects.filter(person=person, purpose="practice"):
        tap(unseal(row.token_sealed), now)


def of_sam(now: datetime = NOON) -> object:
    return next(each for each in practice_of(ANA, now, ON).members if each.person == SAM)


def test_sam_is_asked_by_every_way_of_his_and_a_tap_proves_each(circle: NoticeWorld) -> None:
    assert begin_drill(ANA, SAM, NOON, ON)
    circle.send_due()

    said = {message.text.splitlines()[0] for message in circle.world.handed(SAM)}
    assert said == {"Practice. Please tap to show that this still reaches you:"}
    assert len(circle.world.handed(SAM)) == 2
    assert circle.world.handed(BO) == []

    later = NOON + timedelta(minutes=5)
    taps(SAM, later)
    assert Drill.objects.get().answered_at == later
    assert set(ContactMethod.objects.filter(person=SAM).values_list("proven_at", flat=True)) == {later}


def test_all_are_asked_once_and_nobody_of_another_circle(circle: NoticeWorld) -> None:
    assert begin_all(ANA, NOON, ON) == 2
    circle.send_due()

    assert circle.world.handed(KIT) == []
    assert begin_all(ANA, NOON + timedelta(minutes=59), ON) == 0
    assert begin_drill(ANA, SAM, NOON + timedelta(minutes=59), ON) is None
    assert begin_drill(ANA, SAM, NOON + timedelta(minutes=60), ON)


def test_nobody_outside_the_circle_can_be_asked(circle: NoticeWorld) -> None:
    assert begin_drill(ANA, KIT, NOON, ON) is None
    assert begin_drill(ANA, ANA, NOON, ON) is None
    assert begin_drill("nobody", SAM, NOON, ON) is None
    assert not Notice.objects.exists()


def test_who_cannot_be_asked_is_not_and_the_page_says_why(circle: NoticeWorld) -> None:
    bo = Membership.objects.filter(person=BO)
    for change, why in (
        ({"paused_until": NOON + timedelta(days=1)}, WhyNot.NOT_AGREED),
        ({"paused_until": None, "agreed_until": NOON.date() - timedelta(days=1)}, WhyNot.NOT_AGREED),
    ):
        bo.update(**change)
        assert begin_drill(ANA, BO, NOON, ON) is None
        assert practice_of(ANA, NOON, ON).members[1].why_not is why
    ContactMethod.objects.filter(person=SAM).update(proven_at=None)
    assert begin_drill(ANA, SAM, NOON, ON) is None
    assert practice_of(ANA, NOON, ON).members[0].why_not is WhyNot.NO_WAY


def test_who_left_or_is_never_contacted_is_not_even_shown(circle: NoticeWorld) -> None:
    Membership.objects.filter(person=BO).update(ended_at=NOON)
    a_never_contact(MAILS[SAM])

    assert begin_all(ANA, NOON, ON) == 0
    assert practice_of(ANA, NOON, ON).members == ()


def test_nobody_practises_while_a_call_is_open(circle: NoticeWorld) -> None:
    circle.world.ana_calls()

    assert begin_all(ANA, NOON, ON) == 0
    assert practice_of(ANA, NOON, ON).members[0].why_not is WhyNot.CALL_OPEN
    assert practice_of(NOA, NOON, ON).members[0].why_not is None


def test_a_way_that_stays_silent_or_old_is_not_proven_lately(circle: NoticeWorld) -> None:
    mail = ContactMethod.objects.get(person=SAM, channel="smtp")
    assert mail.pk in proven_lately([mail], NOON + timedelta(days=34))
    assert mail.pk not in proven_lately([mail], NOON + timedelta(days=35))

    begin_drill(ANA, SAM, NOON + timedelta(hours=1), ON)
    circle.pass_time(hours=2)
    assert mail.pk in proven_lately([mail], NOON + timedelta(hours=24))
    assert mail.pk not in proven_lately([mail], NOON + timedelta(hours=27))

    taps(SAM, NOON + timedelta(hours=28))
    mail.refresh_from_db()
    assert mail.pk in proven_lately([mail], NOON + timedelta(hours=29))
    view = practice_of(ANA, NOON + timedelta(hours=29), ON).members[0]
    assert [(way.channel, way.is_lately) for way in view.ways] == [("smtp", True), ("sms", True)]
    assert view.answered_at == NOON + timedelta(hours=28)


def test_practice_that_never_went_out_holds_nothing_against_a_way(circle: NoticeWorld) -> None:
    begin_drill(ANA, SAM, NOON + timedelta(hours=1), ON)
    mail = ContactMethod.objects.get(person=SAM, channel="smtp")

    assert mail.pk in proven_lately([mail], NOON + timedelta(days=3))


def test_monthly_practice_comes_by_itself_once_a_month(circle: NoticeWorld) -> None:
    assert circles_due(NOON + timedelta(days=90)) == []
    set_monthly(ANA, NOON, on=True)
    month = NOON + timedelta(days=30)
    assert practice_of(ANA, NOON, ON).next_at == month
    assert circles_due(month - timedelta(minutes=1)) == []
    assert begin_monthly(ANA, month - timedelta(minutes=1), ON) == 0

    assert circles_due(month) == [ANA]
    assert begin_monthly(ANA, month, ON) == 2
    # Another worker had seen it due as well.
    assert begin_monthly(ANA, month, ON) == 0
    assert circles_due(month) == []

    set_monthly(ANA, month, on=False)
    assert circles_due(month + timedelta(days=90)) == []
    assert practice_of(ANA, month, ON).next_at is None


def test_monthly_practice_waits_for_the_end_of_a_call(circle: NoticeWorld) -> None:
    Circle.objects.filter(pk=ANA).update(practise_monthly=True)
    circle.world.ana_calls()

    assert circles_due(NOON) == []
    assert begin_monthly(ANA, NOON, ON) == 0
    assert Circle.objects.get(pk=ANA).practised_at is None


# ------------------------------------------------------------------------------------------------ renewals


def ends_in(days: int) -> int:
    Membership.objects.filter(circle=ANA, person=SAM).update(agreed_until=NOON.date() + timedelta(days=days))
    return Membership.objects.get(circle=ANA, person=SAM).pk


def test_a_member_is_asked_once_in_the_last_week_whether_they_go_on(circle: NoticeWorld) -> None:
    ends_in(8)
    assert ending_soon(NOON) == []
    sam = ends_in(7)
    assert ending_soon(NOON) == [sam]

    assert ask_for_renewal(sam, NOON, ON)
    assert not ask_for_renewal(sam, NOON, ON)
    assert ending_soon(NOON + timedelta(days=1)) == []
    circle.send_due()
    [message] = circle.world.handed(SAM)
    said, url = message.text.splitlines()[0], message.text.splitlines()[2]
    assert said == "Ana: a short question for you."
    assert url.startswith("https://circle.example.org/s/")
    assert SupporterLink.objects.filter(person=SAM, replaced_at=None).count() == 1


def test_after_a_renewal_they_are_asked_again_when_that_ends(circle: NoticeWorld) -> None:
    sam = ends_in(7)
    ask_for_renewal(sam, NOON, ON)
    ends_in(97)

    assert ending_soon(NOON + timedelta(days=89)) == []
    assert ending_soon(NOON + timedelta(days=90)) == [sam]


def test_who_paused_left_or_cannot_be_reached_is_not_asked(circle: NoticeWorld) -> None:
    sam = ends_in(3)
    assert not ask_for_renewal(sam, NOON, frozenset({"fax"}))
    assert not SupporterLink.objects.exists()
    for change in (
        {"paused_until": NOON + timedelta(days=1)},
        {"paused_until": None, "ended_at": NOON},
    ):
        Membership.objects.filter(pk=sam).update(**change)
        assert ending_soon(NOON) == []
        assert not ask_for_renewal(sam, NOON, ON)


def test_an_agreement_without_an_end_or_that_is_over_asks_nothing(circle: NoticeWorld) -> None:
    ends_in(-1)
    assert ending_soon(NOON) == []
    Membership.objects.filter(person=SAM).update(agreed_until=None)
    assert ending_soon(NOON) == []
    assert a_member(SAM, of=BO, agreed_on=None, agreed_until=NOON.date()).pk not in ending_soon(NOON)
    assert a_circle(ANA).practised_at is None
