"""Text messages through an HTTP gateway in the style of Twilio. Stop 7 of the road: from `worker.sender`, to it.

What it calls us for is signed, and taken from no one else: reports, each at an address that names the
attempt, and replies. Pictures in a reply are not fetched.
"""

import re
from urllib.parse import parse_qsl, urlsplit

from nightlight.channels.base import (
    SEND_TIMEOUT_SECONDS,
    CallbackRequest,
    Message,
    OutcomeUnknown,
    Receipt,
    ReceiptStatus,
    Reply,
)
from nightlight.channels.gsm7 import segments
from nightlight.channels.twilio_account import TwilioAccount, why_refused, words_of
from nightlight.channels.twilio_signature import signature_in, signed_fields

REPLY_CHARACTERS_MAX = 2000
TEXT_CHARACTERS_MAX = 1600
"""More it does not take in one message; no text of ours is nearly as long."""

# Twilio's names for the states of a message. Not in here: `receiving`, `received`, which are replies.
_STATES = {
    "accepted": ReceiptStatus.ACCEPTED,
    "scheduled": ReceiptStatus.ACCEPTED,
    "queued": ReceiptStatus.ACCEPTED,
    "sending": ReceiptStatus.ACCEPTED,
    "sent": ReceiptStatus.ACCEPTED,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.DELIVERED,
    "undelivered": ReceiptStatus.FAILED,
    "failed": ReceiptStatus.FAILED,
    "canceled": ReceiptStatus.FAILED,
}

# Twilio's error codes that speak of the number alone. One that speaks of our account or our sender is ours.
_PERMANENT = {
    21211: "no_such_number",
    21610: "opted_out",
    21612: "not_routable",
    21614: "not_a_mobile",
    21635: "landline",
}


class TwilioChannel:
    """One number of ours at a gateway of that style. Its reports and replies come to *callback_url*."""

    kind = "sms"
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
        """Hand *message* over within the timeout, or raise a `SendFailure`."""
        answer = self._account.ask("Messages", self._fields(message), timeout_seconds=self._timeout_seconds)
        if not 200 <= answer.status < 300:
            raise why_refused(answer, _PERMANENT)
        words = words_of(answer)
        reference, state = words.get("sid"), _STATES.get(str(words.get("status")))
        if not isinstance(reference, str) or not reference or state is None:
            raise OutcomeUnknown("garbled_reply")
        units = 0 if state is ReceiptStatus.FAILED else segments(message.text)
        return Receipt(
            status=state, reference=reference, reason=_reason(words.get("error_code")), units=units
        )

    def read_receipt(self, request: CallbackRequest) -> Receipt | None:
        """The report in *request*, or None when it is none. Raises `ForgedCallback`."""
        fields = signed_fields(request, self._account.url.password)
        # From the address itself, which is signed, and not from anything a proxy made of it.
        attempt = dict(parse_qsl(urlsplit(request.url).query)).get("attempt", "")
        status = _STATES.get(fields.get("MessageStatus", ""))
        if status is None or not re.fullmatch("[A-Za-z0-9]{1,64}", attempt):
            return None
        return Receipt(
            status=status,
            reference=fields.get("MessageSid", "")[:64],
            attempt=attempt,
            reason=_reason(fields.get("ErrorCode")),
        )

    def read_reply(self, request: CallbackRequest) -> Reply | None:
        """The reply in *request*, or None when it is none, or a picture without words. Raises `ForgedCallback`."""
        fields = signed_fields(request, self._account.url.password)
        if "MessageStatus" in fields or not re.fullmatch(
            "(SM|MM)[0-9a-fA-F]{32}", fields.get("MessageSid", "")
        ):
            return None
        if not fields.get("From") or not fields.get("Body", "").strip():
            return None
        return Reply(
            sender=fields["From"],
            text=fields["Body"][:REPLY_CHARACTERS_MAX],
            # Not the id: see there.
            reference=signature_in(request),
        )

    def _fields(self, message: Message) -> dict[str, str]:
        sender = self._account.sender
        return {
            "To": message.to,
            "MessagingServiceSid" if sender.startswith("MG") else "From": sender,
            # A zero byte ends the request at some, and an empty text is refused by all.
            "Body": message.text.replace("\0", "")[:TEXT_CHARACTERS_MAX] or " ",
            "StatusCallback": f"{self._callback_url}?attempt={message.attempt}",
        }


def _reason(code: object) -> str:
    return f"error_{code}" if re.fullmatch("[0-9]{1,6}", str(code)) and str(code) != "0" else ""
