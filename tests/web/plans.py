"""What a browser sends for a sealed plan. The files are made-up bytes: the server cannot tell."""

import base64
import hashlib
from typing import Any

from django.test import Client

from tests.people import ANA, SAM
from tests.web.house import House
from tests.web.supporters import circle_page, page_of

KEY = "age1" + "q" * 58
OTHER_KEY = "age1" + "z" * 58
CHECKS = "v" * 42 + "A"
"""A verify key: 32 bytes."""
KEPT = "k" * 42 + "A"
"""The server's half of a share."""


def own_id(name: str) -> str:
    """What a browser would draw; the same for the same *name*."""
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def sealed(words: str) -> str:
    """A file, as it travels."""
    return base64.urlsafe_b64encode(words.encode()).rstrip(b"=").decode()


def put(client: Client, address: str, body: object, status: int = 200) -> Any:
    """Send *body* as JSON by PUT; what came back."""
    return _json(client.put(address, body, content_type="application/json"), status)


def post(client: Client, address: str, body: object = None, status: int = 200) -> Any:
    """The same by POST."""
    return _json(client.post(address, body or {}, content_type="application/json"), status)


def delete(client: Client, address: str, status: int = 200) -> Any:
    """Take away what is at *address*; what came back."""
    return _json(client.delete(address), status)


def _json(response: Any, status: int) -> Any:
    assert response.status_code == status, response.content
    assert response["Cache-Control"] == "no-store"
    return response.json()


def everything_of(client: Client) -> Any:
    """What the person's own browser is told."""
    return _json(client.get("/plan/all"), 200)


def a_slot(kind: str = "A", name: str = "phone") -> dict[str, str]:
    """One way of opening, with its id."""
    return {
        "id": own_id(name),
        "kind": kind,
        "label": f"my {name}",
        "body": sealed(f"the secret, for {name}"),
    }


def begins_a_plan(client: Client, *parts: str) -> None:
    """A person begins a plan, with *parts* of some words each."""
    post(client, "/plan/vault", {"recipient": KEY, "verify_key": CHECKS, "slot": a_slot()}, 201)
    for name in parts:
        assert put_part(client, name) == {"revision": 1}


def put_part(client: Client, name: str, words: str = "", *, revision: int = 0, status: int = 200) -> Any:
    """Keep one part; what came back."""
    body = {"body": sealed(words or f"words on {name}"), "revision": revision}
    return put(client, f"/plan/parts/{own_id(name)}", body, status)


def gets_a_key(house: House, person: str = SAM, recipient: str = OTHER_KEY) -> str:
    """A member opens the plan's page in a browser; the id of their key."""
    page = circle_page(page_of(house, person), person)
    return str(post(house.browser, f"{page}/plan/key", {"recipient": recipient}, 201)["id"])


def shares(client: Client, part: str, key: str, name: str = "", status: int = 200) -> str:
    """The person shares a part with a browser of a member; the id of the share."""
    drawn = own_id(name or f"{part} for {key}")
    body = {
        "part": own_id(part),
        "key": key,
        "version": 1,
        "body": sealed(f"{part}, sealed for one"),
        "half": sealed("their half"),
        "kept": KEPT,
    }
    put(client, f"/plan/shares/{drawn}", body, status)
    return drawn


def with_a_plan(house: House) -> Client:
    """Ana's browser, signed in; she has a plan of three parts."""
    client = house.signs_in(ANA)
    begins_a_plan(client, "how", "not", "signs")
    return client


def shares_with_sam(house: House, ana: Client) -> str:
    """Ana shares with Sam how to be with her, and what she does not want; the id of his key."""
    key = gets_a_key(house)
    for part in ("how", "not"):
        shares(ana, part, key)
    return key


def opens(house: House, person: str) -> Any:
    """What *person* is given behind the link they have; None for nothing."""
    answer = house.browser.post(f"{house.link(person)}/plan")
    if answer.status_code == 404:
        assert answer["Content-Type"] == "application/problem+json"
        return None
    return _json(answer, 200)


def read_by(house: House, person: str) -> list[str]:
    """Which shares *person* is given."""
    given = opens(house, person)
    return sorted(each["id"] for each in given["shares"]) if given else []
