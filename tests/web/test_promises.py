"""Sam says what he will do, is reminded, and hands it on when he cannot; Ana knows how it stands, and nobody is blamed."""

from datetime import timedelta

import pytest

from nightlight.engine.events import EndedBy
from nightlight.intake import alert as intake
from nightlight.intake.channels import kinds_on
from nightlight.store import promises, promises_due
from nightlight.store.models import Circle, Membership, Notice, Notification, Promise, Quiet
from tests.factories import a_never_contact, a_person, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, SAM
from tests.web.house import House, everything, words
from tests.web.nights import letters, pass_until, promise, promises_page, taken_by_sam, worker_looks
from tests.web.supporters import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def promised(house: House) -> Promise:
    """Sam has Ana's call, and says that he will be there in the morning."""
    a_way(ANA)
    promise(house, taken_by_sam(house))
    return Promise.objects.get()


def bo_is_second(house: House) -> None:
    """Sam has it, and Bo said that he would be second."""
    house.ana_calls()
    house.next_timer()
    house.says(SAM, "yes")
    house.says(BO, "yes")


def over(house: House) -> None:
    intake.resolve(house.alert.pk, EndedBy.CALLER, house.now)


def test_sam_says_it_and_ana_reads_it_with_his_name(house: House) -> None:
    own = house.own_page()
    page = promise(house, taken_by_sam(house))

    assert "You said that you will be there (" in page
    assert "Sam will be there (" in house.shows(own)
    assert "Sun 22 Nov, 09:00" in house.shows(own)
    assert Promise.objects.get().due.hour == 9


def test_looking_promises_nothing_and_pressing_twice_is_one_promise(house: House) -> None:
    link = taken_by_sam(house)
    before = everything()
    for _ in range(2):
        house.shows(f"{link}/promise")
    assert everything() == before

    promise(house, link)
    promise(house, link)
    assert Promise.objects.count() == 1


def test_in_his_own_words_which_are_kept_sealed(house: House) -> None:
    own = house.own_page()
    promise(house, taken_by_sam(house), what="own", words="I bring bread <soft>")

    assert "I bring bread &lt;soft&gt;" in house.shows(own)
    assert "bread" not in Promise.objects.get().words_sealed


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"what": "lie"}, "Choose one of them."),
        ({"what": "own"}, "Please write a few words."),
        ({"what": "own", "words": "x" * 201}, "That is too long."),
        ({"day": "soon"}, "We need a day and an hour"),
        ({"hour": ""}, "We need a day and an hour"),
        ({"day": "2026-11-20"}, "That is over already."),
        ({"day": "2027-11-20"}, "That is too far ahead."),
        ({"day": "9999-12-31"}, "That is too far ahead."),
        ({"do": "nonsense"}, "We did not understand that"),
    ],
)
def test_what_cannot_be_meant_is_not_kept(house: House, form: dict[str, str], said: str) -> None:
    link = taken_by_sam(house)
    assert said in promise(house, link, status=422, **form)
    assert not Promise.objects.exists()


def test_only_who_said_yes_is_asked_for_it(house: House) -> None:
    house.ana_calls()
    house.next_timer()
    house.says(SAM, "yes")
    for link in (house.link(BO), house.link(KIT)):
        assert "Who does what" not in house.shows(link)
        house.shows(f"{link}/promise", status=404)
        promise(house, link, status=422)
    assert not Promise.objects.exists()


def test_who_is_second_sees_who_does_what_without_a_name(house: House) -> None:
    bo_is_second(house)
    promise(house, house.link(SAM))
    page = house.shows(house.link(BO))
    assert "Someone will be there (" in page
    assert "Sam" not in page

    Circle.objects.update(know_each_other=True)
    assert "Sam will be there (" in house.shows(house.link(BO))


def test_it_is_said_and_shown_when_the_call_is_over_too(house: House) -> None:
    own, link = house.own_page(), taken_by_sam(house)
    house.does(own, "in_contact", person=SAM)
    over(house)

    promise(house, link, what="ring", hour="18:30")

    assert "You said that you will ring (" in house.shows(link)
    assert "Sam will ring (" in house.shows(own)
    assert "Sam will ring (" in words(house.browser.get(f"{own}/now"))


def test_an_open_page_is_told_of_every_change(house: House) -> None:
    own, link = house.own_page(), taken_by_sam(house)
    tags = [house.browser.get(f"{page}/now")["ETag"] for page in (own, link)]
    promise(house, link)
    for page, tag in zip((own, link), tags, strict=True):
        assert house.browser.get(f"{page}/now", headers={"If-None-Match": tag}).status_code == 200


def test_sam_is_reminded_before_and_asked_at_its_time(house: House) -> None:
    row = promised(house)
    over(house)
    pass_until(house, row.due - timedelta(minutes=31))
    assert letters(SAM, "promise") == 0
    pass_until(house, row.due - timedelta(minutes=29))
    assert letters(SAM, "promise") == 1
    pass_until(house, row.due)
    assert letters(SAM, "promise") == 2
    assert "Did it work out?" in promises_page(house, SAM)

    assert "Good that it worked out." in promises_page(house, SAM, promise=row.pk, do="kept")
    pass_until(house, row.due + timedelta(hours=9))
    assert letters(SAM, "promise") == 2
    assert letters(BO, "promise_open") == letters(ANA, "promise_news") == 0


def test_a_worker_that_was_away_asks_late_and_only_then_waits_for_a_word(house: House) -> None:
    row = promised(house)
    house.now = row.due + timedelta(hours=5)
    worker_looks(house)
    assert letters(SAM, "promise") == 1
    assert letters(ANA, "promise_news") == 0
    pass_until(house, house.now + timedelta(hours=3))
    assert letters(ANA, "promise_news") == 1


def test_another_time_is_reminded_anew(house: House) -> None:
    row = promised(house)
    page = promises_page(house, SAM, promise=row.pk, do="later", day="2026-11-22", hour="12:00")
    assert "12:00" in page
    pass_until(house, row.due + timedelta(hours=1))
    assert letters(SAM, "promise") == 0
    pass_until(house, row.due + timedelta(hours=3))
    assert letters(SAM, "promise") == 2


def test_i_cannot_asks_the_second_first_and_then_the_others(house: House) -> None:
    a_way(ANA)
    bo_is_second(house)
    promise(house, house.link(SAM))
    row = Promise.objects.get()

    page = promises_page(house, SAM, promise=row.pk, do="cannot")

    assert "That is a full answer. We ask others at once." in page
    assert letters(BO, "promise_open") == 1
    assert letters(KIT, "promise_open") == 0
    own = house.own_page()
    assert "That does not work out, so we are asking others." in house.shows(own)
    # A question that is still waiting for somebody's hours keeps the next ones from being asked too soon.
    house.pass_time(hours=1)
    worker_looks(house)
    assert letters(KIT, "promise_open") == 0
    asked_now(BO)
    house.pass_time(hours=1)
    worker_looks(house)
    assert letters(KIT, "promise_open") == 1


def asked_now(person: str) -> None:
    """The question to *person* went out."""
    Notice.objects.filter(person=person, purpose="promise_open").update(status="accepted", due=None)


def test_the_first_yes_has_it_and_the_other_is_thanked(house: House) -> None:
    row = promised(house)
    promises_page(house, SAM, promise=row.pk, do="cannot")
    assert letters(BO, "promise_open") == letters(KIT, "promise_open") == 1
    take = {"promise": row.pk, "do": "take", "day": "2026-11-22", "hour": "09:30"}

    assert "Thank you. You have it" in promises_page(house, BO, **take)
    assert "Somebody else was first" in promises_page(house, KIT, **take)

    row.refresh_from_db()
    assert row.person_id == BO
    assert letters(ANA, "promise_news") == 1
    assert "Bo will be there (" in house.shows(house.own_page())
    pass_until(house, row.due)
    assert letters(BO, "promise") == 2


def test_whoever_takes_one_over_leaves_the_question_about_another_standing(house: House) -> None:
    a_way(ANA)
    link = taken_by_sam(house)
    promise(house, link)
    promise(house, link, what="ring", hour="18:30")
    morning, ring = Promise.objects.order_by("due")
    for each in (morning, ring):
        promises_page(house, SAM, promise=each.pk, do="cannot")

    take = {"promise": morning.pk, "do": "take", "day": "2026-11-22", "hour": "09:30"}
    assert "Thank you. You have it" in promises_page(house, BO, **take)

    # Kit was not reached yet, and may still be the one who rings.
    assert Notice.objects.filter(person=KIT, purpose="promise_open", status="planned").exists()
    take |= {"promise": ring.pk, "hour": "18:30"}
    assert "Thank you. You have it" in promises_page(house, KIT, **take)
    assert not Notice.objects.filter(purpose="promise_open", status="planned").exists()


def test_no_word_asks_ana_and_others(house: House) -> None:
    row = promised(house)
    over(house)
    pass_until(house, row.due + timedelta(hours=3))

    own = house.own_page()
    assert letters(ANA, "promise_news") == 1
    assert letters(BO, "promise_open") == 1
    assert "We have no word from Sam, so we are asking others." in house.shows(own)
    assert "Did Sam reach you?" in house.shows(f"{own}/arranged")

    house.does(f"{own}/arranged", "happened", promise=row.pk)
    assert "Could you do it instead?" not in promises_page(house, BO)
    row.refresh_from_db()
    assert row.ended_why == "kept"


def test_a_late_word_of_sams_ends_it_too(house: House) -> None:
    row = promised(house)
    pass_until(house, row.due + timedelta(hours=3))
    promises_page(house, SAM, promise=row.pk, do="kept")
    row.refresh_from_db()
    assert row.ended_why == "kept"
    assert "Could you do it instead?" not in promises_page(house, BO)


def test_when_nobody_can_ana_is_told_plainly_and_so_is_the_host(house: House) -> None:
    row = promised(house)
    over(house)
    for person in (SAM, BO, KIT):
        promises_page(house, person, promise=row.pk, do="cannot" if person == SAM else "no_thanks")

    own = house.own_page()
    assert "Nobody can do it now." in house.shows(own)
    assert letters(ANA, "promise_news") == 1
    assert Notification.objects.filter(purpose="host_news", news="promise_open").count() == 1
    worker_looks(house)
    assert Notification.objects.filter(purpose="host_news", news="promise_open").count() == 1
    house.pass_time(days=3)
    assert "Nobody can do it now." not in house.shows(own)


def test_who_left_is_not_waited_for(house: House) -> None:
    row = promised(house)
    Membership.objects.filter(person=SAM).update(ended_at=house.now)
    pass_until(house, row.due)
    assert letters(SAM, "promise") == 0
    assert letters(BO, "promise_open") == 1


def test_nobody_is_asked_who_did_not_agree_or_must_not_be_reached(house: House) -> None:
    row = promised(house)
    Membership.objects.filter(person=BO).update(agreed_on=None)
    a_never_contact(MAILS[KIT])
    promises_page(house, SAM, promise=row.pk, do="cannot")
    assert letters(BO, "promise_open") == letters(KIT, "promise_open") == 0
    row.refresh_from_db()
    assert row.ended_why == "nobody"


def test_ana_lets_it_go_and_nobody_is_reminded(house: House) -> None:
    row = promised(house)
    own = house.own_page()
    assert "Let go." in house.does(f"{own}/arranged", "let_go", promise=row.pk)
    pass_until(house, row.due + timedelta(hours=6))
    assert letters(SAM, "promise") == letters(BO, "promise_open") == 0


def test_while_everything_is_switched_off_nobody_is_asked(house: House) -> None:
    row = promised(house)
    quiet = Quiet.objects.create(person_id=ANA, since=house.now, by="person")
    pass_until(house, row.due + timedelta(hours=9))
    assert letters(SAM, "promise") == letters(BO, "promise_open") == 0
    assert not Notification.objects.filter(news="promise_open").exists()

    Quiet.objects.filter(pk=quiet.pk).update(ended_at=house.now)
    pass_until(house, house.now + timedelta(hours=1))
    assert letters(SAM, "promise") == 1


def test_nobody_else_speaks_for_sam_or_ana(house: House) -> None:
    row = promised(house)
    a_person(NOA)
    noas = house.own_page(NOA)
    for do in ("happened", "let_go"):
        house.does(f"{noas}/arranged", do, promise=row.pk)
    assert not promises.kept(BO, row.pk, house.now)
    assert not promises.cannot(KIT, row.pk, house.now, kinds_on())
    assert not promises.later(BO, row.pk, row.due + timedelta(hours=1), house.now)
    assert not promises.take_over(BO, row.pk, row.due, house.now, kinds_on())
    row.refresh_from_db()
    assert (row.person_id, row.ended_at, row.due.hour) == (SAM, None, 9)
    assert "Sam" not in house.shows(f"{noas}/arranged")
    assert "Ana" not in house.shows(page_of(house, NOA))


def test_looking_twice_is_looking_once(house: House) -> None:
    row = promised(house)
    house.now = row.due - timedelta(minutes=20)
    for _ in range(3):
        promises_due.look(row.pk, house.now, kinds_on())
    assert letters(SAM, "promise") == 1
