"""The supporter's journey: Bo takes the call, opens his door, ticks the list, promises, and hands it on to Kit."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, seen, shows
from tests.browser.inside import own_page_in, session_in
from tests.browser.watched import WIDTHS, look_over
from tests.servers.sample import Try

REFUSED = re.compile(r"status of (404|410|422)")


def look(page: Page, name: str) -> None:
    look_over(page, f"arranged-{name}", widths=WIDTHS)


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=seen(name)).first.click()


def bo_offers_his_sofa(sample: Try, reader_of: Reading) -> None:
    """Somewhere to stay is asked of nobody who did not offer it, so Bo does."""
    own = reader_of().open(own_page_in(sample.data, "bo"))
    follow(own, "Hours, a longer pause, what you offer")
    own.get_by_label("Somewhere to stay").check()
    own.get_by_role("button", name="Keep this").click()
    shows(own, "It holds from now on.")


def bo_takes_it(ana: Page, sample: Try, reader_of: Reading) -> Page:
    """Ana asks for somewhere to stay, and Bo has it; his page."""
    follow(ana, "I need someone")
    press(ana, "Somewhere to stay")
    headline(ana, "Trying Bo now.")
    helper = reader_of()
    helper.expected = REFUSED
    bo = helper.open(sample.link("Bo"))
    press(bo, "I've got this")
    headline(ana, "Bo has it.")
    return bo


def test_a_supporter_arranges_what_comes_after_the_yes(read: Reading, sample: Try) -> None:
    bo_offers_his_sofa(sample, read)
    ana = read().open(sample.own_page)
    bo = bo_takes_it(ana, sample, read)
    look(bo, "taken")

    follow(bo, "My door is open")
    look(bo, "stay")
    bo.get_by_label("Where, and from when?").fill("Mill Lane 3. I am in from nine on.")
    press(bo, "My door is open")
    headline(bo, "Your door is open for Ana.")
    look(bo, "stay-open")
    shows(ana, "The door of Bo is open")
    shows(ana, "Mill Lane 3.")

    follow(ana, "Write a list")
    ana.get_by_label("The list").fill("Feed the cat")
    press(ana, "School: say that I am not coming")
    look(ana, "list")
    follow(ana, "Back")
    follow(bo, "Back")
    shows(bo, "Feed the cat")
    look(bo, "taken-list")
    follow(bo, "Tick what is done")
    # By keyboard alone.
    bo.get_by_role("button", name="Feed the cat").focus()
    bo.keyboard.press("Enter")
    shows(bo, "Press to take that back.")
    look(bo, "ticked")
    expect(ana.get_by_text("Done at").first).to_be_visible()

    follow(bo, "Back")
    follow(bo, "Say what I will do")
    look(bo, "promise")
    press(bo, "I will do that")
    shows(bo, "Choose one of them.")
    bo.get_by_label(seen("I'll be there in the morning")).check()
    press(bo, "I will do that")
    shows(bo, "You said that you will be there (")
    look(bo, "promised")
    shows(ana, "Bo will be there (")
    look(ana, "own-page")
    follow(bo, "Back")
    look(bo, "taken-promised")

    hands_on(bo, ana, sample, read)
    comes_to_an_end(bo, ana)


def hands_on(bo: Page, ana: Page, sample: Try, read: Reading) -> None:
    """Bo cannot after all, and Kit takes it over."""
    bos = bo.context.new_page()
    bos.goto(f"{sample.base}{own_page_in(sample.data, 'bo')}")
    look(bos, "supporter")
    follow(bos, "Another time, or I can't after all")
    look(bos, "supporter-promises")
    press(bos, "I can't after all")
    shows(bos, "That is a full answer. We ask others at once.")
    shows(ana, "That does not work out, so we are asking others.")

    kits = f"{sample.base}{own_page_in(sample.data, 'kit')}"
    looked_at = read().open(kits)
    look(looked_at, "asked")
    follow(looked_at, "Could you do it instead?")
    look(looked_at, "asked-page")
    # And without any script.
    kit = read(java_script_enabled=False).open(kits)
    follow(kit, "Could you do it instead?")
    press_plainly(kit, "Yes, I'll do it then")
    shows(kit, "Thank you. You have it")
    shows(ana, "Kit will be there (")


def comes_to_an_end(bo: Page, ana: Page) -> None:
    """Ana gets there, the call is over, and she is home again."""
    press(ana, "I am there")
    shows(ana, "You are staying with Bo.")
    look(ana, "own-arranged")
    follow(ana, "Back")
    press(ana, "It's over. Stop asking")
    headline(bo, "It's over now.")
    look(bo, "over")
    look(ana, "home")
    follow(ana, "It happened, or I do not need it")
    press(ana, "It happened")
    press(ana, "I am home again")
    headline(ana, "Nothing is arranged just now.")
    look(ana, "own-nothing")


def press_plainly(page: Page, name: str) -> None:
    """Press a button on a page without scripts."""
    page.get_by_role("button", name=seen(name)).first.click()


def test_a_talk_that_was_put_off_gets_a_day(read: Reading, sample: Try) -> None:
    reader = read()
    reader.context.add_cookies(
        [{"name": "session", "value": session_in(sample.data, "ana"), "url": sample.base}]
    )
    ana = reader.open("/talks")
    look(ana, "talks")
    press(ana, "Keep that day")
    shows(ana, "On that day we bring it to both of you.")
    look(ana, "talks-planned")
    phone = read()
    phone.expected = REFUSED
    sam = phone.open(own_page_in(sample.data, "sam"))
    shows(sam, "You and Ana want to talk")
    follow(sam, "We talked, or another day")
    look(sam, "talk")
    press(sam, "We talked")
    shows(sam, "Nobody is asked about it any more.")
    look(sam, "talk-none")
