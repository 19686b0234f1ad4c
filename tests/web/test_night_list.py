"""Tonight's list: Ana writes it, whoever has her call ticks it, and it is gone when the call is over."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nightlight.engine.events import EndedBy
from nightlight.intake import alert as intake
from nightlight.store.models import ListLine
from nightlight.store.night_list import list_of
from tests.factories import a_person
from tests.people import BO, NOA, SAM
from tests.web.house import House, everything, words
from tests.web.nights import taken_by_sam

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def write(house: House, text: str, *, status: int = 200, **more: str) -> str:
    return words(house.browser.post(f"{house.own_page()}/list", {"lines": text, **more}), status)


def test_ana_writes_it_and_sam_who_has_it_reads_and_ticks_it(house: House) -> None:
    link = taken_by_sam(house)
    write(house, "feed the cat\n\n ring school \n")
    assert "feed the cat" in house.shows(link)
    assert all("cat" not in sealed for sealed in ListLine.objects.values_list("text_sealed", flat=True))
    first, second = list_of(house.alert.pk)

    page = words(house.browser.post(f"{link}/list", {"tick": first.id}))

    assert "Done at <time" in page
    own = house.shows(house.own_page())
    assert "feed the cat</span> Done at <time" in own
    assert "ring school</span> Done" not in own
    words(house.browser.post(f"{link}/list", {"undo": first.id}))
    assert [line.ticked_at for line in list_of(house.alert.pk)] == [None, None]
    assert second.text == "ring school"


def test_one_press_puts_a_ready_line_on_it_and_keeps_what_was_typed(house: House) -> None:
    house.ana_calls()
    page = write(house, "feed the cat", add="school")
    assert "feed the cat School: say that I am not coming</textarea>" in page
    assert len(list_of(house.alert.pk)) == 2


def test_what_was_ticked_stays_so_when_the_list_is_written_again(house: House) -> None:
    link = taken_by_sam(house)
    write(house, "one\ntwo")
    words(house.browser.post(f"{link}/list", {"tick": list_of(house.alert.pk)[0].id}))
    write(house, "three\none\nthree")
    assert [(line.text, bool(line.ticked_at)) for line in list_of(house.alert.pk)] == [
        ("three", False),
        ("one", True),
    ]


@pytest.mark.parametrize("text", ["\n".join(f"line {n}" for n in range(21)), "x" * 201])
def test_what_does_not_fit_is_not_kept_and_not_lost(house: House, text: str) -> None:
    house.ana_calls()
    write(house, "one")
    assert text.split("\n", maxsplit=1)[0] in write(house, text, status=422)
    assert [line.text for line in list_of(house.alert.pk)] == ["one"]


def test_nobody_but_who_has_it_sees_or_ticks_it(house: House) -> None:
    house.ana_calls()
    house.next_timer()
    write(house, "feed the cat")
    a_person(NOA)
    line = list_of(house.alert.pk)[0].id
    assert "cat" not in house.shows(house.link(SAM))
    house.says(SAM, "yes")
    house.says(BO, "yes")

    assert "cat" not in house.shows(house.link(BO))
    assert "cat" not in house.shows(f"{house.link(BO)}/list", status=404)
    words(house.browser.post(f"{house.link(BO)}/list", {"tick": line}), 422)
    assert "cat" not in house.shows(f"{house.own_page(NOA)}/list")
    words(house.browser.post(f"{house.own_page(NOA)}/list", {"lines": "mine"}), 422)
    assert [(one.text, one.ticked_at) for one in list_of(house.alert.pk)] == [("feed the cat", None)]


def test_sam_who_handed_it_on_reads_it_no_more(house: House) -> None:
    link = taken_by_sam(house)
    write(house, "feed the cat")
    house.says(SAM, "hand_on")
    assert "cat" not in house.shows(link)
    assert "cat" not in house.shows(f"{link}/list", status=404)


@pytest.mark.parametrize("tick", ["", "x", "9" * 30, "0"])
def test_a_line_that_is_not_there_changes_nothing(house: House, tick: str) -> None:
    link = taken_by_sam(house)
    write(house, "one")
    before = everything()
    assert house.browser.post(f"{link}/list", {"tick": tick}).status_code in (200, 422)
    assert everything() == before


def test_it_is_erased_in_the_transaction_that_ends_the_call(house: House) -> None:
    link = taken_by_sam(house)
    write(house, "feed the cat")
    with CaptureQueriesContext(connection) as asked:
        intake.still_needed(house.alert.pk, house.now)
    assert not [query for query in asked if "list_line" in query["sql"]]

    with CaptureQueriesContext(connection) as asked:
        intake.resolve(house.alert.pk, EndedBy.CALLER, house.now)

    assert len([query for query in asked if "list_line" in query["sql"]]) == 1
    assert not ListLine.objects.exists()
    assert "There is no open call" in write(house, "feed the cat", status=422)
    assert "cat" not in house.shows(link)
    assert not ListLine.objects.exists()


def test_an_open_page_is_told_of_a_tick(house: House) -> None:
    link, own = taken_by_sam(house), house.own_page()
    house.browser.post(f"{own}/list", {"lines": "one"})
    tag = house.browser.get(f"{own}/now")["ETag"]
    words(house.browser.post(f"{link}/list", {"tick": list_of(house.alert.pk)[0].id}))
    told = house.browser.get(f"{own}/now", headers={"If-None-Match": tag})
    assert "one</span> Done at <time" in words(told)


def test_signed_in_it_is_the_same_list(house: House) -> None:
    house.ana_calls()
    ana = house.signs_in()
    assert 'href="/tonight/list"' in words(ana.get("/home"))
    words(ana.post("/tonight/list", {"lines": "one"}))
    assert "one</textarea>" in words(ana.get("/tonight/list"))
    assert house.browser.get("/tonight/list").status_code == 302
