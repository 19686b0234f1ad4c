"""Every other page and every other state of it, held against every rule at both widths, in light and in dark."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from nightlight.web.numbers import Line, Numbers
from nightlight.web.rendering import Page as Rendered
from nightlight.web.rendering import render
from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, shows
from tests.browser.watched import WIDTHS, look_over, watching
from tests.servers.sample import Try, running

NUMBERS = Numbers(
    host="Harbour House",
    emergency="112",
    emergency_dial="112",
    lines=(Line(name="The Evening Line", number="+44 7700 900999", dial="+447700900999", hours=""),),
)

REFUSED = re.compile(r"status of (404|503)")
"""What Chromium says of an answer that is a page, and no good news."""


def look(page: Page, name: str) -> None:
    look_over(page, name, widths=WIDTHS)


def test_what_those_see_who_are_asked(read: Reading, sample: Try) -> None:
    reader = read()
    sample.press("raise", need="talk")
    sam = reader.open(sample.link("Sam"))
    sample.press("next")
    bo = reader.open(sample.link("Bo"))
    press(bo, "I can't right now")
    headline(bo, "That is a full answer. Thank you.")
    look(bo, "declined")
    press(bo, "I've got this, after all")
    headline(bo, "You have it. Ana can see that.")
    headline(sam, "Someone has it.")
    look(sam, "someone-has-it")
    press(sam, "I can be second")
    shows(sam, "You are second")
    look(sam, "second")
    press(bo, "We are in touch")
    shows(bo, "Ana is asked too.")
    look(bo, "says-in-touch")
    press(bo, "Hand over")
    headline(bo, "That is a full answer. Thank you.")
    headline(sam, "Ana would like someone to talk to.")
    look(sam, "asked-again")


def test_who_has_carried_it_for_an_hour_is_thanked_and_others_are_asked_too(
    read: Reading, sample: Try
) -> None:
    sample.press("raise", need="talk")
    sam = read().open(sample.link("Sam"))
    for _ in range(2):
        press(sam, "I've got this")
        press(sam, "We are in touch")
        shows(sam, "Ana is asked too.")
        sample.press("quiet", person="sam")
        sam.goto(sample.link("Sam"))
    headline(sam, "Thank you. We have noted your yes.")
    look(sam, "noted")


def test_what_a_caller_sees_when_it_does_not_go_well(read: Reading, sample: Try) -> None:
    ana = read().open(sample.own_page)
    ana.get_by_role("link", name="I need someone").click()
    press(ana, "I'm not safe right now")
    shows(ana, "In danger now")
    look(ana, "danger")
    for _ in range(4):
        sample.press("next")
    headline(ana, "Nobody has answered yet. We keep trying.")
    look(ana, "nobody-answered")
    sample.press("no", person="bo")
    headline(ana, "Nobody has it yet. We keep trying.")
    sample.press("yes", person="bo")
    bo = ana.context.new_page()
    bo.goto(sample.link("Bo"))
    press(bo, "We are in touch")
    headline(ana, "Bo says you are in touch. Is that right?")
    look(ana, "is-that-right")
    press(ana, "Yes, we are in touch")
    sample.press("next")
    headline(ana, "Are you and Bo still in touch?")
    look(ana, "still-in-touch")
    press(bo, "Hand over")
    headline(ana, "Nobody has it yet. We keep trying.")
    look(ana, "nobody-has-it")


def test_the_desk_of_the_host(read: Reading, sample: Try) -> None:
    reader = read()
    sample.press("raise", need="talk")
    wall = reader.open("/try")
    with reader.context.expect_page() as opened:
        press(wall, "The host's desk")
    desk = opened.value
    headline(desk, "Open the desk in this browser?")
    look(desk, "desk-door")
    press(desk, "Open the desk")
    headline(desk, "One call is open.")
    look(desk, "desk-asking")
    for _ in range(4):
        sample.press("next")
    desk.get_by_role("link", name="Check again").click()
    headline(desk, "One call is open. It needs you.")
    look(desk, "desk")
    desk.get_by_role("link", name="Open Ana").click()
    headline(desk, "Ana")
    look(desk, "desk-call")
    press(desk, "They said: I've got this")
    shows(desk, "Noted.")
    desk.get_by_label("Your reason.").fill("Ana rang us")
    press(desk, "End this call")
    shows(desk, "Ana rang us")
    look(desk, "desk-call-over")
    ana = reader.open(sample.own_page)
    shows(ana, "Ana rang us")
    look(ana, "home-ended-by-host")
    desk.goto(f"{sample.base}/desk")
    headline(desk, "No call is open.")
    look(desk, "desk-quiet")
    desk.get_by_role("link", name="Each way, a test of it").click()
    headline(desk, "2 ways out of here are on.")
    shows(desk, "Sample text")
    look(desk, "desk-channels")
    desk.goto(f"{sample.base}/desk")
    press(desk, "Close the desk in this browser")
    headline(desk, "The desk is closed in this browser.")
    look(desk, "desk-closed")


def test_a_link_that_opens_nothing(read: Reading, sample: Try) -> None:
    reader = read()
    reader.expected = REFUSED
    look(reader.open("/a/unknown"), "ran-out")


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Somebody else writes for as long as this lasts."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_press_that_did_not_go_out_says_so(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as sample, watching(browser, sample.base) as reader:
        reader.expected = REFUSED
        ana = reader.open(sample.own_page)
        ana.get_by_role("link", name="I need someone").click()
        with locked(sample.data / "nightlight.sqlite3"):
            press(ana, "Talk")
            headline(ana, "This did not go out.")
            look(ana, "not-sent")
        press(ana, "Try again")
        headline(ana, "Trying Sam now.")
        with locked(sample.data / "nightlight.sqlite3"):
            press(ana, "It's over. Stop asking")
            headline(ana, "Something went wrong on our side.")
            look(ana, "broken")


def test_calls_that_are_broken_or_held_and_a_circle_that_was_taken_back(
    browser: Browser, tmp_path: Path
) -> None:
    with running(tmp_path) as sample, watching(browser, sample.base) as reader:
        sample.press("raise", need="talk")
        sam = reader.open(sample.link("Sam"))
        with closing(sqlite3.connect(sample.data / "nightlight.sqlite3", timeout=10)) as database:
            database.execute("UPDATE alert SET waits_for_host = 1")
            database.commit()
            ana = reader.open(sample.own_page)
            shows(ana, "nobody is being asked right now")
            look(ana, "held-back")
            database.execute("UPDATE alert SET waits_for_host = 0, state = '{}'")
            database.commit()
        press(sam, "I've got this")
        headline(sam, "We have your yes.")
        look(sam, "kept")
        ana.reload()
        headline(ana, "Something went wrong on our side. We keep trying.")
        look(ana, "call-broken")


def test_an_imported_circle_is_taken_back_in_one_tap(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as sample, watching(browser, sample.base) as reader:
        sample.press("raise", need="talk")
        sam = reader.open(sample.link("Sam"))
        sample.press("resolve")
        ana = reader.open(sample.own_page)
        press(ana, "No. Take it all back")
        shows(ana, "Nobody is in your circle yet.")
        look(ana, "home-without-circle")
        sam.reload()
        look(sam, "removed-or-over")


@pytest.mark.parametrize("template", ["sent_unseen.html", "bad_request.html", "foreign.html"])
def test_pages_that_hardly_ever_come(read: Reading, sample: Try, template: str) -> None:
    """They are shown where they were rendered, in the frame and under the rules of the house."""
    html = render(Rendered(template=template, context={}), shown=NUMBERS).content.decode()
    reader = read()

    def instead(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    reader.context.route("**/made", instead)
    look(reader.open("/made"), template.removesuffix(".html").replace("_", "-"))
