"""Nevers of the sealed plan: what it never suggests, and what no host can read of it."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db.models import BinaryField, CharField, Field, TextField

from tests.docs.project import SRC, name_of, templates, words_on
from tests.nevers.searching import code, importers_of
from tests.nevers.test_words import METHODS, naming_a_method

PLAN_TEMPLATES = [path for path in templates() if path.stem.startswith("plan") or path.parent.name == "plan"]

READABLE = {"id", "own_id", "kind", "recipient", "verify_key", "token_hash", "asker_hash", "proof"}
"""Names, public halves and digests: they open nothing, and were written by nobody."""


def suggested() -> Mapping[str, str]:
    """Everything that the pages of a plan say, ask and suggest."""
    return {name_of(path): words_on(path) for path in PLAN_TEMPLATES}


def test_n8_prompts_nothing_that_a_plan_suggests_or_asks_names_a_method() -> None:
    """Every hint and question of the plan, on the page and on paper; and the words drawn for its owner."""
    asked = suggested()

    assert any("In your own words" in words for words in asked.values())
    assert naming_a_method(asked, METHODS) == []
    assert (
        naming_a_method({"words": (SRC.parents[1] / "frontend/words/english.txt").read_text()}, METHODS) == []
    )


def test_n8_prompts_nothing_is_offered_to_be_picked_from_a_list() -> None:
    """What helps and what is made safer is said in the person's own words: there is no list of examples to choose."""
    offering = ("<option", "<datalist", 'type="radio"')
    sources = {name_of(path): path.read_text() for path in PLAN_TEMPLATES if "writing" in path.stem}

    assert sources
    assert [name for name, text in sources.items() if any(each in text for each in offering)] == []


def kept_fields() -> "list[Field[Any, Any]]":
    """Every column of the plan's tables that can hold somebody's words."""
    models = [model for model in apps.get_app_config("store").get_models() if _is_of_the_plan(model.__name__)]
    return [
        field
        for model in models
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField | BinaryField) and not field.is_relation
    ]


def _is_of_the_plan(name: str) -> bool:
    return name.startswith("Plan") or name in {"SealedNote", "SupporterKey", "CallCard"}


def test_n43_plan_what_is_kept_of_a_plan_is_sealed_in_the_browser_or_by_the_host_key() -> None:
    """No column holds words as they were written: bytes from the browser, or sealed under the host's key."""
    fields = kept_fields()
    open_ones = {
        f"{field.model.__name__}.{field.name}"
        for field in fields
        if not isinstance(field, BinaryField)
        and not field.name.endswith("_sealed")
        and field.name not in READABLE
    }

    assert any(isinstance(field, BinaryField) for field in fields)
    assert open_ones == set()


def test_n43_plan_nothing_that_serves_can_open_what_a_browser_sealed() -> None:
    """The one program that opens a plan is a command for its owner, with the seven words."""
    assert importers_of({"pyrage"}, code()) == {"src/nightlight/cli/plan.py"}
