"""Other apps by Apprise: which services are known, where they send, and what an address may not hold."""

import logging
from urllib.parse import urlsplit

import pytest
import requests
from apprise import Apprise

from nightlight.channels.apprise_ways import SERVICES, AppriseChannel, check_apprise, check_services
from nightlight.channels.base import PermanentFailure, ReceiptStatus, SendFailure
from nightlight.channels.provider_url import ChannelSettingError
from nightlight.channels.registry import AddressError
from tests.channels.faulty_providers import FaultyProvider, Line, answer, faulty_gateway
from tests.channels.stories import LINK, text_to_sam

# Made after the addresses in each service's own page at Apprise.
ADDRESSES = {
    "discord": ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", {"discord.com"}),
    "flock": ("flock://134b8gh0-eba0-4fa9-ab9c-257ced0e8221", {"api.flock.com", "api.flock.co"}),
    "gchat": ("gchat://SPACE1/KEY2/TOKEN3", {"chat.googleapis.com"}),
    "groupme": ("groupme://1234567890abcdef1234567890", {"api.groupme.com"}),
    "guilded": ("guilded://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", {"media.guilded.gg"}),
    "join": ("join://abcdefghijklmnop0123456789012345/group.all", {"joinjoaomgcd.appspot.com"}),
    "line": ("line://Ab0dEfGhIjKlMnOpQrStUv/U1234", {"api.line.me"}),
    "pbul": ("pbul://abcdefghijklmnopqrstuvwxyz", {"api.pushbullet.com"}),
    "pover": ("pover://uuuuuuuuuuuuuuuuuuuuuuuuuuuuuu@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", {"api.pushover.net"}),
    "prowl": ("prowl://0123456789abcdef0123456789abcdef01234567", {"api.prowlapp.com"}),
    "revolt": ("revolt://0123456789/01HX0000000000000000000000", {"api.revolt.chat"}),
    "slack": ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/general", {"hooks.slack.com"}),
    "spush": ("spush://HuxgBB", {"api.simplepu.sh"}),
    "tgram": ("tgram://123456789:abcdefg_hijklmnop/12315544", {"api.telegram.org"}),
    "threema": ("threema://GATEWAY1@0123456789abcdef/ABCD1234", {"msgapi.threema.ch"}),
    "viber": ("viber://0123456789abcdef-0123456789abcdef/01234567890A", {"chatapi.viber.com"}),
    "whatsapp": ("whatsapp://AbC0123456789@123456789012345/+447700900102", {"graph.facebook.com"}),
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where anything was sent to; nothing leaves the machine."""
    urls: list[str] = []

    def sent(_: requests.Session, request: requests.PreparedRequest, **options: object) -> requests.Response:
        urls.append(str(request.url))
        assert options.get("allow_redirects") is False
        told = requests.Response()
        told.status_code = 200
        told._content = b'{"ok": true, "result": [], "errors": {}, "token": "x", "id": 1, "status": 0}'
        told.request, told.url = request, str(request.url)
        return told

    monkeypatch.setattr(requests.Session, "send", sent)
    return urls


def channel(*services: str) -> AppriseChannel:
    return AppriseChannel(
        provider="apprise-1",
        services=frozenset(services or SERVICES),
        service_name="Harbour House",
        timeout_seconds=2,
    )


def test_no_service_that_is_known_has_a_host_in_its_address() -> None:
    """Whoever gives such an address could have us knock at doors inside."""
    found = {}
    for service in Apprise().details()["schemas"]:
        for schema in [*(service["protocols"] or ()), *(service["secure_protocols"] or ())]:
            found[schema] = (service["details"]["templates"], service["details"]["tokens"])
    assert set(SERVICES) <= set(found)
    for schema in SERVICES:
        templates, tokens = found[schema]
        assert not [template for template in templates if "{host" in template], schema
        assert "host" not in tokens, schema
    # The rule finds something: these have one.
    assert [schema for schema in ("json", "mailto", "matrix", "ntfy") if "host" in found[schema][1]]


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_each_service_is_asked_at_its_own_place_and_nowhere_else(service: str, asked: list[str]) -> None:
    address, places = ADDRESSES[service]
    try:
        channel().send(text_to_sam(to=check_apprise(address)))
    except SendFailure:
        # What these would answer is theirs to say; where they were asked is what counts here.
        pass
    assert asked
    assert {urlsplit(url).hostname for url in asked} <= places
    assert {urlsplit(url).scheme for url in asked} == {"https"}


HOSTILE = [
    "127.0.0.1",
    "127.0.0.1:8000",
    "localhost",
    "169.254.169.254/latest",
    "user:pw@10.0.0.1/x",
    "evil.example.net:99/a/b/c/d",
    "a@b@10.0.0.1",
    "../../10.0.0.1",
    "x/..//10.0.0.1:1",
    "x/@10.0.0.1",
    "//10.0.0.1",
    "x:y@evil.example.net/10.0.0.1",
]


@pytest.mark.parametrize("service", sorted(SERVICES))
@pytest.mark.parametrize("rest", HOSTILE)
def test_whatever_stands_in_an_address_it_leads_nowhere_else(
    service: str, rest: str, asked: list[str]
) -> None:
    for address in (f"{service}://{rest}", f"{ADDRESSES[service][0]}/{rest}"):
        try:
            channel().send(text_to_sam(to=check_apprise(address)))
        except (SendFailure, AddressError):
            pass
    assert {urlsplit(url).hostname for url in asked} <= ADDRESSES[service][1]


@pytest.mark.parametrize(
    "address",
    [
        "tgram://TOKEN-1/1?template=/etc/passwd",
        "tgram://TOKEN-1/1?rto=9999",
        "tgram://TOKEN-1/1#x",
        "tgram://TOKEN-1/%31%30.0.0.1",
        "tgram://TOKEN-1/1 json://10.0.0.1",
        "tgram://TOKEN-1/1,json://10.0.0.1",
        "tgram://TOKEN-1/1\njson://10.0.0.1",
        "TGRAM://TOKEN-1/1",
        "tgram:TOKEN-1",
        "json://TOKEN-1",
        "jsons://TOKEN-1.example",
        "syslog://TOKEN-1",
        "file:///TOKEN-1",
        "vapid://TOKEN-1",
        "fcm://TOKEN-1/x",
        "zulip://bot@TOKEN-1/x",
        "mailtos://TOKEN-1.example",
        "tgram://" + "TOKEN-1" * 60,
        "",
    ],
)
def test_what_could_lead_anywhere_else_is_refused_and_no_token_is_shown(address: str) -> None:
    with pytest.raises(AddressError) as caught:
        check_apprise(address)
    assert "TOKEN-1" not in str(caught.value)


def test_a_service_that_is_switched_off_is_not_asked(asked: list[str]) -> None:
    with pytest.raises(PermanentFailure, match="service_off"):
        channel("discord").send(text_to_sam(to=ADDRESSES["tgram"][0]))
    with pytest.raises(PermanentFailure, match="bad_address"):
        channel().send(text_to_sam(to="tgram://x"))
    assert asked == []


def test_a_setting_with_a_strange_service_says_which_there_are() -> None:
    assert check_services(("tgram", "line"), "NIGHTLIGHT_APPRISE") == {"tgram", "line"}
    with pytest.raises(ChannelSettingError, match=r"NIGHTLIGHT_APPRISE: json is no service.*discord"):
        check_services(("tgram", "json"), "NIGHTLIGHT_APPRISE")


def test_the_words_arrive_as_they_are_and_nothing_of_them_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def talk(line: Line) -> None:
        line.read_until(b"\r\n\r\n")
        line.read_until(b"}")
        line.do(answer(200, "ok"))

    provider = FaultyProvider(talk, drop=b"")
    try:
        with caplog.at_level(logging.INFO):
            to = f"json://127.0.0.1:{provider.port}/secret-token"
            receipt = channel("json").send(text_to_sam(to=to))
    finally:
        provider.stop()
    assert receipt.status is ReceiptStatus.ACCEPTED
    assert LINK.encode() in provider.heard
    assert b"github" not in provider.heard.lower()
    assert [record for record in caplog.records if record.name.startswith("apprise")] == []


def test_a_redirect_is_not_followed() -> None:
    with faulty_gateway(answer(200, "ok")) as inside:
        location = f"http://127.0.0.1:{inside.port}/"
        moved = f"HTTP/1.1 307 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
        with faulty_gateway(moved) as provider, pytest.raises(PermanentFailure, match="refused_307"):
            channel("json").send(text_to_sam(to=f"json://127.0.0.1:{provider.port}/x"))
        assert inside.heard == b""
