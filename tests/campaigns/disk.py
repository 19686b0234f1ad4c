"""A small disk whose power can be cut: xfs in a file, shut down under whoever writes to it.

The kernel's FS_IOC_SHUTDOWN without a flush of the log leaves on the disk what was synced, and nothing
that only lay in memory: what a power cut leaves. ext4 and a rollback journal lose less, so xfs it is.
"""

import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.processes import folder, wait_until

IMAGE_MIB = 400  # mkfs.xfs makes nothing below 300
_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32), linux/fs.h of the kernel
_WITHOUT_FLUSHING_THE_LOG = 2
_RELEASE_SECONDS = 20


class NoDisk(RuntimeError):
    """Such a disk cannot be made here; the text says why, and what would be needed."""


class Disk:
    """The disk at `path`."""

    def __init__(self, home: Path) -> None:
        self.path = home / "disk"
        self._image = home / "image"
        self.path.mkdir()

    def make(self) -> None:
        """Make it anew, empty, and switch it on. Raises NoDisk."""
        with self._image.open("wb") as image:
            image.truncate(IMAGE_MIB * 2**20)
        _do("mkfs.xfs", "-q", "-f", str(self._image))
        self.switch_on()

    def cut(self) -> None:
        """The power goes: from now on nothing reaches the disk, and every write fails."""
        place = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(place, _SHUTDOWN, struct.pack("I", _WITHOUT_FLUSHING_THE_LOG))
        finally:
            os.close(place)

    def switch_on(self) -> None:
        """The power is back. Raises NoDisk."""
        _do("mount", "-o", "loop", str(self._image), str(self.path))

    def switch_off(self) -> None:
        """Let go of it, as soon as nobody uses it any more. Raises TimeoutError."""
        command = ["umount", str(self.path)]
        wait_until(
            lambda: subprocess.run(command, capture_output=True, check=False).returncode == 0,
            "the disk to be free",
            seconds=_RELEASE_SECONDS,
        )


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        why = (done.stderr.strip() or "it says nothing").splitlines()[0]
        raise NoDisk(f"no disk can be made here: {command[0]} ended with {done.returncode}: {why}")


@contextmanager
def disk() -> Iterator[Disk]:
    """A fresh disk, switched on; gone when the block is left. Raises NoDisk."""
    if os.geteuid() != 0:
        raise NoDisk("only root can make a disk and cut its power; run this as root")
    if shutil.which("mkfs.xfs", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
        raise NoDisk("mkfs.xfs is not installed; as root: apt-get install xfsprogs")
    if not Path("/dev/loop-control").exists():
        raise NoDisk("this machine has no loop devices, so no disk can be made in a file")
    with folder("disk") as home:
        built = Disk(home)
        built.make()
        try:
            yield built
        finally:
            if built.path.is_mount():
                built.switch_off()
