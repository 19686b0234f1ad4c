"""A sealed plan on another phone: by a picture and four words, and taken off again."""

import base64
import re
import subprocess

from playwright.sync_api import Browser, Locator, Route, expect

from tests.browser.hands import press, shows
from tests.browser.plan_hands import (
    REFUSED,
    Opens,
    expect_kinds,
    headline,
    keep_words,
    kinds_of,
    local,
    look,
    opens_by_words,
    place,
    reads,
    show_picture,
    write,
)
from tests.docs.project import ROOT

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
    read: str = done.stdout.strip()
    return read


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
    opens_by_words(there, words)
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
