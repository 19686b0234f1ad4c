"""A night without a network, in a real browser: the call is kept, said, tried, and counts once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.away import KEPT, Away, away_house, phone, visited
from tests.browser.hands import headline, press, shows
from tests.browser.inside import session_in
from tests.browser.watched import WIDTHS, look_over

HOUR_MS = 3_600_000
TOUCH = 48
_MOVE = """(back) => new Promise((done) => {
  const asked = indexedDB.open("night", 1);
  asked.onsuccess = () => {
    const work = asked.result.transaction("kept", "readwrite"), all = work.objectStore("kept");
    const found = all.get("press");
    found.onsuccess = () => all.put({...found.result, at: found.result.at - back}, "press");
    work.oncomplete = () => { asked.result.close(); done(found.result); };
  };
})"""
_NUMBERS = """() => new Promise((done) => {
  const asked = indexedDB.open("plan", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
  asked.onsuccess = () => {
    const all = asked.result.transaction("kept").objectStore("kept"), names = all.getAllKeys(), found = all.getAll();
    found.onsuccess = () => {
      asked.result.close();
      done(found.result[names.result.findIndex((name) => name.endsWith("/numbers"))]?.length ?? 0);
    };
  };
})"""
_IN_CACHES = """async () => {
  const found = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
  return found;
}"""
_WHOLE_CACHE = """async () => {
  let found = "";
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) found += await (await cache.match(request)).text();
  }
  return found;
}"""


@pytest.fixture(scope="module")
def _house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    with away_house(tmp_path_factory.mktemp("away")) as made:
        yield made


@pytest.fixture
def house(_house: Away) -> Iterator[Away]:
    """Ana's house, with its network, and no call open."""
    if _house.server is None:
        _house.start()
    yield _house
    if _house.server is None:
        _house.start()
    _house.nothing_open()


@pytest.fixture
def own_page(house: Away) -> str:
    return house.do("link", "ana").split()[-1]


@pytest.fixture
def ana(browser: Browser) -> Iterator[BrowserContext]:
    with phone(browser) as context:
        yield context


def posted(context: BrowserContext) -> list[str]:
    """The paths of every post from now on."""
    paths: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            paths.append(urlsplit(request.url).path)

    context.on("request", note)
    return paths


def is_live(page: Page) -> None:
    """The page comes to show a call that is open."""
    expect(page.locator("[data-live]")).to_be_visible()


def chooses(page: Page, need: str = "Talk") -> None:
    page.get_by_role("link", name="I need someone").click()
    press(page, need)


# ------------------------------------------------------------------------------------ the call, kept


def test_a_call_without_a_network_is_kept_and_goes_out_once_when_it_is_back(
    house: Away, ana: BrowserContext, own_page: str
) -> None:
    page, before = visited(ana, own_page), house.calls()
    page.goto(f"{own_page}?choose")
    house.stop()

    press(page, "Talk")
    headline(page, "Not sent yet.")
    shows(page, "keep it open")
    expect(page.locator("[data-tried]")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    expect(page.get_by_text("You asked for: talk")).to_be_visible()
    look_over(page, "offline-trying", widths=WIDTHS)

    house.start()
    is_live(page)
    assert page.url == own_page
    assert house.calls() == before + 1
    page.reload()
    is_live(page)
    assert house.calls() == before + 1


def test_choosing_begins_without_a_network_and_the_line_coming_back_is_enough(
    house: Away, ana: BrowserContext, own_page: str
) -> None:
    page, before = visited(ana, own_page), house.calls()
    ana.set_offline(True)

    page.get_by_role("link", name="I need someone").click()
    headline(page, "There is no connection.")
    look_over(page, "offline-none", widths=WIDTHS)
    press(page, "Just company")
    headline(page, "Not sent yet.")
    press(page, "Try now")
    headline(page, "Not sent yet.")

    ana.set_offline(False)
    is_live(page)
    assert house.calls() == before + 1


def test_taken_back_it_never_goes_out(house: Away, ana: BrowserContext, own_page: str) -> None:
    page, before = visited(ana, own_page), house.calls()
    page.goto(f"{own_page}?choose")
    ana.set_offline(True)
    press(page, "Text")
    headline(page, "Not sent yet.")

    press(page, "Do not call any more")
    headline(page, "We do not try any more.")
    look_over(page, "offline-stopped", widths=WIDTHS)
    sent = posted(ana)
    ana.set_offline(False)

    press(page, "Open my page")
    headline(page, "Hello, Ana.")
    assert sent == []
    assert house.calls() == before


# -------------------------------------------------------------------------------- the page was closed


def pressed_and_closed(house: Away, ana: BrowserContext, own_page: str) -> None:
    """A call is pressed in vain, and its page is closed; then the network is back."""
    page = visited(ana, own_page)
    page.goto(f"{own_page}?choose")
    house.stop()
    press(page, "Come over")
    headline(page, "Not sent yet.")
    page.close()
    house.start()


def test_nothing_is_sent_by_a_page_that_was_closed_and_whoever_comes_back_is_asked(
    house: Away, ana: BrowserContext, own_page: str
) -> None:
    before = house.calls()
    pressed_and_closed(house, ana, own_page)
    sent = posted(ana)

    page = ana.new_page()
    page.goto(own_page)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"^You wanted to call at \d\d:\d\d\.$")
    )
    shows(page, "It was never sent. Send it now?")
    look_over(page, "offline-asking", widths=WIDTHS)
    assert (sent, house.calls()) == ([], before)

    press(page, "Send it now")
    is_live(page)
    assert house.calls() == before + 1


def test_whoever_says_no_more_is_not_asked_again(house: Away, ana: BrowserContext, own_page: str) -> None:
    before = house.calls()
    pressed_and_closed(house, ana, own_page)
    page = ana.new_page()
    page.goto(own_page)
    press(page, "No more")
    headline(page, "We do not try any more.")

    page.goto(own_page)
    headline(page, "Hello, Ana.")
    assert house.calls() == before


def test_after_an_hour_it_is_dropped_with_a_plain_sentence(
    house: Away, ana: BrowserContext, own_page: str
) -> None:
    before = house.calls()
    pressed_and_closed(house, ana, own_page)
    page = ana.new_page()
    page.goto(f"{house.base}/healthz")
    page.evaluate(_MOVE, HOUR_MS)

    page.goto(own_page)
    shows(page, "That is more than an hour ago, so it is not sent any more.")
    look_over(page, "offline-dropped", widths=WIDTHS)
    press(page, "Open my page")
    headline(page, "Hello, Ana.")
    assert house.calls() == before


# ------------------------------------------------------------------------ a line that is dead, not cut


def test_a_line_that_swallows_everything_leaves_no_white_page(
    house: Away, ana: BrowserContext, own_page: str
) -> None:
    page, before = visited(ana, own_page), house.calls()
    with house.hanging():
        page.goto(own_page)
        headline(page, "There is no connection.")
        expect(page.get_by_role("link", name="Call 112")).to_be_visible()

        press(page, "Talk")
        headline(page, "No answer yet.")
        shows(page, "It counts once.")
    house.start()
    is_live(page)
    assert house.calls() == before + 1


def test_a_press_that_the_line_swallows_is_answered_by_the_page_that_stands_in(
    house: Away, ana: BrowserContext, own_page: str
) -> None:
    page, before = visited(ana, own_page), house.calls()
    page.goto(f"{own_page}?choose")
    with house.hanging():
        press(page, "Talk")
        headline(page, "No answer yet.")
        look_over(page, "offline-unheard", widths=WIDTHS)
    house.start()
    is_live(page)
    assert house.calls() == before + 1


# ------------------------------------------------------------------------------- the plan, and its numbers


def signed_in(house: Away, ana: BrowserContext) -> None:
    ana.add_cookies([{"name": "session", "value": session_in(house.data, "ana"), "url": house.base}])


@contextmanager
def kept_anew(page: Page) -> Iterator[None]:
    """At the end the sealed file of names and numbers is another one than at the beginning."""
    before = page.evaluate(_NUMBERS)
    yield
    page.wait_for_function(f"async (before) => (await ({_NUMBERS})()) !== before", arg=before)


def writes_somebody(page: Page, part: int, asked: str, name: str, number: str) -> None:
    """One person goes into a part of the plan that is on *page*."""
    with kept_anew(page):
        page.evaluate("(part) => { location.hash = `part-${part}`; }", part)
        # The screen changes a moment after the address: what is typed before stands in the part before.
        headline(page, asked)
        form = page.locator("[data-screen=part]")
        form.get_by_label("Name").last.fill(name)
        form.get_by_label("Number").last.fill(number)
        press(page, "Keep and go on")


def links(page: Page) -> list[str]:
    """Where the names that Ana wrote lead to."""
    found = page.locator("[data-people] a")
    return [str(each.get_attribute("href")) for each in found.all()]


def test_the_plan_and_the_numbers_in_it_open_without_a_network(house: Away, ana: BrowserContext) -> None:
    signed_in(house, ana)
    page = visited(ana, f"{house.base}/plan")
    headline(page, "A plan in your own words")
    page.wait_for_function(KEPT, arg="/plan")
    writes_somebody(page, 4, "Whom can you tell how it is?", "Bo from the choir", "+351 912 000 111")
    writes_somebody(page, 5, "Whose job is it to help you?", "The evening nurse", "800 100 200")
    page.close()

    house.stop()
    page = ana.new_page()
    page.goto(f"{house.base}/plan")
    headline(page, "What would help now?")
    shows(page, "No connection. You read what is kept on this phone.")

    page.goto(f"{house.base}/home?choose")
    headline(page, "There is no connection.")
    expect(page.get_by_text("Bo from the choir")).to_be_visible()
    words = "?body=Are%20you%20free%3F%20I%20could%20use%20company."
    assert links(page) == [
        "tel:+351912000111",
        f"sms:+351912000111{words}",
        "tel:800100200",
        f"sms:800100200{words}",
    ]
    expect(page.get_by_role("link", name="Call 800 209 899")).to_be_visible()
    look_over(page, "offline-numbers", widths=WIDTHS)
    for each in page.locator("#stand-in a, #stand-in button").all():
        box = each.bounding_box()
        assert box is None or box["height"] >= TOUCH, each.inner_text()

    house.start()
    page.goto(f"{house.base}/plan#night")
    shows(page, "iPhones and iPads throw away what a page keeps")
    look_over(page, "plan-night", widths=WIDTHS)
    with kept_anew(page):
        page.get_by_label("The first words of a text to them").fill("Tea?")
        press(page, "Keep and go on")
    house.stop()
    page.goto(f"{house.base}/home")
    headline(page, "There is no connection.")
    expect(page.locator("[data-text]").first).to_have_attribute("href", "sms:+351912000111?body=Tea%3F")


# --------------------------------------------------------------------------- quick exit, and what is kept


def test_after_quick_exit_the_page_that_stands_in_says_nothing_until_somebody_goes_on(
    house: Away, ana: BrowserContext, own_page: str
) -> None:
    page = visited(ana, own_page)
    page.get_by_role("button", name="Quick exit").click()
    page.wait_for_url("https://weather.example.org/")
    house.stop()

    page.goto(own_page)
    headline(page, "This page is closed.")
    expect(page.get_by_role("heading", name="Ring or text them yourself")).to_be_hidden()
    look_over(page, "offline-left", widths=WIDTHS)
    press(page, "Go on")
    headline(page, "There is no connection.")
    expect(page.get_by_role("heading", name="Ring or text them yourself")).to_be_visible()


def test_nothing_personal_is_kept_and_old_versions_go(
    house: Away, ana: BrowserContext, own_page: str
) -> None:
    page = visited(ana, own_page)
    chooses(page)
    is_live(page)

    paths = page.evaluate(_IN_CACHES)
    assert {path for path in paths if not path.startswith("/static/")} <= {"/offline", "/plan"}
    assert not re.search(r"\bAna\b|\bSam\b", page.evaluate(_WHOLE_CACHE))
