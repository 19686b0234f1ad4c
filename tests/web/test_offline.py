"""For a night without a network: the page that stands in, the program that keeps it, and a press that is sent again."""

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from nightlight.engine.needs import Need
from nightlight.store.models import Alert, TimelineEntry
from nightlight.web import kept
from tests.factories import a_person
from tests.people import ANA, NOA, SAM
from tests.web.house import EMERGENCY, LINE, House, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OFFLINE = "/offline"


def kept_by_program(text: str) -> tuple[str, list[str]]:
    """The version and the files that stand on top of the program."""
    found = re.match(r'const VERSION = "([0-9a-f]{16})", FILES = (\[.*\]);\n', text)
    assert found
    return found[1], json.loads(found[2])


# ------------------------------------------------------------------------------- the page that stands in


def test_the_page_that_stands_in_is_the_same_for_everybody_and_names_nobody(house: House) -> None:
    a_person(NOA)
    house.ana_calls()
    ana, noa = house.signs_in(ANA).get(OFFLINE), house.signs_in(NOA).get(OFFLINE)
    stranger = house.browser.get(OFFLINE)

    assert ana.content == noa.content == stranger.content
    page = words(stranger)
    assert not re.search(r"\b(Ana|Sam|Bo|Kit|Noa)\b", page)
    assert f"tel:{EMERGENCY}" in page
    assert LINE in page
    assert ana[kept.MAY_KEEP] == "yes"
    assert "Set-Cookie" not in ana.headers


def test_it_offers_every_need_and_is_read_in_the_language_asked_for(house: House) -> None:
    page = words(house.browser.get(OFFLINE))

    assert all(f'value="{need}"' in page for need in Need)
    assert 'lang="pt"' in words(house.browser.get(OFFLINE, {"language": "pt"}))
    assert 'lang="en"' in words(house.browser.get(OFFLINE, {"language": "xx"}))


def test_no_page_with_anything_personal_says_that_it_may_be_kept(house: House) -> None:
    house.ana_calls()
    door, ana = house.own_page(), house.signs_in(ANA)

    for address in (door, f"{door}?choose", house.link(SAM), "/home", "/circle", "/me", "/sign-in"):
        answer = ana.get(address)
        assert kept.MAY_KEEP not in answer.headers, address
        assert answer["Cache-Control"] == "no-store", address


# ------------------------------------------------------------------------------ the program that keeps it


def test_the_program_names_what_it_keeps_and_all_of_it_is_there(house: House) -> None:
    answer = house.browser.get("/sw.js")
    _, files = kept_by_program(answer.content.decode())

    assert answer.content.decode() == kept.program()
    for address in files:
        assert house.browser.get(address).status_code == 200, address
    page = words(house.browser.get(OFFLINE))
    fetched = re.findall(r'(?:<script src|<link rel="(?:icon|stylesheet)" href)="(/static/[^"]*)"', page)
    assert set(fetched) <= set(files)


def test_its_bytes_change_with_the_scripts_of_the_plan_and_with_the_style(tmp_path: Path) -> None:
    def version() -> str:
        return kept_by_program(kept.program(static))[0]

    static = tmp_path / "one"
    shutil.copytree(kept.STATIC, static, ignore=shutil.ignore_patterns("sealed"))
    without = kept.program(static)
    assert "/static/sealed" not in without

    (static / "sealed").mkdir()
    (static / kept.BUILT).write_text('{"version": "1234", "files": ["sealed/plan.js"]}')
    with_scripts, files = kept_by_program(kept.program(static))
    assert "/static/sealed/plan.js" in files
    assert with_scripts != kept_by_program(without)[0]
    assert version() == with_scripts

    (static / kept.BUILT).write_text('{"version": "5678", "files": ["sealed/plan.js"]}')
    assert version() != with_scripts

    other = shutil.copytree(static, tmp_path / "two")
    (other / "nightlight.css").write_text("body { color: black }")
    assert kept_by_program(kept.program(other))[0] != version()


def test_quick_exit_clears_nothing_that_the_plan_lies_in(house: House) -> None:
    left = house.signs_in().post("/exit")

    assert "Clear-Site-Data" not in left.headers


# ----------------------------------------------------------------------------- a press that is sent again


def again(house: House, door: str, ago: object, need: str = "talk", **more: str) -> str:
    """What a page that heard nothing sends; the header by which it knows that it is a call."""
    answer = house.browser.post(door, {"do": "raise", "need": need, "pressed_ago": str(ago), **more})
    return str(answer.headers.get("Press-Kept", ""))


def test_a_press_that_gets_through_late_is_one_call(house: House) -> None:
    door = house.own_page()

    assert again(house, door, 640) == "yes"
    assert again(house, door, 642) == "yes"

    assert Alert.objects.count() == 1
    assert TimelineEntry.objects.filter(what="joined").count() == 0


def test_a_press_that_got_through_unheard_raises_nothing_after_that_call_is_over(house: House) -> None:
    door = house.own_page()
    house.does(door, "raise", need="talk")
    house.pass_time(minutes=2)
    house.does(door, "resolve")

    assert again(house, door, 125) == "yes"
    assert Alert.objects.count() == 1

    house.pass_time(minutes=10)
    assert again(house, door, 60) == "yes"
    assert Alert.objects.count() == 2


def test_a_call_that_was_over_before_the_press_does_not_swallow_it(house: House) -> None:
    door = house.own_page()
    house.does(door, "raise", need="talk")
    house.pass_time(seconds=4)
    house.does(door, "resolve")
    house.pass_time(seconds=8)

    assert again(house, door, 5) == "yes"
    assert Alert.objects.count() == 2
    assert Alert.objects.filter(resolved_at=None).count() == 1


def test_a_press_that_got_through_unheard_wakes_nobody_when_somebody_has_it(house: House) -> None:
    door = house.own_page()
    house.does(door, "raise", need="talk")
    house.says(SAM, "yes")
    before = house.alert.status

    house.pass_time(seconds=30)
    assert again(house, door, 32) == "yes"

    assert house.alert.status == before
    assert TimelineEntry.objects.filter(what="joined").count() == 0


def test_a_more_urgent_press_that_comes_late_still_counts(house: House) -> None:
    door = house.own_page()
    house.does(door, "raise", need="talk")

    assert again(house, door, 60, need="danger") == "yes"

    assert house.alert.need == Need.DANGER


def test_a_call_that_came_of_itself_is_joined_by_a_late_press(house: House) -> None:
    house.ana_calls()
    Alert.objects.update(raised_at=house.now - timedelta(minutes=5))
    door = house.own_page()

    assert again(house, door, 60) == "yes"
    assert TimelineEntry.objects.filter(what="joined").count() == 1


def test_odd_figures_are_no_reason_to_hold_a_call_back(house: House) -> None:
    door = house.own_page()
    for ago in ("", "soon", "-5", "9" * 30, "١٢"):
        assert again(house, door, ago) == "yes", ago
    assert Alert.objects.count() == 1


def test_what_cannot_be_a_call_never_says_that_it_is_kept(house: House) -> None:
    a_person(NOA)
    noa = house.own_page(NOA)

    assert again(house, noa, 30) == ""
    assert again(house, house.own_page(), 30, need="nothing") == ""
    assert again(house, "/m/" + "x" * 32, 30) == ""
    assert not Alert.objects.exists()


def test_a_page_of_ours_may_send_it_and_another_site_may_not(house: House) -> None:
    door, form = house.own_page(), {"do": "raise", "need": "talk", "pressed_ago": "5"}
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}

    assert house.browser.post(door, form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not Alert.objects.exists()
    assert house.browser.post(door, form, headers=own).headers["Press-Kept"] == "yes"
