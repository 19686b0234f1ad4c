"""What goes over the wire: little, from this house alone, and nothing that runs or styles from inside a page."""

import re
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Reading
from tests.browser.inside import session_in
from tests.servers.sample import Try

FIRST_PAGE_BYTES_MAX = 60 * 1024
PLAN_SCRIPT_BYTES_MAX = 150 * 1000


class Inline(HTMLParser):
    """Finds what a strict policy would not let run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith("on")]


@pytest.fixture
def pages(read: Reading, sample: Try) -> dict[str, Page]:
    sample.press("raise", need="talk")
    reader = read()
    return {
        "the caller's page": reader.open(sample.own_page),
        "choosing": reader.open(f"{sample.own_page}?choose"),
        "an answer page": reader.open(sample.link("Sam")),
        "the wall": reader.open("/try"),
    }


def test_no_page_has_a_script_or_a_style_inside(pages: dict[str, Page], sample: Try) -> None:
    for name, page in pages.items():
        inline = Inline()
        inline.feed(sample.fetch(page.url.removeprefix(sample.base)))
        assert inline.found == [], name


def test_every_page_says_what_a_browser_may_do_with_it(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        answer = page.reload()
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'"), name
        assert not re.search(r"unsafe|\*|https?:|data:", policy), name
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert answer.headers["referrer-policy"] == "no-referrer"


def bytes_of_first_visit(reader_page: Page, address: str) -> int:
    """Everything that comes over the wire when a browser that knows nothing opens *address*."""
    session = reader_page.context.new_cdp_session(reader_page)
    came: list[int] = []

    def finished(event: dict[str, Any]) -> None:
        came.append(int(event["encodedDataLength"]))

    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    reader_page.goto(address, wait_until="networkidle")
    assert len(came) >= 3
    return sum(came)


def test_a_first_visit_is_light(read: Reading, sample: Try) -> None:
    sample.press("raise", need="talk")
    for address in (sample.own_page, sample.link("Sam")):
        page = read().context.new_page()
        assert bytes_of_first_visit(page, address) <= FIRST_PAGE_BYTES_MAX, address


def test_the_first_page_of_a_plan_loads_little_script(read: Reading, sample: Try) -> None:
    """What a browser that knows nothing fetches until somebody can write, as it comes over the wire."""
    reader = read()
    token = session_in(sample.data, "ana")
    reader.context.add_cookies([{"name": "session", "value": token, "url": sample.base}])
    page = reader.context.new_page()
    session = page.context.new_cdp_session(page)
    scripts: set[str] = set()
    came: dict[str, int] = {}
    session.on(
        "Network.responseReceived",
        lambda event: scripts.add(event["requestId"]) if event["type"] == "Script" else None,
    )
    session.on(
        "Network.loadingFinished",
        lambda event: came.__setitem__(event["requestId"], int(event["encodedDataLength"])),
    )
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(f"{sample.base}/plan", wait_until="networkidle")
    page.get_by_role("link", name="Write the first page").click()
    expect(page.get_by_label("In your own words")).to_be_visible()

    assert len(scripts) > 5
    assert scripts <= came.keys()
    total = sum(came[each] for each in scripts)
    assert 50_000 < total <= PLAN_SCRIPT_BYTES_MAX, total
    sys.stdout.write(f"the first page of a plan: {total} bytes of script in {len(scripts)} files\n")
