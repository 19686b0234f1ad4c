"""Readers with less: a keyboard alone, no scripts, an old browser, huge text, a terminal."""

import os
import re
import select
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Reading
from tests.browser.hands import STILL_MS, headline, press, seen, shows
from tests.browser.watched import look_over
from tests.servers.processes import program, wait_until
from tests.servers.sample import Try, words

TABS_MAX = 60
CHECKS_MAX = 20

_FOCUSED = """() => {
  const it = document.activeElement, style = getComputedStyle(it);
  if (it === document.body) return null;
  // The parts of a time field have rings of their own, which no page can ask about.
  const drawn = it.type === "time" || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  return {words: it.innerText || "", drawn};
}"""

# What browsers of ten years ago do not know; what they do not know they leave out.
NEWER = re.compile(r"[\w-]+:[^;{}]*(?:\b(?:min|max|clamp|rgb|var|calc)\(|-inline|-block|grid|clip)[^;{}]*;?")


def go_to(page: Page, words: str) -> None:
    """Press Tab until what is called *words* has the focus, which can be seen wherever it is."""
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None:
            continue
        assert focused["drawn"], f"the focus cannot be seen on {focused['words']!r}"
        if seen(words) in focused["words"]:
            return
    raise AssertionError(f"no way to {words!r} by keyboard")


def test_the_story_by_keyboard_alone(read: Reading, sample: Try) -> None:
    reader = read()
    ana = reader.open(sample.own_page)
    go_to(ana, "Skip to the page")
    ana.keyboard.press("Enter")
    go_to(ana, "I need someone")
    ana.keyboard.press("Enter")
    headline(ana, "What would help right now?")
    go_to(ana, "Talk")
    ana.keyboard.press("Enter")
    headline(ana, "Trying Sam now.")
    sam = reader.open(sample.link("Sam"))
    go_to(sam, "I've got this")
    sam.keyboard.press("Enter")
    headline(sam, "You have it. Ana can see that.")
    headline(ana, "Sam has it.")
    # What appeared this very moment cannot be pressed yet.
    ana.wait_for_timeout(STILL_MS)
    go_to(ana, "Yes, we are in touch")
    ana.keyboard.press("Space")
    headline(ana, "Sam is with you.")
    go_to(ana, "It's over. Stop asking")
    ana.keyboard.press("Enter")
    headline(ana, "Hello, Ana.")


def test_the_wall_keeps_the_focus_while_it_changes(read: Reading, sample: Try) -> None:
    wall = read(1280).open("/try")
    go_to(wall, "I need someone")
    wall.keyboard.press("Enter")
    shows(wall, "so a sample email went out at once")
    go_to(wall, "Next thing now")
    sample.press("next")
    shows(wall, "No answer from Sam, so Bo is asked too.")
    expect(wall.get_by_role("button", name="Next thing now")).to_be_focused()
    wall.keyboard.press("Enter")
    shows(wall, "By sample email")
    expect(wall.get_by_role("button", name="Next thing now")).to_be_focused()


def checks_again_until(page: Page, words: str) -> None:
    """Without scripts the page says what is new when it is asked: she presses until it does."""
    for _ in range(CHECKS_MAX):
        page.get_by_role("link", name="Check again").click()
        if page.get_by_text(seen(words)).first.is_visible():
            return
        page.wait_for_timeout(STILL_MS)
    shows(page, words)


def walk_without_scripts(read: Reading, sample: Try, *, plain: bool) -> None:
    reader = read(java_script_enabled=False)
    if plain:
        reader.context.route("**/*.css", _older_style)
    ana = reader.open(sample.own_page)
    ana.get_by_role("link", name="I need someone").click()
    press(ana, "Talk")
    headline(ana, "Trying Sam now.")
    checks_again_until(ana, "it did not go through")
    sam = reader.open(sample.link("Sam"))
    press(sam, "I've got this")
    headline(sam, "You have it. Ana can see that.")
    ana.get_by_role("link", name="Check again").click()
    headline(ana, "Sam has it.")
    press(ana, "It's over. Stop asking")
    headline(ana, "Hello, Ana.")


def test_the_story_without_scripts(read: Reading, sample: Try) -> None:
    walk_without_scripts(read, sample, plain=False)


def test_the_story_in_a_browser_that_knows_no_newer_style_and_no_script(read: Reading, sample: Try) -> None:
    walk_without_scripts(read, sample, plain=True)


def _older_style(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=NEWER.sub("", answer.text()))


def test_the_wall_without_scripts(read: Reading, sample: Try) -> None:
    wall = read(java_script_enabled=False).open("/try")
    press(wall, "I need someone")
    shows(wall, "so a sample email went out at once")
    press(wall, "Next thing now")
    shows(wall, "No answer from Sam, so Bo is asked too.")
    assert wall.url.startswith(f"{sample.base}/try")


@pytest.mark.parametrize("standard", [32])
def test_text_twice_as_large_fits_a_phone(read: Reading, sample: Try, standard: int) -> None:
    reader = read()

    def large(address: str) -> Page:
        page = reader.context.new_page()
        session = reader.context.new_cdp_session(page)
        session.send("Page.setFontSizes", {"fontSizes": {"standard": standard, "fixed": standard}})
        page.goto(address)
        assert page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == f"{standard}px"
        return page

    ana = large(sample.own_page)
    look_over(ana, "large-home")
    ana.get_by_role("link", name="I need someone").click()
    headline(ana, "What would help right now?")
    look_over(ana, "large-choose")
    press(ana, "Talk")
    shows(ana, "it did not go through")
    look_over(ana, "large-trying")
    sam = large(sample.link("Sam"))
    look_over(sam, "large-asked")
    press(sam, "I've got this")
    headline(sam, "You have it. Ana can see that.")
    look_over(sam, "large-taken")
    headline(ana, "Sam has it.")
    look_over(ana, "large-has-it")
    look_over(large(f"{sample.base}/try"), "large-wall")


class Terminal:
    """Somebody at w3m, who looks for words and presses Enter on them."""

    def __init__(self, address: str, home: Path) -> None:
        self._ours, theirs = os.openpty()
        self._process = subprocess.Popen(
            [program("w3m", "w3m"), address],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "xterm"},
        )
        os.close(theirs)
        self._drawn = ""

    def sees(self, words: str) -> None:
        """Wait until *words* are on the screen; how a terminal draws them is left out."""

        def has_come() -> bool:
            while select.select([self._ours], [], [], 0)[0]:
                self._drawn += os.read(self._ours, 65536).decode(errors="replace")
            return seen(words) in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._drawn)

        wait_until(has_come, f"{words!r} on the terminal")

    def goes_to(self, words: str) -> None:
        """Search for *words* and press Enter on them."""
        self._drawn = ""
        os.write(self._ours, f"/{words}\r".encode())
        os.write(self._ours, b"\r")

    def leaves(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)
        os.close(self._ours)


def test_a_terminal_reads_and_answers(sample: Try, tmp_path: Path) -> None:
    sample.press("raise", need="talk")
    sam = Terminal(sample.link("Sam"), tmp_path)
    try:
        sam.sees("Ana would like someone to talk to.")
        sam.goes_to("got this")
        sam.sees("You have it. Ana can see that.")
    finally:
        sam.leaves()

    assert "Sam has it." in words(sample.fetch(sample.own_page.removeprefix(sample.base)))
