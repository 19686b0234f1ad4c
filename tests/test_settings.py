"""What Django is told, as far as it decides whether a call is kept and who may read it."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.utils import load_backend
from django.utils.module_loading import import_string
from pytest_django import Settings

from nightlight.config import SettingError
from nightlight.settings import _postgresql
from nightlight.store.postgresql.base import DatabaseWrapper


def test_several_database_servers_are_handed_on_and_the_writing_one_is_asked_for() -> None:
    found = _postgresql("postgresql://mira:p%40ss@db1:5432,db2:5433/circle?sslmode=require&connect_timeout=4")

    assert (found["HOST"], found["PORT"]) == ("db1,db2", "5432,5433")
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("mira", "p@ss", "circle")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["OPTIONS"]["connect_timeout"] == "4"
    assert found["OPTIONS"]["keepalives_idle"] == "1"


def test_several_database_servers_may_stand_in_libpqs_own_form() -> None:
    found = _postgresql("host=db1,db2,db3 port=5432 user=mira password='p@ss word' dbname=circle")

    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db1,db2,db3", "5432", "circle")
    assert found["PASSWORD"] == "p@ss word"
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"


def test_connections_to_postgresql_are_those_that_raise_when_a_commit_is_in_doubt() -> None:
    found = _postgresql("postgresql://db1/circle")

    assert load_backend(found["ENGINE"]).DatabaseWrapper is DatabaseWrapper


def test_one_database_server_gives_up_soon_when_it_is_silent() -> None:
    found = _postgresql("postgresql://db1/circle")

    assert found["OPTIONS"]["connect_timeout"] == "2"
    assert "target_session_attrs" not in found["OPTIONS"]


@pytest.mark.parametrize(
    "url", ["postgresql://mira:hunter2@db1:port/circle?x=%zz", "postgresql://mira:hunter2@db1?nonsense=1"]
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingError, match="NIGHTLIGHT_DATABASE_URL") as caught:
        _postgresql(url)
    assert "hunter2" not in str(caught.value)


def test_an_address_without_a_database_is_refused() -> None:
    with pytest.raises(SettingError, match="names no database"):
        _postgresql("postgresql://mira:hunter2@db1")


def test_djangos_own_secret_follows_from_the_host_key_and_is_not_it() -> None:
    assert len(settings.SECRET_KEY) == 64
    assert "a-key-for-tests" not in settings.SECRET_KEY


def test_nothing_of_a_page_is_told_to_other_sites_or_to_the_log() -> None:
    assert settings.SECURE_REFERRER_POLICY == "no-referrer"
    assert settings.X_FRAME_OPTIONS == "DENY"
    loggers: Any = settings.LOGGING["loggers"]
    assert loggers["django"] == {"handlers": ["nowhere"], "propagate": False}
    assert not settings.DEBUG


def test_pages_parts_are_served_without_being_collected_first(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "page.css").write_text("p {}")
    settings.STATICFILES_DIRS = [tmp_path]

    (name,) = [name for name in settings.MIDDLEWARE if "whitenoise" in name]
    assert "/static/page.css" in import_string(name)(lambda _: None).files
