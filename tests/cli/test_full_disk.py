"""A disk that is full: exit code 1, one line, nothing changed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import CIRCLE, Program

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one mebibyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody make a disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def fill(disk: Path) -> None:
    try:
        with (disk / "filler").open("wb", buffering=0) as filler:
            for size in (65536, 4096, 512, 1):
                try:
                    while filler.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue
    except OSError:
        pass


def test_a_call_on_a_full_disk_is_not_taken_for_kept(small_disk: Path, with_circle: Program) -> None:
    data = small_disk / "data"
    shutil.copytree(with_circle.data, data)
    fill(small_disk)

    refused = with_circle.run("call", "ana", "--data", data)

    assert (refused.code, refused.out) == (1, "")
    assert "full" in refused.one_line or "disk" in refused.one_line
    (small_disk / "filler").unlink()
    assert with_circle.good("status", "--data", data) == ""
    assert with_circle.good("call", "ana", "--data", data)


def test_an_import_on_a_full_disk_changes_nothing(small_disk: Path, with_circle: Program) -> None:
    data = small_disk / "data"
    shutil.copytree(with_circle.data, data)
    before = with_circle.good("circle", "export", "--data", data)
    fill(small_disk)

    refused = with_circle.run(
        "circle", "import", "-", "--data", data, stdin=CIRCLE.replace("Harbour House", "Another House")
    )

    assert (refused.code, refused.out) == (1, "")
    assert "disk" in refused.one_line
    (small_disk / "filler").unlink()
    assert with_circle.good("circle", "export", "--data", data) == before


def test_a_directory_on_a_full_disk_cannot_be_begun(small_disk: Path, program: Program) -> None:
    fill(small_disk)

    refused = program.run("status", "--data", small_disk / "data")

    assert refused.code == 1
    assert "disk" in refused.one_line


def test_a_backup_to_a_full_disk_leaves_no_half_of_one(small_disk: Path, with_circle: Program) -> None:
    fill(small_disk)

    refused = with_circle.run("backup", small_disk / "copy")

    assert refused.code == 1
    assert "full" in refused.one_line
    assert not (small_disk / "copy").exists()
