"""The morning after: who writes and when, a few words that come, what is written back, and how Sam is."""

from playwright.sync_api import Page

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, shows
from tests.browser.inside import morning_in, note_in, own_page_in
from tests.browser.watched import WIDTHS, Watched, look_over
from tests.servers.processes import wait_until
from tests.servers.sample import Try


def look(page: Page, name: str) -> None:
    look_over(page, f"after-{name}", widths=WIDTHS)


def test_the_morning_after_a_call(read: Reading, sample: Try) -> None:
    reader = read()
    ana = reader.open(sample.own_page)
    bo = bo_has_a_call_of(ana, reader, sample)
    bo_lends_his_name(bo)
    ana_sees_what_comes(ana, sample)
    ana_writes_back(ana, sample)
    bo_reads_it_and_says_how_he_is(bo, sample)
    ana.reload()
    shows(ana, "Bo has read it.")
    ana.goto(sample.own_page)
    look(ana, "home-came")
    the_desk_sees_that_bo_would_like_to_talk(reader)
    enough_is_enough(ana, sample)


def bo_has_a_call_of(ana: Page, reader: Watched, sample: Try) -> Page:
    ana.get_by_role("link", name="I need someone").click()
    press(ana, "Talk")
    headline(ana, "Trying Sam now.")
    # What comes next is Bo, once Sam's ways are through.
    shows(ana, "it did not go through")
    sample.press("next")
    bo = reader.open(sample.link("Bo"))
    press(bo, "I've got this")
    headline(ana, "Bo has it.")
    press(ana, "Yes, we are in touch")
    press(ana, "It's over. Stop asking")

    return bo


def bo_lends_his_name(bo: Page) -> None:
    """He is asked once, and chooses words for later."""
    headline(bo, "It's over now.")
    bo.reload()
    look(bo, "over-bo")
    bo.get_by_role("link", name="Choose some words").click()
    headline(bo, "May we send Ana a few short notes in your name?")
    look(bo, "name-asked")
    bo.get_by_label("Just thinking of you.").check()
    press(bo, "Send Ana these in my name")
    shows(bo, "They go to Ana in your name")
    look(bo, "name-lent")


def ana_sees_what_comes(ana: Page, sample: Try) -> None:
    """Who writes and when; and she changes it as she likes."""
    ana.goto(sample.own_page)
    shows(ana, "Bo writes to you:")
    look(ana, "home-next")
    ana.get_by_role("link", name="See or change it").click()
    headline(ana, "After a call")
    look(ana, "planned")
    for question in ("wakes", "often", "own"):
        ana.goto(f"{sample.own_page}/after?{question}")
        look(ana, question)
    ana.goto(f"{sample.own_page}/after")
    ana.get_by_role("link", name="From Bo").nth(2).click()
    look(ana, "one-note")
    press(ana, "Leave this one out")
    shows(ana, "That one does not come.")


def ana_writes_back(ana: Page, sample: Try) -> None:
    """It is morning: the words come."""
    morning_in(sample.data, "ana")
    wait_until(lambda: bool(note_in(sample.data, "ana")), "a note for Ana")
    ana.goto(f"{sample.base}{note_in(sample.data, 'ana')}")
    headline(ana, "A few words from Bo")
    look(ana, "note")
    ana.get_by_label("A few words back").fill("Thank you. Last night was hard.")
    press(ana, "Send it")
    shows(ana, "It waits for Bo. Nobody has read it yet.")
    look(ana, "note-answered")


def bo_reads_it_and_says_how_he_is(bo: Page, sample: Try) -> None:
    own = own_page_in(sample.data, "bo")
    bo.goto(f"{sample.base}{own}")
    shows(bo, "Last night was hard.")
    look(bo, "supporter")
    press(bo, "I have it")
    shows(bo, "It is with you now.")
    look(bo, "taken")
    bo.goto(f"{sample.base}{own}/how")
    look(bo, "how")
    press(bo, "It was a lot")
    look(bo, "a-lot")
    press(bo, "Somebody of Harbour House may ring me")
    headline(bo, "Harbour House sees that you would like to talk.")
    bo.get_by_role("link", name="Your page").click()
    bo.get_by_role("link", name="A few words for Ana, for later").click()
    look(bo, "for-later")


def the_desk_sees_that_bo_would_like_to_talk(reader: Watched) -> None:
    """And nothing of what Ana wrote, for Bo has it."""
    wall = reader.open("/try")
    with reader.context.expect_page() as opened:
        press(wall, "The host's desk")
    desk = opened.value
    press(desk, "Open the desk")
    shows(desk, "Bo helped somebody and would like one of you to get in touch.")
    assert "Last night was hard." not in desk.content()
    look(desk, "desk")
    press(desk, "We got in touch")
    headline(desk, "Nothing waits for you.")
    look(desk, "desk-done")


def enough_is_enough(ana: Page, sample: Try) -> None:
    ana.goto(f"{sample.base}{note_in(sample.data, 'ana')}")
    press(ana, "Enough of these")
    shows(ana, "No more notes come.")
    ana.goto(f"{sample.own_page}/after")
    shows(ana, "You stopped them.")
    look(ana, "stopped")
