"""Where providers report and pass replies on. Stop 1 of the road.

Some gateways only send unsigned GETs, so the secret is part of the address, and this is the one
place where a GET may change something: it may record a receipt, or a reply with the answer it
means. The answer is empty, because a gateway would send its words back as a text; only a provider
that holds a phone on the line is told what to say there.

A report may come twice and says nothing new then. A signed reply that comes twice is refused: the
signature is good for ever, and whoever saw it once could answer again with it.
"""

from typing import cast

import structlog
from django.http import Http404, HttpRequest, HttpResponse

from nightlight import config
from nightlight.channels.base import (
    CallbackAnswer,
    CallbackChannel,
    CallbackRequest,
    ForgedCallback,
    Reply,
    SpeakingChannel,
)
from nightlight.intake.channels import find_provider
from nightlight.intake.key import take_key
from nightlight.intake.receipt import take_receipt
from nightlight.intake.reply import take_text
from nightlight.store import seen
from nightlight.store.dbclock import database_now
from nightlight.web.requests import methods

_log = structlog.get_logger()


class Replayed(Exception):
    """A signed reply that was taken in already."""


@methods("GET", "POST")
def hook(request: HttpRequest, channel: str, provider: str, secret: str) -> HttpResponse:
    """A provider calls back."""
    found = find_provider(channel, provider, secret)
    if found is None or not hasattr(found, "read_receipt"):
        raise Http404
    caller = cast("CallbackChannel", found)
    told = CallbackRequest(
        method=request.method or "",
        # As the provider knows it: what a proxy made of it on the way is not what was signed.
        url=config.current().base_url + request.get_full_path(),
        headers=dict(request.headers),
        query=request.GET.dict(),
        body=request.body,
    )
    try:
        answer = _take(caller, told)
    except (ForgedCallback, Replayed) as error:
        _log.warning("callback refused", provider=found.provider, error=type(error).__name__)
        return HttpResponse(status=403, content_type="text/plain")
    if answer is not None:
        return HttpResponse(answer.body, content_type=answer.content_type)
    return HttpResponse(content_type="text/plain")


def _take(caller: CallbackChannel, told: CallbackRequest) -> CallbackAnswer | None:
    receipt = caller.read_receipt(told)
    if receipt is not None:
        take_receipt(caller.kind, receipt, database_now())
        return None
    reply = caller.read_reply(told)
    if reply is None:
        _log.warning("callback not understood", provider=caller.provider)
        return None
    mark = reply.reference if caller.is_signed else ""
    if mark and seen.was_seen(caller.provider, mark, database_now()):
        raise Replayed
    answer = _take_reply(caller, told, reply)
    if mark:
        seen.see(caller.provider, mark, database_now())
    return answer


def _take_reply(caller: CallbackChannel, told: CallbackRequest, reply: Reply) -> CallbackAnswer | None:
    if reply.attempt and hasattr(caller, "say_back"):
        key = take_key(reply.attempt, reply.text, database_now())
        _log.info("key taken in", provider=caller.provider, taken_for=key.taken_for)
        return cast("SpeakingChannel", caller).say_back(told, key.said)
    taken_for = take_text(caller.kind, reply.sender, reply.text, database_now())
    _log.info("text taken in", provider=caller.provider, taken_for=taken_for)
    return None
