"""A machine that is cut off in the middle of a transaction does not keep a call from the others."""

import psycopg
import pytest
from django.db import connection, transaction

from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.store import letting_go
from nightlight.store.models import Alert
from tests.factories import a_ladder
from tests.people import ANA, NOON, SAM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def test_a_call_in_the_hands_of_a_machine_that_fell_silent_comes_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On PostgreSQL. On SQLite there is one machine, and what a process held ends with it."""
    a_ladder((SAM,))
    alert = intake.call(ANA, Need.TALK, NOON).alert_id
    if connection.vendor != "postgresql":
        return
    monkeypatch.setattr(letting_go, "IDLE_SECONDS", 1)
    silent = connection.copy()
    silent.connect()
    silent.set_autocommit(False)
    with silent.cursor() as cursor:
        cursor.execute("SELECT id FROM alert WHERE id = %s FOR UPDATE", [alert])

    with connection.cursor() as cursor:
        # Else this test would wait for two hours where it should fail.
        cursor.execute("SET statement_timeout = '20s'")
    with transaction.atomic():
        assert Alert.objects.select_for_update().get(pk=alert).pk == alert
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    with pytest.raises(psycopg.Error):
        silent.connection.execute("SELECT 1")
    silent.close()


def test_the_server_is_told_on_every_connection() -> None:
    if connection.vendor != "postgresql":
        return
    told = {}
    with connection.cursor() as cursor:
        for name in ("idle_in_transaction_session_timeout", "client_connection_check_interval"):
            cursor.execute(f"SHOW {name}")
            told[name] = cursor.fetchone()[0]
    assert told == {
        "idle_in_transaction_session_timeout": "8s",
        "client_connection_check_interval": "2s",
    }
