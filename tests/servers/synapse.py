"""A real Matrix homeserver on loopback that speaks to no other: Synapse, in an environment of its own."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.processes import MissingServer, Server, folder, free_port

ROOT = Path(__file__).parents[2]
NAME = "chat.example.org"
STARTS_WITHIN_SECONDS = 90
"""It makes a hundred tables first, on a machine that may have other things to do."""

_SETTINGS = """\
server_name: {name}
pid_file: {home}/pid
listeners:
  - port: {port}
    type: http
    bind_addresses: [127.0.0.1]
    resources: [{{names: [client]}}]
database: {{name: sqlite3, args: {{database: {home}/synapse.db}}}}
log_config: {home}/log.yaml
media_store_path: {home}/media
registration_shared_secret: {secret}
macaroon_secret_key: {secret}
form_secret: {secret}
signing_key_path: {home}/signing.key
report_stats: false
sync_response_cache_duration: 0s
federation_domain_whitelist: []
trusted_key_servers: []
rc_message: {{per_second: {rate}, burst_count: {rate}}}
rc_joins: {{local: {{per_second: 1000, burst_count: 1000}}}}
rc_invites:
  per_room: {{per_second: 1000, burst_count: 1000}}
  per_user: {{per_second: 1000, burst_count: 1000}}
  per_issuer: {{per_second: 1000, burst_count: 1000}}
rc_room_creation: {{per_second: 1000, burst_count: 1000}}
rc_registration: {{per_second: 1000, burst_count: 1000}}
"""
_LOG = """\
version: 1
formatters: {plain: {format: "%(levelname)s %(message)s"}}
handlers: {out: {class: logging.StreamHandler, formatter: plain}}
root: {level: WARNING, handlers: [out]}
"""


@dataclass(frozen=True, kw_only=True)
class ChatUser:
    """Somebody with an account, and a program in which they are signed in."""

    server: "Synapse"
    id: str
    token: str

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One request in their name."""
        return self.server.ask(method, f"/_matrix/client/v3{path}", body, token=self.token)

    def invitations(self) -> list[str]:
        """Rooms into which they are asked."""
        return list(self.ask("GET", "/sync").get("rooms", {}).get("invite", {}))

    def come_in(self) -> list[str]:
        """Accept every invitation; the rooms they are in then."""
        for room in self.invitations():
            self.ask("POST", f"/rooms/{urllib.parse.quote(room)}/join", {})
        rooms: list[str] = self.ask("GET", "/joined_rooms")["joined_rooms"]
        return rooms

    def leave(self, room: str) -> None:
        """Go out of *room*."""
        self.ask("POST", f"/rooms/{urllib.parse.quote(room)}/leave", {})

    def reads(self, room: str) -> list[dict[str, Any]]:
        """The messages in *room* that somebody else wrote, oldest first."""
        told = self.ask("GET", f"/rooms/{urllib.parse.quote(room)}/messages?dir=b&limit=50")
        return [
            event["content"]
            for event in reversed(told["chunk"])
            if event["type"] == "m.room.message" and event["sender"] != self.id
        ]

    def says(self, room: str, text: str, **more: Any) -> str:
        """Write *text* into *room*; the id of what was written."""
        mark = secrets.token_hex(8)
        content = {"msgtype": "m.text", "body": text, **more}
        told = self.ask("PUT", f"/rooms/{urllib.parse.quote(room)}/send/m.room.message/{mark}", content)
        event: str = told["event_id"]
        return event


@dataclass(frozen=True, kw_only=True)
class Synapse:
    """A running homeserver."""

    port: int
    secret: str

    def url(self, user: ChatUser) -> str:
        """The setting with which Nightlight is *user*."""
        return f"matrix-plain://{user.id[1:].partition(':')[0]}:{user.token}@127.0.0.1:{self.port}"

    def sign_up(self, name: str) -> ChatUser:
        """An account for *name*, signed in."""
        path = "/_synapse/admin/v1/register"
        nonce = self.ask("GET", path)["nonce"]
        told = f"{nonce}\0{name}\0pw\0notadmin"
        mac = hmac.new(self.secret.encode(), told.encode(), hashlib.sha1).hexdigest()
        made = self.ask(
            "POST", path, {"nonce": nonce, "username": name, "password": "pw", "admin": False, "mac": mac}
        )
        return ChatUser(server=self, id=made["user_id"], token=made["access_token"])

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, token: str = ""
    ) -> dict[str, Any]:
        """One request. Raises HTTPError."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            told: dict[str, Any] = json.load(answer)
        return told


@contextmanager
def synapse(*, messages_a_second: int = 1000) -> Iterator[Synapse]:
    """A fresh homeserver. Raises MissingServer."""
    python = Path(os.environ.get("SYNAPSE_PYTHON") or ROOT / ".venv" / "synapse" / "bin" / "python")
    if not python.exists():
        raise MissingServer(f"there is no Synapse at {python}; `make servers` puts it there")
    with folder("synapse") as home:
        port, secret = free_port(), secrets.token_hex(16)
        settings = _SETTINGS.format(name=NAME, home=home, port=port, secret=secret, rate=messages_a_second)
        (home / "hs.yaml").write_text(settings)
        (home / "log.yaml").write_text(_LOG)
        module = [str(python), "-m", "synapse.app.homeserver", "-c", str(home / "hs.yaml")]
        # What `--generate-keys` would make, which takes as long as a start.
        key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        (home / "signing.key").write_text(f"ed25519 a_test {key}\n")
        server = Server(module, log=home / "output", cwd=home)
        made = Synapse(port=port, secret=secret)
        try:
            server.ready(lambda: _is_up(made), "Synapse", seconds=STARTS_WITHIN_SECONDS)
            yield made
        finally:
            server.stop()


def _is_up(server: Synapse) -> bool:
    try:
        server.ask("GET", "/_matrix/client/versions")
    except (urllib.error.URLError, OSError):
        return False
    return True
