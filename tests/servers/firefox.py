"""A real Firefox without a window, driven over WebDriver BiDi, whose push service is the one it is told.

Each person in it has a context of their own, which shares nothing with the others: a browser each, as
far as pages can tell.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.servers.processes import Server, folder, free_port, listens, program, wait_until

ANSWER_SECONDS = 20
_PREFERENCES: dict[str, object] = {
    "alerts.useSystemBackend": False,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": True,
    "dom.push.enabled": True,
    "dom.push.testing.allowInsecureServerURL": True,
    "dom.push.testing.ignorePermission": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "permissions.default.desktop-notification": 1,
    "services.settings.server": "data:,",
    "toolkit.telemetry.unified": False,
}
_TAP = """(() => {
  const said = (alert) => alert.document.documentElement.textContent
    + (alert.document.getElementById("alertTextLabel")?.textContent || "");
  for (const alert of Services.wm.getEnumerator("alert:alert")) {
    if (!said(alert).includes(WORDS)) continue;
    alert.onAlertClick();
    return true;
  }
  return false;
})()"""
"""Firefox draws its messages itself, each in a small window of its own; this does what a finger on it does."""


class Firefox:
    """A running one."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._count = 0

    def command(self, method: str, **given: object) -> dict[str, Any]:
        """What came of one command. Raises RuntimeError when it could not be done."""
        self._count += 1
        self._line.send(json.dumps({"id": self._count, "method": method, "params": given}))
        while True:
            told = json.loads(self._line.recv(timeout=ANSWER_SECONDS))
            if told.get("id") != self._count:
                continue
            if told.get("type") == "error":
                raise RuntimeError(f"{method}: {told['error']}: {told.get('message', '')[:300]}")
            result: dict[str, Any] = told["result"]
            return result

    def person(self) -> "Tab":
        """A fresh tab of somebody who shares nothing with anybody else here."""
        whose = self.command("browser.createUserContext")["userContext"]
        return Tab(
            self, self.command("browsingContext.create", type="tab", userContext=whose)["context"], whose
        )

    def tabs_of(self, whose: str) -> dict[str, str]:
        """The tabs of one person: by their id, the address each shows."""
        tree = self.command("browsingContext.getTree")["contexts"]
        return {each["context"]: each["url"] for each in tree if each["userContext"] == whose}

    def tap(self, text: str) -> None:
        """Tap the message on the screen in which *text* stands. Raises TimeoutError when none does."""
        wait_until(lambda: self._tapped(text), f"a message with {text!r} on the screen")

    def _tapped(self, text: str) -> bool:
        [first, *_] = self.command("browsingContext.getTree", **{"moz:scope": "chrome"})["contexts"]
        return bool(self._run(first["context"], _TAP.replace("WORDS", json.dumps(text))))

    def _run(self, context: str, script: str) -> Any:
        told = self.command(
            "script.evaluate",
            expression=script,
            target={"context": context},
            awaitPromise=True,
            userActivation=True,
        )
        if told["type"] != "success":
            raise RuntimeError(told["exceptionDetails"]["text"])
        return told["result"].get("value")


class Tab:
    """One page of one person."""

    def __init__(self, firefox: Firefox, context: str, whose: str) -> None:
        self.firefox = firefox
        self.whose = whose
        self._context = context

    def open(self, url: str) -> None:
        """Go there, and wait until the page is there whole."""
        self.firefox.command("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def run(self, script: str) -> Any:
        """What *script* comes to, in the page, as if a hand had just touched it."""
        return self.firefox._run(self._context, script)

    def words(self) -> str:
        """What can be read on the page."""
        return str(self.run("document.querySelector('main').innerText"))

    def press(self, selector: str) -> None:
        """Press what *selector* finds."""
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def until(self, text: str, *, seconds: float = 20) -> None:
        """Return once *text* can be read on the page. Raises TimeoutError."""
        wait_until(lambda: self._reads(text), f"{text!r} on the page", seconds=seconds)

    def _reads(self, text: str) -> bool:
        try:
            return text in self.words()
        except RuntimeError:
            return False  # it is on its way to the next page

    def messages(self) -> list[dict[str, Any]]:
        """The messages of this page's site that are on the screen: title, text, and where a tap leads."""
        script = (
            "navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) =>"
            " JSON.stringify(all.map((n) => ({title: n.title, text: n.body, tag: n.tag, url: n.data.url}))))"
        )
        told: list[dict[str, Any]] = json.loads(self.run(script))
        return told

    def opened(self, path: str) -> "Tab":
        """The tab of this person that shows a page below *path*, once there is one. Raises TimeoutError."""
        found: list[str] = []

        def is_there() -> bool:
            found[:] = [tab for tab, url in self.firefox.tabs_of(self.whose).items() if path in url]
            return bool(found)

        wait_until(is_there, f"a page below {path}")
        return Tab(self.firefox, found[0], self.whose)


@contextmanager
def firefox(push_service: str) -> Iterator[Firefox]:
    """A Firefox with an empty profile whose push service is at *push_service* (`ws://…`)."""
    found = program("firefox-esr", "firefox-esr")
    with folder("firefox") as home:
        profile = home / "profile"
        profile.mkdir()
        (profile / "user.js").write_text(_preferences(push_service))
        port = free_port()
        command = [
            found, "--headless", "--no-remote", "--profile", str(profile),
            "--remote-debugging-port", str(port), "--remote-allow-system-access", "about:blank",
        ]  # fmt: skip
        around = {"HOME": str(home), "MOZ_DISABLE_CONTENT_SANDBOX": "1", "MOZ_HEADLESS": "1"}
        server = Server(command, log=home / "firefox.log", environment=around)
        try:
            server.ready(lambda: listens(port), "Firefox")
            with connect(f"ws://127.0.0.1:{port}/session", max_size=None) as line:
                driven = Firefox(line)
                driven.command("session.new", capabilities={})
                yield driven
        finally:
            server.stop(seconds=3)


def version() -> str:
    """Which Firefox this is, for the record."""
    told = subprocess.run(
        [program("firefox-esr", "firefox-esr"), "--version"], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def _preferences(push_service: str) -> str:
    chosen = {**_PREFERENCES, "dom.push.serverURL": push_service}
    return "\n".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in chosen.items())


__all__ = ["Firefox", "Path", "Tab", "firefox", "version"]
