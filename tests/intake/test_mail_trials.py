"""A thousand mails of every kind, real and forged, from the first byte on: none of them answers."""

import random
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from nightlight.channels.base import Heard, Receipt, Reply
from nightlight.channels.mail_reading import Ours, read_mail
from nightlight.engine.effects import Purpose
from nightlight.engine.state import AlertStatus
from nightlight.intake.hearing import take_heard
from nightlight.store.models import ContactMethod, KeptReply, Notification
from nightlight.store.sealing import unseal
from tests.factories import a_ladder
from tests.people import BO, KIT, MAILS, NOA, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TRIALS = 1000
OURS = Ours(domain="example.org", base_url="https://circle.example.org")
SENDERS = [
    MAILS[SAM],
    MAILS[BO],
    MAILS[NOA],
    MAILS[SAM].upper(),
    "mailer-daemon@example.net",
    "nobody@example.net",
]
AUTOMATIC = [
    {}, {}, {"Auto-Submitted": "auto-replied"}, {"Auto-Submitted": "auto-generated"}, {"Precedence": "bulk"},
    {"X-Autoreply": "yes"}, {"List-Id": "<x.example.net>"}, {"Return-Path": "<>"}, {"Auto-Submitted": "no"},
]  # fmt: skip


def a_mail(chance: random.Random, asks: list[Notification]) -> bytes:
    ask = chance.choice(asks)
    code, token = unseal(ask.code_sealed), unseal(ask.token_sealed)
    words = chance.choice(
        [
            "YES", "yes please", "ok", "sim", "no", "STOP", "START", code, f"yes {code}", f"NO {code}",
            f"{OURS.base_url}/a/{token}", f"> Reply {code}", "I am away until May.", "👍", f"answer=yes {token}",
        ]
    )  # fmt: skip
    mail = EmailMessage(policy=SMTP)
    mail["From"] = chance.choice(SENDERS)
    mail["To"], mail["Subject"] = "circle@example.org", chance.choice(["Re: yes", "YES", code])
    mail["Message-ID"] = f"<{chance.getrandbits(64):x}@example.net>"
    named = chance.choice([ask.pk, ask.pk, ask.pk, ask.alert_id, ask.attempts.get().pk, token, "f" * 32])
    mail[chance.choice(["In-Reply-To", "References"])] = f"<{named}@example.org>"
    for name, value in chance.choice(AUTOMATIC).items():
        mail[name] = value
    mail.set_content(words, subtype=chance.choice(["plain", "html"]))
    return mail.as_bytes()


def test_a_thousand_mails_and_none_is_an_answer(world: World) -> None:
    a_ladder((SAM, BO, KIT))
    world.ana_calls()
    world.send_due()
    asks = list(Notification.objects.filter(purpose=Purpose.ASK, channel="smtp"))
    assert len(asks) == 3
    chance = random.Random(6)  # noqa: S311  (what is tried must be the same every time)
    read: list[Receipt | Reply | None] = []
    for _ in range(TRIALS):
        found = read_mail(a_mail(chance, asks), OURS)
        read.append(found)
        replies = (found,) if isinstance(found, Reply) else ()
        take_heard("smtp", Heard(replies=replies), world.time)

    alert = world.alert()
    assert (alert.status, alert.taker) == (AlertStatus.TRIGGERED, None)
    assert {ask.answer for ask in alert.asks} == {None}
    assert not ContactMethod.objects.exclude(ended_at=None).exists()
    # The trials are none that fall at the first hurdle: many are a person's words, and kept.
    assert sum(isinstance(each, Reply) for each in read) > TRIALS // 5
    assert KeptReply.objects.count() > 10
    assert not any(OURS.base_url in each.text for each in read if isinstance(each, Reply))
