"""The one module that reads the time, and the file by which a trial makes it pass faster."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from nightlight import clock


@pytest.fixture
def offset_file(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "offset"
    clock.use_offset_file(None)


def test_the_time_is_aware_and_in_utc() -> None:
    assert clock.SystemClock().now().utcoffset() == timedelta(0)


def test_an_offset_moves_both_clocks_for_every_reader_of_the_file(offset_file: Path) -> None:
    before, started = clock.now(), clock.boottime()
    clock.use_offset_file(offset_file)
    clock.set_offset(offset_file, 3600)

    assert clock.now() - before >= timedelta(hours=1)
    assert clock.boottime() - started >= 3600

    clock.set_offset(offset_file, 7200)
    assert clock.now() - before >= timedelta(hours=2)


def test_without_the_file_the_time_is_the_machines(offset_file: Path) -> None:
    clock.use_offset_file(offset_file)
    before = clock.now()
    clock.set_offset(offset_file, 3600)
    offset_file.unlink()

    assert clock.now() - before < timedelta(minutes=30)


def test_replacing_the_offset_leaves_no_other_file_behind(offset_file: Path) -> None:
    clock.set_offset(offset_file, 1)
    clock.set_offset(offset_file, 2)

    assert [path.name for path in offset_file.parent.iterdir()] == ["offset"]
