"""Addresses that people give us never lead inside: every form of one that was thought of, with real sockets."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from nightlight.channels.addresses import AddressError
from nightlight.channels.base import OutcomeUnknown, PermanentFailure, SendFailure
from nightlight.channels.deadline import Deadline
from nightlight.channels.http_call import HttpRequest, Place, Reach, call, directly
from nightlight.channels.ntfy import NtfyChannel, check_topic
from nightlight.channels.outside import is_reachable, public_only, read_outside_url
from nightlight.channels.unifiedpush import UnifiedPushChannel
from tests.channels.bypasses import INSIDE, NAMES, THIS_MACHINE
from tests.channels.faulty_providers import answer, faulty_gateway
from tests.channels.stories import text_to_sam

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Canary:
    """A listener on every address of this machine that counts who knocks."""

    def __init__(self) -> None:
        self.knocks = 0
        self._listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.knocks += 1
            connection.close()

    def stop(self) -> None:
        """Listen no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """Somebody who must not be knocked at."""
    listening = Canary()
    yield listening
    listening.stop()


@pytest.fixture(autouse=True)
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names are answered by `NAMES`, and nothing is asked of the world; what was looked up, in order."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answered(host: str, port: int, **more: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        if host in NAMES:
            found = [real(each, port, type=socket.SOCK_STREAM) for each in NAMES[host]]
            return [one for each in found for one in each]
        if host == "zoned.example.org":
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", port, 0, 2))]
        # What the system itself reads as a number, as much as it likes; and its own names.
        flags = 0 if "localhost" in host.lower() else socket.AI_NUMERICHOST
        return list(real(host, port, type=socket.SOCK_STREAM, flags=flags))

    monkeypatch.setattr("nightlight.channels.deadline.socket.getaddrinfo", answered)
    return asked


def tried(url: str, *allowed: Network) -> SendFailure:
    """What comes of a message to somebody who gave *url* as their address of UnifiedPush."""
    channel = UnifiedPushChannel(provider="unifiedpush-1", reach=public_only(allowed), timeout_seconds=0.5)
    with pytest.raises(SendFailure) as caught:
        channel.send(text_to_sam(to=url))
    return caught.value


@pytest.mark.parametrize("form", THIS_MACHINE)
def test_no_way_of_writing_it_leads_to_this_machine(form: str, canary: Canary) -> None:
    failure = tried(form.replace("PORT", str(canary.port)))

    assert isinstance(failure, PermanentFailure)
    assert failure.reason in {"no_address", "not_public"}
    assert canary.knocks == 0


@pytest.mark.parametrize("form", INSIDE)
def test_no_way_of_writing_it_leads_inside(form: str) -> None:
    """That nothing was connected to is what the reason says: it is given before any connection is begun."""
    failure = tried(form)

    assert (type(failure), failure.reason) in {
        (PermanentFailure, "no_address"),
        (PermanentFailure, "not_public"),
    } or (form == "https://nobody.example.org/x" and failure.reason == "host_not_found")


def test_sixty_forms_were_tried_and_without_the_guard_many_of_them_get_through(canary: Canary) -> None:
    """The forms are no straw men: read by the usual library and connected to as usual, they arrive here."""
    from urllib.parse import urlsplit  # noqa: PLC0415  (what a careless reader would use)

    assert len({*THIS_MACHINE, *INSIDE}) >= 60
    through = 0
    for form in THIS_MACHINE:
        try:
            parts = urlsplit(form.replace("PORT", str(canary.port)))
            with Deadline(1) as deadline:
                directly(deadline, parts.hostname or "", parts.port or 443).close()
            through += 1
        except (ValueError, OSError):
            continue
    assert through >= 20


def test_what_the_host_allows_is_reached_and_nothing_beside_it(canary: Canary) -> None:
    url = f"http://127.0.0.1:{canary.port}/x"

    assert tried(url).reason == "not_public"
    assert canary.knocks == 0
    assert isinstance(tried(url, LOOPBACK), OutcomeUnknown)  # it hangs up without a word
    assert canary.knocks == 1
    assert tried("https://10.0.0.1/x", LOOPBACK).reason == "not_public"


@pytest.mark.parametrize("address", ["203.0.114.7", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_reachable(ipaddress.ip_address(address))


def test_an_allowed_range_also_counts_for_what_is_written_another_way() -> None:
    assert is_reachable(ipaddress.ip_address("::ffff:127.0.0.1"), (LOOPBACK,))
    assert not is_reachable(ipaddress.ip_address("::ffff:10.0.0.1"), (LOOPBACK,))


def test_a_name_is_looked_up_once_and_what_it_means_a_moment_later_is_never_asked(
    monkeypatch: pytest.MonkeyPatch, canary: Canary
) -> None:
    """A rebinding resolver: first an allowed address, for everybody who asks again one inside."""
    real, answers = socket.getaddrinfo, iter(["127.0.0.1"])

    def rebinding(host: str, port: int, **more: Any) -> list[tuple[Any, ...]]:
        if more.get("flags"):
            raise socket.gaierror("not a number")
        return list(real(next(answers, "127.0.0.2"), port, type=socket.SOCK_STREAM))

    with faulty_gateway(answer(201, "")) as first:
        monkeypatch.setattr("nightlight.channels.deadline.socket.getaddrinfo", rebinding)
        only_first = public_only((ipaddress.ip_network("127.0.0.1/32"),))
        place = Place(host="turning.example.org", port=first.port, is_tls=False)
        assert call(place, HttpRequest(method="POST", target="/x"), reach=only_first).status == 201
        assert b"Host: turning.example.org" in first.heard

    with pytest.raises(PermanentFailure, match="not_public"):
        call(
            Place(host="turning.example.org", port=canary.port, is_tls=False),
            HttpRequest(method="POST", target="/x"),
            reach=only_first,
        )
    assert canary.knocks == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, canary: Canary) -> None:
    inside = f"http://127.0.0.1:{canary.port}/x"
    told = f"HTTP/1.1 {status} Moved\r\nLocation: {inside}\r\nContent-Length: 0\r\n\r\n".encode()
    with faulty_gateway(told) as outside:
        failure = tried(f"http://127.0.0.1:{outside.port}/x", LOOPBACK)

    assert failure.reason == f"push_refused_{status}"
    assert canary.knocks == 0


def test_a_topic_on_a_server_inside_is_not_reached_either(canary: Canary) -> None:
    """The host's own server may stand inside, for the host named it; a person's may not."""
    place = f"http://127.0.0.1:{canary.port}"
    reach: Reach = public_only()
    channel = NtfyChannel(
        provider="ntfy-1", server=read_outside_url(place), token="", reach=reach, timeout_seconds=0.5
    )
    with pytest.raises(PermanentFailure, match="not_public"):
        channel.send(text_to_sam(to=check_topic(f"{place}/sams-own-long-topic")))
    assert canary.knocks == 0

    with pytest.raises(OutcomeUnknown):
        channel.send(text_to_sam(to="sams-own-long-topic"))
    assert canary.knocks == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://push.example.org/abc", "https://push.example.org/abc"),
        (" HTTPS://Push.Example.org:443/Abc?x=1 ", "https://push.example.org/Abc?x=1"),
        ("https://push.example.org:5281/abc", "https://push.example.org:5281/abc"),
        ("https://[2606:4700:0:0::1111]/abc", "https://[2606:4700::1111]/abc"),
        ("https://push.example.org", "https://push.example.org/"),
        ("https://xn--mller-kva.example.org/a", "https://xn--mller-kva.example.org/a"),
    ],
)
def test_an_address_is_kept_in_one_way_of_writing_it(typed: str, kept: str) -> None:
    assert read_outside_url(typed).url == kept
    assert read_outside_url(kept).url == kept


@pytest.mark.parametrize("typed", ["", "x", "https://", "https://a/" + "x" * 2000, "https://-a.example.org/"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(AddressError):
        read_outside_url(typed)
