"""One night in the sample circle, with every page there is on the way."""

from typing import Any

from nightlight.store.access import new_host_link
from nightlight.store.heartbeats import beat
from tests.people import ANA, BO, KIT, SAM
from tests.web.house import House

ANSWERED_AFTER_MINUTES = 17
"""Kit takes long to answer, and no page may ever say so."""


def night(house: House) -> dict[str, str]:
    """Ana calls, Sam cannot, nobody answers, Kit has it, Bo is second, they are in touch, it is over."""
    shown: dict[str, str] = {}
    own = house.own_page()

    def look(name: str, address: str, status: int = 200) -> None:
        keep(name, house.browser.get(address), status)

    def keep(name: str, response: Any, status: int = 200) -> None:
        assert response.status_code == status, (name, response.status_code)
        shown[name] = response.content.decode()

    beat("worker", 5, house.now)
    look("caller, before", own)
    look("caller, choosing", f"{own}?choose")
    look("no such link", "/a/x", 404)
    look("desk closed", "/desk", 403)
    door = f"/desk/{new_host_link(house.now)}"
    look("desk, door", door)
    keep("desk, quiet", house.browser.post(door))
    keep("caller, calling", house.browser.post(own, {"do": "raise", "need": "talk"}))
    keep("caller, not understood", house.browser.post(own, {"do": "raise", "need": "?"}), 422)
    call = f"/desk/calls/{house.alert.pk}"
    look("answer, asked", house.link(SAM))
    keep("answer, declined", house.browser.post(house.link(SAM), {"answer": "no"}))
    look("caller, Bo and Kit asked", own)
    house.next_timer()
    assert house.alert.status == "exhausted"
    look("caller, all tried", own)
    look("desk, all tried", call)
    house.pass_time(minutes=ANSWERED_AFTER_MINUTES)
    keep("answer, taken", house.browser.post(house.link(KIT), {"answer": "yes"}))
    keep("answer, second", house.browser.post(house.link(BO), {"answer": "yes"}))
    look("answer, someone has it", house.link(SAM))
    look("caller, Kit has it", own)
    look("caller, changing", f"{own}?choose")
    look("desk, list", "/desk")
    look("desk, channels", "/desk/channels")
    look("desk, call", call)
    house.next_timer()
    look("caller, Kit went quiet", own)
    look("answer, open again", house.link(BO))
    keep("answer, once more", house.browser.post(house.link(KIT), {"answer": "yes"}))
    keep("caller, in touch", house.browser.post(own, {"do": "in_contact", "person": KIT}))
    look("answer, in touch", house.link(KIT))
    keep("caller, over", house.browser.post(own, {"do": "resolve"}))
    look("answer, over", house.link(KIT))
    look("answer of Sam, over", house.link(SAM))
    look("caller, afterwards", house.own_page(ANA))
    look("desk, over", call)
    return shown
