"""Ana invites a friend, who says yes on a phone and types the code; with scripts, and without any."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, shows
from tests.browser.inside import code_in, session_in
from tests.browser.watched import WIDTHS, look_over
from tests.servers.sample import Try

NUMBERS = {True: "+44 7700 900 177", False: "+44 7700 900 178"}
MAILS = {True: "noa@example.org", False: "noa@example.com"}
"""With scripts and without: the house stays the same between tests, and a circle has everybody once."""

REFUSED = re.compile(r"status of (410|422)")
"""What Chromium says of a page that says what was not right, or that a link ran out."""


def ana_signed_in(read: Reading, sample: Try, *, scripts: bool) -> Page:
    """Ana's browser, at the beginning of an invitation."""
    reader = read(java_script_enabled=scripts)
    reader.expected = REFUSED
    reader.context.add_cookies(
        [{"name": "session", "value": session_in(sample.data, "ana"), "url": sample.base}]
    )
    return reader.open("/circle/invite")


def look(page: Page, name: str, *, scripts: bool) -> None:
    if scripts:
        look_over(page, f"inviting-{name}", widths=WIDTHS)


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_ana_invites_noa_who_says_yes_on_a_phone(read: Reading, sample: Try, scripts: bool) -> None:
    number, mail = NUMBERS[scripts], MAILS[scripts]
    ana = ana_signed_in(read, sample, scripts=scripts)
    headline(ana, "Whom would you like to ask?")
    look(ana, "ask", scripts=scripts)
    ana.get_by_label("Their name").fill("Noa")
    ana.get_by_label("Come over").check()
    press(ana, "Make the link")
    headline(ana, "Hand this link to Noa.")
    look(ana, "link", scripts=scripts)
    link = ana.get_by_label("The link").input_value()
    address = ana.url
    ana.get_by_role("link", name="See what they will see").click()
    headline(ana, "Ana would like you in the circle, Noa.")
    expect(ana.get_by_role("button", name="Yes, Ana can ask me")).to_be_disabled()

    reader = read(360, java_script_enabled=scripts)
    reader.expected = REFUSED
    noa = reader.open(link)
    headline(noa, "Ana would like you in the circle, Noa.")
    look(noa, "question", scripts=scripts)
    noa.get_by_role("textbox", name="Text message").first.fill("020 915 0177")
    noa.get_by_role("textbox", name="Email").first.fill(mail)
    noa.get_by_label("Come over").uncheck()
    noa.get_by_label("From", exact=True).select_option("10:00")
    press(noa, "Yes, Ana can ask me")
    shows(noa, "Please begin with + and the country")
    look(noa, "mistyped", scripts=scripts)
    expect(noa.get_by_role("textbox", name="Email").first).to_have_value(mail)
    expect(noa.get_by_label("Come over")).not_to_be_checked()
    expect(noa.get_by_label("From", exact=True)).to_have_value("10:00")
    noa.get_by_role("textbox", name="Text message").first.fill(number)
    press(noa, "Yes, Ana can ask me")
    headline(noa, "Thank you. Now show that we reach you.")
    look(noa, "prove", scripts=scripts)
    noa.get_by_label("The code").first.fill(code_in(sample.data, number.replace(" ", "")))
    press(noa, "This is the code")
    shows(noa, "Good. That one reaches you.")
    noa.get_by_label("The code").first.fill(code_in(sample.data, mail))
    press(noa, "This is the code")
    headline(noa, "Thank you. We reach you.")
    press(noa, "Go on to your own page")
    headline(noa, "This is your own page. Keep it.")
    shows(noa, "We reach you. Ana now chooses when your turn comes.")
    look(noa, "own-page", scripts=scripts)

    ana.goto(address)
    headline(ana, "Noa said yes.")
    shows(ana, "We can reach Noa.")
    look(ana, "yes", scripts=scripts)


def test_a_no_takes_one_press_and_every_end_has_a_page(read: Reading, sample: Try) -> None:
    ana = ana_signed_in(read, sample, scripts=True)
    ana.get_by_label("Their name").fill("Noa")
    press(ana, "Make the link")
    link = ana.get_by_label("The link").input_value()
    address = ana.url
    reader = read(360)
    reader.expected = REFUSED
    noa = reader.open(link)
    press(noa, "Not now")
    headline(noa, "That is a full answer. Thank you.")
    look(noa, "said-no", scripts=True)
    ana.goto(address)
    headline(ana, "Noa can't, for now.")
    look(ana, "no", scripts=True)

    ana.get_by_role("link", name="Ask someone else").click()
    ana.get_by_label("Their name").fill("")
    press(ana, "Make the link")
    shows(ana, "Please write a name")
    look(ana, "no-name", scripts=True)
    ana.get_by_label("Their name").fill("Noa")
    press(ana, "Make the link")
    link = ana.get_by_label("The link").input_value()
    press(ana, "Take it back")
    headline(ana, "You took back what you asked Noa.")
    look(ana, "taken-back", scripts=True)
    noa.goto(link)
    headline(noa, "This link has run out.")
    look(noa, "ran-out", scripts=True)
