"""What somebody writes back outside a call, by text and by mail: it ends the notes, or a human reads it."""

from datetime import UTC, datetime, timedelta

import pytest

from nightlight.channels.base import Reply
from nightlight.engine.events import EndedBy
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.intake.hearing import take_reply
from nightlight.intake.reply import take_text
from nightlight.store import member_notes, words_back
from nightlight.store.follow_ups import notes_ahead, wishes_of
from nightlight.store.models import ContactMethod, Host, KeptReply, Membership, Notice, Quiet, WordBack
from nightlight.store.notices import NoticePurpose
from nightlight.store.sealing import seal, unseal
from nightlight.worker.caring import CARES
from nightlight.worker.words_back import tell_host_of_words
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, MAILS, MIRA, NUMBERS, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HELLO = "Good morning from the harbour."
TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def morning(world: World) -> World:
    """The morning after: Sam's words went out to Ana, and he was asked how he is."""
    Host.objects.create(
        name="Harbour House", ways_sealed=seal(f'[{{"channel": "smtp", "to": "{MAILS[MIRA]}"}}]')
    )
    a_ladder((SAM,), (BO,))
    a_way(ANA, "sms")
    member_notes.add_notes(ANA, SAM, [HELLO], world.time)
    world.ana_calls()
    world.send_due()
    world.says(SAM, Saying.YES)
    intake.in_touch(world.call_id, world.time, person=SAM)
    world.send_due()
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    world.send_due()
    world.time = TEN
    look(world)
    return world


def look(world: World) -> None:
    for each in CARES:
        for one in each.due(world.time, 100):
            each.do(one, world.time, world.on)
    NoticeWorld(world).send_due()


def texts(world: World, text: str, person: str = ANA) -> str:
    return take_text("sms", NUMBERS[person], text, world.time)  # type: ignore[index]


def mails(world: World, purpose: NoticePurpose, text: str, sender: str) -> str:
    row = Notice.objects.filter(purpose=purpose, contact_method__channel="smtp").get()
    return take_reply("smtp", Reply(sender=sender, text=text, notification=row.pk), world.time)


def kept() -> list[tuple[str, str | None, str]]:
    return [(row.writer_id, row.owner_id, unseal(row.text_sealed)) for row in WordBack.objects.all()]


# ------------------------------------------------------------------------------------------- by text


def test_anas_text_reaches_sam_and_he_is_told(morning: World) -> None:
    assert texts(morning, "thank you, that helped") == "passed_on"
    assert kept() == [(ANA, SAM, "thank you, that helped")]
    look(morning)

    told = morning.handed(SAM)[-1].text
    assert "There is something new from Ana." in told
    assert "helped" not in told


@pytest.mark.parametrize("word", ["ENOUGH", "enough.", " Enough! ", "BASTA", "basta"])
def test_one_word_ends_the_notes(morning: World, word: str) -> None:
    assert texts(morning, word) == "enough"
    assert not wishes_of(ANA).notes_on
    assert notes_ahead(ANA) == ()
    assert kept() == []


def test_a_sentence_with_that_word_in_it_is_words(morning: World) -> None:
    assert texts(morning, "I have had enough of everything") == "passed_on"
    assert wishes_of(ANA).notes_on


def test_a_call_that_is_open_comes_first(morning: World) -> None:
    """Sam, asked for Ana, writes: it is for whoever has her call, as ever."""
    a_way(SAM, "sms")
    morning.call_id = ""
    morning.ana_calls()
    morning.send_due()
    assert texts(morning, "on the train until six", SAM) == "kept"
    assert KeptReply.objects.count() == 1
    assert kept() == []


def test_after_two_weeks_a_text_answers_nothing_and_ends_the_notes_even_so(morning: World) -> None:
    Notice.objects.update(created_at=morning.time - timedelta(days=14))
    assert texts(morning, "thank you") == "nothing_open"
    assert texts(morning, "ENOUGH") == "enough"


def test_a_number_that_was_sent_no_note_answers_none(morning: World) -> None:
    a_way(BO, "sms")
    assert texts(morning, "hello", BO) == "nothing_open"
    assert texts(morning, "ENOUGH", BO) == "nothing_open"
    assert wishes_of(ANA).notes_on


def test_two_machines_that_answer_one_another_stop(morning: World) -> None:
    said = {texts(morning, f"auto {number}") for number in range(words_back.A_DAY_MAX + 1)}

    assert said == {"passed_on", "too_many"}
    assert WordBack.objects.count() == words_back.A_DAY_MAX
    # And Sam was told once, not forty times.
    assert Notice.objects.filter(purpose=NoticePurpose.WROTE_BACK).count() == 1


# ------------------------------------------------------------------------------------------- by mail


def test_a_mail_to_a_note_reaches_sam_and_enough_above_the_quoted_note_ends_them(morning: World) -> None:
    a_way(ANA)
    ContactMethod.objects.filter(person=ANA, channel="sms").update(ended_at=morning.time)
    morning.time += timedelta(days=2)
    look(morning)

    assert mails(morning, NoticePurpose.FOLLOW_UP, "Thank you.", MAILS[ANA]) == "passed_on"
    assert kept() == [(ANA, SAM, "Thank you.")]
    quoted = "Enough.\n\n> Good morning from the harbour."
    assert mails(morning, NoticePurpose.FOLLOW_UP, quoted, MAILS[ANA]) == "enough"
    assert not wishes_of(ANA).notes_on


def test_enough_from_another_address_ends_nothing(morning: World) -> None:
    a_way(ANA)
    ContactMethod.objects.filter(person=ANA, channel="sms").update(ended_at=morning.time)
    morning.time += timedelta(days=2)
    look(morning)

    assert mails(morning, NoticePurpose.FOLLOW_UP, "Enough", "stranger@example.org") == "passed_on"
    assert wishes_of(ANA).notes_on


def test_sams_mail_about_how_he_is_is_the_hosts_to_read(morning: World) -> None:
    assert mails(morning, NoticePurpose.HOW_ARE_YOU, "Not so well.", MAILS[SAM]) == "passed_on"
    assert kept() == [(SAM, None, "Not so well.")]
    assert [word.text for word in words_back.words_for_host(morning.time)] == ["Not so well."]


def test_anothers_mail_is_kept_with_whose_it_is(morning: World) -> None:
    mails(morning, NoticePurpose.HOW_ARE_YOU, "Who is this?", "stranger@example.org")

    assert kept() == [(SAM, None, "stranger@example.org: Who is this?")]


def test_a_mail_that_names_nothing_of_ours_is_nobodys(morning: World) -> None:
    reply = Reply(sender=MAILS[ANA], text="hello", notification="nothing")
    assert take_reply("smtp", reply, morning.time) == "unknown_message"
    assert kept() == []


# ----------------------------------------------------------------------------------------- the host


def tells_host(world: World) -> bool:
    return tell_host_of_words(world.channels, world, base_url="https://c.example.org", service_name="Circle")


def test_after_four_hours_the_host_is_told_once(morning: World) -> None:
    texts(morning, "I am not so well")
    assert not tells_host(morning)
    morning.time += timedelta(hours=4)
    assert tells_host(morning)
    assert not tells_host(morning)

    to_host = morning.handed(MIRA)
    assert len(to_host) == 1
    assert "https://c.example.org/desk" in to_host[0].text
    assert "not so well" not in to_host[0].text
    assert "Ana" not in to_host[0].text


def test_what_sam_took_in_time_is_not_the_hosts(morning: World) -> None:
    texts(morning, "thank you")
    assert words_back.take(SAM, WordBack.objects.get().pk, morning.time)
    morning.time += timedelta(hours=5)

    assert not tells_host(morning)
    assert words_back.words_for_host(morning.time) == ()


def test_with_the_one_switch_on_the_host_is_not_told_and_the_desk_shows_it(morning: World) -> None:
    texts(morning, "thank you")
    Quiet.objects.create(person_id=ANA, since=morning.time, by="host")
    morning.time += timedelta(hours=5)

    assert not tells_host(morning)
    assert words_back.words_for_host(morning.time)


def test_words_for_somebody_who_left_are_the_hosts_at_once(morning: World) -> None:
    Membership.objects.filter(person=SAM).update(ended_at=morning.time)
    texts(morning, "thank you")

    assert kept() == [(ANA, None, "thank you")]
    assert tells_host(morning)
