"""What an open page asks for every two seconds: only what changed, cheaply, and never more than the page shows."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nightlight.engine.events import EndedBy
from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.store.models import Alert, KeptReply, Membership, Notification, Person
from nightlight.store.sealing import seal
from nightlight.web.views import now
from tests.factories import a_never_contact, a_person, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, SAM
from tests.web.house import LINE, House, everything, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

QUERIES_MAX = 8


def look(house: House, address: str, tag: str = "") -> Any:
    """What a page that is open at *address* is told, having seen *tag*."""
    return house.browser.get(f"{address}/now", headers={"If-None-Match": tag} if tag else {})


def seen(house: House, address: str) -> str:
    """The tag of what *address* shows now."""
    tag: str = look(house, address)["ETag"]
    assert look(house, address, tag).status_code == 304
    return tag


def test_while_nothing_happens_an_open_page_is_told_so(house: House) -> None:
    house.ana_calls()
    page = house.own_page()
    tag = seen(house, page)
    house.pass_time(minutes=1)

    told = look(house, page, tag)

    assert told.status_code == 304
    assert told.content == b""
    assert told["ETag"] == tag
    assert not tag.startswith("W/")
    assert told["True-At"] == "2026-11-21T12:01:00+00:00"
    assert told["Cache-Control"] == "no-store"


def test_a_proxy_that_packs_pages_weakens_the_tag_and_it_is_still_known(house: House) -> None:
    house.ana_calls()
    page = house.own_page()

    assert look(house, page, "W/" + seen(house, page)).status_code == 304


def test_nothing_is_rendered_and_little_is_read_while_nothing_happens(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.ana_calls()
    pages = [house.own_page(), house.link(SAM)]
    tags = [seen(house, page) for page in pages]

    def rendered(*_: object, **__: object) -> None:
        raise AssertionError("rendered for nothing")

    monkeypatch.setattr(now, "render", rendered)
    for page, tag in zip(pages, tags, strict=True):
        with CaptureQueriesContext(connection) as asked:
            assert look(house, page, tag).status_code == 304
        assert len(asked) <= QUERIES_MAX


def test_a_page_is_loaded_with_the_tag_of_what_it_shows(house: House) -> None:
    house.ana_calls()
    for page in (house.own_page(), house.link(SAM)):
        tag = look(house, page)["ETag"]
        assert f'data-tag="{tag.replace(chr(34), "&quot;")}"' in house.shows(page)


def test_what_is_told_is_what_a_fresh_look_would_show_without_its_frame(house: House) -> None:
    house.ana_calls()
    for page in (house.own_page(), house.link(SAM)):
        fragment = words(look(house, page))
        whole = house.shows(page)
        assert "<html" not in fragment
        assert "<script" not in fragment
        for part in fragment.split('data-part="')[1:]:
            assert part[:-80].rstrip() in whole


def test_the_caller_is_told_of_every_step(house: House) -> None:
    page = house.own_page()
    house.ana_calls()
    tags = [seen(house, page)]

    house.next_timer()
    tags.append(seen(house, page))
    assert "No answer from Sam yet. Trying Bo and Kit." in words(look(house, page, tags[0]))
    house.says(BO, "yes")
    tags.append(seen(house, page))
    assert "Bo has it." in words(look(house, page, tags[1]))
    house.next_timer()
    tags.append(seen(house, page))
    assert "Bo has gone quiet." in words(look(house, page, tags[2]))

    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "accepted", "evidence": "accepted"},
        {"status": "failed", "evidence": "failed"},
        {"evidence": "delivered"},
        {"failed_before": True},
    ],
)
def test_the_caller_is_told_how_far_a_message_came(house: House, change: dict[str, object]) -> None:
    house.ana_calls()
    page = house.own_page()
    tag = seen(house, page)

    Notification.objects.filter(person=SAM).update(**change)

    assert look(house, page, tag).status_code == 200


def test_time_alone_can_make_a_page_untrue(house: House) -> None:
    a_way(SAM, "sms")
    house.ana_calls()
    page = house.own_page()
    due = house.alert.timer_due
    assert due is not None
    tag = seen(house, page)

    house.now = due

    assert "We go on in a moment." in words(look(house, page, tag))
    tag = seen(house, page)
    house.pass_time(days=1)
    # Yesterday's times are shown with their day.
    assert look(house, page, tag).status_code == 200


def test_a_change_to_the_circle_is_told(house: House) -> None:
    house.ana_calls()
    page = house.own_page()
    tag = seen(house, page)
    Person.objects.filter(pk=KIT).update(name="Kitty")
    assert "Kitty" in words(look(house, page, tag))

    tag = seen(house, page)
    a_never_contact(MAILS[KIT])

    assert "Kitty is not available right now." in words(look(house, page, tag))


def test_a_call_that_ends_elsewhere_ends_on_every_open_page(house: House) -> None:
    page = house.own_page()
    alert = house.ana_calls()
    link, tag = house.link(SAM), seen(house, page)
    asked = seen(house, link)

    intake.resolve(alert, EndedBy.HOST, house.now, reason="Ana rang the desk")

    told = words(look(house, page, tag))
    assert "It's over now." in told
    assert "Ana rang the desk" in told
    assert "Nobody is being asked any more." in told
    assert "It's over now." in words(look(house, link, asked))
    tag = seen(house, page)
    house.ana_calls()
    assert "Trying Sam now." in words(look(house, page, tag))


def test_whoever_is_asked_is_told_that_someone_has_it_and_no_more(house: House) -> None:
    house.ana_calls()
    house.next_timer()
    link = house.link(KIT)
    tag = seen(house, link)

    house.says(BO, "yes")

    told = words(look(house, link, tag))
    assert 'data-state="someone_has_it"' in told
    assert "Someone has it." in told
    assert not re.search(r"\bBo\b", told)


def test_words_for_the_taker_arrive_on_the_open_page(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    link = house.link(SAM)
    tag = seen(house, link)

    KeptReply.objects.create(
        alert=house.alert, person_id=KIT, text_sealed=seal("in the train until nine"), at=house.now
    )

    assert "in the train until nine" in words(look(house, link, tag))


def test_the_time_to_undo_runs_out_on_the_open_page(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "no")
    link = house.link(SAM)
    tag = seen(house, link)
    assert "Works for two minutes." in words(look(house, link))

    house.pass_time(minutes=2, seconds=2)

    assert "Works for two minutes." not in words(look(house, link, tag))


def test_whoever_is_removed_learns_it_on_the_open_page(house: House) -> None:
    house.ana_calls()
    link = house.link(SAM)
    tag = seen(house, link)

    Membership.objects.filter(person=SAM).update(ended_at=house.now)

    told = words(look(house, link, tag))
    assert "You are not asked any more." in told
    assert "Ana" not in told


def test_a_broken_call_is_told_to_be_broken(house: House) -> None:
    house.ana_calls(Need.DANGER)
    page, link = house.own_page(), house.link(SAM)
    tag, asked = seen(house, page), seen(house, link)

    Alert.objects.update(state={"broken": True}, poisoned_at=house.now)

    told = words(look(house, page, tag))
    assert "Something went wrong on our side. We keep trying." in told
    assert LINE in told
    assert look(house, link, asked).status_code == 200


def test_an_open_page_whose_link_ran_out_is_told_so(house: House) -> None:
    house.ana_calls()
    page = house.own_page()
    link, tag = house.link(SAM), seen(house, page)
    house.own_page()

    assert look(house, page, tag).status_code == 404
    house.does(house.own_page(), "resolve")
    house.pass_time(days=8)
    assert "This link has run out." in words(look(house, link), 404)


def test_nobodys_open_page_tells_of_somebody_elses_call(house: House) -> None:
    a_person(NOA)
    page = house.own_page(NOA)
    tag = seen(house, page)
    house.ana_calls()

    assert look(house, page, tag).status_code == 304
    told = words(look(house, page))
    for name in ("Ana", "Sam", "Bo", "Kit"):
        assert name not in told
    link = house.link(SAM)
    assert look(house, link.replace("/a/", "/m/")).status_code == 404
    assert look(house, house.own_page(ANA).replace("/m/", "/a/")).status_code == 404


def test_asking_again_changes_nothing_and_only_asking_is_possible(house: House) -> None:
    house.ana_calls()
    pages = (house.own_page(), house.link(SAM))
    before = everything()

    for page in pages:
        for _ in range(3):
            assert look(house, page).status_code == 200
        assert house.browser.head(f"{page}/now").status_code == 200
        for method in ("POST", "PUT", "DELETE"):
            assert house.browser.generic(method, f"{page}/now", "answer=yes&do=resolve").status_code == 405
    assert everything() == before
