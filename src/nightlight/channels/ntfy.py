"""ntfy: a topic that an app on a phone listens to. Stop 7 of the road: from `worker.sender`, to an ntfy server.

Written from ntfy's documentation (publishing as JSON, action buttons); no server of it can be
installed here, so nothing of this was tried on a real one. Whoever knows a topic can read it, so
only topics are taken that nobody guesses. Its buttons answer without a page being opened.
"""

import json
import re

from nightlight.channels.addresses import AddressError
from nightlight.channels.app_text import TEXT_BYTES_MAX, TITLE_BYTES_MAX, clipped, links_of
from nightlight.channels.base import (
    SEND_TIMEOUT_SECONDS,
    Link,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    ReceiptStatus,
    SendFailure,
)
from nightlight.channels.http_call import HttpAnswer, HttpRequest, Reach, call, directly, refusal
from nightlight.channels.outside import OutsideUrl, read_outside_url
from nightlight.channels.provider_url import ChannelSettingError
from nightlight.channels.wording_push import answer_labels

SHAPE = "https://[:TOKEN@]host[:port]"
TOPIC_CHARACTERS_MIN = 12
PRIORITY_HIGH, PRIORITY_DEFAULT = 4, 3
ACTIONS_MAX = 3
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def read_ntfy_url(url: str, setting: str) -> tuple[OutsideUrl, str]:
    """The host's own ntfy server, and its token or nothing. Raises ChannelSettingError, naming *setting*."""
    scheme, separator, rest = url.partition("://")
    credentials, at, host = rest.rpartition("@")
    if not separator or (at and (not credentials.startswith(":") or len(credentials) < 2)):
        raise ChannelSettingError(f"{setting}: this is not the address of an ntfy server. Write {SHAPE}")
    if not re.fullmatch(r"[A-Za-z0-9_.~-]*", credentials[1:]):
        raise ChannelSettingError(f"{setting}: the token has a character that no token has. Write {SHAPE}")
    try:
        server = read_outside_url(f"{scheme}://{host}")
    except AddressError as error:
        raise ChannelSettingError(f"{setting}: {error} Write {SHAPE}") from None
    if server.target != "/":
        raise ChannelSettingError(f"{setting}: an ntfy server has no path. Write {SHAPE}")
    return server, credentials[1:]


def check_topic(typed: str) -> str:
    """A topic at the host's server, or `https://server/topic`, as it is kept. Raises AddressError."""
    written = typed.strip()
    place = read_outside_url(written) if "/" in written else None
    topic = place.target[1:] if place else written
    if not _TOPIC.match(topic):
        raise AddressError("A topic has letters and digits, - and _, at most 64 of them.")
    if len(topic) < TOPIC_CHARACTERS_MIN:
        raise AddressError(
            f"Whoever guesses a topic can read it: take one with at least {TOPIC_CHARACTERS_MIN} characters."
        )
    return place.url if place else topic


class NtfyChannel:
    """The host's own ntfy server, and those that people name with their topic."""

    kind = "ntfy"

    def __init__(
        self,
        *,
        provider: str,
        server: OutsideUrl,
        token: str,
        reach: Reach,
        timeout_seconds: float = SEND_TIMEOUT_SECONDS,
    ) -> None:
        self.provider = provider
        self._server = server
        self._token = token
        self._reach = reach
        self._timeout_seconds = timeout_seconds

    def send(self, message: Message) -> Receipt:
        """Hand *message* over within the timeout, or raise a `SendFailure`."""
        given = read_outside_url(message.to) if "/" in message.to else None
        topic = given.target[1:] if given else message.to
        headers = {"Content-Type": "application/json"}
        # The host's token is for the host's server, whoever else is named.
        if self._token and given is None:
            headers["Authorization"] = f"Bearer {self._token}"
        body = json.dumps(self._content(topic, message), ensure_ascii=False).encode()
        request = HttpRequest(method="POST", target="/", headers=headers, body=body)
        answer = call(
            given.place if given else self._server.place,
            request,
            timeout_seconds=self._timeout_seconds,
            reach=self._reach if given else directly,
        )
        return _verdict(answer, is_ours=given is None)

    def _content(self, topic: str, message: Message) -> dict[str, object]:
        links = links_of(message)
        content: dict[str, object] = {
            "topic": topic,
            "title": clipped(message.subject, TITLE_BYTES_MAX),
            # An empty message would be shown as the word "triggered".
            "message": clipped(message.text, TEXT_BYTES_MAX).strip() or "…",
            "priority": PRIORITY_HIGH if message.is_urgent else PRIORITY_DEFAULT,
        }
        if len(links) == 1:
            content["click"] = links[0].url
        content["actions"] = self._actions(links, message) if message.is_urgent else _pages(links)
        return content

    def _actions(self, links: tuple[Link, ...], message: Message) -> list[dict[str, object]]:
        """Buttons that answer, for one reader; where several share the topic, each has their page instead."""
        if len(links) != 1:
            return _pages(links)
        yes, no = answer_labels(message.language)
        return [_answer(yes, "yes", links[0]), _answer(no, "no", links[0])]


def _answer(label: str, answer: str, link: Link) -> dict[str, object]:
    """A press on it does what a press on the page does: it posts, which nothing that only looks does."""
    return {
        "action": "http",
        "label": label,
        "url": link.url,
        "method": "POST",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        "body": f"answer={answer}",
        "clear": True,
    }


def _pages(links: tuple[Link, ...]) -> list[dict[str, object]]:
    if len(links) < 2:
        return []
    named = [link for link in links if link.name][:ACTIONS_MAX]
    return [{"action": "view", "label": link.name, "url": link.url, "clear": True} for link in named]


def _verdict(answer: HttpAnswer, *, is_ours: bool) -> Receipt:
    if 200 <= answer.status < 300:
        try:
            reference = json.loads(answer.body)["id"]
        except (ValueError, KeyError, TypeError):
            raise OutcomeUnknown("garbled_reply") from None
        return Receipt(status=ReceiptStatus.ACCEPTED, reference=str(reference)[:64])
    raise _refusal(answer.status, is_ours=is_ours)


def _refusal(status: int, *, is_ours: bool) -> SendFailure:
    """A server that a person named may answer as it likes: the host is not to blame for it."""
    failure = refusal(status)
    if 300 <= status < 500 and status not in {408, 425, 429} and not is_ours:
        return PermanentFailure(f"ntfy_refused_{status}")
    return failure
