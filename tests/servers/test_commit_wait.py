"""A commit whose wait for the standbys was cancelled is not taken for one; a server that says nothing is not waited for."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg.errors import StatementCompletionUnknown

from nightlight.store.postgresql import answer_within
from nightlight.store.postgresql.connection import SureConnection, says_that_the_wait_was_cancelled
from tests.campaigns.service import NIGHTLIGHT, run
from tests.campaigns.terminal import chance_for
from tests.campaigns.world import circle_file, circles
from tests.servers.nightlight import Nightlight, environment
from tests.servers.postgres_cluster import Cluster, cluster, held
from tests.servers.processes import Server, folder, free_port, wait_until

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def pair() -> Iterator[Cluster]:
    """A primary and the one standby it waits for."""
    with cluster(("a", "b")) as built:
        yield built


@pytest.fixture
def impatient() -> Iterator[None]:
    """What serves people gives up, here after a second."""
    answer_within(1)
    yield
    answer_within(None)


def connected(own: type[psycopg.Connection[Any]], to: Cluster) -> psycopg.Connection[Any]:
    connection = own.connect(to.url, connect_timeout=5)
    connection.execute("CREATE TABLE IF NOT EXISTS kept (what text)")
    connection.commit()
    if isinstance(connection, SureConnection):
        connection.watch()
    return connection


def without_standby(pair: Cluster, commit: Callable[[], None]) -> BaseException | None:
    """What comes of *commit* when its wait is cancelled because the standby is held still."""
    came: list[BaseException | None] = []

    def do() -> None:
        try:
            commit()
        except psycopg.Error as error:
            came.append(error)
        else:
            came.append(None)

    standby = pair.standbys[0]
    with held(standby.processes()):
        thread = threading.Thread(target=do)
        thread.start()
        wait_until(lambda: bool(pair.primary.ask(WAITING)), "a commit that waits")
        pair.primary.ask(CANCEL)
        thread.join(10)
    return came[0]


@pytest.mark.servers
@pytest.mark.postgres
@pytest.mark.parametrize("in_one_statement", [False, True])
def test_a_cancelled_wait_is_a_success_to_the_driver_and_a_doubt_to_us(
    pair: Cluster, in_one_statement: bool
) -> None:
    for own, expected in ((psycopg.Connection, type(None)), (SureConnection, StatementCompletionUnknown)):
        with connected(own, pair) as connection:
            connection.autocommit = in_one_statement

            def keep(connection: psycopg.Connection[Any] = connection) -> None:
                connection.execute("INSERT INTO kept VALUES ('a call')")
                if not connection.autocommit:
                    connection.commit()

            assert isinstance(without_standby(pair, keep), expected)
            # The doubt was about that commit alone: the next one is sure.
            keep()


@pytest.mark.servers
@pytest.mark.postgres
def test_a_stopped_server_is_given_up(pair: Cluster, impatient: None) -> None:
    with connected(SureConnection, pair) as connection, held(pair.primary.processes()):
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
        assert connection.closed
        with pytest.raises(psycopg.OperationalError):
            SureConnection.connect(pair.url, connect_timeout=2)
    with connected(SureConnection, pair) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.servers
@pytest.mark.postgres
def test_a_call_that_may_be_on_one_server_only_is_not_acknowledged_and_found_by_its_key(
    pair: Cluster,
) -> None:
    with folder("commit-wait") as data:
        base_url = f"http://127.0.0.1:{free_port()}"
        built = Nightlight(data, environment(data, base_url, {"NIGHTLIGHT_DATABASE_URL": pair.url}))
        built.do("migrate")
        [circle] = circles(1, chance_for(1, "circles"))
        run(built.environ, *NIGHTLIGHT, "circle", "import", "-", given=circle_file([circle], wait_seconds=60))
        token = built.do("token", "create", "program", "--scope", "call")
        answers: list[tuple[int, Any]] = []

        def call() -> None:
            answers.append(post_call(base_url, token, circle.id("ana")))

        with pages(built):
            without_standby(pair, call)
            alerts = pair.primary.ask("SELECT id FROM alert")
            call()

    assert answers[0] == (503, "2")
    # It was kept where it could be, and the second try found it.
    assert [alert for (alert,) in alerts] == [answers[1][1]]
    assert answers[1][0] == 201


@contextmanager
def pages(built: Nightlight) -> Iterator[None]:
    """The pages alone; no worker writes beside them."""
    command = [*NIGHTLIGHT, "web", "--listen", built.base_url.removeprefix("http://")]
    server = Server(command, log=built.data / "web.log", environment=built.environ)
    try:
        server.ready(lambda: is_there(built), "the pages", seconds=60)
        yield
    finally:
        server.stop()


def is_there(built: Nightlight) -> bool:
    try:
        return built.get(f"{built.base_url}/healthz").status == 200
    except OSError:
        return False


def post_call(base_url: str, token: str, person: str) -> tuple[int, Any]:
    """The status of one call over the API, and its id, or when to come again."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": "one",
        "Content-Type": "application/json",
    }
    body = json.dumps({"person": person, "need": "talk"}).encode()
    request = urllib.request.Request(f"{base_url}/api/v1/calls", data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)["id"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Retry-After"]


def notice(**fields: str | None) -> Any:
    empty = dict.fromkeys(("severity_nonlocalized", "source_function", "message_primary"))
    return SimpleNamespace(**{**empty, **fields})


@pytest.mark.parametrize(
    ("said", "is_doubt"),
    [
        (
            notice(
                severity_nonlocalized="WARNING",
                source_function="SyncRepWaitForLSN",
                message_primary="storniere Warten auf synchrone Replikation wegen Benutzeraufforderung",
            ),
            True,
        ),
        (notice(message_primary="canceling wait for synchronous replication due to user request"), True),
        (
            notice(severity_nonlocalized="WARNING", message_primary="there is no transaction in progress"),
            False,
        ),
        (notice(severity_nonlocalized="LOG", message_primary="synchronous replication is on"), False),
    ],
)
def test_the_warning_is_known_in_every_language(said: Any, is_doubt: bool) -> None:
    assert says_that_the_wait_was_cancelled(said) is is_doubt
