"""Phones of Ana's with her sealed plan on them, and what she does there."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.hands import press, seen
from tests.browser.watched import WIDTHS, Watched, look_over

OFFLINE = re.compile(r"ERR_INTERNET_DISCONNECTED|ERR_FAILED")
REFUSED = re.compile(r"status of (401|404|409)")
SENTENCE = "The harbour wall, and the bench with blue paint."

Opens = Callable[..., Watched]


def headline(page: Page, words: str) -> None:
    expect(page.locator("h1:visible")).to_have_text(seen(words))


def look(page: Page, name: str) -> None:
    look_over(page, f"plan-{name}", widths=WIDTHS)


def write(page: Page, sentence: str = SENTENCE) -> None:
    """The first page of the plan, kept; then it shows the seven words."""
    page.get_by_role("link", name="Write the first page").click()
    page.get_by_label("In your own words").fill(sentence)
    press(page, "Keep and go on")
    headline(page, "Keep this for you")


def place(page: Page, screen: str, name: str) -> Locator:
    return page.locator(f'[data-screen="{screen}"] [data-place="{name}"]')


def words_shown(page: Page) -> list[str]:
    headline(page, "Keep this for you")
    lines = place(page, "words", "words").locator("li")
    expect(lines).to_have_count(7)
    return lines.all_inner_texts()


def answer(page: Page, words: list[str], *, wrong: bool = False) -> None:
    """Type the two words that are asked for, with help."""
    headline(page, "Two of the seven")
    for which in (0, 1):
        expect(place(page, "words_check", f"which-{which}")).not_to_be_empty()
        number = int(place(page, "words_check", f"which-{which}").inner_text())
        word = words[number - 1]
        field = page.locator(f"#word-{which}")
        field.fill(words[number % 7] if wrong else word[:2])
        if not wrong:
            field.press_sequentially(word[2:])
    press(page, "These are the two")


def keep_words(page: Page) -> list[str]:
    """Go from the screen of the words to where they open the plan."""
    words = words_shown(page)
    press(page, "I wrote them down")
    answer(page, words)
    headline(page, "Now the words open it, too.")
    return words


def kinds_of(reader: Watched) -> list[str]:
    """Which ways to open the plan the server has."""
    told = reader.context.request.get(f"{reader.base}/plan/all").json()
    return sorted(slot["kind"] for slot in told["slots"])


def reads(page: Page) -> None:
    """The page can show what was written."""
    page.goto(f"{page.url.split('#')[0]}#part-2")
    expect(page.get_by_label("In your own words")).to_have_value(SENTENCE)


def comes_true(page: Page, what: str) -> None:
    """Playwright's own way of waiting needs what our pages forbid."""
    for _ in range(100):
        if page.evaluate(what):
            return
        page.wait_for_timeout(100)
    raise AssertionError(what)


def local(page: Page) -> str:
    """Everything the browser keeps, as far as scripts can read it."""
    kept: str = page.evaluate(
        """async () => {
          const opened = await new Promise((done) => { const r = indexedDB.open("plan"); r.onsuccess = () => done(r.result); });
          if (!opened.objectStoreNames.contains("kept")) return "";
          const store = opened.transaction("kept").objectStore("kept");
          const all = await new Promise((done) => { const r = store.getAll(); r.onsuccess = () => done(r.result); });
          opened.close();
          const said = (value) => value instanceof Uint8Array ? String.fromCharCode(...value)
            : value && typeof value === "object" ? Object.values(value).map(said).join(" ") : String(value);
          return all.map(said).join(" ") + JSON.stringify({...localStorage, ...sessionStorage});
        }"""
    )
    return kept


def expect_kinds(reader: Watched, kinds: list[str]) -> None:
    """The server comes to have these ways."""
    for _ in range(50):
        if kinds_of(reader) == kinds:
            return
        reader.context.pages[0].wait_for_timeout(100)
    assert kinds_of(reader) == kinds


def show_picture(page: Page) -> Locator:
    """Let the phone that opens the plan show its picture for the other one."""
    page.goto(f"{page.url.split('#')[0]}#doors")
    page.get_by_role("link", name="Open on my other phone").click()
    picture = place(page, "other_phone", "picture").locator("svg")
    expect(picture).to_be_visible()
    return picture


def type_pin(page: Page, pin: str) -> None:
    page.get_by_label("PIN of this phone").fill(pin)
    press(page, "Open")


def opens_by_words(page: Page, words: list[str]) -> None:
    """Type the seven *words* on the page that asks for them; then the plan is open."""
    page.locator("#seven-words").fill(" ".join(words))
    press(page, "Open")
    headline(page, "What would help now?")
