"""A sealed plan behind a passkey or a PIN, and what closes it by itself."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.hands import press, shows
from tests.browser.plan_hands import (
    SENTENCE,
    Opens,
    expect_kinds,
    headline,
    keep_words,
    kinds_of,
    look,
    opens_by_words,
    place,
    reads,
    type_pin,
    words_shown,
    write,
)


def authenticator(page: Page) -> tuple[Any, str]:
    """A phone's own passkeys, which can open something."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "hasPrf": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]


def test_a_passkey_opens_it_and_when_it_is_deleted_the_words_still_do(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    words_shown(page)
    devtools, passkeys = authenticator(page)
    page.goto(f"{ana.base}/plan#doors")
    expect(page.get_by_role("link", name="A passkey")).to_be_hidden()
    page.goto(f"{ana.base}/plan#words")
    words = keep_words(page)
    page.get_by_role("link", name="Other ways to open it").click()
    page.get_by_role("link", name="A passkey").click()
    look(page, "new-passkey")
    press(page, "Make a passkey")
    headline(page, "The passkey opens it.")
    assert kinds_of(ana) == ["A", "B", "C"]
    [passkey] = devtools.send("WebAuthn.getCredentials", {"authenticatorId": passkeys})["credentials"]

    forget_storage(page, ana.base)
    page.get_by_role("link", name="Use a passkey").click()
    look(page, "by-passkey")
    press(page, "Open")
    headline(page, "What would help now?")
    reads(page)

    gone = {"authenticatorId": passkeys, "credentialId": passkey["credentialId"]}
    devtools.send("WebAuthn.removeCredential", gone)
    forget_storage(page, ana.base)
    page.get_by_role("link", name="Use a passkey").click()
    press(page, "Open")
    shows(page, "The passkey did not open it.")
    page.get_by_role("link", name="Another way").click()
    page.get_by_role("link", name="Type the seven words").click()
    opens_by_words(page, words)
    reads(page)


def forget_storage(page: Page, base: str) -> None:
    """The browser forgets what pages kept in it, as some do after a week; then the plan is looked for."""
    page.goto(f"{base}/home")
    page.evaluate(
        """() => new Promise((done, failed) => {
          const request = indexedDB.deleteDatabase("plan");
          request.onsuccess = done;
          request.onerror = request.onblocked = failed;
        })"""
    )
    page.goto(f"{base}/plan")
    headline(page, "Your plan is there. This browser cannot open it yet.")


def test_a_browser_without_such_passkeys_is_not_offered_one(phone: Opens) -> None:
    ana = phone()
    ana.context.add_init_script(
        "if (globalThis.PublicKeyCredential) delete PublicKeyCredential.getClientCapabilities"
    )
    page = ana.open("/plan")
    write(page)
    keep_words(page)
    page.get_by_role("link", name="Other ways to open it").click()
    expect(page.get_by_role("link", name="A PIN on this phone")).to_be_visible()
    expect(page.get_by_role("link", name="A passkey")).to_be_hidden()


def test_a_pin_stands_before_this_phone_and_five_wrong_ones_shut_it(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    words = keep_words(page)
    page.get_by_role("link", name="Other ways to open it").click()
    page.get_by_role("link", name="A PIN on this phone").click()
    look(page, "pin")
    for field in ("#pin-new", "#pin-again"):
        page.locator(field).fill("2580")
    before = kinds_of(ana), ana.context.request.get(f"{ana.base}/plan/all").json()["slots"]
    press(page, "Keep it")
    headline(page, "What opens this plan")
    assert (kinds_of(ana), ana.context.request.get(f"{ana.base}/plan/all").json()["slots"]) == before

    page.reload()
    headline(page, "Your PIN")
    look(page, "by-pin")
    type_pin(page, "2581")
    shows(page, "That is not it.")
    expect(place(page, "by_pin", "left")).to_have_text("4")
    type_pin(page, "2580")
    headline(page, "What would help now?")
    reads(page)
    page.reload()
    for left in ("4", "3", "2", "1"):
        type_pin(page, "1111")
        expect(place(page, "by_pin", "left")).to_have_text(left)
    type_pin(page, "1111")
    shows(page, "Five times it was not the right PIN")
    page.reload()
    headline(page, "Your plan is there. This browser cannot open it yet.")
    page.get_by_role("link", name="Type the seven words").click()
    opens_by_words(page, words)
    reads(page)
    expect_kinds(ana, ["A", "C"])


def is_gone(page: Page) -> None:
    """Nothing of what was written is on the page any more."""
    assert SENTENCE not in page.content()
    typed = page.locator("textarea, input:not([type=checkbox], [type=radio], [type=hidden])")
    fields = typed.evaluate_all("(all) => all.map((each) => each.value)")
    assert not any(fields)


def hide(page: Page, *, hidden: bool) -> None:
    """What a browser does when somebody turns to something else."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
          Object.defineProperty(document, "visibilityState", {value: hidden ? "hidden" : "visible", configurable: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_it_closes_out_of_sight_and_what_was_being_typed_is_kept(phone: Opens) -> None:
    page = phone().open("/plan")
    write(page)
    keep_words(page)
    reads(page)
    field = page.get_by_label("In your own words")
    field.press("End")
    field.press_sequentially(" And a song.")
    hide(page, hidden=True)
    headline(page, "Closed.")
    is_gone(page)
    hide(page, hidden=False)
    look(page, "closed")
    press(page, "Open again")
    headline(page, "What would help now?")
    page.goto(f"{page.url.split('#')[0]}#part-2")
    expect(page.get_by_label("In your own words")).to_have_value(f"{SENTENCE} And a song.")


def test_it_closes_after_five_minutes_untouched(phone: Opens) -> None:
    ana = phone()
    page = ana.context.new_page()
    page.clock.install()
    page.goto(f"{ana.base}/plan")
    page.clock.run_for(1000)
    write(page)
    page.clock.run_for(1000)
    words_shown(page)
    page.clock.run_for(4 * 60_000)
    page.locator("h1:visible").click()
    page.clock.run_for(4 * 60_000)
    headline(page, "Keep this for you")
    page.clock.run_for(60_000 + 1000)
    headline(page, "Closed.")
    expect(place(page, "words", "words").locator("li")).to_have_count(0)
    is_gone(page)


def test_the_exit_closes_first_and_what_is_typed_is_kept(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    words_shown(page)
    reads(page)
    page.evaluate("document.querySelector('[data-exit]').dataset.exit = '/sign-in'")
    page.evaluate(
        """() => addEventListener("leaving", () => {
          localStorage.setItem("left", document.querySelector("#words").value + document.body.textContent);
        })"""
    )
    field = page.get_by_label("In your own words")
    field.press("End")
    field.press_sequentially(" Unfinished")
    for _ in range(3):
        page.keyboard.press("Shift")
    expect(page).to_have_url(re.compile("/sign-in"))
    assert SENTENCE not in page.evaluate("localStorage.getItem('left')")
    page.evaluate("localStorage.clear()")
    page.go_back()
    page.wait_for_timeout(500)
    assert SENTENCE not in page.content()


def test_a_page_that_is_brought_back_whole_is_closed(phone: Opens) -> None:
    page = phone().open("/plan")
    write(page)
    words_shown(page)
    reads(page)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    headline(page, "Closed.")
    is_gone(page)
