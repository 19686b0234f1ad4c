"""A supporter's own page on a phone, and practice: Sam rests, comes back, is thinking of Ana, and taps."""

import re

from playwright.sync_api import Page

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, shows
from tests.browser.inside import own_page_in, practice_in, session_in
from tests.browser.watched import WIDTHS, look_over
from tests.servers.sample import Try

REFUSED = re.compile(r"status of (404|410|422)")


def look(page: Page, name: str) -> None:
    look_over(page, f"supporter-{name}", widths=WIDTHS)


def test_a_supporter_looks_after_what_they_agreed_to(read: Reading, sample: Try) -> None:
    reader = read()
    reader.expected = REFUSED
    own = own_page_in(sample.data, "sam")
    sam = reader.open(own)
    headline(sam, "Hello, Sam.")
    look(sam, "own-page")
    press(sam, "Not tonight")
    look(sam, "resting")
    press(sam, "I am back")
    for name in ("ways", "night", "own", "about", "kept"):
        sam.goto(f"{sample.base}{own}/{name}")
        look(sam, name)
    sam.goto(f"{sample.base}{own}")
    sam.get_by_role("link", name="Hours, a longer pause, what you offer").click()
    look(sam, "circle")
    sam.goto(f"{sample.base}{own}")
    sam.get_by_role("link", name="I am worried about Ana").click()
    look(sam, "thinking")


def test_the_link_to_the_own_page_is_sent_on_request(read: Reading, sample: Try) -> None:
    reader = read()
    reader.expected = REFUSED
    stranger = reader.open("/s")
    look(stranger, "ask")


def test_ana_practises_and_a_tap_shows_that_it_arrives(read: Reading, sample: Try) -> None:
    reader = read()
    reader.context.add_cookies(
        [{"name": "session", "value": session_in(sample.data, "ana"), "url": sample.base}]
    )
    ana = reader.open("/practice")
    press(ana, "Practise with all")
    look(ana, "practice-began")
    phone = read(360)
    phone.expected = REFUSED
    sam = phone.open(practice_in(sample.data, "sam"))
    shows(sam, "practice")
    look(sam, "practice-tap")
    press(sam, "Yes, this reaches me")
    look(sam, "practice-tapped")
    ana.goto(f"{sample.base}/practice")
    look(ana, "practice-answered")
