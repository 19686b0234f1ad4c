"""Ana makes a check-in, is reminded, taps; misses one, Sam is told, and she comes late. With scripts and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, seen, shows
from tests.browser.inside import let_check_in_be, own_page_in, reminded_in, session_in, ways_for
from tests.browser.watched import WIDTHS, look_over
from tests.servers.processes import wait_until
from tests.servers.sample import Try

REFUSED = re.compile(r"status of (404|422)")


def look(page: Page, name: str, *, scripts: bool = True) -> None:
    if scripts:
        look_over(page, f"check-in-{name}", widths=WIDTHS)


def ana_signed_in(read: Reading, sample: Try, address: str, **options: object) -> Page:
    ways_for(sample.data, "ana")
    reader = read(**options)
    reader.expected = REFUSED
    reader.context.add_cookies(
        [{"name": "session", "value": session_in(sample.data, "ana"), "url": sample.base}]
    )
    return reader.open(address)


def makes_one(ana: Page, *, scripts: bool) -> None:
    """From the first question to the last button: a quiet word to Sam when none comes."""
    headline(ana, "On which days shall we ask how it is?")
    look(ana, "days", scripts=scripts)
    press(ana, "Go on")
    shows(ana, "Please choose one of these.")
    look(ana, "not-chosen", scripts=scripts)
    ana.get_by_label("Every day").check()
    press(ana, "Go on")
    headline(ana, "At what time?")
    look(ana, "time", scripts=scripts)
    press(ana, "Go on")
    headline(ana, "How long do we wait for your word?")
    look(ana, "wait", scripts=scripts)
    press(ana, "Go on")
    headline(ana, "How shall we ask you?")
    look(ana, "ways", scripts=scripts)
    press(ana, "Go on")
    headline(ana, "If no word comes, what do you want?")
    look(ana, "silence", scripts=scripts)
    ana.get_by_label("Tell somebody quietly").check()
    press(ana, "Go on")
    headline(ana, "Who is told that no word came?")
    look(ana, "who", scripts=scripts)
    ana.get_by_label("Sam").check()
    press(ana, "Go on")
    headline(ana, "Shall anybody hear that you checked in?")
    look(ana, "note", scripts=scripts)
    press(ana, "Go on")
    headline(ana, "Is this how you want it?")
    look(ana, "last", scripts=scripts)
    press(ana, "Switch it on")
    shows(ana, "It is on.")
    look(ana, "own", scripts=scripts)


def reminder(sample: Try, before: str = "") -> str:
    """The address in the reminder that has gone out by now."""
    wait_until(lambda: reminded_in(sample.data, "ana") not in ("", before), "a reminder")
    return reminded_in(sample.data, "ana")


def sams_page_comes_to_say(read: Reading, sample: Try, words: str) -> Page:
    """Sam's own page, once it says so."""
    reader = read(360)
    reader.expected = REFUSED
    own = own_page_in(sample.data, "sam")
    sam = reader.open(own)
    wait_until(lambda: bool(sam.reload()) and sam.get_by_text(seen(words)).count() > 0, words)
    return sam


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_ana_is_reminded_taps_misses_one_and_comes_late(read: Reading, sample: Try, scripts: bool) -> None:
    ana = ana_signed_in(read, sample, "/check-ins", java_script_enabled=scripts)
    look(ana, "list-empty", scripts=scripts)
    ana.goto(f"{sample.base}/check-ins/new")
    makes_one(ana, scripts=scripts)
    address = ana.url.partition("?")[0]

    let_check_in_be(sample.data, "ana", "due")
    link = reminder(sample)
    phone = read(360, java_script_enabled=scripts)
    phone.expected = REFUSED
    tap = phone.open(link)
    headline(tap, "How is it, Ana?")
    shows(tap, "We tell Sam, quietly. Nobody else.")
    look(tap, "asked", scripts=scripts)
    ana.goto(f"{sample.base}/home")
    shows(ana, "how is it?")
    look(ana, "home", scripts=scripts)
    press(tap, "I'm OK")
    headline(tap, "That is noted.")
    look(tap, "ok", scripts=scripts)
    tap.goto(f"{sample.base}{link}")
    headline(tap, "Nothing to do now.")
    look(tap, "nothing-to-do", scripts=scripts)

    let_check_in_be(sample.data, "ana", "due")
    shows_after_reload(tap, "How is it, Ana?")
    let_check_in_be(sample.data, "ana", "over")
    sam = sams_page_comes_to_say(read, sample, "Ana had not checked in")
    look(sam, "supporter-silent", scripts=scripts)
    tap.reload()
    shows(tap, "No word came by")
    look(tap, "silent", scripts=scripts)
    press(tap, "I'm OK")
    shows(tap, "Sam will hear that you are here.")
    look(tap, "came", scripts=scripts)
    sam = sams_page_comes_to_say(read, sample, "Ana has checked in now")
    look(sam, "supporter-came", scripts=scripts)

    take_away(ana, address)


def shows_after_reload(page: Page, words: str) -> None:
    """The page says so once the worker has looked."""
    wait_until(lambda: bool(page.reload()) and page.get_by_text(seen(words)).count() > 0, words)


def take_away(ana: Page, address: str) -> None:
    """The house stays the same between tests, so what was made is erased, as Ana would."""
    ana.goto(f"{address}?remove")
    press(ana, "Take it away")
    shows(ana, "It is gone, with everything about it.")


def test_not_so_good_leads_to_more_only_when_she_wants_it(read: Reading, sample: Try) -> None:
    ana = ana_signed_in(read, sample, "/check-ins/new")
    makes_one(ana, scripts=False)
    address = ana.url.partition("?")[0]
    let_check_in_be(sample.data, "ana", "due")
    link = reminder(sample)
    reader = read(360)
    reader.expected = REFUSED
    tap = reader.open(link)
    press(tap, "Not so good")
    headline(tap, "Nothing was set in motion.")
    look(tap, "low")
    tap.get_by_text("Tell someone quietly").click()
    press(tap, "Tell them quietly")
    shows(tap, "Nobody was told. Tick a name first.")
    tap.get_by_label("Bo").check()
    press(tap, "Tell them quietly")
    shows(tap, "Bo will hear of it.")
    look(tap, "told")
    tap.get_by_role("link", name=re.compile("I need someone")).first.click()
    headline(tap, "What would help right now?")
    look(tap, "call")
    bo = read(360).open(own_page_in(sample.data, "bo"))
    shows(bo, "Ana says that it is not so good")
    look(bo, "supporter-not-ok")
    take_away(ana, address)


def test_with_the_keyboard_alone_she_says_how_it_is(read: Reading, sample: Try) -> None:
    ana = ana_signed_in(read, sample, "/check-ins/new")
    makes_one(ana, scripts=False)
    address = ana.url.partition("?")[0]
    let_check_in_be(sample.data, "ana", "due")
    tap = read(360).open(reminder(sample))
    for _ in range(10):
        tap.keyboard.press("Tab")
        if "OK" in tap.evaluate("document.activeElement.textContent"):
            break
    tap.keyboard.press("Enter")
    headline(tap, "That is noted.")
    take_away(ana, address)


def test_pausing_a_key_and_the_clock(read: Reading, sample: Try) -> None:
    ana = ana_signed_in(read, sample, "/check-ins/new", timezone_id="Asia/Tokyo")
    makes_one(ana, scripts=False)
    address = ana.url.partition("?")[0]
    press_link(ana, "Pause it")
    look(ana, "pause")
    ana.get_by_label("Until the day").fill("2001-01-01")
    ana.evaluate("document.querySelector('#day').removeAttribute('min')")
    press(ana, "I am away until then")
    shows(ana, "That is over already.")
    ana.goto(address)
    ana.get_by_text("Let a lamp, a door or a script").click()
    press(ana, "Make a key")
    shows(ana, "The key, shown only now")
    look(ana, "key")
    ana.goto(f"{sample.base}/check-ins")
    look(ana, "list")
    ana.goto(f"{sample.base}/me/place")
    look(ana, "clock")
    press(ana, "Use the clock of this device")
    shows(ana, "Your check-ins go by this clock from now on.")
    expect(ana.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    ana.get_by_label("Time zone").select_option("Europe/Lisbon")
    press(ana, "Keep it")
    take_away(ana, address)


def press_link(page: Page, name: str) -> None:
    page.get_by_role("link", name=re.compile(name)).first.click()
