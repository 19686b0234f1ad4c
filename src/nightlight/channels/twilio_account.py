"""One account at Twilio, or at whoever speaks as it does: read from a setting, asked over HTTP."""

import json
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from nightlight.channels.base import (
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.http_call import HttpAnswer, HttpRequest, Place, basic, call, refusal
from nightlight.channels.provider_url import ChannelSettingError, ProviderUrl, read_provider_url
from nightlight.channels.twilio_signature import FORM

SHAPE = "twilio://SID:TOKEN@HOST/+FROM, with api.twilio.com as HOST"
SCHEMES = ("twilio", "twilio-plain")
RETRY_AFTER_MAX_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class TwilioAccount:
    """Who we are there, and from which number we text and ring."""

    url: ProviderUrl
    sender: str
    """A number with its +, or the id of a messaging service (MG and 32 digits)."""

    def ask(self, what: str, fields: dict[str, str], *, timeout_seconds: float) -> HttpAnswer:
        """Post *fields* to the account's `what.json`. Raises what `http_call.call` raises."""
        place = Place(host=self.url.host, port=self.url.port, is_tls=self.url.scheme == "twilio")
        request = HttpRequest(
            method="POST",
            target=f"/2010-04-01/Accounts/{self.url.user}/{what}.json",
            headers={
                "Authorization": basic(self.url.user, self.url.password),
                "Content-Type": FORM,
                "Accept": "application/json",
            },
            body=urlencode(fields).encode("ascii"),
        )
        return call(place, request, timeout_seconds=timeout_seconds)


def read_twilio_url(url: str, setting: str) -> TwilioAccount:
    """The account in *url*. Raises `ChannelSettingError`, naming *setting*."""
    account = read_provider_url(url, setting=setting, shape=SHAPE, default_port=443)

    def refuse(wrong: str) -> ChannelSettingError:
        return ChannelSettingError(f"{setting}: {wrong}. Write {SHAPE}")

    if account.scheme not in SCHEMES:
        raise refuse(f"{account.scheme}:// is no account at Twilio")
    if account.scheme == "twilio-plain" and not account.on_loopback:
        raise refuse("twilio-plain:// sends the token unencrypted, so it is for this very machine only")
    # The id stands in an address that is asked for, so nothing else may be in it.
    if not re.fullmatch("[A-Za-z0-9]{1,64}", account.user):
        raise refuse("a URL has no account's SID and token, or a SID that is not letters and digits")
    sender = account.path.removeprefix("/")
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}|MG[0-9a-fA-F]{32}", sender):
        raise refuse("a URL does not end in the number that people see, with its +")
    if account.query:
        raise refuse("a URL has a ?, and nothing is known after it")
    return TwilioAccount(url=account, sender=sender)


def words_of(answer: HttpAnswer) -> dict[str, object]:
    """The JSON object in *answer*; empty when it is none."""
    try:
        words = json.loads(answer.text)
    except ValueError:
        return {}
    return words if isinstance(words, dict) else {}


def why_refused(answer: HttpAnswer, permanent: dict[int, str]) -> SendFailure:
    """What an answer that is no acceptance amounts to; *permanent* are the codes that concern the address."""
    code = words_of(answer).get("code")
    if answer.status == 429:
        return TemporaryFailure("deferred_429", wait_seconds=_retry_after(answer))
    if isinstance(code, int) and code in permanent:
        return PermanentFailure(permanent[code])
    failure = refusal(answer.status)
    if isinstance(failure, ProviderMisconfigured) and isinstance(code, int) and 0 < code < 10**6:
        return ProviderMisconfigured(f"provider_refused_{answer.status}_{code}")
    # A 2xx that says nothing we can read may have gone out.
    return failure if answer.status >= 300 else OutcomeUnknown("garbled_reply")


def _retry_after(answer: HttpAnswer) -> float:
    """For how long it asks to be left alone, in seconds; 0 when it does not say, or gives a date."""
    told = answer.headers.get("retry-after", "").strip()
    return min(int(told), RETRY_AFTER_MAX_SECONDS) if re.fullmatch("[0-9]{1,9}", told) else 0
