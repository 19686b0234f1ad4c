"""Between two people in calm times, and the one switch: Ana on her pages, Sam on his, and the host at the desk."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, shows
from tests.browser.inside import own_page_in, session_in
from tests.browser.watched import WIDTHS, Watched, look_over
from tests.servers.sample import Try

REFUSED = re.compile(r"status of (404|410|422)")


def look(page: Page, name: str) -> None:
    look_over(page, f"between-{name}", widths=WIDTHS)


def signed_in(reader: Watched, sample: Try, person: str = "ana") -> Watched:
    reader.expected = REFUSED
    reader.context.add_cookies(
        [{"name": "session", "value": session_in(sample.data, person), "url": sample.base}]
    )
    return reader


def test_something_is_looked_after_and_both_sides_see_it(read: Reading, sample: Try) -> None:
    phone = read()
    phone.expected = REFUSED
    own = own_page_in(sample.data, "sam")
    sam = phone.open(own)
    sam.get_by_role("link", name="Hours, a longer pause, what you offer").click()
    sam.get_by_label("Look after something").check()
    press(sam, "Keep this")
    ana = signed_in(read(), sample).open("/circle")
    ana.get_by_role("link", name="Sam").first.click()
    press(ana, "Ask Sam to look after something")
    shows(ana, "Sam was asked. No answer yet.")
    look(ana, "kept-asked")
    # What went out to Sam has a fresh link; the one before is good no more.
    sam.goto(f"{sample.base}{own_page_in(sample.data, 'sam')}")
    shows(sam, "Ana asks if you would look after something for a while.")
    look(sam, "kept-question")
    press(sam, "Yes, I will")
    shows(sam, "You look after something for Ana since")
    look(sam, "kept-yes")
    ana.reload()
    shows(ana, "Sam looks after something for you since")
    look(ana, "kept-held")
    press(ana, "We looked at it. It goes on")
    shows(ana, "Sam looks after something for you since")
    press(ana, "It is over, or back with me")
    shows(ana, "Ask Sam to look after something")
    sam.goto(f"{sample.base}{own_page_in(sample.data, 'sam')}")
    expect(sam.get_by_text("You look after something for Ana")).to_have_count(0)


def test_one_word_between_two_people_needs_no_answer(read: Reading, sample: Try) -> None:
    ana = signed_in(read(), sample).open("/circle")
    ana.get_by_role("link", name="Sam").first.click()
    ana.get_by_label("A word that Sam and you agreed on").fill("blue otter")
    ana.locator("button[value=own_word]").click()
    shows(ana, "Your words are kept.")
    look(ana, "member")
    # Without a script, and by the keyboard alone.
    phone = read(java_script_enabled=False)
    phone.expected = REFUSED
    sam = phone.open(own_page_in(sample.data, "sam"))
    sam.get_by_role("link", name="Send Ana one word").focus()
    sam.keyboard.press("Enter")
    shows(sam, "Sam: blue otter")
    sam.get_by_role("button", name="Send it").focus()
    sam.keyboard.press("Enter")
    expect(sam.get_by_role("heading", level=1)).to_contain_text("Ana")
    again = read()
    again.expected = REFUSED
    twice = again.open(own_page_in(sample.data, "sam"))
    twice.get_by_role("link", name="Send Ana one word").click()
    look(twice, "word")
    press(twice, "Send it")
    headline(twice, "Enough for today.")
    look(twice, "word-enough")
    ana.goto(f"{sample.base}/home")
    shows(ana, "Sam: blue otter")
    look(ana, "home-thought")
    ana.goto(f"{sample.base}/me/thoughts")
    look(ana, "thoughts")
    ana.get_by_label("None").check()
    press(ana, "Keep this")
    shows(ana, "Kept. It holds from now on.")
    ana.goto(f"{sample.base}/home")
    press(ana, "Put away")
    expect(ana.get_by_text("blue otter")).to_have_count(0)


def test_a_word_that_calls_by_a_text_is_chosen_with_what_it_means(read: Reading, sample: Try) -> None:
    ana = signed_in(read(), sample).open("/me/word")
    look(ana, "call-word")
    ana.get_by_label("Your word").fill("stop")
    press(ana, "Keep this word")
    shows(ana, "That word means something else already")
    look(ana, "call-word-unfit")
    ana.get_by_label("Your word").fill("blue lantern")
    press(ana, "Keep this word")
    shows(ana, "From now on this word calls your circle.")
    look(ana, "call-word-kept")


def test_one_press_makes_it_quiet_and_one_takes_it_back(read: Reading, sample: Try) -> None:
    ana = signed_in(read(), sample).open("/me")
    ana.get_by_role("link", name="Quiet Switch off").click()
    look(ana, "quiet")
    press(ana, "Make it quiet")
    headline(ana, "Everything that comes by itself is switched off.")
    look(ana, "quiet-on")
    ana.goto(f"{sample.base}/home")
    shows(ana, "Everything that comes by itself is switched off")
    shows(ana, "I need someone")
    look(ana, "home-quiet")
    ana.get_by_role("link", name="What that means, and how it comes again").click()
    press(ana, "Let it come again")
    shows(ana, "Everything comes again, as it was agreed.")
    look(ana, "quiet-record")
    phone = read()
    phone.expected = REFUSED
    sam = phone.open(own_page_in(sample.data, "sam") + "/quiet")
    look(sam, "quiet-supporter")


def test_after_a_death_the_host_stops_everything_with_a_reason(read: Reading, sample: Try) -> None:
    reader = read()
    reader.expected = REFUSED
    wall = reader.open("/try")
    with reader.context.expect_page() as opened:
        press(wall, "The host's desk")
    desk = opened.value
    headline(desk, "Open the desk in this browser?")
    press(desk, "Open the desk")
    desk.get_by_role("link", name="Stop everything about one person").click()
    look(desk, "desk-quiet")
    desk.get_by_label("Whom is it about?").select_option(label="Ana (ana)")
    press(desk, "Stop everything about them")
    shows(desk, "Please write why")
    look(desk, "desk-quiet-why")
    desk.get_by_label("Why").fill("A word from the family.")
    press(desk, "Stop everything about them")
    shows(desk, "It is quiet about them from now on, for everybody.")
    look(desk, "desk-quiet-done")
    ana = signed_in(read(), sample).open("/seen")
    shows(ana, "A word from the family.")
    look(ana, "seen-quiet")
    press(desk, "Take it back")
    shows(desk, "Everything comes again, as it was agreed.")
