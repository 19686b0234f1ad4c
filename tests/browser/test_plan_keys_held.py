"""A sealed plan in a real browser, against servers that lie, links of others, and lines that break."""

from playwright.sync_api import Route, expect

from tests.browser.hands import press, shows
from tests.browser.plan_hands import (
    OFFLINE,
    Opens,
    comes_true,
    headline,
    keep_words,
    kinds_of,
    local,
    look,
    opens_by_words,
    place,
    reads,
    show_picture,
    type_pin,
    words_shown,
    write,
)

IS_SENT = """async () => {
  const opened = await new Promise((done) => { const r = indexedDB.open("plan"); r.onsuccess = () => done(r.result); });
  const store = opened.transaction("kept").objectStore("kept");
  const names = await new Promise((done) => { const r = store.getAllKeys(); r.onsuccess = () => done(r.result); });
  opened.close();
  return !names.some((name) => /\\/(door|old)\\//.test(name));
}"""


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
    opens_by_words(there, old)
    there.goto(f"{ana.base}/plan#words")
    new = keep_words(there)
    ana.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    comes_true(page, IS_SENT)

    there = phone().open("/plan#by_words")
    opens_by_words(there, new)


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
    opens_by_words(page, words)
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
