"""A key that was pressed while a phone was held: whose it is, and what it means. Stop 2 of the road.

Only the keys that were announced in that very ring mean anything, so a voicemail, a machine that
screens calls, or a hand that fumbles answers nothing. Pressed twice it says the same, and the last of
two different ones counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nightlight.channels.base import Reply, Spoken
from nightlight.channels.phone_keys import Keys, keys_for
from nightlight.channels.wording_voice import AfterKey, KeyOwner, Reached, say_after, say_wrong_key
from nightlight.engine.checkin import By, How
from nightlight.engine.receipts import Evidence
from nightlight.intake import checkin
from nightlight.intake.answer import Saying, say
from nightlight.intake.channels import kinds_on
from nightlight.intake.reply import word_for
from nightlight.store import notices_send, pressed, ways
from nightlight.store.outbox import record_receipt
from nightlight.store.page_queries import reach_of_caller
from nightlight.store.pressed import Asked, Practised, Reminded
from nightlight.store.races import racing

UNKNOWN = "unknown_ring"
WRONG = "wrong_key"


@dataclass(frozen=True, kw_only=True)
class KeyTaken:
    """What became of a key."""

    taken_for: str
    """A code word for the record."""
    said: Spoken | None
    """What is said now; None when nobody here rang, and the line is only to be closed."""


def take_key(attempt: str, key: str, now: datetime) -> KeyTaken:
    """Take in *key*, pressed in the ring of *attempt*. Raises nothing, whatever they are."""
    asked = pressed.asked_by(attempt, now)
    if asked:
        return _answered(attempt, asked, key, now)
    practised = pressed.practised_by(attempt)
    if practised is not None:
        return _practised(attempt, practised, key, now)
    reminded = pressed.reminded_by(attempt)
    if reminded is not None:
        return _checked_in(attempt, reminded, key, now)
    return KeyTaken(taken_for=UNKNOWN, said=None)


def take_key_reply(reply: Reply, now: datetime) -> str:
    """The same for a key that came by a line on which we listen; says the words there, and what it was taken for."""
    taken = take_key(reply.attempt, reply.text, now)
    if reply.back is not None and taken.said is not None:
        reply.back(taken.said)
    return taken.taken_for


def _answered(attempt: str, asked: Sequence[Asked], key: str, now: datetime) -> KeyTaken:
    found = keys_for(attempt, [each.token for each in asked])
    whose = next((at for at, own in enumerate(found) if key in (own.yes, own.no)), None)
    first = asked[0]
    if whose is None and first.is_over:
        return KeyTaken(taken_for="over", said=say_after(AfterKey.ITS_OVER, first.language))
    if whose is None:
        owners = [KeyOwner(name=a.name, keys=own) for a, own in zip(asked, found, strict=False)]
        return KeyTaken(taken_for=WRONG, said=say_wrong_key(owners, first.language))
    own = found[whose]
    return _say(attempt, asked[whose], own, Saying.YES if key == own.yes else Saying.NO, now)


def _say(attempt: str, asked: Asked, keys: Keys, saying: Saying, now: datetime) -> KeyTaken:
    """The answer, and that this ring did reach somebody, together or not at all."""

    def both() -> AfterKey:
        answered = say(asked.alert, asked.person, saying, now)
        record_receipt(attempt, Evidence.DELIVERED, now, channels_on=kinds_on())
        return AfterKey(word_for(answered).value)

    after = racing(both)
    is_final = after in (AfterKey.ITS_OVER, AfterKey.SOMEONE_HAS_IT)
    said = say_after(
        after,
        asked.language,
        keys=None if is_final else keys,
        reached=_reached(asked) if after is AfterKey.THANKS else None,
    )
    return KeyTaken(taken_for=after.value, said=said)


def _reached(asked: Asked) -> Reached:
    reach = reach_of_caller(asked.caller)
    return Reached(
        caller_name=asked.caller_name,
        number=reach.call if reach else "",
        note=reach.note if reach else "",
    )


def _practised(attempt: str, practised: Practised, key: str, now: datetime) -> KeyTaken:
    [keys] = keys_for(attempt, [practised.token])
    if key != keys.yes:
        return KeyTaken(taken_for=WRONG, said=say_wrong_key([], practised.language))
    found = ways.tap(practised.token, now)
    if found is None or found.state is not ways.TapState.USED:
        return KeyTaken(taken_for="over", said=say_after(AfterKey.ITS_OVER, practised.language))
    notices_send.record_receipt(attempt, Evidence.DELIVERED, now)
    return KeyTaken(taken_for="proven", said=say_after(AfterKey.REACHES_YOU, practised.language))


def _checked_in(attempt: str, reminded: Reminded, key: str, now: datetime) -> KeyTaken:
    """The person is OK. The key was drawn for this ring, so nobody presses it who did not hear it."""
    [keys] = keys_for(attempt, [reminded.token])
    if key != keys.yes:
        return KeyTaken(taken_for=WRONG, said=say_wrong_key([], reminded.language))

    def both() -> bool:
        taken = checkin.take(reminded.check_in, How.OK, By.PHONE, now)
        notices_send.record_receipt(attempt, Evidence.DELIVERED, now)
        return taken is not None and (taken.made or taken.was_late or bool(taken.open_call))

    after = AfterKey.HEARD if racing(both) else AfterKey.ITS_OVER
    return KeyTaken(taken_for=after.value, said=say_after(after, reminded.language))
