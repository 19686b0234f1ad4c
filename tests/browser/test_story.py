"""The first answered call, through the pages: it falls from way to way, is answered, goes quiet, is taken up."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Reading
from tests.browser.hands import headline, press, seen, shows
from tests.browser.watched import WIDTHS, look_over
from tests.servers.sample import Try


@pytest.mark.parametrize("width", WIDTHS)
def test_a_call_is_answered_goes_quiet_and_is_taken_up_again(read: Reading, sample: Try, width: int) -> None:
    reader = read(width)
    ana = reader.open(sample.own_page)
    headline(ana, "Hello, Ana.")
    look_over(ana, "home")
    ana.get_by_role("link", name="I need someone").click()
    headline(ana, "What would help right now?")
    look_over(ana, "choose")
    press(ana, "Talk")
    headline(ana, "Trying Sam now.")
    shows(ana, "it did not go through")
    look_over(ana, "trying")

    sample.press("next")
    headline(ana, "No answer from Sam yet. Trying Bo.")
    look_over(ana, "no-answer")

    bo = reader.open(sample.link("Bo"))
    headline(bo, "Ana would like someone to talk to.")
    look_over(bo, "asked")
    press(bo, "I've got this")
    headline(bo, "You have it. Ana can see that.")
    expect(bo.get_by_role("link", name="Ring Ana")).to_be_visible()
    look_over(bo, "taken")
    headline(ana, "Bo has it.")
    look_over(ana, "has-it")

    sample.press("quiet", person="bo")
    headline(ana, "Bo has gone quiet. Trying Kit.")
    look_over(ana, "quiet")

    kit = reader.open(sample.link("Kit"))
    press(kit, "I've got this")
    headline(ana, "Kit has it.")
    press(ana, "Yes, we are in touch")
    headline(ana, "Kit is with you.")
    look_over(ana, "with-you")
    headline(kit, "You and Ana are in touch.")
    look_over(kit, "in-touch")

    press(ana, "It's over. Stop asking")
    headline(ana, "Hello, Ana.")
    headline(kit, "It's over now.")
    look_over(kit, "over")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_wall_tells_a_newcomer_what_to_press_until_the_story_is_over(
    read: Reading, sample: Try, width: int
) -> None:
    wall = read(width).open("/try")

    def says(words: str) -> None:
        expect(wall.get_by_role("status").filter(has_text=seen(words))).to_be_visible()

    def on(name: str, button: str) -> None:
        figure = wall.get_by_role("figure").filter(has=wall.get_by_role("heading", name=name, exact=True))
        figure.get_by_role("button", name=seen(button)).click()

    says("Press “I need someone” on Ana's phone.")
    look_over(wall, "wall")
    on("Ana", "I need someone")
    says("The text to Sam was refused, so a sample email went out at once.")
    press(wall, "Next thing now")
    says("Press “I've got this” on Bo's phone.")
    look_over(wall, "wall-asked")
    on("Bo", "I've got this")
    says("Now press “Go quiet” on Bo's phone.")
    look_over(wall, "wall-has-it")
    on("Bo", "Go quiet")
    says("Press “I've got this” on Kit's phone.")
    on("Kit", "I've got this")
    says("Press “We are in touch” on Ana's phone.")
    on("Ana", "We are in touch")
    says("Press “It's over” on Ana's phone.")
    look_over(wall, "wall-with")
    on("Ana", "It's over")
    says("It is over, and everyone who was told has heard it.")
    look_over(wall, "wall-over")
    press(wall, "Start over")
    says("Press “I need someone” on Ana's phone.")
