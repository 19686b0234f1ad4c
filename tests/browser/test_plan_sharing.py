"""Ana shows Sam how to be with her: keys, four words, a call, taken back; and a letter from Sam for a bad night."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, seen
from tests.browser.inside import own_page_in, session_in
from tests.browser.watched import WIDTHS, Watched, look_over
from tests.servers.sample import Try

HOW = "Speak slowly. Ask me about the harbour, and wait for an answer."
NOT = "Please do not tell my mother before I do."
LETTER = "You fixed my bicycle in the rain and sang the whole time."
PARTS = {"How to be with me": HOW, "What I do not want": NOT}
SERVERS_OWN = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"
REFUSED = re.compile(r"status of (404|410|422)")
Change = Callable[[dict[str, Any]], dict[str, Any]]


def shows(page: Page, words: str) -> None:
    """The page comes to show *words*; on a screen that is put away they do not count."""
    expect(page.get_by_text(seen(words)).locator("visible=true").first).to_be_visible()


def look(page: Page, name: str) -> None:
    look_over(page, f"plan-sharing-{name}", widths=WIDTHS)


@pytest.fixture
def ana(read: Reading, sample: Try) -> Watched:
    """Ana, signed in, with two parts of a plan written."""
    reader = read()
    reader.expected = REFUSED
    reader.context.add_cookies(
        [{"name": "session", "value": session_in(sample.data, "ana"), "url": sample.base}]
    )
    # The sample keeps what was sealed when it starts over.
    reader.context.request.post(f"{sample.base}/plan/erase", form={"sure": "yes"})
    plan = reader.open("/plan#list")
    for name, text in PARTS.items():
        write(plan, name, text)
    plan.close()
    return reader


def write(plan: Page, name: str, text: str) -> None:
    plan.goto(re.sub("#.*", "", plan.url) + "#list")
    plan.get_by_role("link", name=name).click()
    plan.get_by_label("In your own words").fill(text)
    with plan.expect_response(lambda answer: "/plan/parts/" in answer.url and answer.ok):
        plan.get_by_role("button", name="Keep and go on").click()


class Sam:
    """Sam's phone: one browser, their own page, and the page behind the message of a call."""

    def __init__(self, reader: Watched, sample: Try, name: str = "sam") -> None:
        reader.expected = REFUSED
        self.reader, self.sample, self.name = reader, sample, name

    def own_page(self) -> Page:
        """Where this browser gets its key."""
        page = self.reader.open(own_page_in(self.sample.data, self.name))
        page.get_by_role("link", name="A page you may be shown").click()
        return page

    def words(self, page: Page) -> list[str]:
        """Let this browser open it; the four words that it shows."""
        press(page, "Let this browser open it")
        return four(page)

    def called(self) -> Page:
        """The page behind the newest message."""
        return self.reader.open(self.sample.link(self.name.capitalize()))


def four(page: Page) -> list[str]:
    words = page.locator(".four:visible li")
    expect(words).to_have_count(4)
    return words.all_inner_texts()


def show_to_sam(plan: Page) -> None:
    """Give Sam both parts."""
    for part in PARTS:
        row = plan.locator("li.card").filter(has_text=part)
        row.get_by_role("button", name="Give Sam this page").click()
        expect(row.get_by_role("button", name="Take it back")).to_be_visible()


def shared(ana: Watched, sam: Sam, *, says_so: bool = True) -> Page:
    """Both compared their words, and both parts are shown to Sam; Ana's page of Sam."""
    own = sam.own_page()
    theirs = sam.words(own)
    plan = ana.open("/plan#who")
    plan.get_by_role("link", name="Sam").click()
    assert four(plan) == theirs
    press(plan, "Yes, the same")
    shows(plan, "Now you can choose what Sam sees.")
    show_to_sam(plan)
    if says_so:
        press(own, "The same words")
        shows(own, "You said that they are the same.")
    return plan


def call(ana: Watched, sample: Try) -> Page:
    """Ana calls."""
    page = ana.open(sample.own_page)
    page.get_by_role("link", name="I need someone").click()
    press(page, "Talk")
    headline(page, "Trying Sam now.")
    shows(page, "it did not go through")
    return page


def over(page: Page) -> None:
    """Ana ends her call."""
    press(page, "It's over. Stop asking")
    headline(page, "Hello, Ana.")


def reads_both(page: Page) -> None:
    place = page.locator("#shown")
    expect(place.get_by_role("heading")).to_have_text(["How to be with Ana", "What Ana does not want"])
    expect(place.locator("blockquote")).to_have_text([HOW, NOT])


def reads_nothing(page: Page) -> None:
    expect(page.locator("#shown")).to_be_empty()
    for words in PARTS.values():
        assert words not in page.content()


def asked_for_it(reader: Watched) -> list[str]:
    return [each.url for each in reader.fetched if re.search(r"/a/[^/]+/plan$", each.url)]


def test_who_took_the_call_reads_what_ana_shows_them_and_nobody_else_does(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam, bo = Sam(read(), sample), Sam(read(), sample, "bo")
    own = sam.own_page()
    look(own, "begin")
    own.close()
    plan = shared(ana, sam)
    look(plan, "sam")
    plan.goto(f"{sample.base}/plan#who")
    shows(plan, "In a call: How to be with me, What I do not want.")
    look(plan, "everybody")
    bo.words(bo.own_page())

    calling = call(ana, sample)
    asked = sam.called()
    headline(asked, "Ana would like someone to talk to.")
    reads_nothing(asked)
    assert asked_for_it(sam.reader) == []
    sample.press("next")
    only_asked = bo.called()
    press(asked, "I've got this")
    reads_both(asked)
    look(asked, "taken")
    headline(only_asked, "Someone has it.")
    reads_nothing(only_asked)
    assert asked_for_it(bo.reader) == []

    # Changed while the call is open, and taken back while it is read.
    write(plan, "How to be with me", f"{HOW} And tea.")
    expect(asked.locator("#shown blockquote").first).to_have_text(f"{HOW} And tea.")
    plan.goto(f"{sample.base}/plan#who")
    plan.get_by_role("link", name="Sam").click()
    press(plan, "Take everything back")
    shows(plan, "Taken back. Nobody is told.")
    expect(asked.locator("#shown")).to_be_empty()
    shows(plan, "Sam opened it on")

    show_to_sam(plan)
    expect(asked.locator("#shown blockquote")).to_have_count(2)
    over(calling)
    headline(asked, "It's over now.")
    reads_nothing(asked)

    call(ana, sample)
    again = sam.called()
    headline(again, "Ana would like someone to talk to.")
    reads_nothing(again)


def test_who_is_second_reads_it_too_and_other_browsers_get_the_card(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam = Sam(read(), sample)
    plan = shared(ana, sam)
    plan.goto(f"{sample.base}/plan/card")
    plan.get_by_label("What should they know first?").fill("Ring first, then come.")
    press(plan, "Keep the card")
    call(ana, sample)
    sample.press("next")
    bo = Sam(read(), sample, "bo").called()
    press(bo, "I've got this")
    headline(bo, "You have it. Ana can see that.")
    shows(bo, "Ring first, then come.")
    reads_nothing(bo)
    second = sam.called()
    assert "Ring first" not in second.content()
    press(second, "I can be second")
    reads_both(second)
    look(second, "second")
    elsewhere = read()
    elsewhere.expected = REFUSED
    other = elsewhere.open(second.url)
    shows(other, "Ana shows you something that opens only in the browser you set up for it.")
    shows(other, "Ring first, then come.")
    reads_nothing_but_notices(other)
    look(other, "other-browser")


def reads_nothing_but_notices(page: Page) -> None:
    expect(page.locator("#shown blockquote")).to_have_count(0)


@pytest.fixture
def taken(ana: Watched, read: Reading, sample: Try) -> Callable[[Change], Page]:
    """`taken(change)`: Sam's page after a yes, when somebody on the way changed what the server gave out."""
    sam = Sam(read(), sample)
    shared(ana, sam).close()
    call(ana, sample)
    page = sam.called()
    press(page, "I've got this")
    reads_both(page)

    def once_more(change: Change) -> Page:
        def between(route: Route) -> None:
            answer = route.fetch()
            route.fulfill(response=answer, json=change(answer.json()))

        page.unroute_all()
        page.route(re.compile(r"/a/[^/]+/plan$"), between)
        page.reload()
        return page

    return once_more


def changed_byte(line: str) -> str:
    """A sealed file, as it travels, with its last byte another one."""
    file = bytearray(base64.urlsafe_b64decode(line + "=" * (-len(line) % 4)))
    file[-1] ^= 1
    return base64.urlsafe_b64encode(file).decode().rstrip("=")


def test_what_is_not_as_ana_sealed_it_is_refused_in_plain_words(
    taken: Callable[[Change], Page], ana: Watched, sample: Try
) -> None:
    def tampered(given: dict[str, Any]) -> dict[str, Any]:
        first = {**given["shares"][0], "body": changed_byte(given["shares"][0]["body"])}
        return {**given, "shares": [first, *given["shares"][1:]]}

    def swapped(given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "person": {**given["person"], "verify_key": "A" * 43}}

    page = taken(tampered)
    shows(page, "Something came that is not as Ana sealed it")
    expect(page.locator("#shown blockquote")).to_have_count(1)
    look(page, "tampered")
    page = taken(swapped)
    shows(page, "Something came that is not from the Ana you compared four words with")
    reads_nothing_but_notices(page)

    old: list[dict[str, Any]] = []

    def unchanged(given: dict[str, Any]) -> dict[str, Any]:
        old.append(given)
        return given

    reads_both(taken(unchanged))
    plan = ana.open("/plan#list")
    write(plan, "How to be with me", "Call me by my name.")
    with plan.expect_response(lambda answer: "/plan/shares/" in answer.url and answer.ok):
        pass
    shows(taken(lambda given: given), "Call me by my name.")
    page = taken(lambda _given: old[0])
    shows(page, "Something came that is older than what you have read here before")
    expect(page.locator("#shown blockquote")).to_have_text([NOT])


def test_nothing_is_sealed_for_a_browser_whose_words_were_not_compared(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam, stranger = Sam(read(), sample), Sam(read(), sample)
    shared(ana, sam).close()
    recipient = stranger_key(stranger)

    def between(route: Route) -> None:
        answer = route.fetch()
        if answer.status != 200:
            return route.fulfill(response=answer)
        everything = answer.json()
        for each in everything["supporters"]:
            for key in each["keys"]:
                key["recipient"] = recipient
        headers = {name: value for name, value in answer.headers.items() if name != "etag"}
        return route.fulfill(status=200, headers=headers, body=json.dumps(everything))

    plan = ana.open("/plan#list")
    plan.route(re.compile("/plan/all$"), between)
    plan.reload()
    before = len(ana.fetched)
    write(plan, "How to be with me", "Only for Sam.")
    plan.goto(f"{sample.base}/plan#who")
    shows(plan, "Sam's page needs comparing again.")
    look(plan, "again")
    plan.get_by_role("link", name="Sam").click()
    four(plan)
    expect(plan.get_by_role("button", name="Give Sam")).to_have_count(0)
    sent = [each for each in ana.fetched[before:] if each.method == "PUT" and "/plan/shares/" in each.url]
    assert sent == []
    press(plan, "Not the same")
    shows(plan, "Perhaps somebody stands between you and Sam.")
    look(plan, "not-the-same")


def kept_settings(plan: Page) -> Callable[[], int]:
    """How often something about the plan was sent for keeping."""
    sent: list[str] = []
    plan.on("request", lambda each: sent.append(each.url) if each.method == "PUT" else None)
    return lambda: len(sent)


def test_a_key_that_comes_after_the_words_were_drawn_is_never_taken_for_theirs(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam = Sam(read(), sample)
    theirs = sam.words(sam.own_page())
    swapped: list[Change] = []

    def between(route: Route) -> None:
        asked = {name: value for name, value in route.request.headers.items() if name != "if-none-match"}
        answer = route.fetch(headers=asked)
        if not swapped:
            return route.fulfill(response=answer)
        headers = {name: value for name, value in answer.headers.items() if name != "etag"}
        return route.fulfill(status=200, headers=headers, body=json.dumps(swapped[-1](answer.json())))

    plan = ana.open("/plan#who")
    plan.route(re.compile("/plan/all$"), between)
    plan.get_by_role("link", name="Sam").click()
    assert four(plan) == theirs
    kept = kept_settings(plan)
    # The words are on the page; then the server says that Sam's key is its own, and Ana presses in that moment.
    swapped.append(with_key)
    plan.evaluate(
        """() => new Promise((resolve) => {
          const button = document.querySelector('[data-screen="who_one"] [data-do="same"]');
          const watch = new MutationObserver(() => { watch.disconnect(); button.click(); resolve(); });
          watch.observe(button.closest("section[data-screen]"), {subtree: true, childList: true, attributes: true});
          dispatchEvent(new Event("online"));
        })"""
    )
    shows(plan, "The server sent something else about Sam while you were looking.")
    expect(plan.get_by_role("button", name="Yes, the same")).to_have_count(0)
    expect(plan.get_by_role("button", name="Give Sam")).to_have_count(0)
    assert kept() == 0
    look(plan, "renewed")
    press(plan, "Show the new words")
    assert four(plan) != theirs
    # As it was; then somebody else's name stands at Sam's key.
    swapped.append(lambda given: given)
    plan.reload()
    assert four(plan) == theirs
    press(plan, "Yes, the same")
    shows(plan, "Now you can choose what Sam sees.")
    show_to_sam(plan)
    swapped.append(with_name)
    plan.reload()
    shows(plan, "When you compared words this was Sam, and now the server says Samuel.")
    four(plan)
    expect(plan.get_by_role("button", name="Give Samuel")).to_have_count(0)
    expect(plan.get_by_role("button", name="Take it back")).to_have_count(2)


def with_key(given: dict[str, Any]) -> dict[str, Any]:
    """Every key is one of the server's own."""
    for each in given["supporters"]:
        for key in each["keys"]:
            key["recipient"] = SERVERS_OWN
    return given


def with_name(given: dict[str, Any]) -> dict[str, Any]:
    """Sam is called otherwise."""
    for each in given["supporters"]:
        each["name"] = each["name"].replace("Sam", "Samuel")
    return given


def stranger_key(stranger: Sam) -> str:
    """The recipient of a browser that is not the one Ana compared with."""
    page = stranger.own_page()
    with page.expect_request(lambda request: request.url.endswith("/plan/key")) as asked:
        press(page, "Let this browser open it, too")
    recipient: str = asked.value.post_data_json["recipient"]
    four(page)
    return recipient


def test_nothing_opens_for_sam_before_they_too_have_said_that_the_words_are_the_same(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam = Sam(read(), sample)
    shared(ana, sam, says_so=False).close()
    call(ana, sample)
    page = sam.called()
    press(page, "I've got this")
    shows(page, "It opens here once you have said that the four words are the same")
    reads_nothing_but_notices(page)
    own = sam.own_page()
    four(own)
    press(own, "The same words")
    shows(own, "You said that they are the same.")
    own.close()
    page.reload()
    reads_both(page)


def test_sam_knows_ana_again_and_opens_nothing_of_anybody_else(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam = Sam(read(), sample)
    own = sam.own_page()
    words = sam.words(own)
    look(own, "words")
    press(own, "The same words")
    shows(own, "You said that they are the same.")
    look(own, "said-so")

    def between(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        told["person"]["verify_key"] = "A" * 43
        route.fulfill(response=answer, json=told)

    own.route(re.compile("/plan/all$"), between)
    own.reload()
    shows(own, "This is not the Ana this browser knows")
    expect(own.get_by_label("In your own words")).to_be_hidden()
    look(own, "changed")
    press(own, "Ana told me of it. Compare again")
    assert four(own) != words
    press(own, "Not the same")
    shows(own, "Then nothing is opened here.")
    own.unroute_all()
    own.reload()
    assert four(own) == words


def test_a_letter_is_sealed_in_sams_browser_and_opened_in_anas(
    ana: Watched, read: Reading, sample: Try
) -> None:
    sam = Sam(read(), sample)
    own = sam.own_page()
    shows(own, "You can leave a letter here once you have said that the four words are the same.")
    sam.words(own)
    expect(own.get_by_label("In your own words")).to_be_hidden()
    press(own, "The same words")
    shows(own, "Something for Ana to read on a bad night")
    own.get_by_label("In your own words").fill(LETTER)
    press(own, "Seal it and leave it there")
    shows(own, "Sealed and left there. Only Ana can open it.")
    expect(own.get_by_label("In your own words")).to_have_value("")
    assert not any(LETTER[:20] in (each.post_data or "") for each in sam.reader.posts())

    plan = ana.open("/plan#list")
    shows(plan, "1 closed.")
    plan.get_by_role("link", name="Notes others left me").click()
    assert LETTER not in plan.content()
    look(plan, "notes")
    press(plan, "Open it")
    shows(plan, LETTER)
    headline(plan, "Sent from Sam's page")
    look(plan, "letter")
    press(plan, "Close it again")
    assert LETTER not in plan.content()
    press(plan, "Open it")
    press(plan, "Take it away")
    press(plan, "Yes, take it away")
    shows(plan, "Nothing yet. Somebody of your circle can leave you something")
    assert LETTER not in plan.content()


def test_without_javascript_the_page_says_so(read: Reading, sample: Try) -> None:
    own = Sam(read(java_script_enabled=False), sample).own_page()
    shows(own, "If this stays, the browser does not run our JavaScript")
    expect(own.get_by_role("button", name=seen("Let this browser open it"))).to_have_count(0)
