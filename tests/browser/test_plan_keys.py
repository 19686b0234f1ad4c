"""What opens a sealed plan, in a real browser: seven words and a passphrase of one's own."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.hands import press, shows
from tests.browser.plan_hands import (
    OFFLINE,
    Opens,
    answer,
    comes_true,
    expect_kinds,
    headline,
    keep_words,
    kinds_of,
    local,
    look,
    opens_by_words,
    place,
    reads,
    words_shown,
    write,
)


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


def test_what_was_begun_in_another_browser_becomes_part_of_the_plan_there(phone: Opens) -> None:
    page = phone().open("/plan")
    write(page)
    words = keep_words(page)

    other = phone()
    other.expected = OFFLINE
    other.context.route("**/plan/all", lambda route: route.abort())
    there = other.open("/plan")
    there.goto(f"{other.base}/plan#part-3")
    there.get_by_label("In your own words").fill("The kitchen of Bo.")
    press(there, "Keep and go on")
    there.goto(f"{other.base}/plan#part-5")
    there.get_by_label("In your own words").fill("The line that answers in the evening")
    shows(there, "Kept on this phone at")
    there.get_by_label("In your own words").fill("The line that answers in the evening and at noon")
    other.context.unroute("**/plan/all")
    there.evaluate("dispatchEvent(new Event('online'))")
    headline(there, "Your plan is there. This browser cannot open it yet.")

    there.get_by_role("link", name="Type the seven words").click()
    opens_by_words(there, words)
    reads(there)
    there.goto(f"{other.base}/plan#part-3")
    expect(there.get_by_label("In your own words")).to_have_value("The kitchen of Bo.")
    there.goto(f"{other.base}/plan#part-5")
    shows(there, "You began this and did not press Keep.")
    expect(there.get_by_label("In your own words")).to_have_value(
        "The line that answers in the evening and at noon"
    )


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
    opens_by_words(there, new)


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
