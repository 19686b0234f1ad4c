"""Bad lines and quick fingers: nothing is sent twice, nothing is pretended, and the numbers stay."""

import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import Browser, expect

from nightlight import clock
from nightlight.intake.channels import SAMPLE_DIRECTORY
from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, shows
from tests.browser.watched import look_over, watching
from tests.servers.processes import Server, free_port, listens
from tests.servers.sample import Try

SLOW_MS = 3000
REMEMBER_WHAT_IS_SAID = """document.addEventListener("DOMContentLoaded", () => {
  const sayings = document.getElementById("sayings"), said = () => localStorage.getItem("said") || "";
  new MutationObserver(() => localStorage.setItem("said", said() + sayings.innerText))
    .observe(sayings, {childList: true});
})"""
CUT_OFF = re.compile(r"net::ERR_|status of 404")


class House:
    """`nightlight serve` on a directory with sample phones, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._data = folder / "data"
        (self._data / SAMPLE_DIRECTORY).mkdir(parents=True)
        circle = folder / "circle.toml"
        circle.write_bytes(files("nightlight.cli").joinpath("sample_circle.toml").read_bytes())
        self.run("circle", "import", str(circle))
        self.own_page = self.run("link", "ana").strip()
        self._server = self.start()

    def run(self, *arguments: str) -> str:
        """Run one command on this house; what it printed."""
        done = subprocess.run(
            self._command(*arguments),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env=self._settings,
        )
        return done.stdout

    @property
    def _settings(self) -> dict[str, str]:
        return {
            "NIGHTLIGHT_BASE_URL": self.base,
            "NIGHTLIGHT_DATA": str(self._data),
            "NIGHTLIGHT_KEY": "a-key-for-browser-tests-that-protects-nobody",
            "PATH": "/usr/bin:/bin",
        }

    @staticmethod
    def _command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "nightlight.cli.main", *arguments]

    def start(self) -> Server:
        """Serve, and wait until it answers."""
        command = self._command("serve", "--listen", f"127.0.0.1:{self.port}")
        self._server = Server(command, log=self._folder / "serve.log", environment=self._settings)
        self._server.ready(lambda: listens(self.port), "nightlight serve")
        return self._server

    def stop(self) -> None:
        """Stop serving."""
        self._server.stop()


def test_a_server_that_goes_away_is_said_and_one_that_comes_back_is_found(
    browser: Browser, tmp_path: Path
) -> None:
    house = House(tmp_path)
    try:
        with watching(browser, house.base) as reader:
            reader.expected = CUT_OFF
            ana = reader.open(house.own_page)
            ana.get_by_role("link", name="I need someone").click()
            press(ana, "Talk")
            headline(ana, "Trying Sam now.")
            house.stop()
            shows(ana, "We have lost the connection. What you see was true at")
            headline(ana, "Trying Sam now.")
            assert ana.get_by_role("link", name="112").first.get_attribute("href") == "tel:112"
            look_over(ana, "lost")
            house.start()
            expect(ana.get_by_text("We have lost the connection.")).to_have_count(0, timeout=60_000)
            headline(ana, "Trying Sam now.")
            # A link that was replaced while its page was open.
            house.run("link", "ana")
            shows(ana, "The link of this page has run out.")
            look_over(ana, "link-gone")
    finally:
        house.stop()


def test_on_a_slow_line_two_taps_are_one_press(read: Reading, sample: Try) -> None:
    reader = read()
    sample.press("raise", need="talk")
    reader.context.add_init_script(REMEMBER_WHAT_IS_SAID)
    sam = reader.open(sample.link("Sam"))
    button = sam.get_by_role("button", name="got this").first
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    session = reader.context.new_cdp_session(sam)
    session.send("Network.enable")
    line = {"offline": False, "latency": SLOW_MS, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", line)
    sam.mouse.click(box["x"] + 20, box["y"] + 20)
    sam.mouse.click(box["x"] + 20, box["y"] + 20)

    headline(sam, "You have it. Ana can see that.")
    assert "one press is enough" in sam.evaluate("() => localStorage.getItem('said')")
    assert len(reader.presses()) == 1
    assert sample.page().count("Sam said “I've got this”.") == 1


def test_a_double_tap_raises_one_call(read: Reading, sample: Try) -> None:
    reader = read()
    ana = reader.open(f"{sample.own_page}?choose")
    ana.get_by_role("button", name="Talk").first.dblclick(no_wait_after=True)
    headline(ana, "Trying Sam now.")

    assert len(reader.presses()) == 1
    assert sample.page().count("Ana called.") == 1


def test_two_tabs_of_one_page_say_the_same(read: Reading, sample: Try) -> None:
    reader = read()
    one, two = reader.open(f"{sample.own_page}?choose"), reader.open(f"{sample.own_page}?choose")
    press(one, "Talk")
    headline(one, "Trying Sam now.")
    press(two, "Talk")
    headline(two, "Trying Sam now.")
    sample.press("yes", person="sam")
    headline(one, "Sam has it.")
    headline(two, "Sam has it.")
    press(one, "It's over. Stop asking")
    headline(two, "It's over now.")
    assert "Bo is asked." not in sample.page()


def test_going_back_after_an_answer_shows_the_truth_and_presses_nothing_twice(
    read: Reading, sample: Try
) -> None:
    reader = read()
    sample.press("raise", need="talk")
    sam = reader.open(sample.link("Sam"))
    press(sam, "I've got this")
    headline(sam, "You have it. Ana can see that.")
    sam.reload()
    headline(sam, "You have it. Ana can see that.")
    assert len(reader.presses()) == 1
    sam.go_back()
    sam.goto(sample.link("Sam"))
    headline(sam, "You have it. Ana can see that.")


def test_going_back_to_the_choice_and_choosing_again_is_the_same_call(read: Reading, sample: Try) -> None:
    ana = read().open(f"{sample.own_page}?choose")
    press(ana, "Talk")
    headline(ana, "Trying Sam now.")
    ana.go_back()
    headline(ana, "What would help right now?")
    press(ana, "Talk")
    headline(ana, "Trying Sam now.")

    assert sample.page().count("Ana called.") == 1


def test_a_page_that_was_open_for_a_week_is_true(read: Reading, sample: Try) -> None:
    sample.press("raise", need="talk")
    ana = read().open(sample.own_page)
    headline(ana, "Trying Sam now.")
    sample.press("resolve")
    offset = sample.data / clock.OFFSET_FILE_NAME
    clock.set_offset(offset, float(offset.read_text()) + 7 * 24 * 3600)

    headline(ana, "It's over now.")
    look_over(ana, "over-for-a-week")
