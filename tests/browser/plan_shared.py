"""What the journeys of sharing a plan have in common: Ana with two parts, Sam's phone, what can be read."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, seen
from tests.browser.inside import own_page_in, session_in
from tests.browser.watched import WIDTHS, Watched, look_over
from tests.servers.sample import Try

HOW = "Speak slowly. Ask me about the harbour, and wait for an answer."
NOT = "Please do not tell my mother before I do."
PARTS = {"How to be with me": HOW, "What I do not want": NOT}
REFUSED = re.compile(r"status of (404|410|422)")


def shows(page: Page, words: str) -> None:
    """The page comes to show *words*; on a screen that is put away they do not count."""
    expect(page.get_by_text(seen(words)).locator("visible=true").first).to_be_visible()


def look(page: Page, name: str) -> None:
    look_over(page, f"plan-sharing-{name}", widths=WIDTHS)


def ana_with_a_plan(read: Reading, sample: Try) -> Watched:
    """Ana, signed in, with two parts of a plan written."""
    reader = read()
    reader.expected = REFUSED
    reader.context.add_cookies(
        [{"name": "session", "value": session_in(sample.data, "ana"), "url": sample.base}]
    )
    # The sample keeps what was sealed when it starts over.
    reader.context.request.post(f"{sample.base}/plan/erase", form={"sure": "yes"})
    plan = reader.open("/plan#list")
    for name, text in PARTS.items():
        write(plan, name, text)
    plan.close()
    return reader


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


def shared(ana: Watched, sam: Sam, *, says_so: bool = True) -> Page:
    """Both compared their words, and both parts are shown to Sam; Ana's page of Sam."""
    own = sam.own_page()
    theirs = sam.words(own)
    plan = ana.open("/plan#who")
    plan.get_by_role("link", name="Sam").click()
    assert four(plan) == theirs
    press(plan, "Yes, the same")
    shows(plan, "Now you can choose what Sam sees.")
    show_to_sam(plan)
    if says_so:
        press(own, "The same words")
        shows(own, "You said that they are the same.")
    return plan


def call(ana: Watched, sample: Try) -> Page:
    """Ana calls."""
    page = ana.open(sample.own_page)
    page.get_by_role("link", name="I need someone").click()
    press(page, "Talk")
    headline(page, "Trying Sam now.")
    shows(page, "it did not go through")
    return page


def over(page: Page) -> None:
    """Ana ends her call."""
    press(page, "It's over. Stop asking")
    headline(page, "Hello, Ana.")


def reads_both(page: Page) -> None:
    place = page.locator("#shown")
    expect(place.get_by_role("heading")).to_have_text(["How to be with Ana", "What Ana does not want"])
    expect(place.locator("blockquote")).to_have_text([HOW, NOT])


def reads_nothing(page: Page) -> None:
    expect(page.locator("#shown")).to_be_empty()
    for words in PARTS.values():
        assert words not in page.content()


def reads_nothing_but_notices(page: Page) -> None:
    expect(page.locator("#shown blockquote")).to_have_count(0)
