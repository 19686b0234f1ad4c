"""The trials of `tests.campaigns.not_answers`, in a process of its own with a database of its own.

`python -m tests.campaigns.not_answers_inside TRIALS SEED` prints how far it is, and at last what was found.
"""

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from django.test import Client

from nightlight.cli.django_setup import prepare
from tests.campaigns import machines
from tests.campaigns.not_answers import CALLS_PER, person
from tests.campaigns.world import Circle, circles
from tests.servers.simulated_twilio import SID, TOKEN, sign

FORM = "application/x-www-form-urlencoded"
SAY_EVERY = 50
STRANGER = "+447700900999"
"""No phone of anybody's."""
WRONG_CODES_MAX = 3
"""In one call: after five, no text from that number answers it, and the control could not be told from that."""
LINKS_FOLLOWED_MAX = 5
LANGUAGES = ("en", "pt")


@dataclass(kw_only=True)
class Asked:
    """Sam is being asked for Ana, and has the text."""

    circle: Circle
    alert: str
    text: str
    code: str
    path: str
    """Of the answer page."""
    attempt: str
    site: "Site"
    chance: random.Random
    wrong_codes: int = 0
    number: str = field(init=False)

    def __post_init__(self) -> None:
        self.number = self.circle.phone("sam")

    def by_kannel(self, number: str, text: str) -> None:
        """A text by the gateway that signs nothing."""
        self.site.client.get(
            self.site.kannel, {"from": number, "text": text, "id": str(self.chance.random())}
        )

    def by_twilio(self, number: str, text: str, *, token: str = TOKEN) -> None:
        """A text by the gateway that signs; *token* is what it is signed with."""
        self.site.signed(self.site.twilio, {"From": number, "Body": text}, self.chance, token=token)

    def texts(self, number: str, text: str) -> None:
        """A text by one of the two."""
        self.chance.choice((self.by_kannel, self.by_twilio))(number, text)

    def wrong(self) -> str:
        """Digits that are not those of this ask; a word instead once there were too many."""
        self.wrong_codes += 1
        if self.wrong_codes > WRONG_CODES_MAX:
            return "hello"
        return machines.says_yes_to(machines.other_digits(self.code, self.chance), self.chance)


class Site:
    """The doors, as providers and strangers know them."""

    def __init__(self) -> None:
        from nightlight.channels.registry import hook_url
        from nightlight.intake.channels import channel_settings

        told = channel_settings()
        self.base_url = told.base_url
        self.client = Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000", raise_request_exception=False)
        self.kannel = hook_url(told, "sms", "kannel-1").removeprefix(self.base_url)
        self.twilio = hook_url(told, "sms", "twilio-1").removeprefix(self.base_url)

    def signed(self, path: str, fields: dict[str, str], chance: random.Random, *, token: str = TOKEN) -> int:
        """A call of the gateway's; each reply has an id of its own."""
        whole = {"AccountSid": SID, "MessageSid": f"SM{chance.getrandbits(128):032x}", **fields}
        told = {"X-Twilio-Signature": sign(token, self.base_url + path, whole)}
        return self.client.post(path, urlencode(whole), content_type=FORM, headers=told).status_code


Trial = Callable[[Asked], None]


def scanner_looks(asked: Asked) -> None:
    """Something opens the link, follows what is on the page, and asks in every way that only looks."""
    chance, client = asked.chance, asked.site.client
    headers = {
        "User-Agent": machines.one_of(machines.SCANNERS, chance),
        **chance.choice(machines.LOOKS_AHEAD),
    }
    query = chance.choice(
        ("", "?answer=yes", "?answer=yes&used=0", "?utm_source=text", "?yes", "?_method=POST&answer=yes")
    )
    look = chance.choice((client.get, client.head, client.options))
    page = look(asked.path + query, headers=headers)
    links = list(dict.fromkeys(re.findall(rb'(?:href|src|action)="([^"]+)"', page.content)))
    for found in chance.sample(links, min(len(links), LINKS_FOLLOWED_MAX)):
        target = urlsplit(found.decode())
        if not target.netloc and target.scheme == "":
            client.get((target.path or asked.path) + "?" + target.query, headers=headers)


def scanner_posts(asked: Asked) -> None:
    """Something sends the form without pressing a button in it, or with a verb nobody uses."""
    chance, client = asked.chance, asked.site.client
    body = chance.choice(
        (
            {},
            {"answer": ""},
            {"answer": "maybe"},
            {"answer": "YES!"},
            {"yes": "1"},
            {"submit": "Submit"},
            {"used": "0"},
            {"q": "test"},
        )
    )
    verb = chance.choice((client.post, client.put, client.patch, client.delete))
    verb(asked.path, urlencode(body), content_type=FORM)


def post_from_elsewhere(asked: Asked) -> None:
    """A page of another site presses the button."""
    headers = asked.chance.choice(
        (
            {"Origin": "https://elsewhere.example.com"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.org"},
        )
    )
    asked.site.client.post(asked.path, {"answer": "yes"}, headers=headers)


def post_elsewhere_here(asked: Asked) -> None:
    """The button is pressed at every address but the right one."""
    token = asked.path.rpartition("/")[2]
    path = asked.chance.choice(
        (
            f"/a/{token[:-1]}",
            f"/a/{token}x",
            f"/m/{token}",
            f"/s/{token}",
            f"/p/{token}",
            f"/i/{token}",
            f"/a/{token}/now",
            f"/start/{token}",
        )
    )
    asked.site.client.post(path, {"answer": "yes"})


def auto_reply(asked: Asked) -> None:
    """Sam's phone answers by itself."""
    asked.texts(asked.number, machines.one_of(machines.AUTO_REPLIES, asked.chance))


def our_own_words_back(asked: Asked) -> None:
    """Sam's phone sends our words back, digits and all; sometimes only so much as there is room for."""
    text = asked.text
    if asked.chance.random() < 0.3:
        # As far as the digits, and some way on.
        end = text.index(asked.code) + len(asked.code)
        text = text[: end + asked.chance.choice((0, 1, 4, 11))].rstrip() + "…"
    asked.texts(asked.number, machines.one_of(machines.QUOTES, asked.chance).format(text=text))


def plain_yes_spoofed(asked: Asked) -> None:
    """Somebody writes Sam's number as the sender's, and knows no digits."""
    asked.texts(
        asked.number,
        asked.chance.choice(("yes", "Yes!", "ok", "y", "sure", "coming", "sim", "I've got this")),
    )


def digits_guessed(asked: Asked) -> None:
    """The same, with digits that are not the ones."""
    asked.texts(asked.number, asked.wrong())


def digits_from_elsewhere(asked: Asked) -> None:
    """The right digits from any number but Sam's: who found the text does not have the phone."""
    number = asked.chance.choice(
        (
            STRANGER,
            asked.circle.phone("bo"),
            asked.circle.phone("kit"),
            asked.number[:-1],
            "12345",
            "Sam",
            "",
        )
    )
    asked.texts(number, machines.says_yes_to(asked.code, asked.chance))


def gateway_forged(asked: Asked) -> None:
    """The right digits and the right number, by somebody who is not the gateway."""
    chance = asked.chance
    text = machines.says_yes_to(asked.code, chance)
    match chance.randrange(3):
        case 0:
            asked.by_twilio(asked.number, text, token=chance.choice(("", SID, "guess", TOKEN.upper())))
        case 1:
            path = asked.site.kannel[:-1] + ("0" if asked.site.kannel[-1] != "0" else "1")
            asked.site.client.get(path, {"from": asked.number, "text": text})
        case _:
            # The one gateway's secret at the other's address.
            secret = asked.site.kannel.rpartition("/")[2]
            asked.site.client.post(f"/hooks/sms/twilio-1/{secret}", {"From": asked.number, "Body": text})


def receipts(asked: Asked) -> None:
    """A gateway reports whatever it likes on the message, with an answer written into it."""
    chance = asked.chance
    more = {"text": asked.code, "from": asked.number, "answer": "yes", "Body": asked.code, "Digits": "4"}
    if chance.random() < 0.5:
        kind = chance.choice(("1", "4", "8", "16", "2", "99"))
        asked.site.client.get(asked.site.kannel, {"attempt": asked.attempt, "type": kind, **more})
    else:
        state = chance.choice(("sent", "delivered", "read", "undelivered", "failed", "answered"))
        asked.site.signed(
            f"{asked.site.twilio}?attempt={asked.attempt}", {"MessageStatus": state, **more}, chance
        )


TRIALS: Mapping[str, Trial] = {
    each.__name__: each
    for each in (
        scanner_looks, scanner_posts, post_from_elsewhere, post_elsewhere_here, auto_reply, our_own_words_back,
        plain_yes_spoofed, digits_guessed, digits_from_elsewhere, gateway_forged, receipts,
    )
}  # fmt: skip


class Nights:
    """One call after another; in each some trials, and at the end the real answer, which must be taken."""

    def __init__(self, seed: int, count: int) -> None:
        self.chance = random.Random(f"{seed} trials")  # noqa: S311  (a plan, not a secret)
        self.circles = circles(-(-count // CALLS_PER), self.chance)
        self.site = Site()
        self.tried: Counter[str] = Counter()
        self.accepted: list[str] = []
        self.declined: list[str] = []
        self.controls = 0
        self.controls_in_vain: list[str] = []

    def live(self, count: int, say: Callable[[int], None]) -> None:
        """*count* trials; *say* hears how many there were."""
        names = [list(TRIALS)[number % len(TRIALS)] for number in range(count)]
        self.chance.shuffle(names)
        for number, circle in enumerate(self.circles):
            own = names[number * CALLS_PER : (number + 1) * CALLS_PER]
            self._one_call(circle, LANGUAGES[number % len(LANGUAGES)], own)
            if number % SAY_EVERY == 0 or circle is self.circles[-1]:
                say(sum(self.tried.values()))

    def _one_call(self, circle: Circle, language: str, names: list[str]) -> None:
        asked = self._ask(circle, language)
        for name in names:
            TRIALS[name](asked)
            self.tried[name] += 1
            if "Acknowledged" in _events(asked.alert):
                self.accepted.append(f"{name}, in {language}, when the text was {asked.text!r}")
                return
            if "Declined" in _events(asked.alert):
                # To whoever wrote it down this is a no: the next person is asked at once.
                self.declined.append(name)
                return
        asked.texts(asked.number, machines.says_yes_to(asked.code, self.chance))
        self.controls += 1
        if "Acknowledged" not in _events(asked.alert):
            self.controls_in_vain.append(f"{names}, {asked.text!r}")

    def _ask(self, circle: Circle, language: str) -> Asked:
        from nightlight.engine.needs import Need
        from nightlight.store.dbclock import database_now
        from nightlight.store.models import Notification, NotificationStatus, Person
        from tests.worker.world import World

        Person.objects.filter(pk=circle.id("sam")).update(language=language)
        world = World(kinds=("sms",))
        world.time = database_now()
        alert = world.ana_calls(Need.TALK, person(circle.id("ana"))).alert_id
        # What is still to be said of the calls before is nobody's affair here.
        left = Notification.objects.filter(status=NotificationStatus.PLANNED).exclude(alert=alert)
        left.update(status=NotificationStatus.CANCELLED)
        world.send_due()
        [message] = [each for each in world.text.handed if each.to == circle.phone("sam")]
        found = re.search(r"\b[0-9]{6}\b", message.text)
        assert found is not None
        return Asked(
            circle=circle,
            alert=alert,
            text=message.text,
            code=found[0],
            path="/a/" + message.text.split("/a/")[1].split()[0],
            attempt=message.attempt,
            site=self.site,
            chance=self.chance,
        )


def _events(alert: str) -> set[str]:
    from nightlight.store.models import EventRow

    return set(EventRow.objects.filter(alert_id=alert).values_list("kind", flat=True))


def main(words: list[str]) -> None:
    """`TRIALS SEED`."""
    prepare(None)

    def say(number: int) -> None:
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()

    nights = Nights(int(words[1]), int(words[0]))
    nights.live(int(words[0]), say)
    json.dump(
        {
            "tried": nights.tried,
            "accepted": nights.accepted,
            "declined": Counter(nights.declined),
            "controls": nights.controls,
            "controls_in_vain": nights.controls_in_vain,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
