"""The command line's plain sentences for what happened to a call, and for what happens next."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING

from nightlight.cli.output import clock_time

if TYPE_CHECKING:
    # Tables may be loaded only after Django is set up.
    from nightlight.store.queries import AlertView, Line

NEEDS: Mapping[str, str] = {
    "talk": "someone to talk to",
    "text": "someone to write with",
    "come": "someone to come over",
    "company": "company, without talking",
    "stay": "somewhere to sleep",
    "danger": "someone at once: not safe right now",
}

STATUSES: Mapping[str, str] = {
    "triggered": "asking",
    "exhausted": "nobody has answered yet; we keep trying",
    "acknowledged": "{taker} has it",
    "in_contact": "in touch with {taker}",
    "resolved": "over",
}

WHY_NOT: Mapping[str, str] = {
    "never_contact": "never contact",
    "left": "left the circle",
    "not_asked_yet": "not asked yet",
    "paused": "paused",
    "agreement_over": "what they agreed to has run out",
    "no_way": "has no way to be reached",
    "channel_off": "all their ways are switched off here",
    "outside_hours": "outside their hours",
    "not_on_ladder": "on no step of the ladder",
    "offers_something_else": "offers something else",
    "own_call": "has a call of their own",
}

_MESSAGES: Mapping[str, str] = {
    "ask": "question to {who}",
    "stand_down": "word to {who} that someone has it",
    "reopened": "word to {who} that it is open again",
    "all_clear": "word to {who} that it is over",
    "taker_news": "news for {who}",
    "caller_news": "news for {who}",
    "host_news": "news for the host",
    "text_back": "word back to {who}",
}

_DELIVERIES: Mapping[str, str] = {
    "accepted": "sent",
    "queued": "waiting at the gateway",
    "delivered": "arrived",
    "failed": "did not go out",
    "unknown": "may have gone out, nobody knows",
    "skipped": "not sent after all",
}

_NEWS: Mapping[str, str] = {
    "someone_has_it": "someone has it",
    "open_again": "it is open again",
    "over": "it is over",
    "need_changed": "something else is needed",
    "check_in_joined": "there is something new",
    "still_in_touch": "are they still in touch?",
    "went_quiet": "nothing more was heard of who had it",
    "all_tried": "everyone was tried",
    "contact_lost": "the two in touch have gone quiet",
    "in_trouble": "something went wrong on our side",
    "provider_refuses_us": "a provider refuses our account",
}

_RAISED_BY: Mapping[str, str] = {
    "caller": "{caller} called again",
    "check_in": "a check-in did not come",
    "machine": "another program called",
}
_ENDED_BY = {"caller": "{caller} said so", "taker": "{who} said so", "host": "the host said so"}


def way_word(channel: str) -> str:
    """What people call this kind of way."""
    # Not before it is needed: it knows every country's telephone numbers.
    from nightlight.channels.registry import page_word

    return page_word(channel)


def status_words(view: "AlertView") -> str:
    """How the call stands, in a few words."""
    taker = view.acknowledged_by.name if view.acknowledged_by else "someone"
    return STATUSES[view.status].format(taker=taker)


def sentence(line: "Line", view: "AlertView") -> str:
    """One line of what happened, as a sentence."""
    who = view.names.get(line.who, "somebody") if line.who else "somebody"
    # Of somebody the ladder passes over there is no message, and so no channel.
    if line.what in _DELIVERIES and (line.channel or line.what != "skipped"):
        return _delivery(line, who)
    words = _SENTENCES[line.what](line).format(who=who, caller=view.person.name, detail=line.detail)
    return words[0].upper() + words[1:].rstrip(".") + "."


def _delivery(line: "Line", who: str) -> str:
    purpose, _, reason = line.detail.partition(":")
    message = _MESSAGES.get(purpose, "message to {who}").format(who=who)
    why = f" ({reason.replace('_', ' ')})" if reason else ""
    return f"{message[0].upper()}{message[1:]}, by {way_word(line.channel)}: {_DELIVERIES[line.what]}{why}."


def _resolved(line: "Line") -> str:
    if line.detail in _ENDED_BY:
        return f"it is over: {_ENDED_BY[line.detail]}"
    return "it is over; the host wrote: {detail}" if line.detail else "it is over"


_PASSED_OVER: Mapping[str, str] = {
    "not_available": "not available",
    "not_offered": "offers something else",
    "has_own_call": "has a call of their own",
    "rests": "said no a while ago, and is left in peace",
}

_SENTENCES: Mapping[str, Callable[["Line"], str]] = {
    "raised": lambda line: "{caller} called: " + NEEDS.get(line.detail, line.detail),
    "joined": lambda line: _RAISED_BY.get(line.detail, "the call was joined"),
    "asked": lambda _: "{who} was asked",
    "skipped": lambda line: "{who} was passed over: " + _PASSED_OVER.get(line.detail, "not available"),
    "acknowledged": lambda line: "{who} would come in too" if line.detail == "second" else "{who} has it",
    "declined": lambda _: "{who} can't right now",
    "renewed": lambda line: (
        "{who} is still in touch" if line.detail == "contact" else "{who} needs a little longer"
    ),
    "expired": lambda line: (
        "the two in touch have gone quiet" if line.detail == "contact" else "{who} has gone quiet"
    ),
    "in_contact": lambda line: (
        "{who} says they are in touch"
        if line.detail == "said_by_taker"
        else "{caller} is in touch with {who}"
    ),
    "handed_on": lambda _: "{who} hands it on",
    "need_changed": lambda line: "{caller} now needs " + NEEDS.get(line.detail, line.detail),
    "removed": lambda _: "{who} is no longer in the circle",
    "exhausted": lambda _: "everyone was tried; nobody has answered yet",
    "round_began": lambda _: "round {detail} began",
    "stood_down": lambda _: "{who} may rest",
    "reopened": lambda _: "{who} is told that it is open again",
    "resolved": _resolved,
    "caller_told": lambda line: "news for {caller}: " + _NEWS.get(line.detail, line.detail),
    "host_told": lambda line: "news for the host: " + _NEWS.get(line.detail, line.detail),
}  # fmt: skip

_NEXT: Mapping[str, str] = {
    "asked": "unless somebody answers before, {who} is asked",
    "exhausted": "unless somebody answers before, everyone has been tried, and {caller} is told",
    "round_began": "the next round begins",
    "expired": "unless {who} says a word before, others are asked",
    "caller_told": "both are asked whether they are still in touch",
}


def what_is_next(view: "AlertView", zone: tzinfo) -> str:
    """What happens next by itself, and when; or why nothing does."""
    if view.waits_for_host:
        return "Held since a backup was put back: `nightlight restore --continue` lets it go on."
    if view.is_poisoned:
        return "Set aside: a rule of ours broke on it. Its circle is asked plainly, and it is tried again every minute."
    if view.next is None:
        return "Nothing more: it is over."
    who = view.names.get(view.next.who, "somebody")
    words = _NEXT[view.next.what].format(who=who, caller=view.person.name)
    return f"At {clock_time(view.next.at, zone)}, {words}."
