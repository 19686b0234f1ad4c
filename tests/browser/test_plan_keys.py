"""What opens a sealed plan, in a real browser: seven words, another phone, a passphrase, a passkey, a PIN; and what closes it."""

import base64
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.hands import press, seen, shows
from tests.browser.inside import session_in
from tests.browser.watched import WIDTHS, Watched, look_over, watching
from tests.docs.project import ROOT
from tests.servers.sample import Try

OFFLINE = re.compile(r"ERR_INTERNET_DISCONNECTED|ERR_FAILED")
REFUSED = re.compile(r"status of (401|404|409)")
SENTENCE = "The harbour wall, and the bench with blue paint."

Opens = Callable[..., Watched]


@pytest.fixture
def house(sample: Try) -> str:
    """Its address by a name, as passkeys want it."""
    return sample.base.replace("127.0.0.1", "localhost")


@pytest.fixture
def phone(browser: Browser, sample: Try, house: str) -> Iterator[Opens]:
    """`phone()`: one more phone, on which Ana is signed in unless told otherwise. Her plan is erased at the end."""
    with ExitStack() as stack:

        def start(*, signed_in: bool = True, width: int = 360, **options: Any) -> Watched:
            reader = stack.enter_context(watching(browser, house, width, **options))
            if signed_in:
                reader.context.add_cookies(
                    [{"name": "session", "value": session_in(sample.data, "ana"), "url": house}]
                )
            return reader

        yield start
        last = start()
        last.context.request.post(f"{house}/plan/erase", form={"sure": "yes"})


def headline(page: Page, words: str) -> None:
    expect(page.locator("h1:visible")).to_have_text(seen(words))


def look(page: Page, name: str) -> None:
    look_over(page, f"plan-{name}", widths=WIDTHS)


def write(page: Page, sentence: str = SENTENCE) -> None:
    """The first page of the plan, kept."""
    page.get_by_role("link", name="Write the first page").click()
    page.get_by_label("In your own words").fill(sentence)
    press(page, "Keep and go on")


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


def test_seven_words_are_asked_back_before_they_open_anything(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    words = words_shown(page)
    assert len(set(words)) > 1
    look(page, "words")
    assert not re.search(r"\bkeys?\b", page.locator("main").text_content() or "", re.IGNORECASE)
    press(page, "I wrote them down")
    answer(page, words, wrong=True)
    shows(page, "These are not the two words.")
    look(page, "words-check")
    assert kinds_of(ana) == ["A"]

    page.get_by_role("link", name="Look at the words again").click()
    assert words_shown(page) == words
    press(page, "I wrote them down")
    answer(page, words)
    headline(page, "Now the words open it, too.")
    assert kinds_of(ana) == ["A", "C"]
    page.get_by_role("link", name="Go on").click()
    headline(page, "All parts")
    expect(page.locator("[data-only-here]")).to_be_hidden()
    kept = local(page)
    assert not [word for word in words if re.search(rf"\b{word}\b", kept)]


def test_a_card_and_a_picture_name_nothing_and_leave_nothing(phone: Opens) -> None:
    page = phone(accept_downloads=True).open("/plan")
    page.evaluate(
        """() => {
          globalThis.left = [];
          const make = URL.createObjectURL, end = URL.revokeObjectURL, create = document.createElement.bind(document);
          URL.createObjectURL = (blob) => { const a = make(blob); left.push(a); return a; };
          URL.revokeObjectURL = (a) => { left = left.filter((each) => each !== a); end(a); };
          document.createElement = (name) => { const made = create(name); if (name === "canvas") globalThis.canvas = made; return made; };
          globalThis.print = () => { globalThis.printed = true; };
        }"""
    )
    write(page)
    words = words_shown(page)
    with page.expect_download() as begun:
        press(page, "Save as a picture")
    assert begun.value.suggested_filename == "picture.png"
    assert begun.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    comes_true(page, "left.length === 0 && canvas.width === 0")

    press(page, "Print a small card")
    assert page.evaluate("printed") is True
    page.emulate_media(media="print")
    paper = page.locator("body").inner_text()
    assert [word for word in words if word in paper] == words
    for said in ("Nightlight", "plan in", "Keep this", "Quick exit", "112"):
        assert said not in paper
    assert page.title() == urlsplit(page.url).netloc
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert "My plan" in page.title()


def test_later_is_said_three_times_and_then_no_more(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    first = words_shown(page)
    for time in range(3):
        press(page, "Later")
        headline(page, "All parts")
        expect(page.locator("[data-only-here]")).to_be_visible()
        if time == 0:
            look(page, "only-here")
        page.get_by_role("link", name="Keep seven words for it").click()
        assert words_shown(page) == first
    expect(page.get_by_role("button", name="Later")).to_be_hidden()
    assert ana.context.request.get(f"{ana.base}/plan/all").json()["vault"]["words_later"] == 3


def test_another_browser_opens_by_the_words_and_by_no_others(phone: Opens) -> None:
    page = phone().open("/plan")
    write(page)
    words = keep_words(page)

    other = phone()
    there = other.open("/plan")
    headline(there, "Your plan is there. This browser cannot open it yet.")
    look(there, "elsewhere")
    there.get_by_role("link", name="Type the seven words").click()
    field = there.locator("#seven-words")
    field.fill(f"{words[0]} qqqzz")
    press(there, "Open")
    shows(there, "“qqqzz”")
    look(there, "by-words")
    field.fill(" ".join(words[:6]))
    press(there, "Open")
    shows(there, "They are seven words.")
    field.fill(" ".join(words[::-1]))
    press(there, "Open")
    shows(there, "These words do not open it.")
    field.fill(f"{' '.join(words[:6])} ")
    field.press_sequentially(words[6][:2])
    offered = place(there, "by_words", "offered").get_by_role("button")
    expect(offered.first).to_be_visible()
    assert all(box["height"] >= 48 for each in offered.all() if (box := each.bounding_box()))
    field.press_sequentially(words[6][2:])
    press(there, "Open")
    headline(there, "What would help now?")
    reads(there)
    there.reload()
    reads(there)
    expect_kinds(other, ["A", "A", "C"])


IS_SENT = """async () => {
  const opened = await new Promise((done) => { const r = indexedDB.open("plan"); r.onsuccess = () => done(r.result); });
  const store = opened.transaction("kept").objectStore("kept");
  const names = await new Promise((done) => { const r = store.getAllKeys(); r.onsuccess = () => done(r.result); });
  opened.close();
  return !names.some((name) => /\\/(door|old)\\//.test(name));
}"""


def expect_kinds(reader: Watched, kinds: list[str]) -> None:
    """The server comes to have these ways."""
    for _ in range(50):
        if kinds_of(reader) == kinds:
            return
        reader.context.pages[0].wait_for_timeout(100)
    assert kinds_of(reader) == kinds


def test_new_words_take_the_place_of_the_old_ones(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    old = keep_words(page)
    page.get_by_role("link", name="Other ways to open it").click()
    look(page, "doors")
    page.get_by_role("link", name="New words").click()
    shows(page, "They are new.")
    new = keep_words(page)
    assert new != old
    assert kinds_of(ana) == ["A", "C"]

    there = phone().open("/plan#by_words")
    there.locator("#seven-words").fill(" ".join(old))
    press(there, "Open")
    shows(there, "These words do not open it.")
    there.locator("#seven-words").fill(" ".join(new))
    press(there, "Open")
    headline(there, "What would help now?")


def test_words_that_are_sent_late_take_no_newer_ones_away(phone: Opens) -> None:
    """The answer to the first sending is lost; the next phone keeps newer words; then the first one sends again."""
    ana = phone()
    ana.expected = OFFLINE
    page = ana.open("/plan")
    write(page)

    def lost(route: Route) -> None:
        if route.request.method == "PUT":
            route.fetch()
        route.abort()

    page.route("**/plan/slots/*", lost)
    old = keep_words(page)
    shows(page, "There is no connection, so they open it as soon as this phone has one again.")
    assert kinds_of(ana) == ["A", "C"]
    ana.context.set_offline(True)
    page.unroute("**/plan/slots/*")

    there = phone().open("/plan#by_words")
    there.locator("#seven-words").fill(" ".join(old))
    press(there, "Open")
    headline(there, "What would help now?")
    there.goto(f"{ana.base}/plan#words")
    new = keep_words(there)
    ana.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    comes_true(page, IS_SENT)

    there = phone().open("/plan#by_words")
    there.locator("#seven-words").fill(" ".join(new))
    press(there, "Open")
    headline(there, "What would help now?")


def test_words_kept_without_a_line_are_sent_when_there_is_one(phone: Opens) -> None:
    ana = phone()
    ana.expected = OFFLINE
    page = ana.open("/plan")
    write(page)
    words = words_shown(page)
    press(page, "I wrote them down")
    headline(page, "Two of the seven")
    ana.context.set_offline(True)
    answer(page, words)
    shows(page, "There is no connection, so they open it as soon as this phone has one again.")
    ana.context.set_offline(False)
    expect_kinds(ana, ["A", "C"])


def test_a_passphrase_of_ones_own(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    words_shown(page)
    page.goto(f"{ana.base}/plan#own_words")
    mine, again = page.locator("#own-new"), page.locator("#own-again")
    for typed, told in (("short one", "shorter than 15"), ("aaaaaaaaaaaaaaaa", "too few different letters")):
        mine.fill(typed)
        again.fill(typed)
        press(page, "Keep it")
        shows(page, told)
    mine.fill("four boats  upon a lake")
    again.fill("four boats upon the lake")
    press(page, "Keep it")
    shows(page, "The two are not the same.")
    look(page, "own-words")
    again.fill("four boats upon a lake")
    press(page, "Keep it")
    headline(page, "Your passphrase opens it.")
    assert kinds_of(ana) == ["A", "E"]

    there = phone().open("/plan")
    there.get_by_role("link", name="Type my own passphrase").click()
    there.locator("#own-typed").fill("four boats upon a sea")
    press(there, "Open")
    shows(there, "That does not open it.")
    look(there, "by-own")
    there.locator("#own-typed").fill("four boats upon a lake ")
    press(there, "Open")
    headline(there, "What would help now?")


# --- another phone

DECODE = """
import {decodeQR} from "./node_modules/qr/decode.js";
let all = ""; for await (const piece of process.stdin) all += piece;
const {width, height, data} = JSON.parse(all);
console.log(decodeQR({width, height, data: Uint8Array.from(Buffer.from(data, "base64"))}, {timeLimit: 5000}));
"""
PIXELS = """async (shot) => {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${shot}`)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  const {data, width, height} = pen.getImageData(0, 0, picture.width, picture.height);
  let said = ""; for (const each of data) said += String.fromCharCode(each);
  return JSON.stringify({width, height, data: btoa(said)});
}"""


def scanned(browser: Browser, picture: Locator) -> str:
    """What a camera reads from the pixels of *picture*."""
    blank = browser.new_page()
    try:
        pixels = blank.evaluate(PIXELS, base64.b64encode(picture.screenshot()).decode())
    finally:
        blank.close()
    command = ["node", "--input-type=module", "-e", DECODE]
    done = subprocess.run(
        command, cwd=ROOT / "frontend", input=pixels, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def show_picture(page: Page) -> Locator:
    """Let the phone that opens the plan show its picture for the other one."""
    page.goto(f"{page.url.split('#')[0]}#doors")
    page.get_by_role("link", name="Open on my other phone").click()
    picture = place(page, "other_phone", "picture").locator("svg")
    expect(picture).to_be_visible()
    return picture


def test_another_phone_opens_it_by_a_picture_and_four_words(browser: Browser, phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    keep_words(page)
    picture = show_picture(page)
    look(page, "other-phone")
    address = scanned(browser, picture)
    assert address == place(page, "other_phone", "address").inner_text()
    assert re.fullmatch(rf"{re.escape(ana.base)}/t/[\w-]+#[\w-]{{43}}", address)

    new = phone(signed_in=False)
    there = new.open(address)
    assert "#" not in there.url
    headline(there, "Open your plan on this phone")
    look(there, "phone-ask")
    press(there, "Yes, open it here")
    headline(there, "The same four words on both?")
    headline(page, "The same four words on both?")
    look(page, "compare")
    look(there, "phone-compare")
    four = place(page, "other_phone", "four").inner_text()
    assert len(four.split()) == 4
    assert there.locator("[data-place=four]").inner_text() == four
    press(page, "Yes, the same")
    headline(page, "It opens on the other phone now.")
    expect(there).to_have_url(re.compile(r"/plan(#read)?$"))
    headline(there, "What would help now?")
    reads(there)
    secret = address.split("#")[1]
    assert not [each for each in (*ana.fetched, *new.fetched) if secret in each.url + (each.post_data or "")]
    assert secret not in local(page) + local(there)
    expect_kinds(ana, ["A", "A", "C"])


def test_a_browser_that_holds_a_plan_of_somebody_else_opens_no_other(phone: Opens) -> None:
    """The links of two people never mix in one browser, also when nobody is signed in there any more."""
    ana = phone()
    page = ana.open("/plan")
    write(page)
    show_picture(page)
    address = place(page, "other_phone", "address").inner_text()
    other = phone(signed_in=False)
    there = other.open("/sign-in")
    there.evaluate(
        """() => new Promise((done) => {
          const request = indexedDB.open("plan", 1);
          request.onupgradeneeded = () => request.result.createObjectStore("kept");
          request.onsuccess = () => {
            const change = request.result.transaction("kept", "readwrite"), kept = change.objectStore("kept");
            kept.put({recipient: "age1noa", verifyKey: "", wordsLater: 0, person: "noa", registered: true}, "age1noa/vault");
            kept.put({id: "0", label: "", body: new Uint8Array(), sent: true}, "age1noa/slot");
            kept.put("age1noa", "current");
            change.oncomplete = () => { request.result.close(); done(); };
          };
        })"""
    )
    before = local(there)
    there.goto(address)
    shows(there, "It is the plan of Ana")
    press(there, "Yes, open it here")
    shows(there, "In this browser lies a plan of somebody else.")
    look(there, "phone-other-plan")
    assert local(there) == before
    assert not [cookie for cookie in other.context.cookies() if cookie["name"] == "session"]
    headline(page, "Scan this with your other phone")


def test_whoever_says_no_lets_nobody_in(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    show_picture(page)
    address = place(page, "other_phone", "address").inner_text()
    stranger = phone(signed_in=False)
    stranger.expected = REFUSED
    there = stranger.open(address)
    press(there, "Yes, open it here")
    headline(page, "The same four words on both?")
    late = phone(signed_in=False)
    late.expected = REFUSED
    own = late.open(address)
    press(own, "Yes, open it here")
    shows(own, "Another phone was here first.")
    look(own, "phone-over")
    press(page, "No")
    shows(page, "The phone that asked gets nothing.")
    shows(there, "The ten minutes are over, or the other phone said no.")
    assert kinds_of(ana) == ["A"]
    assert not [cookie for cookie in stranger.context.cookies() if cookie["name"] == "session"]
    there.reload()
    expect(there.get_by_role("button", name="Yes, open it here")).to_be_hidden()


def test_a_server_that_swaps_the_phone_is_refused(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)

    def swap(route: Route) -> None:
        told = route.fetch()
        body = told.json()
        if body.get("state") == "asked":
            body["recipient"] = f"age1{'q' * 58}"
        route.fulfill(response=told, json=body)

    page.route(
        "**/plan/phones", lambda route: swap(route) if route.request.method == "GET" else route.continue_()
    )
    show_picture(page)
    new = phone(signed_in=False)
    new.expected = REFUSED
    there = new.open(place(page, "other_phone", "address").inner_text())
    press(there, "Yes, open it here")
    shows(page, "What the server passed on does not come from a phone that has seen your screen.")
    look(page, "swapped")
    shows(there, "The ten minutes are over, or the other phone said no.")
    assert kinds_of(ana) == ["A"]


def test_a_server_that_hands_over_another_plan_is_refused(phone: Opens) -> None:
    page = phone().open("/plan")
    write(page)
    show_picture(page)
    there = phone(signed_in=False).open(place(page, "other_phone", "address").inner_text())

    def swap(route: Route) -> None:
        told = route.fetch()
        body = told.json()
        if "slot" in body:
            body["slot"]["id"] = "0" * 32
        route.fulfill(response=told, json=body)

    there.route("**/now", swap)
    press(there, "Yes, open it here")
    press(page, "Yes, the same")
    shows(there, "What the server passed on is not the plan of the phone you scanned.")
    assert "age1" not in local(there)


def test_a_phone_that_was_taken_away_closes_and_forgets(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    words = keep_words(page)
    other = phone()
    there = other.open("/plan#by_words")
    there.locator("#seven-words").fill(" ".join(words))
    press(there, "Open")
    headline(there, "What would help now?")
    expect_kinds(ana, ["A", "A", "C"])

    page.reload()
    page.goto(f"{ana.base}/plan#doors")
    page.get_by_role("link", name="Another phone").click()
    headline(page, "Take this away?")
    shows(page, "It closes on that phone when it next has a connection.")
    look(page, "door")
    press(page, "Yes, take it away")
    headline(page, "What opens this plan")
    expect_kinds(ana, ["A", "C"])
    there.evaluate("dispatchEvent(new Event('online'))")
    headline(there, "Your plan is there. This browser cannot open it yet.")
    shows(there, "This phone was taken off your plan from another phone.")
    assert "AGE-SECRET" not in local(there)
    there.reload()
    headline(there, "Your plan is there. This browser cannot open it yet.")


# --- a passkey


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
    page.locator("#seven-words").fill(" ".join(words))
    press(page, "Open")
    headline(page, "What would help now?")
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


# --- a PIN


def type_pin(page: Page, pin: str) -> None:
    page.get_by_label("PIN of this phone").fill(pin)
    press(page, "Open")


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
    page.locator("#seven-words").fill(" ".join(words))
    press(page, "Open")
    headline(page, "What would help now?")
    reads(page)
    expect_kinds(ana, ["A", "C"])


def test_five_wrong_pins_without_a_line_leave_the_seven_words(phone: Opens) -> None:
    ana = phone()
    ana.expected = OFFLINE
    page = ana.open("/plan")
    write(page)
    words = keep_words(page)
    page.goto(f"{ana.base}/plan#pin")
    for field in ("#pin-new", "#pin-again"):
        page.locator(field).fill("2580")
    press(page, "Keep it")
    headline(page, "What opens this plan")

    page.route("**/plan/all", lambda route: route.abort())
    page.reload()
    headline(page, "Your PIN")
    for left in ("4", "3", "2", "1"):
        type_pin(page, "1111")
        expect(place(page, "by_pin", "left")).to_have_text(left)
    type_pin(page, "1111")
    shows(page, "Five times it was not the right PIN")
    page.get_by_role("link", name="Type the seven words").click()
    page.locator("#seven-words").fill(" ".join(words))
    press(page, "Open")
    headline(page, "What would help now?")
    reads(page)


def test_words_that_the_server_merely_lists_do_not_count(phone: Opens) -> None:
    """Else a server could let Ana believe that she would come in again when this phone is lost."""
    page = phone().open("/plan")

    def lie(route: Route) -> None:
        told = route.fetch()
        if told.status != 200:
            return route.fulfill(response=told)
        body = told.json()
        body["slots"] += [{**each, "id": "0" * 32, "kind": "C"} for each in body["slots"][:1]]
        return route.fulfill(response=told, json=body)

    page.route("**/plan/all", lie)
    write(page)
    words_shown(page)
    page.goto(f"{page.url.split('#')[0]}#doors")
    expect(page.get_by_role("link", name="Seven words")).to_be_visible()
    expect(page.get_by_role("link", name="A PIN on this phone")).to_be_hidden()
    page.goto(f"{page.url.split('#')[0]}#list")
    expect(page.locator("[data-only-here]")).to_be_visible()


# --- closing


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


def test_signing_out_takes_the_plan_off_this_browser_if_wanted(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    keep_words(page)
    other = phone()
    there = other.open("/sign-out")
    expect(there.get_by_text("A plan lies in this browser.")).to_be_hidden()

    page.goto(f"{ana.base}/me")
    page.get_by_role("link", name="Sign out").click()
    shows(page, "A plan lies in this browser.")
    look(page, "sign-out")
    page.get_by_label("Take the plan off this browser, too").check()
    press(page, "Sign out")
    headline(page, "Sign in")
    assert "age1" not in local(page)
    assert kinds_of(other) == ["C"]
    assert not [cookie for cookie in ana.context.cookies() if cookie["name"] == "session"]


def test_the_last_way_is_taken_away_with_a_plain_warning(phone: Opens) -> None:
    ana = phone()
    page = ana.open("/plan")
    write(page)
    keep_words(page)
    page.goto(f"{ana.base}/plan#doors")
    page.get_by_role("link", name="Seven words").first.click()
    shows(page, "Nothing else opens it when every phone is lost.")
    press(page, "Yes, take it away")
    headline(page, "What opens this plan")
    assert kinds_of(ana) == ["A"]
