"""Ana invites Kit, who was in her circle last year: what each of them types, and how a test reads their pages."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client

from nightlight.store.models import Membership, Notice
from nightlight.store.sealing import unseal
from tests.people import ANA, KIT, NUMBERS
from tests.web.house import House, words

ASKED = {"name": "Kit", "offers": ["talk", "come"], "words": "You make me laugh."}
YES: dict[str, Any] = {
    "answer": "yes",
    "offers": ["talk"],
    "way-0": NUMBERS[KIT],
    "way-0-after": "0",
    "way-1": "kit@example.org",
    "way-1-after": "5",
    "hours_from": "08:00",
    "hours_until": "23:00",
    "time_zone": "Europe/Lisbon",
    "lasts": "3",
}


def invites(ana: Client, **more: object) -> str:
    """Ana invites Kit; the address of the page about it."""
    answer = ana.post("/circle/invite", ASKED | more)
    assert answer.status_code == 302, words(answer, answer.status_code)
    return str(answer["Location"])


def link_on(page: str) -> str:
    """The link that *page* tells her to hand over, from its first slash on."""
    found: set[str] = set(re.findall(r'value="https://circle\.example\.org(/i/[^"]+)"', page))
    [path] = found
    return path


def handed_over(ana: Client, **more: object) -> str:
    """Ana invites Kit and hands the link over."""
    return link_on(words(ana.get(invites(ana, **more))))


def field(page: str, name: str) -> str:
    """What stands in the field called *name*."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def newest_code(channel: str) -> str:
    notice = Notice.objects.filter(purpose="proof", contact_method__channel=channel).latest("created_at")
    return unseal(notice.code_sealed)


def form_for(page: str, channel_word: str) -> dict[str, str]:
    """The hidden fields beside the code of one way."""
    part = page.split(f"<h2>{channel_word}")[1]
    return {name: field(part, name) for name in ("key", "way")}


def ana_of(house: House) -> Client:
    """Ana, signed in. Kit was in her circle and left."""
    Membership.objects.filter(person=KIT).update(ended_at=house.now - timedelta(days=300))
    return house.signs_in(ANA)


def number_of(member: str) -> str:
    """What an address calls a member of Ana's."""
    return str(Membership.objects.get(circle=ANA, person=member).pk)
