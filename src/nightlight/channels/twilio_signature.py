"""Whether a call to us comes from whoever holds the account's token: the signature Twilio puts on every one.

The way of signing is the one in Twilio's documentation ("Validating requests"): HMAC-SHA1 under the
account's token, over the address that was called and every field of the form, sorted by name.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, parse_qsl, urlsplit

from nightlight.channels.base import CallbackRequest, ForgedCallback

HEADER = "X-Twilio-Signature"
FORM = "application/x-www-form-urlencoded"
FIELDS_MAX = 100
"""A call of theirs has a few dozen; a form with more is not read."""

_PORTS = {"http": 80, "https": 443}


def signature(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """What stands in the header of a call to *url* that carries *fields*."""
    told = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(token.encode(), told.encode("utf-8", "surrogatepass"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def signed_fields(request: CallbackRequest, token: str) -> Mapping[str, str]:
    """The fields of the form in *request*, once it is sure who sent them. Raises `ForgedCallback`.

    Of a field that comes twice the last counts; both are signed.
    """
    given = signature_in(request)
    fields = _form(request)
    # All are compared, so that the time taken says nothing.
    known = [signature(token, url, fields) for url in _as_it_may_be_signed(request.url)]
    if sum(hmac.compare_digest(given.encode("utf-8", "surrogatepass"), one.encode()) for one in known) == 0:
        raise ForgedCallback
    return dict(fields)


def signature_in(request: CallbackRequest) -> str:
    """The signature *request* bears, true or not.

    It also tells a call from every other. The fields do not: in what is signed nothing stands between a
    name and its value, so the same signature is good for other fields that come to the same letters.
    """
    return next((value for name, value in request.headers.items() if name.lower() == HEADER.lower()), "")


def _form(request: CallbackRequest) -> list[tuple[str, str]]:
    """Every field of the body as it was sent; none of a body that is no form, which then cannot be signed."""
    kind = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    if request.method != "POST" or kind.partition(";")[0].strip().lower() != FORM:
        raise ForgedCallback
    try:
        text = request.body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except ValueError:
        raise ForgedCallback from None


def _as_it_may_be_signed(url: str) -> tuple[str, ...]:
    """*url* with and without its port: which of the two is signed depends on the product that calls."""
    parts = urlsplit(url)
    bare = _with_host(parts, parts.netloc.rpartition(":")[0] if parts.port else parts.netloc)
    ported = f"{parts.netloc}:{_PORTS.get(parts.scheme, 443)}" if not parts.port else parts.netloc
    return tuple(dict.fromkeys((url, bare, _with_host(parts, ported))))


def _with_host(parts: SplitResult, netloc: str) -> str:
    return parts._replace(netloc=netloc).geturl()
