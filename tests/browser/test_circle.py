"""Ana builds a circle of three from nothing, arranges it, practises, calls, and takes somebody out meanwhile.

Everybody is somebody else's browser. What Ana hands over is read from her own page; codes come by the
sample phones of nobody, so they are read where they are kept (`inside`).
"""

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, shows
from tests.browser.inside import code_in, session_in, started_in
from tests.browser.watched import WIDTHS, Watched, look_over
from tests.servers.sample import Try

REFUSED = re.compile(r"status of (404|409|410|422)")
WORDS = "kettle anchor violet tram"
FRIENDS = (
    ("Sam", "+44 7700 900 161", ("Talk", "Come over")),
    ("Bo", "+44 7700 900 162", ("Text",)),
    ("Kit", "+44 7700 900 163", ("Talk", "Just company")),
)
SCREENS_MAX = 40
"""Between the link that begins an account and a circle of three whose order is saved: about ten minutes at a
quarter of a minute a screen."""


def look(page: Page, name: str) -> None:
    look_over(page, f"circle-{name}", widths=WIDTHS)


@dataclass
class Screens:
    """How many screens somebody was shown."""

    seen: int = 0

    def watch(self, page: Page) -> Page:
        """Count each page that is opened in *page* from now on."""
        page.on("framenavigated", lambda _: setattr(self, "seen", self.seen + 1))
        return page


def begins(reader: Watched, sample: Try) -> Page:
    """Lea begins with a link of the host's, as somebody nobody knew."""
    lea = reader.open(started_in(sample.data))
    press(lea, "Begin")
    lea.get_by_label("Your name, as your circle knows it").fill("Lea")
    press(lea, "Go on")
    lea.get_by_label("Sign-in name").fill("lea-by-the-sea")
    lea.get_by_label("Passphrase").fill(WORDS)
    press(lea, "Begin")
    headline(lea, "Keep this code.")
    lea.get_by_role("link", name="I have kept it. Go on").click()
    headline(lea, "What Quick exit does, and what it does not")
    press(lea, "I have read it. To my first page")
    headline(lea, "Hello, Lea.")
    return lea


def invites(lea: Page, name: str, offers: tuple[str, ...]) -> str:
    """The link that Lea hands to a friend."""
    lea.goto(lea.url.split("/circle")[0].split("/home")[0] + "/circle/invite")
    lea.get_by_label("Their name").fill(name)
    for offer in ("Talk", "Text", "Come over", "Just company"):
        lea.get_by_label(offer, exact=False).first.set_checked(offer in offers)
    press(lea, "Make the link")
    headline(lea, f"Hand this link to {name}.")
    return lea.get_by_label("The link").input_value()


def says_yes(friend: Page, sample: Try, number: str) -> None:
    """A friend reads it on their phone, says yes, and proves their number."""
    friend.get_by_role("textbox", name="Text message").first.fill(number)
    # The same hour twice is any hour: this story is told by day and by night.
    friend.get_by_label("From", exact=True).select_option("08:00")
    friend.get_by_label("Until", exact=True).select_option("08:00")
    press(friend, "Yes, Lea can ask me")
    headline(friend, "Thank you. Now show that we reach you.")
    friend.get_by_label("The code").first.fill(code_in(sample.data, number.replace(" ", "")))
    press(friend, "This is the code")
    headline(friend, "Thank you. We reach you.")


def test_a_circle_of_three_from_nothing(read: Reading, sample: Try) -> None:
    reader = read()
    reader.expected = REFUSED
    screens = Screens()
    lea = screens.watch(begins(reader, sample))
    look(lea, "home-empty")
    for name, number, offers in FRIENDS:
        link = invites(lea, name, offers)
        phone = read(360)
        phone.expected = REFUSED
        theirs = Screens()
        friend = theirs.watch(phone.open(link))
        says_yes(friend, sample, number)
        assert theirs.seen <= 6
    lea.goto(f"{sample.base}/circle")
    look(lea, "three-joined")
    lea.get_by_role("link", name="Who is asked, and in what order").first.click()
    headline(lea, "Who is asked, and in what order?")
    look(lea, "ladder-empty")
    press(lea, "Suggest an order")
    shows(lea, "This is only an idea")
    look(lea, "ladder-suggested")
    press(lea, "Save the order")
    shows(lea, "Saved. The next call goes this way.")
    assert screens.seen <= SCREENS_MAX
    press(lea, "Now")
    shows(lea, "This stops the moment one of them says")
    look(lea, "rehearsal")
    lea.goto(f"{sample.base}/home")
    look(lea, "home")
    lea.get_by_role("link", name="I need someone").click()
    press(lea, "Talk")
    headline(lea, "Trying Sam now.")
    removes(lea, "Sam", sample)
    lea.goto(f"{sample.base}/home")
    expect(lea.get_by_role("heading", level=1)).to_have_text(re.compile("Trying (Bo|Kit)( and Kit)? now."))
    look(lea, "removed-while-calling")


def removes(lea: Page, name: str, sample: Try) -> None:
    """Lea takes a friend out while they are being asked."""
    lea.goto(f"{sample.base}/circle")
    lea.locator(".rows a").filter(has_text=name).first.click()
    headline(lea, name)
    look(lea, "member")
    lea.get_by_role("link", name=f"Take {name} out …").click()
    look(lea, "member-remove")
    press(lea, f"Take {name} out")
    shows(lea, "They are out of your circle, from this moment.")


def signed_in(read: Reading, sample: Try, width: int = 360, **options: object) -> Page:
    reader = read(width, **options)
    reader.expected = REFUSED
    reader.context.add_cookies(
        [{"name": "session", "value": session_in(sample.data, "ana"), "url": sample.base}]
    )
    return reader.open("/home")


def test_a_step_is_dragged_and_moved_by_keyboard(read: Reading, sample: Try) -> None:
    ana = signed_in(read, sample, 1280)
    ana.goto(f"{sample.base}/ladder")
    first = ana.locator("[data-step]").first.inner_text()
    grip, target = ana.locator("[data-step] > h3").first, ana.locator("[data-step]").nth(1)
    grip.hover()
    ana.mouse.down()
    target.hover()
    ana.mouse.up()
    expect(ana.locator("[data-step]").nth(1)).to_contain_text(first.splitlines()[1])
    ana.get_by_role("button", name="Move step 2 up").focus()
    ana.keyboard.press("Enter")
    expect(ana.locator("[data-step]").first).to_contain_text(first.splitlines()[1])
    look(ana, "ladder")


def test_the_other_rooms(read: Reading, sample: Try) -> None:
    ana = signed_in(read, sample)
    ana.goto(f"{sample.base}/never")
    headline(ana, "Never contact")
    look(ana, "never-empty")
    ana.get_by_label("A number or an email address").fill("07700 900123")
    press(ana, "Never contact this")
    shows(ana, "A number needs its country first")
    look(ana, "never-mistyped")
    ana.get_by_label("A number or an email address").fill("+44 7700 900987")
    press(ana, "Never contact this")
    shows(ana, "Done. Never reached any more")
    look(ana, "never")
    ana.goto(f"{sample.base}/here")
    ana.get_by_label("Your note").fill("At the library until six.")
    ana.get_by_label("Sam").check()
    press(ana, "Leave the note")
    shows(ana, "Your note is there.")
    look(ana, "here")
    press(ana, "Take it back now")
    shows(ana, "Your note is gone.")
    ana.goto(f"{sample.base}/seen")
    look(ana, "seen")
    ana.goto(f"{sample.base}/practice")
    look(ana, "practice")
