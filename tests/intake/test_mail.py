"""Mails that come back: words for whoever has the call, and failures. Never an answer."""

from dataclasses import replace

import pytest

from nightlight.channels.base import Heard, Receipt, ReceiptStatus, Reply
from nightlight.engine.effects import Purpose
from nightlight.engine.events import EndedBy
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.intake.hearing import take_heard, take_reply
from nightlight.intake.receipt import take_receipt
from nightlight.store.inbound import WORDS_KEPT_MAX
from nightlight.store.models import ContactMethod, KeptReply, Notice, Notification
from nightlight.store.page_queries import kept_words
from nightlight.store.sealing import unseal
from nightlight.store.ways import add_way
from tests.factories import a_ladder, a_person, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def asked_by_mail(world: World, person: str = SAM) -> Notification:
    """Ana calls, and the first step was asked by mail."""
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    world.send_due()
    return Notification.objects.get(person_id=person, channel="smtp", purpose=Purpose.ASK)


def writes(world: World, row: Notification, text: str, sender: str = MAILS[SAM], kind: str = "smtp") -> str:
    return take_reply(kind, Reply(sender=sender, text=text, notification=row.pk), world.time)


def kept() -> list[tuple[str, str, str]]:
    return [(row.person_id, row.channel, unseal(row.text_sealed)) for row in KeptReply.objects.all()]


# ---------------------------------------------------------------------------------------- words


@pytest.mark.parametrize("text", ["I am on the train until six.", "YES", "No, sorry", "518204", "STOP"])
def test_whatever_a_mail_says_it_answers_nothing_and_its_words_are_kept(world: World, text: str) -> None:
    row = asked_by_mail(world)

    assert writes(world, row, text) == "kept"
    assert kept() == [(SAM, "smtp", text)]
    assert {ask.answer for ask in world.alert().asks} == {None}
    assert world.alert().status is AlertStatus.TRIGGERED
    assert not ContactMethod.objects.exclude(ended_at=None).exists()


def test_even_the_digits_of_that_very_ask_do_not_answer_by_mail(world: World) -> None:
    row = asked_by_mail(world)

    assert writes(world, row, f"yes {unseal(row.code_sealed)}") == "kept"
    assert world.alert().taker is None


def test_whoever_wrote_hears_that_only_the_page_answers(world: World) -> None:
    row = asked_by_mail(world)
    writes(world, row, "I am coming!")
    world.send_due()

    back = world.mail.handed[-1]
    assert back.to == MAILS[SAM]
    assert "A mail is no answer yet" in back.text
    assert f"/a/{unseal(row.token_sealed)}" in back.text
    assert back.html.count(f"/a/{unseal(row.token_sealed)}") == 2


def test_a_machine_that_answers_our_word_back_is_not_answered_again(world: World) -> None:
    row = asked_by_mail(world)
    writes(world, row, "hello")
    world.send_due()
    back = Notification.objects.get(purpose=Purpose.TEXT_BACK)

    assert writes(world, back, "hello to you") == "kept"
    assert Notification.objects.filter(purpose=Purpose.TEXT_BACK).count() == 1


def test_whoever_has_it_reads_what_others_wrote(world: World) -> None:
    row = asked_by_mail(world)
    writes(world, row, "I am on the train until six.")
    world.says(BO, Saying.YES)

    [words] = kept_words(world.call_id, besides=BO)
    assert (words.person, words.text) == (SAM, "I am on the train until six.")
    assert kept_words(world.call_id, besides=SAM) == []


def test_whoever_has_it_is_not_sent_to_the_page_for_what_they_write(world: World) -> None:
    row = asked_by_mail(world)
    world.says(SAM, Saying.YES)

    assert writes(world, row, "On my way") == "kept"
    assert not Notification.objects.filter(purpose=Purpose.TEXT_BACK).exists()


@pytest.mark.parametrize(
    ("sender", "shown"), [(MAILS[NOA], f"{MAILS[NOA]}: hi"), ("nonsense", "?: hi"), ("", "?: hi")]
)
def test_words_from_another_address_are_not_passed_off_as_sams(world: World, sender: str, shown: str) -> None:
    """Sam may have passed the mail on; and anybody can write any sender on a mail."""
    row = asked_by_mail(world)
    assert writes(world, row, "hi", sender=sender) == "kept"
    assert kept() == [(SAM, "smtp", shown)]


def test_the_same_mail_heard_twice_is_kept_once(world: World) -> None:
    row = asked_by_mail(world)
    mail = Reply(sender=MAILS[SAM], text="hi", notification=row.pk, reference="<1@example.net>")
    take_heard("smtp", Heard(replies=(mail,)), world.time)
    take_heard("smtp", Heard(replies=(mail, replace(mail, reference="<2@example.net>"))), world.time)
    assert kept() == [(SAM, "smtp", "hi")] * 2
    assert Notification.objects.filter(purpose=Purpose.TEXT_BACK).count() == 2


def test_small_and_capital_letters_make_no_other_address(world: World) -> None:
    row = asked_by_mail(world)
    writes(world, row, "hi", sender=MAILS[SAM].upper())
    assert kept() == [(SAM, "smtp", "hi")]


def test_what_names_no_message_of_ours_or_one_that_went_another_way_is_not_kept(world: World) -> None:
    row = asked_by_mail(world)

    assert take_reply("smtp", Reply(sender="x", text="hi", notification="f" * 32), world.time) == (
        "unknown_message"
    )
    assert writes(world, row, "hi", kind="matrix") == "unknown_message"
    unsent = Notification.objects.filter(person_id=BO, purpose=Purpose.ASK).first()
    assert unsent is None or writes(world, unsent, "hi") == "unknown_message"
    assert kept() == []


def test_after_the_end_nothing_is_kept(world: World) -> None:
    row = asked_by_mail(world)
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    assert writes(world, row, "hi") == "over"
    assert kept() == []


def test_what_the_caller_writes_back_is_not_shown_as_a_members_words(world: World) -> None:
    a_way(ANA)
    asked_by_mail(world)
    world.says(SAM, Saying.YES)
    world.send_due()
    row = Notification.objects.filter(person_id=ANA, purpose=Purpose.CALLER_NEWS).first()
    assert row is not None
    assert writes(world, row, "thank you", sender=MAILS[ANA]) == "unknown_message"


def test_a_mailbox_gone_mad_is_not_kept_for_ever(world: World) -> None:
    row = asked_by_mail(world)
    said = [writes(world, row, f"word {number}") for number in range(WORDS_KEPT_MAX + 3)]
    assert said.count("kept") == WORDS_KEPT_MAX
    assert said[-3:] == ["too_many"] * 3


# ---------------------------------------------------------------------------------------- bounces


def bounced(notification: str) -> Receipt:
    return Receipt(status=ReceiptStatus.FAILED, notification=notification, reason="bounced_5_1_1")


def test_a_bounce_fails_its_message_and_the_next_person_is_asked_at_once(world: World) -> None:
    row = asked_by_mail(world)
    assert world.statuses(SAM) == ["accepted"]

    take_heard("smtp", Heard(receipts=(bounced(row.pk),)), world.time)
    assert world.statuses(SAM) == ["failed"]
    world.send_due()
    assert world.statuses(BO) == ["accepted"]


def test_a_bounce_that_comes_twice_changes_nothing_more(world: World) -> None:
    row = asked_by_mail(world)
    assert take_receipt("smtp", bounced(row.pk), world.time)
    before = list(world.alert().asks)
    assert take_receipt("smtp", bounced(row.pk), world.time)
    assert list(world.alert().asks) == before


def test_a_forged_bounce_fails_only_the_message_it_names_and_none_that_went_another_way(
    world: World,
) -> None:
    a_ladder((SAM, BO, KIT))
    ContactMethod.objects.filter(person_id=KIT).delete()
    a_way(KIT, "sms")
    world.ana_calls()
    world.send_due()
    sams, kits = (Notification.objects.get(person_id=person) for person in (SAM, KIT))

    assert not take_receipt("smtp", bounced(kits.pk), world.time)
    assert take_receipt("smtp", bounced(sams.pk), world.time)
    assert [world.statuses(person) for person in (SAM, BO, KIT)] == [["failed"], ["accepted"], ["accepted"]]


def test_a_bounce_of_a_message_outside_calls_is_known_too(world: World) -> None:
    a_person(SAM)
    add_way(SAM, "smtp", MAILS[SAM], world.time)
    NoticeWorld(world).send_due()
    notice = Notice.objects.get()
    assert notice.status == "accepted"

    assert not take_receipt("sms", bounced(notice.pk), world.time)
    assert take_receipt("smtp", bounced(notice.pk), world.time)
    notice.refresh_from_db()
    assert (notice.status, notice.reason) == ("failed", "bounced_5_1_1")
