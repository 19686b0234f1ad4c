"""Words that come back by Matrix are read as texts are: the code answers, a plain no does, a plain yes does not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nightlight import config
from nightlight.channels.base import Heard, Reply
from nightlight.engine.effects import Purpose
from nightlight.intake.channels import switched_on
from nightlight.intake.hearing import take_heard
from nightlight.store.models import ContactMethod, KeptReply, Notification
from nightlight.store.sealing import unseal
from tests.factories import a_ladder, a_way
from tests.people import BO, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SAMS = "@sam:chat.example.org"


@pytest.fixture
def world(db: Any, with_settings: Callable[..., config.Settings]) -> Iterator[World]:
    """Ana's circle can be reached by Matrix alone; she calls, and Sam was asked."""
    with_settings(
        base_url="https://circle.example.org", matrix_url="matrix://nightlight:token@chat.example.org"
    )
    switched_on.cache_clear()
    made = World(kinds=("matrix",))
    a_ladder((SAM,), (BO,))
    ContactMethod.objects.all().delete()
    a_way(SAM, "matrix", SAMS)
    a_way(BO, "matrix", "@bo:chat.example.org")
    made.ana_calls()
    made.send_due()
    yield made
    switched_on.cache_clear()


def writes(world: World, text: str, sender: str = SAMS, event: str = "$1") -> None:
    heard = Heard(replies=(Reply(sender=sender, text=text, reference=event),))
    take_heard("matrix", heard, world.time)


def code() -> str:
    return unseal(Notification.objects.get(person_id=SAM, purpose=Purpose.ASK).code_sealed)


def words_back() -> list[str]:
    return list(Notification.objects.filter(purpose=Purpose.TEXT_BACK).values_list("news", flat=True))


def test_the_ask_carries_the_code_and_the_code_is_a_yes(world: World) -> None:
    assert code() in world.channels["matrix"][0].handed[0].text
    writes(world, code())
    assert world.alert().taker == SAM
    assert words_back() == ["thanks"]


def test_the_code_from_somebody_else_answers_nothing(world: World) -> None:
    writes(world, code(), sender="@noa:chat.example.org")
    writes(world, code(), sender="@bo:chat.example.org", event="$2")
    writes(world, code(), sender="sam", event="$3")
    assert world.alert().taker is None


def test_a_plain_yes_is_asked_for_its_code_and_other_words_are_kept(world: World) -> None:
    writes(world, "yes")
    writes(world, "I am on the train", event="$2")
    assert world.alert().taker is None
    assert sorted(words_back()) == ["ask_for_code", "passed_on"]
    assert [(row.person_id, row.channel) for row in KeptReply.objects.all()] == [(SAM, "matrix")]


def test_what_is_heard_a_second_time_is_taken_in_once(world: World) -> None:
    writes(world, "I am on the train")
    writes(world, "I am on the train")
    assert KeptReply.objects.count() == 1
