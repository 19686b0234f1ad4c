"""UnifiedPush through a real Prosody to a phone that is connected to it; and what an app with keys of its own gets."""

import json
from collections.abc import Iterator

import http_ece
import pytest

from nightlight.channels.base import AddressGone, Link, ReceiptStatus
from nightlight.channels.outside import public_only
from nightlight.channels.unifiedpush import UnifiedPushChannel, check_unifiedpush
from tests.channels.contract_push import HERE
from tests.channels.faulty_providers import answer, faulty_gateway
from tests.channels.stories import BROWSER_KEY, BROWSER_SECRET, LINK, push_to_sam, subscription
from tests.servers.processes import MissingServer
from tests.servers.prosody import Prosody, prosody


@pytest.fixture(scope="module")
def server() -> Iterator[Prosody]:
    """One Prosody for all of them."""
    try:
        with prosody() as running:
            yield running
    except MissingServer as error:
        pytest.skip(str(error))


def channel() -> UnifiedPushChannel:
    return UnifiedPushChannel(provider="unifiedpush-1", reach=public_only(HERE), timeout_seconds=4)


@pytest.mark.servers
def test_a_message_reaches_the_phone_with_its_link_on_a_line_of_its_own(server: Prosody) -> None:
    phone = server.phone("sam")

    receipt = channel().send(push_to_sam(to=check_unifiedpush(phone.address())))

    assert receipt.status is ReceiptStatus.ACCEPTED
    assert phone.wait_for("Ana asks").splitlines() == ["Ana asks if you can talk.", LINK]


@pytest.mark.servers
def test_what_is_accepted_for_a_phone_that_is_off_is_only_accepted(server: Prosody) -> None:
    """Prosody says 201 and the phone never gets it: which is why the next way goes out all the same."""
    phone = server.phone("bo")
    address = phone.address()
    phone.hang_up()

    assert channel().send(push_to_sam(to=address)).status is ReceiptStatus.ACCEPTED
    assert phone.received == []


@pytest.mark.servers
def test_an_address_that_prosody_does_not_know_is_gone(server: Prosody) -> None:
    with pytest.raises(AddressGone):
        channel().send(push_to_sam(to=f"{server.url}/push/{'x' * 32}"))


def test_an_app_that_gave_its_keys_gets_what_only_it_can_read() -> None:
    with faulty_gateway(answer(201, "")) as service:
        channel().send(push_to_sam(to=subscription(f"http://127.0.0.1:{service.port}/push/abc")))
        head, _, body = service.heard.partition(b"\r\n\r\n")

    assert b"Content-Encoding: aes128gcm" in head
    assert b"Authorization" not in head
    told = http_ece.decrypt(body, private_key=BROWSER_KEY, auth_secret=BROWSER_SECRET, version="aes128gcm")
    assert json.loads(told)["text"] == "Ana asks if you can talk."


def test_two_who_share_it_are_named_beside_their_links() -> None:
    links = (Link(url=f"{LINK}1", name="Sam"), Link(url=f"{LINK}2", name="Bo"))
    with faulty_gateway(answer(201, "")) as service:
        channel().send(push_to_sam(to=f"http://127.0.0.1:{service.port}/push/abc", link="", links=links))
        body = service.heard.partition(b"\r\n\r\n")[2].decode()

    assert body.splitlines() == ["Ana asks if you can talk.", "Sam:", f"{LINK}1", "Bo:", f"{LINK}2"]
