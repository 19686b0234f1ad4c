"""A data directory for each test, with Ana's circle in it or without."""

import shutil
from pathlib import Path

import pytest

from tests.cli.program import CIRCLE, Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program on a data directory that does not exist yet."""
    return Program(tmp_path / "data")


@pytest.fixture(scope="session")
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("installed") / "data"
    Program(data).good("migrate")
    return data


@pytest.fixture
def installed(program: Program, _installed: Path) -> Program:
    """The program on a directory with an empty database: making one takes longer than most commands."""
    shutil.copytree(_installed, program.data)
    return program


@pytest.fixture(scope="session")
def _imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("imported") / "data"
    Program(data).good("circle", "import", "-", stdin=CIRCLE)
    return data


@pytest.fixture
def with_circle(program: Program, _imported: Path) -> Program:
    """The program on a directory that holds Ana's circle: Sam, then Bo."""
    shutil.copytree(_imported, program.data)
    return program


@pytest.fixture(scope="session")
def _called(tmp_path_factory: pytest.TempPathFactory, _imported: Path) -> tuple[Path, str]:
    data = tmp_path_factory.mktemp("called") / "data"
    shutil.copytree(_imported, data)
    return data, Program(data).good("call", "ana").strip()


@pytest.fixture
def call(program: Program, _called: tuple[Path, str]) -> str:
    """The id of a call that Ana has open in the program's directory; nobody has answered."""
    shutil.copytree(_called[0], program.data)
    return _called[1]
