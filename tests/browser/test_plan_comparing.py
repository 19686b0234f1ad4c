"""Four words that Ana and Sam compare, and what somebody between them can do about it: nothing."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Reading
from tests.browser.hands import press
from tests.browser.plan_shared import (
    Sam,
    ana_with_a_plan,
    call,
    four,
    look,
    reads_both,
    reads_nothing_but_notices,
    shared,
    show_to_sam,
    shows,
    write,
)
from tests.browser.watched import Watched
from tests.servers.sample import Try

SERVERS_OWN = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"
Change = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def ana(read: Reading, sample: Try) -> Watched:
    """Ana, signed in, with two parts of a plan written."""
    return ana_with_a_plan(read, sample)


def test_nothing_is_sealed_for_a_browser_whose_words_were_not_compared(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam, stranger = Sam(read(), sample), Sam(read(), sample)
    shared(ana, sam).close()
    recipient = stranger_key(stranger)

    def between(route: Route) -> None:
        answer = route.fetch()
        if answer.status != 200:
            return route.fulfill(response=answer)
        everything = answer.json()
        for each in everything["supporters"]:
            for key in each["keys"]:
                key["recipient"] = recipient
        headers = {name: value for name, value in answer.headers.items() if name != "etag"}
        return route.fulfill(status=200, headers=headers, body=json.dumps(everything))

    plan = ana.open("/plan#list")
    plan.route(re.compile("/plan/all$"), between)
    plan.reload()
    before = len(ana.fetched)
    write(plan, "How to be with me", "Only for Sam.")
    plan.goto(f"{sample.base}/plan#who")
    shows(plan, "Sam's page needs comparing again.")
    look(plan, "again")
    plan.get_by_role("link", name="Sam").click()
    four(plan)
    expect(plan.get_by_role("button", name="Give Sam")).to_have_count(0)
    sent = [each for each in ana.fetched[before:] if each.method == "PUT" and "/plan/shares/" in each.url]
    assert sent == []
    press(plan, "Not the same")
    shows(plan, "Perhaps somebody stands between you and Sam.")
    look(plan, "not-the-same")


def kept_settings(plan: Page) -> Callable[[], int]:
    """How often something about the plan was sent for keeping."""
    sent: list[str] = []
    plan.on("request", lambda each: sent.append(each.url) if each.method == "PUT" else None)
    return lambda: len(sent)


def test_a_key_that_comes_after_the_words_were_drawn_is_never_taken_for_theirs(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam = Sam(read(), sample)
    theirs = sam.words(sam.own_page())
    swapped: list[Change] = []

    def between(route: Route) -> None:
        asked = {name: value for name, value in route.request.headers.items() if name != "if-none-match"}
        answer = route.fetch(headers=asked)
        if not swapped:
            return route.fulfill(response=answer)
        headers = {name: value for name, value in answer.headers.items() if name != "etag"}
        return route.fulfill(status=200, headers=headers, body=json.dumps(swapped[-1](answer.json())))

    plan = ana.open("/plan#who")
    plan.route(re.compile("/plan/all$"), between)
    plan.get_by_role("link", name="Sam").click()
    assert four(plan) == theirs
    plan.wait_for_load_state("networkidle")
    kept = kept_settings(plan)
    # The words are on the page; then the server says that Sam's key is its own, and Ana presses in that moment.
    swapped.append(with_key)
    plan.evaluate(
        """() => new Promise((resolve) => {
          const button = document.querySelector('[data-screen="who_one"] [data-do="same"]');
          const watch = new MutationObserver(() => { watch.disconnect(); button.click(); resolve(); });
          watch.observe(button.closest("section[data-screen]"), {subtree: true, childList: true, attributes: true});
          dispatchEvent(new Event("online"));
        })"""
    )
    shows(plan, "The server sent something else about Sam while you were looking.")
    expect(plan.get_by_role("button", name="Yes, the same")).to_have_count(0)
    expect(plan.get_by_role("button", name="Give Sam")).to_have_count(0)
    assert kept() == 0
    look(plan, "renewed")
    press(plan, "Show the new words")
    assert four(plan) != theirs
    # As it was; then somebody else's name stands at Sam's key.
    swapped.append(lambda given: given)
    plan.reload()
    assert four(plan) == theirs
    press(plan, "Yes, the same")
    shows(plan, "Now you can choose what Sam sees.")
    show_to_sam(plan)
    swapped.append(with_name)
    plan.reload()
    shows(plan, "When you compared words this was Sam, and now the server says Samuel.")
    four(plan)
    expect(plan.get_by_role("button", name="Give Samuel")).to_have_count(0)
    expect(plan.get_by_role("button", name="Take it back")).to_have_count(2)


def with_key(given: dict[str, Any]) -> dict[str, Any]:
    """Every key is one of the server's own."""
    for each in given["supporters"]:
        for key in each["keys"]:
            key["recipient"] = SERVERS_OWN
    return given


def with_name(given: dict[str, Any]) -> dict[str, Any]:
    """Sam is called otherwise."""
    for each in given["supporters"]:
        each["name"] = each["name"].replace("Sam", "Samuel")
    return given


def stranger_key(stranger: Sam) -> str:
    """The recipient of a browser that is not the one Ana compared with."""
    page = stranger.own_page()
    with page.expect_request(lambda request: request.url.endswith("/plan/key")) as asked:
        press(page, "Let this browser open it, too")
    recipient: str = json.loads(asked.value.post_data or "{}")["recipient"]
    four(page)
    return recipient


def test_nothing_opens_for_sam_before_they_too_have_said_that_the_words_are_the_same(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam = Sam(read(), sample)
    shared(ana, sam, says_so=False).close()
    call(ana, sample)
    page = sam.called()
    press(page, "I've got this")
    shows(page, "It opens here once you have said that the four words are the same")
    reads_nothing_but_notices(page)
    own = sam.own_page()
    four(own)
    press(own, "The same words")
    shows(own, "You said that they are the same.")
    own.close()
    page.reload()
    reads_both(page)


def test_sam_knows_ana_again_and_opens_nothing_of_anybody_else(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam = Sam(read(), sample)
    own = sam.own_page()
    words = sam.words(own)
    look(own, "words")
    press(own, "The same words")
    shows(own, "You said that they are the same.")
    look(own, "said-so")

    def between(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        told["person"]["verify_key"] = "A" * 43
        route.fulfill(response=answer, json=told)

    own.route(re.compile("/plan/all$"), between)
    own.reload()
    shows(own, "This is not the Ana this browser knows")
    expect(own.get_by_label("In your own words")).to_be_hidden()
    look(own, "changed")
    press(own, "Ana told me of it. Compare again")
    assert four(own) != words
    press(own, "Not the same")
    shows(own, "Then nothing is opened here.")
    own.unroute_all()
    own.reload()
    assert four(own) == words
