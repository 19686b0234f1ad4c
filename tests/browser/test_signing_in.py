"""Beginning, signing in by a passkey, and quick exit, in a real browser: with its own passkeys, history and Back."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.hands import headline, press, shows
from tests.browser.watched import HEIGHTS, PATIENCE_MS, WIDTHS, look_over
from tests.servers.processes import Server, free_port, listens

NIGHTLIGHT = [sys.executable, "-m", "nightlight.cli.main"]
ELSEWHERE = "https://weather.example.org/"
WORDS = "kettle anchor violet tram"
CIRCLE = """
[host]
name = "Harbour House"
country = "PT"
emergency_number = "112"
adult_age = 16
minors = "approve"
minors_approved_by = "Mira, who runs the house"

[[people]]
id = "ana"
name = "Ana"
time_zone = "Europe/Lisbon"

[[people]]
id = "sam"
name = "Sam"
time_zone = "Europe/Lisbon"
ways = [{channel = "smtp", to = "sam@example.org"}]

[[circles]]
person = "ana"
members = [{person = "sam", agreed_on = 2026-11-01, agreed_until = 2126-11-01, wake_me = true}]
ladder = [{ask = ["sam"]}]
"""


@dataclass
class Served:
    """A service under a name for which browsers make passkeys."""

    environ: dict[str, str]

    @property
    def base(self) -> str:
        """Where it is."""
        return self.environ["NIGHTLIGHT_BASE_URL"]

    def do(self, *words: str, given: str = "") -> str:
        """Run `nightlight` with *words*; what it printed."""
        done = subprocess.run(
            [*NIGHTLIGHT, *words], env=self.environ, input=given, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Ana's circle, whose pages a browser may open."""
    port, folder = free_port(), tmp_path_factory.mktemp("signing-in")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTLIGHT_")}
    environ |= {
        "NIGHTLIGHT_DATA": str(folder / "data"),
        "NIGHTLIGHT_BASE_URL": f"http://localhost:{port}",
        "NIGHTLIGHT_EXIT_URL": ELSEWHERE,
    }
    house = Served(environ)
    house.do("migrate")
    house.do("circle", "import", "-", given=CIRCLE)
    server = Server(
        [*NIGHTLIGHT, "web", "--listen", f"127.0.0.1:{port}"], log=folder / "log", environment=environ
    )
    try:
        server.ready(lambda: listens(port), "nightlight web")
        yield house
    finally:
        server.stop()


@contextmanager
def reading(browser: Browser, width: int = 360, *, scripts: bool = True) -> Iterator[BrowserContext]:
    """A browser of somebody's; the page that quick exit leads to is played."""
    size = {"width": width, "height": HEIGHTS[width]}
    context = browser.new_context(viewport=size, java_script_enabled=scripts)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    context.route(f"{ELSEWHERE}**", lambda route: route.fulfill(body="<h1>Rain later</h1>"))
    try:
        yield context
    finally:
        context.close()


def with_passkeys(page: Page) -> Page:
    """Give *page* a phone that makes passkeys and asks for a finger."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_ana_begins_with_a_passkey_and_comes_in_with_it(browser: Browser, served: Served) -> None:
    with reading(browser) as context:
        page = with_passkeys(context.new_page())
        page.goto(served.do("start-link"))
        headline(page, "This is Nightlight.")
        look_over(page, "start-what", widths=WIDTHS)
        press(page, "Begin")
        look_over(page, "start-name", widths=WIDTHS)
        page.get_by_label("Your name, as your circle knows it").fill("Ana Maria")
        press(page, "Go on")
        headline(page, "Are you 16 or older?")
        look_over(page, "start-age", widths=WIDTHS)
        press(page, "I am 16 or older")
        headline(page, "How will you come in next time?")
        look_over(page, "start-way-in", widths=WIDTHS)
        press(page, "Use this device")
        headline(page, "Keep this code.")
        look_over(page, "new-code", widths=WIDTHS)
        page.get_by_role("link", name="I have kept it. Go on").click()
        headline(page, "What Quick exit does, and what it does not")
        look_over(page, "me-exit", widths=WIDTHS)

        for path in ("/me", "/me/passphrase", "/me/passkeys", "/me/code", "/me/sessions", "/me/language"):
            page.goto(served.base + path)
            look_over(page, path[1:].replace("/", "-"), widths=WIDTHS)

        page.goto(served.base + "/me")
        page.get_by_role("link", name="Sign out").click()
        press(page, "Sign out")
        headline(page, "Sign in")
        look_over(page, "sign-in", widths=WIDTHS)
        page.goto(served.base + "/sign-in?next=/me/sessions")
        press(page, "Use this device")
        headline(page, "You are signed in only here.")
        expect(page.get_by_role("row")).to_have_count(3)

        page.goto(served.base + "/me/passkeys")
        press(page, "Remove")
        shows(page, "This is your only way in, so it stays.")


def test_a_phone_without_passkeys_says_so_and_the_passphrase_is_there(
    browser: Browser, served: Served
) -> None:
    with reading(browser) as context:
        page = with_passkeys(context.new_page())
        page.goto(served.base + "/sign-in")
        # It knows no passkey of ours.
        press(page, "Use this device")
        shows(page, "That did not work.")
        expect(page.get_by_label("Passphrase")).to_be_visible()


def test_without_scripts_everything_works_but_passkeys(browser: Browser, served: Served) -> None:
    with reading(browser, scripts=False) as context:
        page = context.new_page()
        page.goto(served.do("start-link", "--person", "sam"))
        press(page, "Begin")
        press(page, "I am 16 or older")
        expect(page.get_by_role("button", name="Use this device")).to_have_count(0)
        page.get_by_label("Sign-in name").fill("sam")
        page.get_by_label("Passphrase").fill(WORDS)
        press(page, "Begin")
        code = page.locator(".code").inner_text()
        assert re.fullmatch("(?:[0-9A-Z]{4}-){7}[0-9A-Z]{4}", code)

        page.goto(served.base + "/me")
        page.get_by_role("button", name="Quick exit").click()
        expect(page).to_have_url(ELSEWHERE)
        page.go_back()
        assert "Sam" not in page.content()
        page.goto(served.base + "/me")
        headline(page, "Sign in")
        page.get_by_label("Sign-in name").fill("sam")
        page.get_by_label("Passphrase").fill("wrong words of somebody")
        page.get_by_role("button", name="Sign in").click()
        shows(page, "Name and passphrase do not go together.")
        page.get_by_label("Passphrase").fill(WORDS)
        page.get_by_role("button", name="Sign in").click()
        headline(page, "Your account")

        page.goto(served.base + "/sign-in/code")
        page.get_by_label("The code").fill(code.lower())
        page.get_by_label("New passphrase").fill("lantern orchard gravel mint")
        press(page, "Come back")
        headline(page, "You are back. Here is your next code.")


def test_quick_exit_shows_nothing_on_the_way_back_and_the_call_goes_on(
    browser: Browser, served: Served
) -> None:
    own = served.do("link", "ana")
    with reading(browser) as context:
        page = context.new_page()
        page.goto(own)
        headline(page, "Hello, Ana.")
        look_over(page, "caller-home-exit", widths=WIDTHS)
        page.get_by_role("link", name="I need someone").click()
        page.get_by_role("button").filter(has_text="Talk").first.click()
        shows(page, "Sam")
        page.get_by_role("button", name="Quick exit").click()
        expect(page).to_have_url(ELSEWHERE)

        for _ in range(2):
            page.go_back()
            headline(page, "This page is closed.")
            assert "Sam" not in page.content()
        look_over(page, "away", widths=WIDTHS)
        press(page, "Go on")
        shows(page, "Sam")
        assert '"open"' not in served.do("status")
        assert "ana" in served.do("status").casefold()


def test_shift_three_times_leaves_and_twice_does_not(browser: Browser, served: Served) -> None:
    own = served.do("link", "ana")
    with reading(browser, 1280) as context:
        page = context.new_page()
        page.goto(own)
        for key in ("Shift", "Shift", "a", "Shift"):
            page.keyboard.press(key)
        page.wait_for_timeout(600)
        assert page.url == own
        for _ in range(2):
            page.keyboard.press("Shift")
        expect(page).to_have_url(ELSEWHERE)


def test_the_desk_lets_somebody_begin_and_takes_an_account_of_its_own(
    browser: Browser, served: Served
) -> None:
    with reading(browser, 1280) as context:
        page = with_passkeys(context.new_page())
        page.goto(served.do("host", "link"))
        press(page, "Open the desk")
        page.goto(served.base + "/desk/people")
        press(page, "Make a start link")
        assert "/start/" in page.locator("code").inner_text()
        look_over(page, "desk-people", widths=WIDTHS)
        press(page, "Make one with a passkey of this device")
        shows(page, "Done.")
        page.context.clear_cookies()
        page.goto(served.base + "/desk/sign-in")
        look_over(page, "desk-sign-in", widths=WIDTHS)
        press(page, "Use this device")
        expect(page).to_have_url(f"{served.base}/desk")


def test_other_pages_of_signing_in_look_right(browser: Browser, served: Served) -> None:
    with reading(browser) as context:
        page = context.new_page()
        for path in ("/sign-in/help", "/sign-in/code"):
            page.goto(served.base + path)
            look_over(page, path[1:].replace("/", "-"), widths=WIDTHS)
