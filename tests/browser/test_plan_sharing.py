"""Ana shows Sam how to be with her: a call, taken back; and a letter from Sam for a bad night."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, seen
from tests.browser.plan_shared import (
    HOW,
    NOT,
    REFUSED,
    Sam,
    ana_with_a_plan,
    call,
    look,
    over,
    reads_both,
    reads_nothing,
    reads_nothing_but_notices,
    shared,
    show_to_sam,
    shows,
    write,
)
from tests.browser.watched import Watched
from tests.servers.sample import Try

LETTER = "You fixed my bicycle in the rain and sang the whole time."
Change = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def ana(read: Reading, sample: Try) -> Watched:
    """Ana, signed in, with two parts of a plan written."""
    return ana_with_a_plan(read, sample)


def asked_for_it(reader: Watched) -> list[str]:
    return [each.url for each in reader.fetched if re.search(r"/a/[^/]+/plan$", each.url)]


def test_who_took_the_call_reads_what_ana_shows_them_and_nobody_else_does(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam, bo = Sam(read(), sample), Sam(read(), sample, "bo")
    own = sam.own_page()
    look(own, "begin")
    own.close()
    plan = shared(ana, sam)
    look(plan, "sam")
    plan.goto(f"{sample.base}/plan#who")
    shows(plan, "In a call: How to be with me, What I do not want.")
    look(plan, "everybody")
    bo.words(bo.own_page())

    calling = call(ana, sample)
    asked = sam.called()
    headline(asked, "Ana would like someone to talk to.")
    reads_nothing(asked)
    assert asked_for_it(sam.reader) == []
    sample.press("next")
    only_asked = bo.called()
    press(asked, "I've got this")
    reads_both(asked)
    look(asked, "taken")
    headline(only_asked, "Someone has it.")
    reads_nothing(only_asked)
    assert asked_for_it(bo.reader) == []

    # Changed while the call is open, and taken back while it is read.
    write(plan, "How to be with me", f"{HOW} And tea.")
    expect(asked.locator("#shown blockquote").first).to_have_text(f"{HOW} And tea.")
    plan.goto(f"{sample.base}/plan#who")
    plan.get_by_role("link", name="Sam").click()
    press(plan, "Take everything back")
    shows(plan, "Taken back. Nobody is told.")
    expect(asked.locator("#shown")).to_be_empty()
    shows(plan, "Sam opened it on")

    show_to_sam(plan)
    expect(asked.locator("#shown blockquote")).to_have_count(2)
    over(calling)
    headline(asked, "It's over now.")
    reads_nothing(asked)

    call(ana, sample)
    again = sam.called()
    headline(again, "Ana would like someone to talk to.")
    reads_nothing(again)


def test_who_is_second_reads_it_too_and_other_browsers_get_the_card(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam = Sam(read(), sample)
    plan = shared(ana, sam)
    plan.goto(f"{sample.base}/plan/card")
    plan.get_by_label("What should they know first?").fill("Ring first, then come.")
    press(plan, "Keep the card")
    call(ana, sample)
    sample.press("next")
    bo = Sam(read(), sample, "bo").called()
    press(bo, "I've got this")
    headline(bo, "You have it. Ana can see that.")
    shows(bo, "Ring first, then come.")
    reads_nothing(bo)
    second = sam.called()
    assert "Ring first" not in second.content()
    press(second, "I can be second")
    reads_both(second)
    look(second, "second")
    put_away(second, is_hidden=True)
    reads_nothing(second)
    put_away(second, is_hidden=False)
    reads_both(second)
    elsewhere = read()
    elsewhere.expected = REFUSED
    other = elsewhere.open(second.url)
    shows(other, "Ana shows you something that opens only in the browser you set up for it.")
    shows(other, "Ring first, then come.")
    reads_nothing_but_notices(other)
    look(other, "other-browser")


def put_away(page: Page, *, is_hidden: bool) -> None:
    """Another window covers the page, or does not any more."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


@pytest.fixture
def taken(ana: Watched, read: Reading, sample: Try) -> Callable[[Change], Page]:
    """`taken(change)`: Sam's page after a yes, when somebody on the way changed what the server gave out."""
    sam = Sam(read(), sample)
    shared(ana, sam).close()
    call(ana, sample)
    page = sam.called()
    press(page, "I've got this")
    reads_both(page)

    def once_more(change: Change) -> Page:
        def between(route: Route) -> None:
            answer = route.fetch()
            route.fulfill(response=answer, json=change(answer.json()))

        page.unroute_all()
        page.route(re.compile(r"/a/[^/]+/plan$"), between)
        page.reload()
        return page

    return once_more


def changed_byte(line: str) -> str:
    """A sealed file, as it travels, with its last byte another one."""
    file = bytearray(base64.urlsafe_b64decode(line + "=" * (-len(line) % 4)))
    file[-1] ^= 1
    return base64.urlsafe_b64encode(file).decode().rstrip("=")


def test_what_is_not_as_ana_sealed_it_is_refused_in_plain_words(
    taken: Callable[[Change], Page], ana: Watched, sample: Try
) -> None:
    def tampered(given: dict[str, Any]) -> dict[str, Any]:
        first = {**given["shares"][0], "body": changed_byte(given["shares"][0]["body"])}
        return {**given, "shares": [first, *given["shares"][1:]]}

    def swapped(given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "person": {**given["person"], "verify_key": "A" * 43}}

    page = taken(tampered)
    shows(page, "Something came that is not as Ana sealed it")
    expect(page.locator("#shown blockquote")).to_have_count(1)
    look(page, "tampered")
    page = taken(swapped)
    shows(page, "Something came that is not from the Ana you compared four words with")
    reads_nothing_but_notices(page)

    old: list[dict[str, Any]] = []

    def unchanged(given: dict[str, Any]) -> dict[str, Any]:
        old.append(given)
        return given

    reads_both(taken(unchanged))
    plan = ana.open("/plan#list")
    write(plan, "How to be with me", "Call me by my name.")
    with plan.expect_response(lambda answer: "/plan/shares/" in answer.url and answer.ok):
        pass
    shows(taken(lambda given: given), "Call me by my name.")
    page = taken(lambda _given: old[0])
    shows(page, "Something came that is older than what you have read here before")
    expect(page.locator("#shown blockquote")).to_have_text([NOT])


def test_a_letter_is_sealed_in_sams_browser_and_opened_in_anas(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam = Sam(read(), sample)
    own = sam.own_page()
    shows(own, "You can leave a letter here once you have said that the four words are the same.")
    sam.words(own)
    expect(own.get_by_label("In your own words")).to_be_hidden()
    press(own, "The same words")
    shows(own, "Something for Ana to read on a bad night")
    own.get_by_label("In your own words").fill(LETTER)
    press(own, "Seal it and leave it there")
    shows(own, "Sealed and left there. Only Ana can open it.")
    expect(own.get_by_label("In your own words")).to_have_value("")
    assert not any(LETTER[:20] in (each.post_data or "") for each in sam.reader.posts())

    plan = ana.open("/plan#list")
    shows(plan, "1 closed.")
    plan.get_by_role("link", name="Notes others left me").click()
    assert LETTER not in plan.content()
    look(plan, "notes")
    press(plan, "Open it")
    shows(plan, LETTER)
    headline(plan, "Sent from Sam's page")
    look(plan, "letter")
    press(plan, "Close it again")
    assert LETTER not in plan.content()
    press(plan, "Open it")
    press(plan, "Take it away")
    press(plan, "Yes, take it away")
    shows(plan, "Nothing yet. Somebody of your circle can leave you something")
    assert LETTER not in plan.content()


def test_without_javascript_the_page_says_so(read: Reading, sample: Try) -> None:
    own = Sam(read(java_script_enabled=False), sample).own_page()
    shows(own, "If this stays, the browser does not run our JavaScript")
    expect(own.get_by_role("button", name=seen("Let this browser open it"))).to_have_count(0)
