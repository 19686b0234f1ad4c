"""Rows that cross from SQLite to PostgreSQL and back are the same rows, whatever stands in them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from nightlight.engine.checkin import OnMiss
from nightlight.store.backup import DRAFT, as_draft, make_tables
from nightlight.store.backup_file import BackupError, unseen
from nightlight.store.backup_rows import into_postgresql, out_of_postgresql, tables
from nightlight.store.models import (
    Alert,
    CheckIn,
    Circle,
    EventRow,
    Host,
    Membership,
    Person,
    PlanPart,
    PlanVault,
)
from tests.people import ANA, NOON, SAM

WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
) | st.sampled_from(["\\N", "\\.", "a\tb\nc\r", "\\", "'; --", '"', "NULL", "ação"])
BIG = 2**31 - 1
DAY = timedelta(days=1)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "BooleanField": st.booleans(),
    "CharField": WORDS.map(lambda text: text[:2]),
    "TextField": WORDS,
    "JSONField": DOCUMENTS.filter(lambda document: document is not None),
    "BinaryField": st.binary(max_size=20),
    "IntegerField": st.integers(-BIG, BIG),
    "SmallIntegerField": st.integers(-32768, 32767),
    "PositiveIntegerField": st.integers(0, BIG),
    "DurationField": st.timedeltas(-400 * DAY, 400 * DAY),
    "DateTimeField": st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001
        lambda moment: moment.replace(tzinfo=UTC)
    )
    | st.just(NOON),
    "DateField": st.dates(date(1990, 1, 1), date(2200, 1, 1)),
    "TimeField": st.times(),
    "DecimalField": st.decimals(Decimal("-9999999.99"), Decimal("9999999.99"), places=2),
}


def drawn(draw: st.DrawFn, model: type[models.Model], **fixed: Any) -> models.Model:
    """A row of *model* with anything in every field that is not *fixed* and leads nowhere."""
    values = {
        field.attname: draw(
            VALUES[field.get_internal_type()] | st.none() if field.null else VALUES[field.get_internal_type()]
        )
        for field in model._meta.concrete_fields
        if field.attname not in fixed and not field.is_relation and not field.primary_key
    }
    return model(**values, **fixed)


@st.composite
def houses(draw: st.DrawFn) -> list[models.Model]:
    """Rows of every kind of field there is, each after those it points to."""
    ana, part = draw(st.sampled_from([ANA, "j'o", "z"])), draw(st.integers(1, 2**40))
    call = f"{ana}-call"
    return [
        drawn(draw, Person, id=ana),
        drawn(draw, Person, id=SAM),
        drawn(draw, Circle, person_id=ana),
        drawn(draw, Membership, id=3, circle_id=ana, person_id=SAM, hours_from=None, hours_until=None),
        drawn(
            draw, Membership, id=4, circle_id=ana, person_id=ana, hours_from=draw(st.times()), hours_until=draw(st.times())
        ),
        drawn(draw, Alert, id=call, person_id=ana, status="resolved"),
        drawn(draw, EventRow, id=part, alert_id=call, number=1),
        drawn(draw, EventRow, id=part + 7, alert_id=call, number=2),
        drawn(draw, PlanVault, person_id=ana),
        drawn(draw, PlanPart, id=part, vault_id=ana, own_id="a"),
        drawn(draw, Host, id=1),
        drawn(
            *(draw, CheckIn), id="c", circle_id=ana, on_since=None, on_miss=OnMiss.CALL, token_hash=None, machine_hash=None
        ),
        CheckIn.told.through(id=9, checkin_id="c", person_id=SAM),
    ]  # fmt: skip


def as_django_sees(using: str) -> dict[str, list[dict[str, Any]]]:
    return {
        model.__name__: [
            {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
            for row in model._default_manager.using(using).order_by("pk").values()
        ]
        for model in tables()
    }


def as_written(database: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row; a document is what it says, however it is spaced."""
    return {
        model._meta.db_table: sorted(
            (tuple(_plain(value) for value in row) for row in _rows(database, model)), key=repr
        )
        for model in tables()
    }


def _rows(database: sqlite3.Connection, model: type[models.Model]) -> Iterator[tuple[Any, ...]]:
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    yield from database.execute(f"SELECT {columns} FROM {model._meta.db_table}")  # noqa: S608


def _plain(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


@pytest.fixture
def only_postgresql(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("rows cross to PostgreSQL and back")


@pytest.mark.both_databases
@pytest.mark.usefixtures("only_postgresql")
def test_whatever_crosses_and_comes_back_is_the_same(tmp_path: Path) -> None:
    for name in ("first", "second"):
        with as_draft(tmp_path / name) as empty:
            make_tables(empty)
    with (
        as_draft(tmp_path / "first") as draft,
        closing(sqlite3.connect(tmp_path / "first")) as first,
        closing(sqlite3.connect(tmp_path / "second")) as second,
    ):
        draft.cursor().execute("PRAGMA synchronous = OFF")

        @settings(max_examples=20, deadline=None)
        @given(house=houses())
        def crosses(house: list[models.Model]) -> None:
            for database in (first, second):
                for model in tables():
                    database.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608
                database.commit()
            with transaction.atomic(using=DRAFT):
                for row in house:
                    row.save(using=DRAFT, force_insert=True)
            with transaction.atomic():
                into_postgresql(first, 0, unseen)
                assert as_django_sees("default") == as_django_sees(DRAFT)
                out_of_postgresql(second, unseen)
                assert as_written(second) == as_written(first)
                transaction.set_rollback(True)

        crosses()


@pytest.mark.both_databases
@pytest.mark.usefixtures("only_postgresql")
def test_what_postgresql_does_not_take_is_said_with_its_table(tmp_path: Path) -> None:
    with as_draft(tmp_path / "draft") as draft:
        make_tables(draft)
        Person.objects.using(DRAFT).create(id=ANA, name="A" * 200, created_at=NOON)

        with pytest.raises(BackupError, match="table person"), transaction.atomic():
            into_postgresql(draft.connection, 1, unseen)

    assert not Person.objects.exists()


def test_every_kind_of_field_that_the_tables_have_has_crossed() -> None:
    kinds = {field.get_internal_type() for model in tables() for field in model._meta.concrete_fields}

    assert kinds - {*VALUES} == {
        "SlugField",
        "ForeignKey",
        "OneToOneField",
        "BigAutoField",
        "BigIntegerField",
    }
