"""`nightlight try` in a process of its own, and somebody who presses its buttons without any script."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.servers.processes import Server, free_port, listens, wait_until


class Try:
    """A sample that runs; everything of it lies in *folder*."""

    def __init__(self, folder: Path, *options: str) -> None:
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.folder = folder
        command = [sys.executable, "-m", "nightlight.cli.main", "try", "--listen", f"127.0.0.1:{port}"]
        log = folder / "try.log"
        self.server = Server([*command, *options], log=log, environment={"TMPDIR": str(folder)})
        self.server.ready(lambda: listens(port) and "/try" in log.read_text(), "nightlight try")

    @property
    def data(self) -> Path:
        """Its data directory."""
        [found] = self.folder.glob("nightlight-try-*")
        return found

    def page(self, form: dict[str, str] | None = None) -> str:
        """The wall, after pressing what *form* says, as one line of words."""
        body = urlencode(form).encode() if form else None
        return words(self.fetch("/try", body))

    def fetch(self, address: str, body: bytes | None = None) -> str:
        """The page at *address* of this house, with its markup."""
        with urlopen(Request(f"{self.base}{address}", data=body), timeout=60) as answer:
            page: str = answer.read().decode()
        return page

    def link(self, name: str) -> str:
        """The address in the newest message on the phone of *name*, once there is one."""
        links: list[str] = []

        def has_come() -> bool:
            figure = self.fetch("/try").split(f"<h2>{name}</h2>")[1].split("</figure>")[0]
            links[:] = re.findall(r'href="([^"]+/a/[^"]+)"', figure)
            return bool(links)

        wait_until(has_come, f"a message for {name}")
        return links[0]

    @property
    def own_page(self) -> str:
        """The address of Ana's own page."""
        [path] = re.findall(r'href="(/m/[^"]+)"', self.fetch("/try"))
        return f"{self.base}{path}"

    def press(self, do: str, **more: str) -> str:
        """Press one button."""
        return self.page({"do": do, **more})

    def printed(self) -> str:
        """Everything it printed."""
        return self.server.log.read_text()


def words(page: str) -> str:
    """*page* without its markup, as one line; an apostrophe is what keyboards have."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.replace("\u2019", "'")).split())


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Try]:
    """A sample, ended when the block is left."""
    tried = Try(folder, *options)
    try:
        yield tried
    finally:
        tried.server.stop()
