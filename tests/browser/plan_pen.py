"""Ana at her plan: what she presses to write, and what a test sees of it from outside."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press
from tests.browser.inside import session_in
from tests.browser.plan_inside import stored_in
from tests.browser.watched import WIDTHS, Watched, look_over
from tests.servers.processes import wait_until
from tests.servers.sample import Try

NO_LINE = re.compile(r"Failed to load resource|ERR_INTERNET_DISCONNECTED|ERR_FAILED")
BENCH = "The bench by the harbour wall, the one with the blue paint."
RECORD = "Side two of the record that Sam gave me, loud."
HERE = "Only on this phone so far."
DRAWN = re.compile(r"[0-9a-f]{32}")

# The database of a browser is copied and put back, keys that cannot leave it included: so one browser is
# two phones of Ana's, one after the other.
COPY = """async ([from, into]) => {
  const opened = (name) => new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("kept");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const [one, other] = [await opened(from), await opened(into)];
  const read = one.transaction("kept").objectStore("kept");
  const names = await done(read.getAllKeys()), values = await done(read.getAll());
  const store = other.transaction("kept", "readwrite").objectStore("kept");
  store.clear();
  names.forEach((name, at) => store.put(values[at], name));
  await done(store.count());
  one.close();
  other.close();
}"""


HAS_REVISION_2 = """async () => {
  const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const opened = await done(indexedDB.open("plan", 1));
  const rows = await done(opened.transaction("kept").objectStore("kept").getAll());
  opened.close();
  return rows.some((row) => row && row.revision === 2);
}"""


def signed_in(read: Reading, sample: Try, person: str = "ana") -> Watched:
    reader = read(360)
    be(reader, sample, person)
    return reader


def be(reader: Watched, sample: Try, person: str) -> None:
    """Sign *person* in, in this browser."""
    reader.context.add_cookies(
        [{"name": "session", "value": session_in(sample.data, person), "url": sample.base}]
    )


def write(page: Page, sample: Try, number: int, words: str, label: str = "In your own words") -> None:
    """Write one part, and see that it is kept."""
    page.goto(f"{sample.base}/plan#part-{number}")
    page.get_by_label(label).fill(words)
    keep(page)


def keep(page: Page) -> None:
    """Keep what was written, and go to all parts; at first the seven words come, which can wait here."""
    press(page, "Keep and go on")
    expect(page.locator("h1:visible")).to_have_text(re.compile("^(All parts|Keep this for you)$"))
    page.evaluate("location.hash = 'list'")
    headline(page, "All parts")


def row(page: Page, name: str) -> str:
    """What the page of all parts says of one."""
    return page.locator("[data-screen=list] a", has_text=name).inner_text()


def arrives(page: Page, name: str) -> None:
    """The server has it."""
    wait_until(lambda: "Written." in row(page, name) and HERE not in row(page, name), "the server to have it")


def look(page: Page, name: str) -> None:
    look_over(page, f"plan-{name}", widths=WIDTHS)


def words_in(folder: Path, words: str) -> list[str]:
    """The files under *folder* in which *words* stand."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in found if words.encode() in path.read_bytes()]


def is_revision(data: Path, part: str, revision: int) -> bool:
    """Whether the server holds *part* in that *revision*."""
    return stored_in(data)[part][0] == revision
