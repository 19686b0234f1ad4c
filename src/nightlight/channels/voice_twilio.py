"""Ringing through a voice service in the style of Twilio. Stop 7 of the road: from `worker.sender`, to it.

What is said goes along with the request to ring, so nothing has to be fetched from us while somebody
holds the phone. A key is told to our hook, which says what comes next. That the phone was picked up
says nothing: so does a voicemail. Without a key it was missed.
"""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

from nightlight.channels.base import (
    SEND_TIMEOUT_SECONDS,
    CallbackAnswer,
    CallbackRequest,
    Message,
    OutcomeUnknown,
    Receipt,
    ReceiptStatus,
    Reply,
    Spoken,
)
from nightlight.channels.twilio_account import TwilioAccount, why_refused, words_of
from nightlight.channels.twilio_signature import signature_in, signed_fields

RING_SECONDS = 45
"""So long it rings at most."""
KEY_SECONDS = 8
"""So long a key is waited for after the last word."""
KEYS_MAX = 3
"""So many keys are listened to in one ring."""
SAID_TIMES = 2
TWIML_CHARACTERS_MAX = 4000
"""What the service takes along with the request to ring."""

# Twilio's names for the states of a ring that goes out, as far as one is an end.
_ENDS = {
    "completed": "no_key",
    "busy": "busy",
    "no-answer": "no_answer",
    "canceled": "canceled",
    "failed": "not_connected",
}

# Twilio's error codes that speak of the number alone.
_PERMANENT = {
    13223: "no_such_number",
    13224: "no_such_number",
    21211: "no_such_number",
    21214: "not_routable",
    21217: "no_such_number",
    21401: "no_such_number",
}

_VOICES = {"en": "en-GB", "pt": "pt-PT", "pt-br": "pt-BR"}


class TwilioVoiceChannel:
    """One number of ours from which phones are rung. Keys and reports come to *callback_url*, signed."""

    kind = "voice"
    is_signed = True

    def __init__(
        self,
        *,
        provider: str,
        account: TwilioAccount,
        callback_url: str,
        timeout_seconds: float = SEND_TIMEOUT_SECONDS,
    ) -> None:
        self.provider = provider
        self._account = account
        self._callback_url = callback_url
        self._timeout_seconds = timeout_seconds

    def send(self, message: Message) -> Receipt:
        """Have the phone rung, or raise a `SendFailure`. Accepted says that it will ring."""
        answer = self._account.ask("Calls", self._fields(message), timeout_seconds=self._timeout_seconds)
        if not 200 <= answer.status < 300:
            raise why_refused(answer, _PERMANENT)
        reference = words_of(answer).get("sid")
        if not isinstance(reference, str) or not reference:
            raise OutcomeUnknown("garbled_reply")
        return Receipt(status=ReceiptStatus.ACCEPTED, reference=reference[:64], units=1)

    def read_receipt(self, request: CallbackRequest) -> Receipt | None:
        """How a ring ended, or None when *request* says nothing of that. Raises `ForgedCallback`."""
        fields, told = self._signed(request)
        attempt, state = told.get("attempt", ""), fields.get("CallStatus", "")
        if told.get("step") != "end" or state not in _ENDS or not _is_attempt(attempt):
            return None
        status, reason = ReceiptStatus.MISSED, _ENDS[state]
        if state == "failed":
            status = ReceiptStatus.FAILED
        elif state == "completed" and told.get("asks") == "0":
            # Nothing was asked: it was said to whoever, or whatever, picked up.
            status, reason = ReceiptStatus.DELIVERED, ""
        reference = fields.get("CallSid", "")[:64]
        return Receipt(status=status, reference=reference, attempt=attempt, reason=reason)

    def read_reply(self, request: CallbackRequest) -> Reply | None:
        """The key in *request*, or None when there is none. Raises `ForgedCallback`."""
        fields, told = self._signed(request)
        attempt, key = told.get("attempt", ""), fields.get("Digits", "")
        if told.get("step") != "key" or not _is_attempt(attempt) or not re.fullmatch("[0-9*#]", key):
            return None
        return Reply(sender=fields.get("To", ""), text=key, reference=signature_in(request), attempt=attempt)

    def say_back(self, request: CallbackRequest, said: Spoken | None) -> CallbackAnswer:
        """What is said after the key in *request*; the line stays open for another while that could matter."""
        told = _told(request)
        pressed = _count(told) + 1
        inner = ""
        if said is not None and said.waits_for_key and pressed < KEYS_MAX:
            inner = self._gather(told.get("attempt", ""), pressed, _say(said))
        elif said is not None:
            inner = _say(said)
        return CallbackAnswer(content_type="text/xml; charset=utf-8", body=_response(inner).encode())

    def _fields(self, message: Message) -> dict[str, str]:
        spoken = message.spoken or Spoken(said=(message.text,), language=message.language)
        asks = {"attempt": message.attempt, "step": "end", "asks": str(int(spoken.waits_for_key))}
        return {
            "To": message.to,
            "From": self._account.sender,
            "Twiml": self._twiml(message.attempt, spoken),
            "Timeout": str(RING_SECONDS),
            # Every end of a ring is told as this one event.
            "StatusCallbackEvent": "completed",
            "StatusCallback": f"{self._callback_url}?{urlencode(asks)}",
            "StatusCallbackMethod": "POST",
        }

    def _twiml(self, attempt: str, spoken: Spoken) -> str:
        for times in range(SAID_TIMES, 0, -1):
            words = '<Pause length="1"/>'.join([_say(spoken)] * times)
            inner = self._gather(attempt, 0, words) if spoken.waits_for_key else words
            if len(_response(inner)) <= TWIML_CHARACTERS_MAX:
                return _response(inner)
        cut = Spoken(said=(" ".join(spoken.said)[:1000],), language=spoken.language)
        return _response(_say(cut))

    def _gather(self, attempt: str, pressed: int, words: str) -> str:
        """*words*, during and after which one key is waited for; without one it ends."""
        told = urlencode({"attempt": attempt, "step": "key", "pressed": str(pressed)})
        where = quoteattr(f"{self._callback_url}?{told}")
        return (
            f'<Gather input="dtmf" numDigits="1" timeout="{KEY_SECONDS}" finishOnKey=""'
            f' actionOnEmptyResult="false" method="POST" action={where}>{words}</Gather>'
        )

    def _signed(self, request: CallbackRequest) -> tuple[dict[str, str], dict[str, str]]:
        """The fields of *request*, and what its address says, once it is sure who sent it."""
        return dict(signed_fields(request, self._account.url.password)), _told(request)


def _told(request: CallbackRequest) -> dict[str, str]:
    # From the address itself, which is signed, and not from anything a proxy made of it.
    return dict(parse_qsl(urlsplit(request.url).query))


def _count(told: dict[str, str]) -> int:
    """How many keys came before this one."""
    pressed = told.get("pressed", "0")
    return int(pressed) if re.fullmatch("[0-9]", pressed) else 0


def _is_attempt(attempt: str) -> bool:
    return re.fullmatch("[A-Za-z0-9]{1,64}", attempt) is not None


def _response(inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}<Hangup/></Response>'


def _say(spoken: Spoken) -> str:
    sentences: Sequence[str] = [_plain(each) for each in spoken.said]
    words = '</Say><Pause length="1"/>'.join(_opened(spoken.language) + escape(each) for each in sentences)
    return f"{words}</Say>" if words else ""


def _opened(language: str) -> str:
    voice = _VOICES.get(language.lower()) or _VOICES.get(language.lower().partition("-")[0]) or _VOICES["en"]
    return f'<Say language="{voice}">'


def _plain(sentence: str) -> str:
    """*sentence* without what no XML may hold, control characters and lone halves of a sign."""
    return "".join(
        char if char.isprintable() and not 0xD800 <= ord(char) <= 0xDFFF else " " for char in sentence
    )
