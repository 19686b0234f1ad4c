"""Sam's phone, and what Ana presses until Sam may read two parts of her plan in a call."""

import re

from playwright.sync_api import Page, expect

from tests.browser.hands import press, seen
from tests.browser.inside import own_page_in
from tests.browser.watched import Watched
from tests.servers.sample import Try

HOW = "Speak slowly. Ask me about the harbour, and wait for an answer."
NOT = "Please do not tell my mother before I do."
PARTS = {"How to be with me": HOW, "What I do not want": NOT}
REFUSED = re.compile(r"status of (404|410|422)")


def shows(page: Page, words: str) -> None:
    """The page comes to show *words*; on a screen that is put away they do not count."""
    expect(page.get_by_text(seen(words)).locator("visible=true").first).to_be_visible()


def write(plan: Page, name: str, text: str) -> None:
    plan.goto(re.sub("#.*", "", plan.url) + "#list")
    plan.get_by_role("link", name=name).click()
    plan.get_by_label("In your own words").fill(text)
    with plan.expect_response(lambda answer: "/plan/parts/" in answer.url and answer.ok):
        plan.get_by_role("button", name="Keep and go on").click()


class Sam:
    """Sam's phone: one browser, their own page, and the page behind the message of a call."""

    def __init__(self, reader: Watched, sample: Try, name: str = "sam") -> None:
        reader.expected = REFUSED
        self.reader, self.sample, self.name = reader, sample, name

    def own_page(self) -> Page:
        """Where this browser gets its key."""
        page = self.reader.open(own_page_in(self.sample.data, self.name))
        page.get_by_role("link", name="A page you may be shown").click()
        return page

    def words(self, page: Page) -> list[str]:
        """Let this browser open it; the four words that it shows."""
        press(page, "Let this browser open it")
        return four(page)

    def called(self) -> Page:
        """The page behind the newest message."""
        return self.reader.open(self.sample.link(self.name.capitalize()))


def four(page: Page) -> list[str]:
    words = page.locator(".four:visible li")
    expect(words).to_have_count(4)
    return words.all_inner_texts()


def show_to_sam(plan: Page) -> None:
    """Give Sam both parts."""
    for part in PARTS:
        row = plan.locator("li.card").filter(has_text=part)
        row.get_by_role("button", name="Give Sam this page").click()
        expect(row.get_by_role("button", name="Take it back")).to_be_visible()


def shared(ana: Watched, sam: Sam) -> Page:
    """Both compared their words, and both parts are shown to Sam; Ana's page of Sam."""
    theirs = sam.words(sam.own_page())
    plan = ana.open("/plan#who")
    plan.get_by_role("link", name="Sam").click()
    assert four(plan) == theirs
    press(plan, "Yes, the same")
    shows(plan, "Now you can choose what Sam sees.")
    show_to_sam(plan)
    return plan
