"""Matrix, by its plain client interface. Stop 7 of the road: from `worker.sender`, to a homeserver; and stop 1 back.

Each reader has one conversation with us, made once. It is found again by an alias that only we can work
out, so no two workers make two of them, and nobody else can find out by it who was ever written to.
The words lie on the homeservers as a mail lies on a mail server: nothing here is encrypted end to end.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from nightlight.channels.addresses import AddressError, check_matrix
from nightlight.channels.base import (
    SEND_TIMEOUT_SECONDS,
    Heard,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    Reply,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.http_call import HttpAnswer, HttpRequest, Place, call, refusal
from nightlight.channels.provider_url import ChannelSettingError, ProviderUrl, read_provider_url

SHAPE = "matrix://user:TOKEN@host[:port]"
PORTS = {"matrix": 443, "matrix-plain": 8008}
HEARD_BYTES_MAX = 8 * 1024 * 1024
HEARD_FROM_EACH_MAX = 20
WORDS_CHARACTERS_MAX = 2000

_CLIENT = "/_matrix/client/v3"
_FILTER = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {
        "account_data": {"types": []},
        "ephemeral": {"types": []},
        "state": {"types": []},
        "timeline": {"types": ["m.room.message"], "limit": HEARD_FROM_EACH_MAX},
    },
}


def read_matrix_url(url: str, setting: str) -> ProviderUrl:
    """The account in *url*. Raises ChannelSettingError, naming *setting*."""
    scheme = url.partition(":")[0]
    if scheme not in PORTS:
        raise ChannelSettingError(f"{setting}: {scheme}:// is not a homeserver. Write {SHAPE}")
    server = read_provider_url(url, setting=setting, shape=SHAPE, default_port=PORTS[scheme])
    if not server.user:
        raise ChannelSettingError(f"{setting}: it names no user and no access token. Write {SHAPE}")
    if server.path not in {"", "/"} or server.query:
        raise ChannelSettingError(f"{setting}: nothing may follow the host. Write {SHAPE}")
    if scheme == "matrix-plain" and not server.on_loopback:
        raise ChannelSettingError(
            f"{setting}: matrix-plain:// would send the token in the open; it is for this machine only."
            f" Write {SHAPE}"
        )
    return server


class _Asked:
    """One errand at the homeserver, of several requests with one end to their time."""

    def __init__(self, place: Place, token: str, timeout_seconds: float) -> None:
        self._place = place
        self._token = token
        self._end = time.monotonic() + timeout_seconds

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> HttpAnswer:
        """The answer, whatever its status. Raises a `SendFailure`."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TemporaryFailure("timeout")
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        content = json.dumps(body).encode() if body is not None else b""
        request = HttpRequest(method=method, target=f"{_CLIENT}{path}", headers=headers, body=content)
        answer = call(self._place, request, timeout_seconds=left, bytes_max=HEARD_BYTES_MAX)
        if answer.status == 401:
            raise ProviderMisconfigured("token_refused")
        return answer

    def prepare(self, method: str, path: str, body: Mapping[str, object] | None = None) -> HttpAnswer:
        """The same, before anything is sent: whatever breaks can be tried again."""
        try:
            return self.ask(method, path, body)
        except OutcomeUnknown as failure:
            raise TemporaryFailure(failure.reason) from failure


class MatrixChannel:
    """One account on one homeserver: it sends, and it listens for what is written back."""

    kind = "matrix"
    is_shared = True

    def __init__(
        self,
        *,
        provider: str,
        server: ProviderUrl,
        secret: bytes,
        service_name: str,
        timeout_seconds: float = SEND_TIMEOUT_SECONDS,
    ) -> None:
        """*secret*: from which the names of the conversations are derived; *service_name*: what they are called."""
        self.provider = provider
        self.name = provider
        self._server = server
        self._place = Place(host=server.host, port=server.port, is_tls=server.scheme == "matrix")
        self._secret = secret
        self._service_name = service_name
        self._timeout_seconds = timeout_seconds
        self._me = ""
        self._rooms: dict[str, str] = {}
        self._making = threading.Lock()

    # ------------------------------------------------------------------------------------- sending

    def send(self, message: Message) -> Receipt:
        """Hand *message* over within the timeout, or raise a `SendFailure`.

        Only queued while its reader has not come into the conversation: they see that we wrote, not what.
        """
        try:
            to = check_matrix(message.to)
        except AddressError:
            raise PermanentFailure("bad_address") from None
        errand = _Asked(self._place, self._server.password, self._timeout_seconds)
        room = self._room_with(errand, to)
        is_here = self._is_here(errand, room, to)
        # The same for every try of a message: a server that took it shows it once, however often it is sent.
        mark = quote(message.notification, safe="")
        target = f"/rooms/{quote(room, safe='')}/send/m.room.message/{mark}"
        answer = errand.ask("PUT", target, {"msgtype": "m.text", "body": message.text})
        if answer.status != 200:
            raise self._not_sent(answer, to)
        event = _object(answer).get("event_id")
        if not isinstance(event, str):
            raise OutcomeUnknown("garbled_reply")
        status = ReceiptStatus.ACCEPTED if is_here else ReceiptStatus.QUEUED
        return Receipt(status=status, reference=event)

    def _room_with(self, errand: _Asked, to: str) -> str:
        """The conversation with *to*, made if there is none."""
        known = self._rooms.get(to)
        if known:
            return known
        with self._making:
            name = "nl-" + hmac.new(self._secret, f"matrix {to}".encode(), hashlib.sha256).hexdigest()[:32]
            room = self._find(errand, name) or self._make(errand, name, to) or self._find(errand, name)
            if not room:
                raise TemporaryFailure("room_not_found")
            self._rooms[to] = room
            return room

    def _find(self, errand: _Asked, name: str) -> str:
        alias = f"#{name}:{self._who_we_are(errand).partition(':')[2]}"
        answer = errand.prepare("GET", f"/directory/room/{quote(alias, safe='')}")
        if answer.status == 404:
            return ""
        return _text(_good(answer), "room_id")

    def _make(self, errand: _Asked, name: str, to: str) -> str:
        """A conversation of two; nothing when another worker was faster."""
        wanted = {
            "room_alias_name": name,
            "preset": "private_chat",
            "name": self._service_name,
            "is_direct": True,
            "invite": [to],
        }
        answer = errand.prepare("POST", "/createRoom", wanted)
        # Synapse says 409 where another request was faster by less than its own look.
        if answer.status == 409 or _object(answer).get("errcode") == "M_ROOM_IN_USE":
            return ""
        if answer.status in {400, 403} and _object(answer).get("errcode") in {
            "M_INVALID_PARAM",
            "M_NOT_FOUND",
        }:
            raise PermanentFailure("no_such_reader")
        return _text(_good(answer), "room_id")

    def _is_here(self, errand: _Asked, room: str, to: str) -> bool:
        """Whether *to* reads the conversation by now. Raises PermanentFailure when they left it."""
        path = f"/rooms/{quote(room, safe='')}/state/m.room.member/{quote(to, safe='')}"
        answer = errand.prepare("GET", path)
        if answer.status in {403, 404}:
            # Another worker is still making it, or somebody took this account out of it.
            self._rooms.pop(to, None)
            raise TemporaryFailure("room_lost")
        membership = _text(_good(answer), "membership")
        if membership in {"leave", "ban"}:
            # They went, as somebody else would text STOP; nobody is asked back in by a machine.
            raise PermanentFailure("left_the_room")
        return membership == "join"

    def _not_sent(self, answer: HttpAnswer, to: str) -> SendFailure:
        if answer.status in {403, 404}:
            self._rooms.pop(to, None)
            return TemporaryFailure("room_lost")
        if answer.status == 413:
            return PermanentFailure("too_long")
        return refusal(answer.status)

    def _who_we_are(self, errand: _Asked) -> str:
        """Our own name on the homeserver. Raises ProviderMisconfigured when the token is another's."""
        if not self._me:
            found = _text(_good(errand.prepare("GET", "/account/whoami")), "user_id")
            if self._server.user not in (found, found.removeprefix("@").partition(":")[0]):
                raise ProviderMisconfigured("token_of_another_user")
            self._me = found
        return self._me

    # ----------------------------------------------------------------------------------- listening

    def listen(self, position: str, seconds: float) -> Heard:
        """What was written to us after *position*, within so many *seconds*. Raises a `SendFailure`."""
        errand = _Asked(self._place, self._server.password, self._timeout_seconds + seconds)
        me = self._who_we_are(errand)
        asked = {"filter": json.dumps(_FILTER), "timeout": round(seconds * 1000) if position else 0}
        if position:
            asked["since"] = position
        answer = errand.prepare("GET", f"/sync?{urlencode(asked)}")
        if position and answer.status == 400:
            # The server does not know the place any more: begin anew from now.
            return Heard()
        if len(answer.body) >= HEARD_BYTES_MAX:
            return Heard()
        told = _good(answer)
        following = _text(told, "next_batch")
        if not position:
            # The very first time: what lies there already is not for us.
            return Heard(position=following)
        return Heard(replies=tuple(_replies(told, me)), position=following)


def _replies(told: Mapping[str, Any], me: str) -> Iterator[Reply]:
    for room in _at(told, "rooms", "join").values():
        events = _at(room, "timeline").get("events")
        for event in events if isinstance(events, list) else ():
            reply = _reply(event, me) if isinstance(event, dict) else None
            if reply is not None:
                yield reply


def _reply(event: Mapping[str, Any], me: str) -> Reply | None:
    """The words of a person in *event*, or None: our own, a machine's notice, a change of words said before."""
    content, sender = event.get("content"), event.get("sender")
    if event.get("type") != "m.room.message" or not isinstance(content, dict) or not isinstance(sender, str):
        return None
    body = content.get("body")
    if sender == me or content.get("msgtype") != "m.text" or not isinstance(body, str):
        return None
    related = content.get("m.relates_to")
    if isinstance(related, dict) and related.get("rel_type") == "m.replace":
        return None
    words = _without_quote(body) if isinstance(related, dict) else body
    if not words.strip():
        return None
    return Reply(
        sender=sender, text=words.strip()[:WORDS_CHARACTERS_MAX], reference=str(event.get("event_id", ""))
    )


def _without_quote(body: str) -> str:
    """*body* without the quoted lines that programs put before an answer (they begin with `> `)."""
    lines = body.split("\n")
    while lines and lines[0].startswith("> "):
        lines.pop(0)
    return "\n".join(lines)


def _at(value: object, *names: str) -> Mapping[str, Any]:
    """What lies under *names*; empty where it is no object."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _object(answer: HttpAnswer) -> Mapping[str, Any]:
    """The object an answer holds; an empty one when it holds none."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _good(answer: HttpAnswer) -> Mapping[str, Any]:
    """The object of an answer before anything was sent. Raises a `TemporaryFailure`."""
    if answer.status != 200:
        failure = refusal(answer.status)
        raise TemporaryFailure(failure.reason) if isinstance(failure, OutcomeUnknown) else failure
    return _object(answer)


def _text(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    if not isinstance(found, str) or not found:
        raise TemporaryFailure("garbled_reply")
    return found
