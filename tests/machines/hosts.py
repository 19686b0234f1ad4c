"""Three machines with `nightlight web` and `nightlight worker` each, a database machine, and a door in front."""

import json
import os
import signal
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.campaigns.service import KEY, NIGHTLIGHT, Service, run
from tests.campaigns.world import Circle, circle_file
from tests.machines.cables import NET, Cables
from tests.servers.postgres import postgres
from tests.servers.processes import Server, folder, program, wait_until

HOSTS = ("a", "b", "c")
DATABASE, OUTSIDE = "db", "outside"
MACHINES = (OUTSIDE, DATABASE, *HOSTS)
WEB_PORT, GATEWAY_PORT = 8000, 13013
READY_SECONDS = 120
_HBA = f"local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all {NET}.0/24 trust\n"


class Hosts:
    """All of it. Used from a thread that is on the machine OUTSIDE, where the door and the people are."""

    def __init__(self, cables: Cables, data: Path, database_url: str) -> None:
        self.cables = cables
        self.data = data
        self.base_url = f"http://{cables.addresses[OUTSIDE]}:{WEB_PORT}"
        self.gateway_place = (cables.addresses[OUTSIDE], GATEWAY_PORT)
        others = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTLIGHT_")}
        self.environ = others | {
            "NIGHTLIGHT_DATA": str(data),
            "NIGHTLIGHT_KEY": KEY,
            "NIGHTLIGHT_BASE_URL": self.base_url,
            "NIGHTLIGHT_SMS_URL": f"kannel://campaign:campaign@{self.gateway_place[0]}:{GATEWAY_PORT}",
            "NIGHTLIGHT_DATABASE_URL": database_url,
            "NIGHTLIGHT_PROXIES": cables.addresses[OUTSIDE],
        }
        self.as_service = Service(data, self.base_url, self.environ)
        """Never started: by it the accounts are read out of the database."""
        self.workers: dict[str, Server] = {}

    def settle_in(self, circles: Sequence[Circle], wait_seconds: int) -> tuple[str, dict[str, str]]:
        """Make the tables and the circles; the API's token, and by a caller's id the token of her own page."""
        run(self.environ, *NIGHTLIGHT, "migrate")
        given = circle_file(circles, wait_seconds=wait_seconds)
        run(self.environ, *NIGHTLIGHT, "circle", "import", "-", given=given)
        token = run(self.environ, *NIGHTLIGHT, "token", "create", "campaign", "--scope", "call,read")
        callers = "\n".join(circle.id("ana") for circle in circles)
        pages = run(self.environ, sys.executable, "-m", "tests.campaigns.own_pages", given=callers)
        return token, json.loads(pages)

    def start(self, undo: ExitStack) -> None:
        """Start web and worker on each host and the door in front, and wait until it lets people in."""
        for host in HOSTS:
            listen = f"{self.cables.addresses[host]}:{WEB_PORT}"
            # What one machine keeps in its directory, no other sees.
            environ = self.environ | {"NIGHTLIGHT_DATA": str(self.data / host)}
            with self.cables.inside(host):
                for part in (["worker"], ["web", "--listen", listen]):
                    log = self.data / f"{host}-{part[0]}.log"
                    server = Server([*NIGHTLIGHT, *part], log=log, environment=environ)
                    undo.callback(server.stop)
                    if part[0] == "worker":
                        self.workers[host] = server
        door = Server(
            [program("haproxy", "haproxy"), "-db", "-f", str(self._door_settings())],
            log=self.data / "door.log",
        )
        undo.callback(door.stop)
        wait_until(self._lets_people_in, "the three machines to be ready", seconds=READY_SECONDS)

    def _door_settings(self) -> Path:
        addresses = self.cables.addresses
        places = {host: f"{addresses[host]}:{WEB_PORT}" for host in HOSTS}
        door = f"{addresses[OUTSIDE]}:{WEB_PORT}"
        written = (Path(__file__).parent / "haproxy.cfg").read_text(encoding="utf-8")
        path = self.data / "haproxy.cfg"
        path.write_text(written.format(door=door, name=addresses[OUTSIDE], **places), encoding="utf-8")
        return path

    def _lets_people_in(self) -> bool:
        urls = [f"http://{self.cables.addresses[host]}:{WEB_PORT}/healthz" for host in HOSTS]
        return all(_answers(url) for url in [*urls, f"{self.base_url}/readyz"])

    def stand_still(self, host: str) -> None:
        """Let the worker of *host* stand still, as a machine does whose owner moved it while it ran."""
        self.workers[host].process.send_signal(signal.SIGSTOP)

    def go_on(self, host: str) -> None:
        """Let it go on where it stood."""
        self.workers[host].process.send_signal(signal.SIGCONT)

    def last_words(self) -> list[str]:
        """The last lines each worker wrote; they name ids only."""
        return [
            f"worker {host}: {' / '.join(server.said().splitlines()[-3:])}"
            for host, server in self.workers.items()
        ]


def _answers(url: str) -> bool:
    # What is refused by the web's name is an answer as well: the process is there.
    request = urllib.request.Request(url, headers={"Host": "127.0.0.1"} if "healthz" in url else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def hosts(made: Cables) -> Iterator[Hosts]:
    """The machines on *made*, with an empty database that syncs; nothing of Nightlight is started yet."""
    with folder("machines") as data, ExitStack() as stack:
        hba = data / "hba"
        hba.write_text(_HBA, encoding="utf-8")
        with made.inside(DATABASE):
            settings = ("listen_addresses=*", f"hba_file={hba}", "shared_buffers=64MB")
            url = stack.enter_context(postgres(durable=True, settings=settings))
        url = url.replace("127.0.0.1", made.addresses[DATABASE])
        with made.inside(OUTSIDE):
            yield Hosts(made, data, url)
