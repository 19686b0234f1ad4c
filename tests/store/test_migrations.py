"""Migrations that a version may stand beside: machines are upgraded one after another, and all go on meanwhile."""

from importlib import import_module
from pathlib import Path

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from nightlight.store import migrations as ours

ALL_AT_ONCE = "0001_all_until_0011"
ONE_BY_ONE = "0011_sealed_plan"

LAST_WITHOUT_THE_RULE = "0011"
"""Up to here an installation was upgraded as a whole."""

_HARMLESS = (
    migrations.CreateModel,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.RunPython,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
)


def breaks_the_version_before(operation: Operation) -> bool:
    """Whether *operation* may break a process of the version before, which knows nothing of it.

    A column that it does not fill must have a value all the same: Django's own default is gone from the
    table once it was added, `db_default` stays.
    """
    if isinstance(operation, migrations.AddField):
        field = operation.field
        return not (field.null or field.has_db_default() or field.many_to_many)
    return not isinstance(operation, _HARMLESS)


def later_migrations() -> list[str]:
    folder = Path(ours.__path__[0])
    return sorted(path.stem for path in folder.glob("0*.py") if path.stem[:4] > LAST_WITHOUT_THE_RULE)


def tables_after(name: str, *, one_by_one: bool) -> dict[str, tuple[dict[str, object], dict[str, object]]]:
    """By model, its fields and its options as Django knows them after migration *name*."""
    loader = MigrationLoader(None, replace_migrations=not one_by_one)
    state = loader.project_state(("store", name))
    found = {}
    for key, model in state.models.items():
        fields = {field: value.deconstruct()[1:] for field, value in model.fields.items()}
        options = dict(model.options)
        named = {
            kind: {each.name: each.deconstruct() for each in options.pop(kind, ())}
            for kind in ("indexes", "constraints")
        }
        found[key[1]] = (fields, options | named)
    return found


def test_all_tables_at_once_are_those_that_came_one_by_one() -> None:
    at_once = tables_after(ALL_AT_ONCE, one_by_one=False)
    assert at_once == tables_after(ONE_BY_ONE, one_by_one=True)
    assert "alert" in at_once


def test_every_migration_lets_the_version_before_it_go_on() -> None:
    """What is no longer used goes one release later; such a migration says `UNUSED_SINCE = "0.2.0"` for it."""
    breaking = []
    for name in later_migrations():
        module = import_module(f"nightlight.store.migrations.{name}")
        if not hasattr(module, "UNUSED_SINCE"):
            breaking += [
                f"{name}: {operation.describe()}"
                for operation in module.Migration.operations
                if breaks_the_version_before(operation)
            ]
    assert breaking == []


@pytest.mark.parametrize(
    ("operation", "breaks"),
    [
        (migrations.AddField("alert", "x", models.TextField(null=True)), False),
        (migrations.AddField("alert", "x", models.TextField(db_default="")), False),
        (migrations.AddField("alert", "x", models.TextField(default="")), True),
        (migrations.AddField("alert", "x", models.TextField()), True),
        (migrations.CreateModel("thing", [("id", models.BigAutoField(primary_key=True))]), False),
        (migrations.RemoveField("alert", "x"), True),
        (migrations.RenameField("alert", "x", "y"), True),
        (migrations.DeleteModel("thing"), True),
        (migrations.AlterField("alert", "x", models.TextField()), True),
    ],
)
def test_what_breaks_the_version_before_is_seen(operation: Operation, breaks: bool) -> None:
    assert breaks_the_version_before(operation) is breaks
