"""Round trips by push: a real Firefox through our own push service, a real Prosody, and a simulated ntfy.

Three calls. Sam takes the first from what Firefox shows, Bo the second by a button of ntfy, and the third
by the link that UnifiedPush brought; each time the other is told that they can rest.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers.device import CONTACT, HERE, uses_this_device
from tests.servers.firefox import Firefox, Tab, firefox, version
from tests.servers.own_push_service import own_push_service
from tests.servers.processes import free_port, wait_until
from tests.servers.prosody import Phone, prosody
from tests.servers.simulated_ntfy import SimulatedNtfy, press, simulated_ntfy
from tests.servers.trips.house import TripHouse, house

TOPIC = "bos-very-own-topic"
ASKED = "Ana asks if you can talk."
OVER = "Someone else has it now. You can rest."


@dataclass(frozen=True, kw_only=True)
class _Scene:
    """Everything that runs: Sam's screen, and Bo's two apps."""

    house: TripHouse
    firefox: Firefox
    sam: Tab
    ntfy: SimulatedNtfy
    bo: Phone

    def calls(self) -> str:
        """Ana calls, and both are asked by every way they have; the id of the call."""
        before = len(self.asked())
        alert = self.house.call()
        wait_until(lambda: ASKED in self.screen(), "the ask on Sam's screen")
        wait_until(lambda: len(self.asked()) > before, "the ask in Bo's topic")
        return alert

    def screen(self) -> list[str]:
        """What stands on Sam's screen."""
        return [each["text"] for each in self.sam.messages()]

    def is_stood_down(self) -> bool:
        """Whether the stand-down took the place of the ask on Sam's screen."""
        shown = self.screen()
        return ASKED not in shown and any(each.startswith(OVER) for each in shown)

    def asked(self) -> list[str]:
        """The asks that came to Bo over UnifiedPush."""
        return [each for each in self.bo.received if ASKED in each]

    def over(self, alert: str) -> None:
        """All that went out was accepted, and nothing more was said of it; the host ends the call."""
        lines = self.house.lines(alert)
        for who, channel in (("sam", "push"), ("bo", "ntfy"), ("bo", "unifiedpush")):
            assert ("accepted", who, channel) in lines, (channel, lines)
        assert not [line for line in lines if line[0] == "delivered"], lines
        self.house.do("resolve", alert, "--reason", "spoken to")
        wait_until(lambda: any("It's over now." in each for each in self.screen()), "the end on Sam's screen")


def trip(say: Callable[[str], None]) -> None:
    """All three; raises when anything did not come about."""
    with _scene() as scene:
        say(_by_firefox(scene))
        say(_by_ntfy(scene))
        say(_by_unifiedpush(scene))


@contextmanager
def _scene() -> Iterator[_Scene]:
    with simulated_ntfy() as ntfy, prosody() as xmpp, own_push_service() as service:
        bo = xmpp.phone("bo")
        settings = {
            "NIGHTLIGHT_PUSH_CONTACT": CONTACT,
            "NIGHTLIGHT_NTFY_URL": ntfy.url,
            "NIGHTLIGHT_UNIFIEDPUSH": "on",
            "NIGHTLIGHT_REACHABLE": HERE,
        }
        ways = {
            "bo": [{"channel": "ntfy", "to": TOPIC}, {"channel": "unifiedpush", "to": bo.address()}],
        }
        with (
            firefox(service.socket_url) as browser,
            house(f"http://127.0.0.1:{free_port()}", settings, ways) as running,
        ):
            sam = uses_this_device(running, browser, "sam")
            yield _Scene(house=running, firefox=browser, sam=sam, ntfy=ntfy, bo=bo)


def _by_firefox(scene: _Scene) -> str:
    alert = scene.calls()
    scene.firefox.tap(ASKED)
    page = scene.sam.opened("/a/")
    page.until("Ana")
    page.press('button[value="yes"]')
    seconds = scene.house.answered(alert, "sam")
    scene.ntfy.wait_for(TOPIC, OVER)
    scene.over(alert)
    return (
        f"push: shown by {version()} through the project's own push service, accepted, tapped,"
        f" answered in {seconds:.1f} s, the other stood down"
    )


def _by_ntfy(scene: _Scene) -> str:
    alert = scene.calls()
    asks = [each for each in scene.ntfy.phone(TOPIC) if ASKED in each["message"]]
    status = press(asks[-1], "Yes, I can")
    assert status == 200, status
    seconds = scene.house.answered(alert, "bo")
    wait_until(scene.is_stood_down, "the stand-down on Sam's screen")
    scene.over(alert)
    return (
        "ntfy: accepted by a simulated server, the button for yes pressed,"
        f" answered in {seconds:.1f} s, on Firefox's screen the stand-down took the place of the ask"
    )


def _by_unifiedpush(scene: _Scene) -> str:
    alert = scene.calls()
    link = scene.asked()[-1].splitlines()[-1]
    assert link.startswith(f"{scene.house.base_url}/a/"), link
    assert scene.house.post(link, answer="yes").status == 200
    seconds = scene.house.answered(alert, "bo")
    wait_until(scene.is_stood_down, "the stand-down on Sam's screen")
    scene.over(alert)
    return (
        "unifiedpush: through Prosody to a phone over XMPP, accepted, its link opened and yes pressed,"
        f" answered in {seconds:.1f} s, the other stood down"
    )
