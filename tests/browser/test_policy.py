"""The strict policy in a real browser: no page of ours offends against it, and what offends is stopped."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press
from tests.browser.inside import own_page_in, session_in
from tests.browser.watched import PATIENCE_MS, Watched
from tests.servers.sample import Try

TELL = """document.addEventListener("securitypolicyviolation", (event) =>
  told(`${location.pathname}: ${event.violatedDirective} ${event.sample}`))"""
OWN = (
    "/home",
    "/circle",
    "/circle/invite",
    "/ladder",
    "/check-ins",
    "/check-ins/new",
    "/never",
    "/me",
    "/me/ways",
)
MORE = (
    "/me/passkeys",
    "/me/place",
    "/me/exit",
    "/talks",
    "/tonight/list",
    "/practice",
    "/here",
    "/start",
    "/sign-in",
)

PLAN = (
    "/plan",
    "/plan#part-2",
    "/plan#letters",
    "/plan#list",
    "/plan#who",
    "/plan#paper",
    "/plan/blank",
    "/plan/card",
)
Told = Callable[[BrowserContext], list[str]]


@pytest.fixture
def violations() -> Told:
    """`violations(context)`: from now on, what offends against the policy on its pages."""

    def listen(context: BrowserContext) -> list[str]:
        found: list[str] = []
        context.expose_binding("told", lambda _source, what: found.append(what))
        context.add_init_script(TELL)
        return found

    return listen


def signed_in(reader: Watched, sample: Try) -> None:
    token = session_in(sample.data, "ana")
    reader.context.add_cookies([{"name": "session", "value": token, "url": sample.base}])


def test_no_page_offends_and_the_open_ones_keep_themselves_true(
    read: Reading, sample: Try, violations: Told
) -> None:
    reader = read()
    reader.expected = re.compile("status of 404")
    told = violations(reader.context)
    signed_in(reader, sample)
    wall = reader.open("/try")
    sample.press("raise", need="talk")
    ana = reader.open(sample.own_page)
    sam = reader.open(sample.link("Sam"))
    expect(wall.get_by_role("heading", name="Trying Sam now.")).to_be_visible()
    headline(ana, "Trying Sam now.")
    press(sam, "I've got this")
    # Nobody touches it: it asks for itself, and reads what comes.
    headline(ana, "Sam has it.")

    page = reader.open(own_page_in(sample.data, "sam"))
    for address in (*OWN, *MORE, *PLAN):
        answer = page.goto(f"{sample.base}{address}")
        # None where only what stands behind the # is another.
        if answer is not None:
            assert "require-trusted-types-for 'script'" in answer.headers["content-security-policy"]
    assert told == []


@pytest.fixture
def stopped(read: Reading, sample: Try, violations: Told) -> tuple[Page, list[str]]:
    reader = read()
    # Chromium says of each in the console what it stopped.
    reader.expected = re.compile("Trusted|trusted-types|Content Security Policy")
    told = violations(reader.context)
    return reader.open("/sign-in"), told


SINKS = {
    "markup": "document.body.innerHTML = '<p>words</p>'",
    "a page read elsewhere than in trusted.js": "new DOMParser().parseFromString('<p>', 'text/html')",
    "the address of a script": "document.createElement('script').src = '/static/live.js'",
    "a worker of another address": "new Worker('/static/live.js')",
    "a policy of another name": "trustedTypes.createPolicy('other', {})",
    "the same policy a second time": "trustedTypes.createPolicy('nightlight', {})",
}


@pytest.mark.parametrize("sink", SINKS)
def test_what_would_run_text_is_stopped(stopped: tuple[Page, list[str]], sink: str) -> None:
    page, told = stopped
    came = page.evaluate(f"() => {{ try {{ {SINKS[sink]} }} catch (error) {{ return error.name }} }}")

    assert came == "TypeError"
    page.wait_for_function("() => true")
    assert len(told) == 1, told


def test_a_page_that_is_read_is_not_run(stopped: tuple[Page, list[str]]) -> None:
    page, told = stopped
    html = "<p id=said>words<script>window.ran = true</script>"

    said: Any = page.evaluate("(html) => nightlight.parsed(html).getElementById('said').textContent", html)

    assert said.startswith("words")
    assert page.evaluate("() => window.ran") is None
    assert told == []


def test_the_service_worker_is_registered_and_no_other_can_be(
    browser: Browser, sample: Try, violations: Told
) -> None:
    context = browser.new_context()
    try:
        context.set_default_timeout(PATIENCE_MS)
        told = violations(context)
        page = context.new_page()
        page.goto(f"{sample.base}/sign-in")
        page.evaluate("async () => { await nightlight.keepWorker(); await navigator.serviceWorker.ready; }")
        kept = page.evaluate("async () => (await navigator.serviceWorker.ready).active.scriptURL")
        assert kept == f"{sample.base}/sw.js"
        assert told == []
        refused = "() => navigator.serviceWorker.register('/static/live.js').catch((error) => error.name)"
        assert page.evaluate(refused) == "TypeError"
    finally:
        context.close()
