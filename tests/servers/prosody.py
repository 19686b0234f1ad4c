"""A real Prosody on loopback, as a push server of UnifiedPush, and a phone that takes its messages over XMPP.

The phone is what a distributor app is (such as Conversations): it is connected to Prosody, asks it for
an address for an app, and hands on what comes. It speaks as much XMPP as that needs.
"""

import base64
import secrets
import socket
import subprocess
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from tests.servers.processes import Server, ServerFailed, folder, free_port, listens, program, wait_until

DOMAIN = "chat.test"
PASSWORD = "a-phone-that-protects-nobody"
PUSH = "http://gultsch.de/xmpp/drafts/unified-push"
MODULES = Path("/usr/lib/prosody/modules")
_SASL, _BIND = "urn:ietf:params:xml:ns:xmpp-sasl", "urn:ietf:params:xml:ns:xmpp-bind"

_CONFIGURATION = """\
pidfile = "{home}/prosody.pid"
data_path = "{home}/data"
run_as_root = true
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {phones} }}
s2s_ports = {{ }}
http_ports = {{ {web} }}
http_interfaces = {{ "127.0.0.1" }}
http_external_url = "http://127.0.0.1:{web}/"
http_default_host = "{domain}"
https_ports = {{ }}
unified_push_acl = {{ "{domain}" }}
unified_push_secret = "{secret}"
plugin_paths = {{ "{modules}" }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "posix", "http", "unified_push" }}
modules_disabled = {{ "s2s", "tls" }}
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
authentication = "internal_plain"
storage = "internal"
log = {{ info = "{home}/prosody.log" }}
VirtualHost "{domain}"
"""


class Phone:
    """One phone, connected to Prosody as *user*."""

    def __init__(self, port: int, user: str) -> None:
        self.received: list[str] = []
        self._line = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._sign_in(user)
        self._count = 0
        self._answers: dict[str, ET.Element] = {}
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._line.settimeout(None)
        self._thread.start()

    def address(self) -> str:
        """A fresh address for an app on this phone."""
        application, instance = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
        asked = f'<register xmlns="{PUSH}" application="{application}" instance="{instance}"/>'
        answer = self._ask(f'to="{DOMAIN}"', asked)
        registered = answer.find(f"{{{PUSH}}}registered")
        if registered is None:
            raise ServerFailed(f"Prosody gave no address: {ET.tostring(answer).decode()}")
        return registered.attrib["endpoint"]

    def wait_for(self, text: str) -> str:
        """The first message in which *text* stands. Raises TimeoutError."""
        wait_until(lambda: any(text in each for each in self.received), f"{text!r} on the phone")
        return next(each for each in self.received if text in each)

    def hang_up(self) -> None:
        """The phone is off."""
        self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def _sign_in(self, user: str) -> None:
        self._begin()
        told = base64.b64encode(f"\0{user}\0{PASSWORD}".encode()).decode()
        self._say(f'<auth xmlns="{_SASL}" mechanism="PLAIN">{told}</auth>')
        if self._next().tag != f"{{{_SASL}}}success":
            raise ServerFailed("Prosody did not let the phone in")
        self._begin()
        self._say(f'<iq type="set" id="bind"><bind xmlns="{_BIND}"><resource>phone</resource></bind></iq>')
        if self._next().get("type") != "result":
            raise ServerFailed("Prosody did not bind the phone")
        self._say("<presence/>")

    def _begin(self) -> None:
        """Begin the stream anew, up to what the server offers."""
        self._reader: ET.XMLPullParser[Any] = ET.XMLPullParser(["start", "end"])
        self._depth = 0
        self._whole: list[ET.Element] = []
        self._say(
            f'<?xml version="1.0"?><stream:stream to="{DOMAIN}" version="1.0" xmlns="jabber:client"'
            ' xmlns:stream="http://etherx.jabber.org/streams">'
        )
        self._next()

    def _next(self) -> ET.Element:
        """The next whole thing the server says."""
        while not self._whole:
            received = self._line.recv(65536)
            if not received:
                raise ConnectionError("Prosody hung up")
            self._reader.feed(received)
            for event in cast(Iterator[tuple[str, Any]], self._reader.read_events()):
                self._depth += 1 if event[0] == "start" else -1
                if event[0] == "end" and self._depth == 1:
                    self._whole.append(event[1])
        return self._whole.pop(0)

    def _listen(self) -> None:
        while True:
            try:
                told = self._next()
            except (OSError, ET.ParseError):
                return
            push = told.find(f"{{{PUSH}}}push")
            if push is not None:
                self.received.append(base64.b64decode(push.text or "").decode())
                self._say(f'<iq type="result" id="{told.get("id")}" to="{told.get("from")}"/>')
            elif told.get("id"):
                self._answers[str(told.get("id"))] = told

    def _ask(self, fields: str, content: str) -> ET.Element:
        self._count += 1
        name = f"ask{self._count}"
        self._say(f'<iq type="set" id="{name}" {fields}>{content}</iq>')
        wait_until(lambda: name in self._answers, "an answer of Prosody's")
        return self._answers[name]

    def _say(self, text: str) -> None:
        self._line.sendall(text.encode())


class Prosody:
    """A running one."""

    def __init__(self, home: Path, phones: int, web: int) -> None:
        self.url = f"http://127.0.0.1:{web}"
        self._home = home
        self._phones = phones

    def phone(self, user: str) -> Phone:
        """A phone of somebody new."""
        command = [program("prosodyctl", "prosody"), "--config", str(self._home / "prosody.cfg.lua")]
        subprocess.run(
            [*command, "register", user, DOMAIN, PASSWORD], check=True, capture_output=True, text=True
        )
        return Phone(self._phones, user)


@contextmanager
def prosody() -> Iterator[Prosody]:
    """A running Prosody with `mod_unified_push`, ended when the block is left."""
    found = program("prosody", "prosody prosody-modules")
    phones, web = free_port(), free_port()
    with folder("prosody") as home:
        (home / "data").mkdir()
        file = home / "prosody.cfg.lua"
        file.write_text(
            _CONFIGURATION.format(
                home=home,
                phones=phones,
                web=web,
                domain=DOMAIN,
                secret=secrets.token_hex(16),
                modules=MODULES,
            )
        )
        server = Server([found, "-F", "--config", str(file)], log=home / "prosody.out", cwd=home)
        try:
            server.ready(lambda: listens(phones) and listens(web), "Prosody")
            yield Prosody(home, phones, web)
        finally:
            server.stop()
