"""Ana's account: what she signs in with, and what a browser asks of its passkeys."""

from django.test import Client

from nightlight.store import accounts
from nightlight.store.accounts import Secret
from tests.people import ANA
from tests.web.house import House

WORDS = "kettle anchor violet tram"
OTHERS = "lantern orchard gravel mint"
ANA_COMES = {"name": "ana-b", "passphrase": WORDS}


def gives_ana_an_account(house: House) -> str:
    secret = accounts.prepare(Secret(name="ana-b", passphrase=WORDS), ("Ana",))
    return accounts.new_account(ANA, house.now, secret)


def wish(client: Client, do: str) -> str:
    answer = client.post("/sign-in/passkey", {"do": do})
    assert answer.status_code == 200
    return str(answer.content.decode())
