"""Ana takes her plan out of the house: on paper, and as a file. What stays behind is nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.conftest import Reading
from tests.browser.hands import press, shows
from tests.browser.inside import session_in
from tests.browser.watched import WIDTHS, Watched, look_over
from tests.cli.program import Program
from tests.servers.sample import Try

BENCH = "The bench by the harbour wall, the one with the blue paint."
QUIET = "Sit with me. You need not say anything."
OFFERED = """() => {
  window.revoked = [];
  const real = URL.revokeObjectURL;
  URL.revokeObjectURL = (address) => { window.revoked.push(address); real.call(URL, address); };
}"""


@pytest.fixture
def ana(read: Reading, sample: Try) -> Iterator[Watched]:
    """Signed in, without a plan; what she writes is erased at the end."""
    reader = read(timezone_id="Europe/Lisbon")
    token = session_in(sample.data, "ana")
    reader.context.add_cookies([{"name": "session", "value": token, "url": sample.base}])
    yield reader
    reader.context.request.post(f"{sample.base}/plan/erase", form={"sure": "yes"})


def wrote(ana: Watched) -> Page:
    """Her page, with two parts written."""
    page = ana.open("/plan")
    for number, words in ((2, BENCH), (8, QUIET)):
        page.goto(f"{ana.base}/plan#part-{number}")
        page.get_by_label("In your own words").fill(words)
        press(page, "Keep and go on")
        page.wait_for_function("(number) => location.hash !== `#part-${number}`", arg=number)
    page.goto(f"{ana.base}/plan#paper")
    expect(page.get_by_role("heading", level=1, name="Print it, or keep it as a file")).to_be_visible()
    return page


def saved(download: Download) -> bytes:
    path = download.path()
    assert path is not None
    return Path(path).read_bytes()


def test_only_the_chosen_parts_are_printed_under_a_title_that_says_nothing(ana: Watched) -> None:
    page = wrote(ana)
    look_over(page, "plan-paper", widths=WIDTHS)
    page.get_by_label("How to be with me").uncheck()
    press(page, "Print it")
    expect(page.get_by_text(BENCH)).to_be_visible()
    expect(page.get_by_text("Whoever finds the paper can read it.")).to_be_visible()
    look_over(page, "plan-paper-sheet", widths=WIDTHS)

    page.evaluate("window.print = () => { window.titled = document.title }")
    press(page, "Print")
    assert page.evaluate("window.titled") == "Notes"
    page.emulate_media(media="print")
    seen = page.locator("body").inner_text()
    assert next(line for line in seen.splitlines() if line.strip()) == "Notes"
    assert BENCH in seen
    assert re.search(r"\b20\d\d\b", seen), "the date stands on it"
    for elsewhere in (QUIET, "Nightlight", "Quick exit", "112", "I need someone", "Erase"):
        assert elsewhere not in seen
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert "Notes" not in page.title()

    page.go_back()
    expect(page.get_by_text(BENCH)).to_have_count(0)


def test_a_file_anybody_can_read_is_made_here_after_a_warning_and_its_address_is_taken_back(
    ana: Watched,
) -> None:
    page = wrote(ana)
    page.evaluate(OFFERED)
    before = len(ana.posts())
    press(page, "Keep a file anybody can read")
    shows(page, "Whoever finds this file can read it.")
    look_over(page, "plan-paper-readable", widths=WIDTHS)
    with page.expect_download() as coming:
        press(page, "Keep it all the same")
    assert re.fullmatch(r"notes-20\d\d-\d\d-\d\d\.txt", coming.value.suggested_filename)
    text = saved(coming.value).decode()
    assert text.startswith("Notes\n")
    assert f"Things that help me on my own\n-----------------------------\n\n{BENCH}\n" in text
    assert QUIET in text
    shows(page, "It is among your downloads:")
    assert len(ana.posts()) == before, "nothing was sent"
    assert page.evaluate("window.revoked") == []
    page.goto(f"{ana.base}/plan#list")
    press(page, "Close the plan")
    assert len(page.evaluate("window.revoked")) == 1


def test_a_sealed_file_is_made_under_the_words_of_this_plan_and_opens_on_a_machine_without_a_network(
    ana: Watched, tmp_path: Path
) -> None:
    page = wrote(ana)
    words = kept_words(page, ana.base)
    page.goto(f"{ana.base}/plan#paper_sealed")
    for typed, says in (
        (" ".join(words[:6]), "They are seven words."),
        (" ".join([*words[:6], "zzzz"]), "Not one of our words:"),
        (" ".join([*words[1:], words[0]]), "These are not the words of this plan."),
    ):
        page.get_by_label("Your seven words").fill(typed)
        page.locator("section:not([hidden])").get_by_role("button", name="Make the file").click()
        expect(page.locator('[data-screen="paper_sealed"]').get_by_text(says)).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_label("Your seven words").fill(" ".join(words).upper())
        press(page, "Make the file")
    assert re.fullmatch(r"notes-20\d\d-\d\d-\d\d\.age", coming.value.suggested_filename)
    expect(page.get_by_label("Your seven words")).to_have_value("")
    file = tmp_path / "kept.age"
    file.write_bytes(saved(coming.value))

    opened = Program(tmp_path / "none").good("plan", "open", file, "--words", "-", stdin=" ".join(words))
    assert opened.startswith("Notes\n")
    assert BENCH in opened
    assert QUIET in opened


def kept_words(page: Page, base: str) -> list[str]:
    """The seven words of this plan, once they open it."""
    page.goto(f"{base}/plan#words")
    lines = page.locator('[data-screen="words"] [data-place="words"] li')
    expect(lines).to_have_count(7)
    words = lines.all_inner_texts()
    press(page, "I wrote them down")
    for which in (0, 1):
        number = page.locator(f'[data-screen="words_check"] [data-place="which-{which}"]')
        expect(number).not_to_be_empty()
        page.locator(f"#word-{which}").fill(words[int(number.inner_text()) - 1])
    press(page, "These are the two")
    expect(page.get_by_role("heading", level=1, name="Now the words open it, too.")).to_be_visible()
    return words


def test_nothing_chosen_makes_nothing_and_without_words_no_sealed_file_is_made(ana: Watched) -> None:
    page = wrote(ana)
    for name in ("Things that help me on my own", "How to be with me"):
        page.get_by_label(name).uncheck()
    press(page, "Print it")
    shows(page, "Choose at least one part.")
    page.get_by_label("How to be with me").check()
    press(page, "Keep a sealed file")
    look_over(page, "plan-paper-sealed", widths=WIDTHS)
    page.get_by_label("Your seven words").fill("abacus abdomen abdominal ability able abnormal abode")
    press(page, "Make the file")
    shows(page, "There are no seven words yet.")
