"""Signatures over the raw request: the documented example is right, and whatever differs from it is not."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from nightlight.channels.base import CallbackRequest, ForgedCallback
from nightlight.channels.twilio_signature import FIELDS_MAX, FORM, signature, signature_in, signed_fields

# The example in Twilio's documentation of validating requests.
TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+12349013030",
    "Digits": "1234",
    "From": "+12349013030",
    "To": "+18005551212",
}
SIGNATURE = "0/KCTR6DLpKmkAf8muzZqo1nDgQ="

CALL = CallbackRequest(
    method="POST",
    url=URL,
    headers={"Content-Type": FORM, "X-Twilio-Signature": SIGNATURE},
    query={},
    body=urlencode(FIELDS).encode(),
)


def with_headers(**headers: str) -> CallbackRequest:
    return replace(CALL, headers={**CALL.headers, **{n.replace("_", "-"): v for n, v in headers.items()}})


def with_body(body: bytes) -> CallbackRequest:
    return replace(CALL, body=body)


def test_the_documented_example_is_believed() -> None:
    assert signature(TOKEN, URL, FIELDS.items()) == SIGNATURE
    assert signed_fields(CALL, TOKEN) == FIELDS


@pytest.mark.parametrize(
    "call",
    [
        replace(CALL, headers={"x-twilio-signature": SIGNATURE, "content-type": FORM + "; charset=UTF-8"}),
        with_body(urlencode(dict(reversed(FIELDS.items()))).encode()),
        replace(CALL, url=URL.replace("mycompany.com", "mycompany.com:443")),
    ],
    ids=["however its headers are written", "in any order of fields", "signed without the port"],
)
def test_what_is_no_difference_is_believed_too(call: CallbackRequest) -> None:
    assert signed_fields(call, TOKEN) == FIELDS


def test_one_that_was_signed_with_the_port_is_believed() -> None:
    ported = URL.replace("mycompany.com", "mycompany.com:443")
    call = with_headers(X_Twilio_Signature=signature(TOKEN, ported, FIELDS.items()))

    assert signed_fields(call, TOKEN) == FIELDS


def test_empty_fields_and_signs_of_every_script_are_signed_as_they_are() -> None:
    fields = {"Body": "já vou 🙂 & 518204 = sim", "ErrorCode": "", "From": "+351912345678"}
    call = replace(
        CALL,
        body=urlencode(fields).encode(),
        headers={"Content-Type": FORM, "X-Twilio-Signature": signature(TOKEN, URL, fields.items())},
    )

    assert signed_fields(call, TOKEN) == fields


PORTED = "https://mycompany.com:44"
FORGED = {
    "no signature": replace(CALL, headers={"Content-Type": FORM}),
    "an empty one": with_headers(X_Twilio_Signature=""),
    "cut short": with_headers(X_Twilio_Signature=SIGNATURE[:-1]),
    "something behind it": with_headers(X_Twilio_Signature=SIGNATURE + "="),
    "small letters": with_headers(X_Twilio_Signature=SIGNATURE.lower()),
    "two of them": with_headers(X_Twilio_Signature=f"{SIGNATURE}, {SIGNATURE}"),
    "not ASCII": with_headers(X_Twilio_Signature="ÿ" * 28),
    "signed by somebody else": with_headers(X_Twilio_Signature=signature("12346", URL, FIELDS.items())),
    "signed without a key": with_headers(X_Twilio_Signature=signature("", URL, FIELDS.items())),
    "another page": replace(CALL, url=URL.replace("myapp", "other")),
    "another question": replace(CALL, url=URL.replace("foo=1", "foo=2")),
    "questions in another order": replace(CALL, url="https://mycompany.com/myapp.php?bar=2&foo=1"),
    "without encryption": replace(CALL, url=URL.replace("https", "http")),
    "another host": replace(CALL, url=URL.replace("mycompany", "nocompany")),
    "another port": replace(
        with_headers(X_Twilio_Signature=signature(TOKEN, f"{PORTED}5/myapp.php", FIELDS.items())),
        url=f"{PORTED}4/myapp.php",
    ),
    "another word": with_body(CALL.body.replace(b"1234&", b"1235&")),
    "one field more": with_body(CALL.body + b"&Body=yes"),
    "one field less": with_body(CALL.body.rpartition(b"&")[0]),
    "an empty body": with_body(b""),
    "a body that is not ASCII": with_body(CALL.body + "&x=ÿ".encode()),
    "a body that is not UTF-8 inside": with_body(CALL.body + b"&x=%FF"),
    "more fields than anybody sends": with_body(b"&".join([b"a=b"] * (FIELDS_MAX + 1))),
    "a GET": replace(CALL, method="GET"),
    "no form": with_headers(Content_Type="application/json"),
    "a form in parts": with_headers(Content_Type="multipart/form-data; boundary=x"),
}


@pytest.mark.parametrize("call", FORGED.values(), ids=FORGED.keys())
def test_whatever_differs_is_refused(call: CallbackRequest) -> None:
    with pytest.raises(ForgedCallback):
        signed_fields(call, TOKEN)


def test_what_is_signed_can_be_cut_into_fields_otherwise_so_the_signature_tells_calls_apart() -> None:
    """Nothing stands between a name and its value in what is signed. Such a call has the signature of the first."""
    cut = with_body(CALL.body.replace(b"&Caller=", b"Caller"))

    assert signed_fields(cut, TOKEN)["CallSid"] == "CA1234567890ABCDECaller+12349013030"
    assert signature_in(cut) == signature_in(CALL) == SIGNATURE


def test_the_right_call_under_another_token_is_refused() -> None:
    with pytest.raises(ForgedCallback):
        signed_fields(CALL, "54321")
