"""Ana writes a plan that nobody but her can read: with and without a line, and against a server that cheats."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, shows
from tests.browser.plan_inside import age_in, erase_in, put_in, stored_in
from tests.browser.plan_pen import (
    BENCH,
    DRAWN,
    NO_LINE,
    RECORD,
    arrives,
    be,
    is_revision,
    keep,
    look,
    row,
    signed_in,
    words_in,
    write,
)
from tests.servers.processes import wait_until
from tests.servers.sample import Try


@pytest.fixture(autouse=True)
def _no_plans(sample: Try) -> Iterator[None]:
    yield
    erase_in(sample.data)


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


KEPT_WHILE_IT_BEGINS = """async (text) => {
  const area = document.querySelector('[data-screen="part"] [data-place="words"]');
  const said = new Set();
  area.value = text;
  area.dispatchEvent(new Event("input", {bubbles: true}));
  for (let tries = 0; tries < 100; tries += 1) {
    if (area.closest("[data-screen]").hidden) return [...said];
    area.form.requestSubmit();
    await new Promise((later) => setTimeout(later, 1));
    said.add(document.querySelector("#plan-sayings").textContent.trim());
  }
  return [...said, "still there"];
}"""
"""Press to keep in every moment of the plan's beginning, which the first letter set off."""


def test_whoever_presses_while_the_plan_is_being_made_is_not_told_that_it_failed(
    read: Reading, sample: Try
) -> None:
    reader = signed_in(read, sample)
    page = reader.open("/plan")
    page.get_by_role("link", name="Write the first page").click()

    assert page.evaluate(KEPT_WHILE_IT_BEGINS, BENCH) == [""]
    page.goto(f"{reader.base}/plan#list")
    headline(page, "All parts")
    assert "Written. For you alone." in row(page, "Things that help me on my own")


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
