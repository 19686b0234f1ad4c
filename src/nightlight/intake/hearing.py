"""What came in by a line on which we listen ourselves. Stop 2 of the road."""

from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError

from nightlight.channels.base import Heard, Reply
from nightlight.channels.wording import SPOKEN_KINDS
from nightlight.intake.key import take_key_reply
from nightlight.intake.mail import take_mail
from nightlight.intake.receipt import take_receipt
from nightlight.intake.reply import take_text
from nightlight.store import seen

_log = structlog.get_logger()


def take_heard(kind: str, heard: Heard, now: datetime) -> None:
    """Take in every report and reply of *heard*, by a line of this *kind*.

    A database that is away is raised, so that the line is listened to again from the same place. Whatever
    else breaks on one of them breaks on that one only: the line must not stand still before it for ever.
    """
    for receipt in heard.receipts:
        try:
            take_receipt(kind, receipt, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001
            _log.error("report not taken in", kind=kind, error=type(error).__name__)
    for reply in heard.replies:
        try:
            taken_for = _take_once(kind, reply, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001
            _log.error("reply not taken in", kind=kind, error=type(error).__name__)
        else:
            _log.info("reply taken in", kind=kind, taken_for=taken_for)


def _take_once(kind: str, reply: Reply, now: datetime) -> str:
    """A line that was cut is listened to once more from where it was kept: the same reply may come again."""
    mark = f"{reply.sender} {reply.reference}" if reply.reference else ""
    if mark and seen.was_seen(kind, mark, now):
        return "again"
    taken_for = take_reply(kind, reply, now)
    if mark:
        seen.see(kind, mark, now)
    return taken_for


def take_reply(kind: str, reply: Reply, now: datetime) -> str:
    """Take one reply in; what it was taken for, as a code word for the record."""
    if reply.notification:
        return take_mail(kind, reply, now)
    if reply.attempt and kind in SPOKEN_KINDS:
        return take_key_reply(reply, now)
    return take_text(kind, reply.sender, reply.text, now)
