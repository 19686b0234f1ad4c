"""Ana writes a plan that nobody but her can read: with and without a line, on two phones, and against a server that cheats."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, shows
from tests.browser.inside import session_in
from tests.browser.plan_inside import age_in, erase_in, put_in, stored_in
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
_COPY = """async ([from, into]) => {
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


_HAS_REVISION_2 = """async () => {
  const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const opened = await done(indexedDB.open("plan", 1));
  const rows = await done(opened.transaction("kept").objectStore("kept").getAll());
  opened.close();
  return rows.some((row) => row && row.revision === 2);
}"""


@pytest.fixture(autouse=True)
def _no_plans(sample: Try) -> Iterator[None]:
    yield
    erase_in(sample.data)


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


def test_ana_writes_and_finds_it_again_and_nobody_else_does(read: Reading, sample: Try) -> None:
    reader = signed_in(read, sample)
    page = reader.open("/plan")
    headline(page, "A plan in your own words")
    look(page, "first")
    page.get_by_role("link", name="Write the first page").click()
    headline(page, "What makes it a little lighter when you are by yourself?")
    page.get_by_label("In your own words").fill(BENCH)
    shows(page, "Kept on this phone at")
    look(page, "part")
    keep(page)
    assert "Written. For you alone." in row(page, "Things that help me on my own")
    assert "Not started." in row(page, "Signs I notice")
    arrives(page, "Things that help me on my own")
    look(page, "all-parts")

    page.goto(f"{sample.base}/plan")
    headline(page, "What would help now?")
    look(page, "reading")
    page.get_by_role("link", name="Things that help me on my own").click()
    shows(page, BENCH)
    look(page, "one-part")
    assert re.search(r"/plan#read-2$", page.url)

    sent = " ".join(request.post_data or "" for request in reader.fetched)
    assert len(DRAWN.findall(sent)) >= 1
    assert "harbour" not in sent
    assert words_in(sample.folder, "harbour") == []
    assert list(stored_in(sample.data).values()) != []

    page.goto(f"{sample.base}/plan#list")
    press(page, "Close the plan")
    headline(page, "Closed.")
    look(page, "closed")
    assert "harbour" not in page.content()
    assert (
        page.evaluate(
            "[...document.querySelectorAll('[data-secret]')].map((each) => each.value || each.textContent).join('')"
        )
        == ""
    )
    press(page, "Open again")
    headline(page, "What would help now?")


def test_people_have_numbers_to_tap_and_what_is_not_for_her_is_put_away(read: Reading, sample: Try) -> None:
    page = signed_in(read, sample).open("/plan#part-4")
    headline(page, "Whom can you tell how it is?")
    page.get_by_label("Name", exact=True).fill("Bo")
    page.get_by_label("Number", exact=True).fill("+44 7700 900123")
    page.get_by_label("What they are good for").fill("Sitting there without a word")
    press(page, "Add a person")
    page.get_by_label("Name", exact=True).nth(1).fill("Kit")
    look(page, "people")
    keep(page)
    page.get_by_role("link", name="Read it").click()
    page.get_by_role("link", name="People I can tell").click()
    expect(page.get_by_role("link", name="Call Bo")).to_have_attribute("href", "tel:+447700900123")
    expect(page.get_by_role("link", name="Text Bo")).to_have_attribute("href", "sms:+447700900123")
    expect(page.get_by_text("Kit", exact=True)).to_be_visible()
    assert page.get_by_role("link", name="Call Kit").count() == 0
    look(page, "people-read")

    page.goto(f"{sample.base}/plan#part-6")
    page.get_by_label("In your own words").fill("Bo keeps my keys.")
    press(page, "Not for me")
    shows(page, "Nothing asks for it again.")
    look(page, "put-away")
    page.get_by_role("link", name="All parts").click()
    assert "Not for me." in row(page, "Making where I am safer")
    page.get_by_role("link", name="Making where I am safer").click()
    press(page, "Undo")
    expect(page.get_by_label("In your own words")).to_have_value("Bo keeps my keys.")
    page.go_back()
    headline(page, "All parts")


def test_letters_are_opened_one_at_a_time(read: Reading, sample: Try) -> None:
    page = signed_in(read, sample).open("/plan#letters")
    headline(page, "What would you tell yourself on a bad night?")
    for title in ("When I cannot sleep", "When it is loud"):
        page.goto(f"{sample.base}/plan#letters")
        press(page, "Write a letter")
        page.get_by_label("When to open it").fill(title)
        page.get_by_label("The letter").fill(f"Dear Ana. {title}: put the kettle on.")
        look(page, "letter")
        keep(page)
    page.goto(f"{sample.base}/plan#read-11")
    assert "kettle" not in page.inner_text("main")
    look(page, "letters")
    page.get_by_role("link", name="When it is loud").click()
    shows(page, "Dear Ana. When it is loud: put the kettle on.")
    look(page, "letter-open")

    page.goto(f"{sample.base}/plan#letter-1")
    press(page, "Take this letter away")
    press(page, "Yes, take it away")
    expect(page.get_by_role("link", name="When it is loud")).to_be_visible()
    assert page.get_by_role("link", name="When I cannot sleep").count() == 0


def test_without_a_line_it_is_kept_here_and_sent_later(read: Reading, sample: Try) -> None:
    reader = signed_in(read, sample)
    reader.expected = NO_LINE
    page = reader.open("/plan")
    write(page, sample, 2, BENCH)
    arrives(page, "Things that help me on my own")
    reader.context.set_offline(True)
    page.get_by_role("link", name="What I want to stay for").click()
    page.get_by_label("In your own words").fill("Bo's dog.")
    keep(page)
    page.get_by_role("link", name="What I want to stay for").click()
    shows(page, "Not sent yet: no connection. Nothing is lost.")
    look(page, "no-line")
    assert len(stored_in(sample.data)) == 1

    page.get_by_role("link", name="All parts").click()
    page.get_by_role("link", name="Signs I notice").click()
    page.get_by_label("In your own words").fill("I stop answering Kit")
    shows(page, "Kept on this phone at")
    reader.context.set_offline(False)
    wait_until(lambda: len(stored_in(sample.data)) == 2, "what waited to be sent")

    page.reload()
    shows(page, "You began this and did not press Keep.")
    expect(page.get_by_label("In your own words")).to_have_value("I stop answering Kit")
    assert len(stored_in(sample.data)) == 2


@pytest.mark.parametrize("hears", ["by_asking", "by_being_refused", "while_typing"])
def test_two_phones_that_write_at_the_same_time_keep_both(read: Reading, sample: Try, hears: str) -> None:
    reader = signed_in(read, sample)
    reader.expected = re.compile(NO_LINE.pattern + r"|status of 412")
    page = reader.open("/plan")
    write(page, sample, 3, BENCH)
    arrives(page, "Places and people")
    before = page.request.get(f"{sample.base}/plan/all").text()
    page.evaluate(_COPY, ["plan", "other-phone"])
    write(page, sample, 3, f"{BENCH}\nFrom the kitchen.")
    arrives(page, "Places and people")

    # The other phone has not heard of it: it cannot ask, or is told what was true before.
    page.goto(f"{sample.base}/plan/blank")
    page.evaluate(_COPY, ["other-phone", "plan"])

    def told(route: Route) -> None:
        if hears == "by_being_refused":
            route.fulfill(body=before, content_type="application/json")
        else:
            route.abort()

    page.route("**/plan/all", told)
    page.goto(f"{sample.base}/plan#part-3")
    expect(page.get_by_label("In your own words")).to_have_value(BENCH)
    page.get_by_label("In your own words").fill(f"{BENCH}\nFrom the train.")
    if hears == "while_typing":
        shows(page, "Kept on this phone at")
        page.unroute("**/plan/all")
        with page.expect_response("**/plan/all"):
            page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_function(_HAS_REVISION_2)
    keep(page)
    if hears == "by_asking":
        assert HERE in row(page, "Places and people")
        page.unroute("**/plan/all")
        page.reload()
    arrives(page, "Places and people")
    page.get_by_role("link", name="Places and people").click()
    shows(page, "Two phones wrote here at the same time.")
    both = page.get_by_label("In your own words").input_value()
    assert both == f"{BENCH}\nFrom the train.\n\n— — —\n\n{BENCH}\nFrom the kitchen."
    [(revision, _)] = stored_in(sample.data).values()
    assert revision == 3


@pytest.mark.parametrize("then", ["keeps", "comes-back"])
def test_what_another_phone_wrote_while_she_was_typing_is_not_written_over(
    read: Reading, sample: Try, then: str
) -> None:
    reader = signed_in(read, sample)
    reader.expected = NO_LINE
    page = reader.open("/plan")
    write(page, sample, 3, BENCH)
    arrives(page, "Places and people")
    page.evaluate(_COPY, ["plan", "other-phone"])
    write(page, sample, 3, f"{BENCH}\nFrom the kitchen.")
    arrives(page, "Places and people")

    # The other phone has no line until the words stand in its field.
    page.goto(f"{sample.base}/plan/blank")
    page.evaluate(_COPY, ["other-phone", "plan"])
    page.route("**/plan/all", lambda route: route.abort())
    page.goto(f"{sample.base}/plan#part-3")
    field = page.get_by_label("In your own words")
    expect(field).to_have_value(BENCH)
    field.fill(f"{BENCH}\nFrom the train.")
    shows(page, "Kept on this phone at")
    page.unroute("**/plan/all")
    with page.expect_response("**/plan/all"):
        page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(300)
    expect(field).to_have_value(f"{BENCH}\nFrom the train.")
    if then == "comes-back":
        page.goto(f"{sample.base}/plan/blank")
        page.goto(f"{sample.base}/plan#part-3")
        shows(page, "You began this and did not press Keep.")
    keep(page)
    arrives(page, "Places and people")
    page.get_by_role("link", name="Places and people").click()
    both = f"{BENCH}\nFrom the train.\n\n— — —\n\n{BENCH}\nFrom the kitchen."
    expect(field).to_have_value(both)


def test_what_she_took_out_stays_out_when_the_servers_answer_was_lost(read: Reading, sample: Try) -> None:
    reader = signed_in(read, sample)
    reader.expected = NO_LINE
    page = reader.open("/plan")
    write(page, sample, 3, BENCH)
    arrives(page, "Places and people")

    def arrives_unheard(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/plan/parts/*", arrives_unheard)
    with page.expect_event("requestfailed", lambda request: "/plan/parts/" in request.url):
        write(page, sample, 3, f"{BENCH}\nFrom the kitchen.")
    assert [revision for revision, _ in stored_in(sample.data).values()] == [2]
    page.unroute("**/plan/parts/*")
    write(page, sample, 3, BENCH)
    arrives(page, "Places and people")
    page.reload()
    page.get_by_role("link", name="Places and people").click()
    expect(page.get_by_label("In your own words")).to_have_value(BENCH)
    assert [revision for revision, _ in stored_in(sample.data).values()] == [3]


def test_a_server_that_cheats_is_refused_in_plain_words_and_the_good_copy_stays(
    read: Reading, sample: Try
) -> None:
    page = signed_in(read, sample).open("/plan")
    write(page, sample, 2, BENCH)
    arrives(page, "Things that help me on my own")
    [(first, (_, old))] = stored_in(sample.data).items()
    write(page, sample, 2, RECORD)
    write(page, sample, 3, BENCH)
    arrives(page, "Places and people")
    now = stored_in(sample.data)
    [second] = set(now) - {first}

    cheats = {
        "we sent an older copy": ("the server sent an older copy", 9, old),
        "another part's file": ("is not what you sealed", 12, now[second][1]),
        "a file cut short": ("cannot be opened", 15, now[first][1][:-40]),
    }
    for words, revision, body in cheats.values():
        put_in(sample.data, first, revision, body)
        page.goto(f"{sample.base}/plan/blank")
        page.goto(f"{sample.base}/plan#list")
        shows(page, words)
        look(page, "refused")
        page.get_by_role("link", name="Things that help me on my own").click()
        expect(page.get_by_label("In your own words")).to_have_value(RECORD)
        page.get_by_role("link", name="All parts").click()
        assert stored_in(sample.data)[first] == (revision, body)
        press(page, "Put mine back at the server")
        expect(page.get_by_role("button", name="Put mine back at the server")).to_have_count(0)
        wait_until(partial(is_revision, sample.data, first, revision + 1), "the good copy")
    page.goto(f"{sample.base}/plan#read-2")
    shows(page, RECORD)


def test_another_browser_says_that_it_has_no_key_and_another_person_sees_nothing(
    read: Reading, sample: Try
) -> None:
    reader = signed_in(read, sample)
    page = reader.open("/plan")
    write(page, sample, 2, BENCH)
    arrives(page, "Things that help me on my own")
    other = signed_in(read, sample).open("/plan")
    headline(other, "Your plan is there. This browser cannot open it yet.")
    look(other, "elsewhere")

    # Sam signs in where Ana was.
    be(reader, sample, "sam")
    page.goto(f"{sample.base}/plan/blank")
    page.goto(f"{sample.base}/plan")
    headline(page, "A plan in your own words")
    write(page, sample, 2, RECORD)
    arrives(page, "Things that help me on my own")
    be(reader, sample, "ana")
    page.goto(f"{sample.base}/plan/blank")
    page.goto(f"{sample.base}/plan#read-2")
    shows(page, BENCH)
    assert RECORD not in page.inner_text("main")


def test_a_plan_that_is_gone_from_the_server_is_still_here(read: Reading, sample: Try) -> None:
    page = signed_in(read, sample).open("/plan")
    write(page, sample, 2, BENCH)
    arrives(page, "Things that help me on my own")
    erase_in(sample.data)
    page.goto(f"{sample.base}/plan/blank")
    page.goto(f"{sample.base}/plan")
    headline(page, "The plan on this phone is not at the server.")
    look(page, "gone")
    press(page, "Keep this one at the server again")
    headline(page, "All parts")
    wait_until(lambda: len(stored_in(sample.data)) == 1, "the plan to be there again")

    erase_in(sample.data)
    page.goto(f"{sample.base}/plan/blank")
    page.goto(f"{sample.base}/plan")
    press(page, "Take it away here, too")
    press(page, "Yes, take it away")
    headline(page, "A plan in your own words")
    page.goto(f"{sample.base}/plan#read-2")
    headline(page, "What would help now?")
    shows(page, "Nothing is written yet.")


def test_after_three_months_one_line_asks_once(read: Reading, sample: Try) -> None:
    page = signed_in(read, sample).open("/plan")
    write(page, sample, 2, BENCH)
    arrives(page, "Things that help me on my own")
    again = page.get_by_text("It may help to read it again.")
    expect(again).to_be_hidden()
    age_in(sample.data)
    page.reload()
    expect(again).to_be_visible()
    look(page, "look-again")
    with page.expect_response("**/plan/looked"):
        press(page, "Not now")
    expect(again).to_be_hidden()
    page.reload()
    shows(page, "Written. For you alone.")
    expect(again).to_be_hidden()


def test_without_scripts_the_page_says_why_and_offers_paper(read: Reading, sample: Try) -> None:
    reader = read(java_script_enabled=False)
    be(reader, sample, "ana")
    page = reader.open("/plan")
    shows(page, "If nothing opens here")
    page.get_by_role("link", name="A blank plan to print").first.click()
    headline(page, "A plan in your own words")
    shows(page, "What do you want to stay for?")
