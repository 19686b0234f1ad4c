"""Two phones of Ana's that write at the same time: nothing that either wrote is lost, and nothing taken out comes back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Reading
from tests.browser.hands import shows
from tests.browser.plan_inside import erase_in, stored_in
from tests.browser.plan_pen import (
    BENCH,
    COPY,
    HAS_REVISION_2,
    HERE,
    NO_LINE,
    arrives,
    keep,
    row,
    signed_in,
    write,
)
from tests.servers.sample import Try


@pytest.fixture(autouse=True)
def _no_plans(sample: Try) -> Iterator[None]:
    yield
    erase_in(sample.data)


@pytest.mark.parametrize("hears", ["by_asking", "by_being_refused", "while_typing"])
def test_two_phones_that_write_at_the_same_time_keep_both(read: Reading, sample: Try, hears: str) -> None:
    reader = signed_in(read, sample)
    reader.expected = re.compile(NO_LINE.pattern + r"|status of 412")
    page = reader.open("/plan")
    write(page, sample, 3, BENCH)
    arrives(page, "Places and people")
    before = page.request.get(f"{sample.base}/plan/all").text()
    page.evaluate(COPY, ["plan", "other-phone"])
    write(page, sample, 3, f"{BENCH}\nFrom the kitchen.")
    arrives(page, "Places and people")

    # The other phone has not heard of it: it cannot ask, or is told what was true before.
    page.goto(f"{sample.base}/plan/blank")
    page.evaluate(COPY, ["other-phone", "plan"])

    def told(route: Route) -> None:
        if hears == "by_being_refused":
            route.fulfill(body=before, content_type="application/json")
        else:
            route.abort()

    page.route("**/plan/all", told)
    page.goto(f"{sample.base}/plan#part-3")
    expect(page.get_by_label("In your own words")).to_have_value(BENCH)
    page.get_by_label("In your own words").fill(f"{BENCH}\nFrom the train.")
    if hears == "while_typing":
        shows(page, "Kept on this phone at")
        page.unroute("**/plan/all")
        with page.expect_response("**/plan/all"):
            page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_function(HAS_REVISION_2)
    keep(page)
    if hears == "by_asking":
        assert HERE in row(page, "Places and people")
        page.unroute("**/plan/all")
        page.reload()
    arrives(page, "Places and people")
    page.get_by_role("link", name="Places and people").click()
    shows(page, "Two phones wrote here at the same time.")
    both = page.get_by_label("In your own words").input_value()
    assert both == f"{BENCH}\nFrom the train.\n\n— — —\n\n{BENCH}\nFrom the kitchen."
    [(revision, _)] = stored_in(sample.data).values()
    assert revision == 3


@pytest.mark.parametrize("then", ["keeps", "comes-back"])
def test_what_another_phone_wrote_while_she_was_typing_is_not_written_over(
    read: Reading, sample: Try, then: str
) -> None:
    reader = signed_in(read, sample)
    reader.expected = NO_LINE
    page = reader.open("/plan")
    write(page, sample, 3, BENCH)
    arrives(page, "Places and people")
    page.evaluate(COPY, ["plan", "other-phone"])
    write(page, sample, 3, f"{BENCH}\nFrom the kitchen.")
    arrives(page, "Places and people")

    # The other phone has no line until the words stand in its field.
    page.goto(f"{sample.base}/plan/blank")
    page.evaluate(COPY, ["other-phone", "plan"])
    page.route("**/plan/all", lambda route: route.abort())
    page.goto(f"{sample.base}/plan#part-3")
    field = page.get_by_label("In your own words")
    expect(field).to_have_value(BENCH)
    field.fill(f"{BENCH}\nFrom the train.")
    shows(page, "Kept on this phone at")
    page.unroute("**/plan/all")
    with page.expect_response("**/plan/all"):
        page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(300)
    expect(field).to_have_value(f"{BENCH}\nFrom the train.")
    if then == "comes-back":
        page.goto(f"{sample.base}/plan/blank")
        page.goto(f"{sample.base}/plan#part-3")
        shows(page, "You began this and did not press Keep.")
    keep(page)
    arrives(page, "Places and people")
    page.get_by_role("link", name="Places and people").click()
    both = f"{BENCH}\nFrom the train.\n\n— — —\n\n{BENCH}\nFrom the kitchen."
    expect(field).to_have_value(both)


def test_what_she_took_out_stays_out_when_the_servers_answer_was_lost(read: Reading, sample: Try) -> None:
    reader = signed_in(read, sample)
    reader.expected = NO_LINE
    page = reader.open("/plan")
    write(page, sample, 3, BENCH)
    arrives(page, "Places and people")

    def arrives_unheard(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/plan/parts/*", arrives_unheard)
    with page.expect_event("requestfailed", lambda request: "/plan/parts/" in request.url):
        write(page, sample, 3, f"{BENCH}\nFrom the kitchen.")
    assert [revision for revision, _ in stored_in(sample.data).values()] == [2]
    page.unroute("**/plan/parts/*")
    write(page, sample, 3, BENCH)
    arrives(page, "Places and people")
    page.reload()
    page.get_by_role("link", name="Places and people").click()
    expect(page.get_by_label("In your own words")).to_have_value(BENCH)
    assert [revision for revision, _ in stored_in(sample.data).values()] == [3]
