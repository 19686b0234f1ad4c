"""The helpers that start real servers: what they give, what they refuse, and that nothing stays behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.servers.postgres import postgres
from tests.servers.processes import (
    MissingServer,
    Server,
    ServerFailed,
    folder,
    free_port,
    listens,
    program,
    wait_until,
)

ROOT = Path(__file__).parents[2]


def test_a_program_that_is_missing_is_named_with_its_package() -> None:
    with pytest.raises(
        MissingServer, match="no-such-server is not installed; as root: apt-get install its-package"
    ):
        program("no-such-server", "its-package")


def test_a_server_that_ends_at_once_says_why() -> None:
    with folder("test") as home:
        server = Server(["sh", "-c", "echo no room; exit 3"], log=home / "log")
        with pytest.raises(ServerFailed, match=r"(?s)the server ended with 3.*no room"):
            server.ready(lambda: False, "the server")
        server.stop()


@pytest.mark.postgres
def test_a_postgresql_is_there_and_afterwards_it_is_not() -> None:
    with postgres() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        connection.close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@pytest.mark.postgres
def test_a_command_beside_a_postgresql_finds_its_url_and_its_exit_code_counts() -> None:
    check = "import os, sys; sys.exit(7 if os.environ['NIGHTLIGHT_TEST_DATABASE_URL'].startswith('postgres') else 1)"
    command = [sys.executable, "-m", "tests.servers.with_postgres", sys.executable, "-c", check]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 7


def test_a_server_ends_with_the_process_that_started_it_even_when_that_is_killed() -> None:
    port = free_port()
    starter = (
        "import sys, time; from pathlib import Path; from tests.servers.processes import Server;"
        "Server([sys.executable, '-m', 'http.server', sys.argv[1], '--bind', '127.0.0.1'], log=Path(sys.argv[2]));"
        "time.sleep(60)"
    )
    with folder("test") as home:
        parent = subprocess.Popen([sys.executable, "-c", starter, str(port), str(home / "log")], cwd=ROOT)
        wait_until(lambda: listens(port), "the server")
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        wait_until(lambda: not listens(port), "the server to end")


def test_what_never_happens_is_not_waited_for_for_ever() -> None:
    before = time.monotonic()
    with pytest.raises(TimeoutError, match="in vain for a miracle"):
        wait_until(lambda: False, "a miracle", seconds=0.05)
    assert time.monotonic() > before
