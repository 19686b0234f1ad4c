"""A sentence is typed into every place of a plan, and looked for in every place where it must not be."""

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.hands import headline, press
from tests.browser.inside import own_page_in, session_in
from tests.browser.overheard import Overheard, files_under, forms, found_in, overhearing
from tests.browser.watched import HEIGHTS, PATIENCE_MS
from tests.cli.program import Program
from tests.servers.sample import Try

PARTS = {
    1: "signs",
    2: "alone",
    3: "around",
    4: "people",
    5: "helpers",
    6: "safer",
    7: "stay",
    8: "how",
    9: "not",
    10: "list",
}
CARD = "canary00card00readable"
TYPED = [f"canary{number:02}part00{name}" for number, name in PARTS.items()] + [
    *(f"canary00{field}00{part}" for part in ("people", "helpers") for field in ("name", "number", "text")),
    "canary11letter00title",
    "canary11letter00text",
    "canary12draft00begun",
    "canary13note00left",
    "canary14paper00title",
]

_DUMP = """async () => {
  const said = (value) => value instanceof ArrayBuffer ? said(new Uint8Array(value))
    : ArrayBuffer.isView(value) ? Array.from(new Uint8Array(value.buffer), (byte) => String.fromCharCode(byte)).join("")
    : value instanceof CryptoKey ? `a key, ${value.extractable}`
    : value && typeof value === "object" ? Object.entries(value).map(([name, one]) => `${name} ${said(one)}`).join("\\n")
    : String(value);
  const done = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const stored = [];
  for (const {name} of await indexedDB.databases()) {
    const opened = await done(indexedDB.open(name));
    for (const store of opened.objectStoreNames) {
      const kept = opened.transaction(store).objectStore(store);
      stored.push(said(await done(kept.getAllKeys())), said(await done(kept.getAll())));
    }
    opened.close();
  }
  const cached = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) cached.push(request.url, await (await cache.match(request)).text());
  }
  const fields = [...document.querySelectorAll("input, textarea, select")].map((each) => each.value);
  return {
    dom: [document.documentElement.outerHTML, document.title, ...fields].join("\\n"),
    stored: stored.join("\\n"),
    cached: cached.join("\\n"),
    history: [location.href, said(history.state), window.name].join("\\n"),
    storage: said({...localStorage}) + said({...sessionStorage}) + document.cookie,
  };
}"""


@pytest.fixture
def door(sample: Try) -> Iterator[Overheard]:
    port = urlsplit(sample.base).port
    assert port is not None
    with overhearing(port) as heard:
        yield heard


@pytest.fixture
def phones(browser: Browser, door: Overheard) -> Iterator[list[BrowserContext]]:
    """Ana's phone and Sam's, with everything a browser may keep."""
    with ExitStack() as stack:
        made = [browser.new_context(viewport={"width": 360, "height": HEIGHTS[360]}) for _ in range(2)]
        for context in made:
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
        yield made
        made[0].request.post(f"{door.base}/plan/erase", form={"sure": "yes"})


def keep(page: Page, name: str = "Keep and go on") -> None:
    with page.expect_response(lambda answer: "/plan/parts/" in answer.url and answer.ok):
        page.locator("section:not([hidden])").get_by_role("button", name=name).click()


def write_everything(page: Page, base: str) -> None:
    """Type every sentence into its place."""
    for number, name in PARTS.items():
        page.goto(f"{base}/plan#part-{number}")
        page.locator("#words").fill(f"Only mine: canary{number:02}part00{name}.")
        if name in ("people", "helpers"):
            for field in ("name", "number", "text"):
                page.locator(f'[data-field="{field}"]').first.fill(f"canary00{field}00{name}")
        keep(page)
    page.goto(f"{base}/plan#letters")
    press(page, "Write a letter")
    page.locator("#letter-title").fill("canary11letter00title")
    page.locator("#letter-words").fill("Only mine: canary11letter00text.")
    keep(page)
    page.goto(f"{base}/plan#paper")
    page.locator("#paper-title").fill("canary14paper00title")
    press(page, "Print it")
    expect(page.get_by_text("canary14paper00title")).to_be_visible()
    page.goto(f"{base}/plan#part-1")
    page.locator("#words").press_sequentially(" canary12draft00begun")
    expect(page.locator('[data-screen="part"] [data-place="kept"]')).to_contain_text("Kept on this phone at")


def share_with_sam(page: Page, sam: Page, base: str) -> None:
    """Both compare their words, and Sam is given one page."""
    press(sam, "Let this browser open it")
    words = sam.locator(".four:visible li")
    expect(words).to_have_count(4)
    page.goto(f"{base}/plan#who")
    page.get_by_role("link", name="Sam").click()
    expect(page.locator(".four:visible li")).to_have_text(words.all_inner_texts())
    press(page, "Yes, the same")
    row = page.locator("li.card").filter(has_text="How to be with me")
    row.get_by_role("button", name="Give Sam this page").click()
    expect(row.get_by_role("button", name="Take it back")).to_be_visible()
    press(sam, "The same words")


def leave_a_note(sam: Page) -> None:
    sam.locator("#letter").fill("canary13note00left")
    with sam.expect_response(lambda answer: answer.url.endswith("/plan/notes") and answer.ok):
        press(sam, "Seal it and leave it there")


def left_in(page: Page, words: list[str]) -> dict[str, list[str]]:
    """Where in the browser of *page* any of *words* stands, in any form."""
    dumped: dict[str, str] = page.evaluate(_DUMP)
    assert "a key, false" in dumped["stored"], (
        "a key that no script takes out lies there, so it was looked at"
    )
    assert len(dumped["dom"]) > 1000
    return {
        where: found
        for where, text in dumped.items()
        if (found := found_in(text.encode("latin-1", errors="replace"), words))
    }


def nothing_at_the_server(sample: Try, door: Overheard, tmp_path: Path) -> None:
    """No sentence in any file of the house, its backup, what it printed and sent, and all that went over the line."""
    copy = tmp_path / "copy"
    Program(sample.data).good("backup", copy)
    places = files_under(sample.folder) | {
        "backup": copy.read_bytes(),
        "messages": sample.fetch("/try").encode(),
        "asked": bytes(door.asked),
        "told": bytes(door.told),
    }
    assert any(name.endswith("-wal") for name in places), "it is looked at while it runs"
    assert any(name.endswith("try.log") for name in places)
    assert {name: found for name, hay in places.items() if (found := found_in(hay, TYPED))} == {}
    # What is meant to be read by the server is seen on the line, so the line was listened to; and sealed at rest.
    assert found_in(bytes(door.asked), [CARD]) == [CARD]
    assert [
        name for name, hay in places.items() if CARD.encode() in hay and name not in ("asked", "told")
    ] == []
    with closing(sqlite3.connect(copy)) as database:
        [(parts,)] = database.execute("SELECT count(*) FROM plan_part").fetchall()
    assert parts >= len(PARTS) + 1, "the plan itself is there, sealed"


def test_no_sentence_of_a_plan_is_anywhere_but_on_the_screen(
    phones: list[BrowserContext], sample: Try, door: Overheard, tmp_path: Path
) -> None:
    ana, sam = phones
    ana.add_cookies([{"name": "session", "value": session_in(sample.data, "ana"), "url": door.base}])
    page = ana.new_page()
    page.goto(f"{door.base}/plan")
    write_everything(page, door.base)
    own = sam.new_page()
    own.goto(f"{door.base}{own_page_in(sample.data, 'sam')}")
    own.get_by_role("link", name="A page you may be shown").click()
    share_with_sam(page, own, door.base)
    leave_a_note(own)
    card = ana.new_page()
    card.goto(f"{door.base}/plan/card")
    card.get_by_label("What should they know first?").fill(CARD)
    press(card, "Keep the card")
    card.close()

    # In a call Sam reads it, and afterwards has nothing of it.
    sample.press("raise", need="talk")
    asked = sam.new_page()
    asked.goto(sample.link("Sam").replace(sample.base, door.base))
    press(asked, "I've got this")
    expect(asked.locator("#shown blockquote")).to_have_text(["Only mine: canary08part00how."])
    calling = ana.new_page()
    calling.goto(sample.own_page.replace(sample.base, door.base))
    press(calling, "It's over. Stop asking")
    headline(asked, "It's over now.")
    expect(asked.locator("#shown blockquote")).to_have_count(0)
    assert left_in(asked, TYPED) == {}
    calling.close()
    asked.close()
    own.close()

    # The note is there to be read, and everything else; then the plan is closed.
    page.bring_to_front()
    page.goto(f"{door.base}/plan#part-1")
    expect(page.locator("#words")).to_have_value("Only mine: canary01part00signs. canary12draft00begun")
    assert left_in(page, TYPED).keys() == {"dom"}, "open, it is on the screen alone"
    dumped = page.evaluate(_DUMP)
    assert "age-encryption.org" in dumped["stored"], "the plan itself lies there, sealed"
    assert "/static/sealed/plan.js" in dumped["cached"], "and what opens it without a network"
    page.goto(f"{door.base}/plan#list")
    press(page, "Close the plan")
    expect(page.get_by_role("heading", level=1, name="Closed.")).to_be_visible()
    assert left_in(page, TYPED) == {}
    for _ in range(3):
        page.go_back()
        assert left_in(page, TYPED) == {}
    nothing_at_the_server(sample, door, tmp_path)


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_word_is_found_in_every_form(before: str) -> None:
    """What looks for it does find it."""
    word = TYPED[0]
    text = f"{before}Only mine: {word}."
    for hay in (
        text.encode(),
        base64.b64encode(text.encode()),
        base64.urlsafe_b64encode(text.encode()),
        text.encode().hex().encode(),
        text.encode("utf-16-le"),
    ):
        assert found_in(hay, TYPED) == [word]
    assert found_in(b"nothing of the kind", TYPED) == []
    assert all(len(form) > 12 for form in forms(word))
