"""Chromium, and pages that are watched while they are used: what they fetch, and what goes wrong in them.

`look_over` holds a page against every accessibility rule there is, and takes its picture when asked.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.servers.processes import program

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HEIGHTS = {360: 720, 1280: 900}
PATIENCE_MS = 45_000
"""Longer than a browser waits for a page that it is fetching already (20 s), and than a busy machine needs."""

_RUN_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" ")}`);
}"""
_TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


WIDTHS = (360, 1280)


@dataclass
class Pictures:
    """Where pictures of pages go, if they are wanted at all."""

    folder: Path | None = None
    wanted: frozenset[str] | None = None
    """Names of those that are kept; None for all."""

    def take(self, page: Page, name: str) -> None:
        """Take the picture of *page*, if it is one of those wanted."""
        if self.folder is not None and (self.wanted is None or name in self.wanted):
            self.folder.mkdir(parents=True, exist_ok=True)
            whole, viewport = self.wanted is None, page.viewport_size
            assert viewport is not None
            height = page.evaluate("document.documentElement.scrollHeight") if whole else viewport["height"]
            page.screenshot(
                path=self.folder / f"{name}.png",
                full_page=whole,
                # What is cut off at the edge of the page is cut off in its picture, too.
                clip={"x": 0, "y": 0, "width": viewport["width"], "height": height},
                animations="disabled",
            )


class Looked:
    """How many pages axe looked over in this run, and how much it found."""

    pages = 0
    violations = 0
    pictures = Pictures()


@dataclass
class Watched:
    """A reader, all of whose pages are watched. `expected` are failures that a test brings about."""

    context: BrowserContext
    base: str
    fetched: list[Request] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    expected: re.Pattern[str] | None = None

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("request", self._fetched)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.troubles.append(str(error.error)))

    def _fetched(self, request: Request) -> None:
        self.fetched.append(request)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(message.text)

    def open(self, address: str) -> Page:
        """A new page at *address*, which may be a whole one or a path."""
        page = self.context.new_page()
        page.goto(address if "://" in address else f"{self.base}{address}")
        return page

    def elsewhere(self) -> list[str]:
        """What was fetched from any other host."""
        own = urlsplit(self.base).netloc
        return [request.url for request in self.fetched if urlsplit(request.url).netloc != own]

    def unexpected(self) -> list[str]:
        """What went wrong in the pages, besides what the test brought about."""
        return [each for each in self.troubles if not (self.expected and self.expected.search(each))]

    def posts(self) -> list[Request]:
        """Everything that was sent, by a press or by a script."""
        return [request for request in self.fetched if request.method == "POST"]

    def presses(self) -> list[Request]:
        """Every press that was sent; what the page asks for by itself is none."""
        return [request for request in self.posts() if request.is_navigation_request()]


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*ARGUMENTS, *more])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watching(browser: Browser, base: str, width: int = 360, **options: Any) -> Iterator[Watched]:
    """A fresh reader of *base*. At the end: nothing came from elsewhere, and nothing went wrong."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        service_workers="block",
        **options,
    )
    watched = Watched(context=context, base=base)
    try:
        yield watched
        assert not watched.elsewhere(), f"fetched from elsewhere: {watched.elsewhere()}"
        assert not watched.unexpected(), f"went wrong: {watched.unexpected()}"
    finally:
        context.close()


def look_over(page: Page, name: str, *, widths: tuple[int, ...] = ()) -> None:
    """Hold *page* against every rule, in light and in dark, and see that nothing scrolls sideways.

    At the width it has, or at *widths*. Pictures are taken of it if they are wanted.
    """
    before = page.viewport_size
    assert before is not None
    for width in widths or (before["width"],):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            _look_over(page, f"{name}-{width}-{scheme}")
    page.set_viewport_size(before)
    page.emulate_media(color_scheme="null")


def _look_over(page: Page, name: str) -> None:
    # Once in a document: reading it costs more than running it.
    if not page.evaluate("() => typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text() + "; undefined")
    found: list[str] = page.evaluate(_RUN_AXE)
    Looked.pages += 1
    Looked.violations += len(found)
    Looked.pictures.take(page, name)
    assert not found, f"{name}: {found}"
    assert page.evaluate(_TOO_WIDE) <= 0, f"{name} scrolls sideways"
