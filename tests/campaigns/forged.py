"""The campaign of forgeries: a million tokens and signatures asked directly, and ten thousand over HTTP.

`python -m tests.campaigns.forged`; see docs/internals/campaigns.md. Ends with 1 when anything forged was
accepted, or anything real was not, and with 2 when it could not run.
"""

import argparse
import json
import random
import secrets
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.campaigns.forgeries import forged
from tests.campaigns.service import NIGHTLIGHT, run
from tests.campaigns.terminal import Advance, bar, chance_for, on_stderr
from tests.campaigns.world import Circle, circle_file, circles
from tests.servers.nightlight import environment
from tests.servers.processes import MissingServer, Server, ServerFailed, folder, free_port, wait_until
from tests.servers.simulated_twilio import SimulatedTwilio, Text, call_signed, sign, simulated_twilio

INSIDE = [sys.executable, "-m", "tests.campaigns.forged_inside"]
HANDS = 4
REFUSED = frozenset({400, 401, 403, 404, 405, 410, 414, 422})
"""What a door answers that stays closed. A page that is for nobody in particular sends on, with 302 or 303."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. The same *seed* makes the same forgeries of other tokens: those are new each time."""

    inside: int = 1_000_000
    over_http: int = 10_000
    seed: int = 0


@dataclass(kw_only=True)
class Report:
    """What was tried, and what came of it."""

    seed: int
    inside: dict[str, int] = field(default_factory=dict)
    over_http: dict[str, int] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)
    """Forgeries that opened a door. Must be empty."""
    changed: list[str] = field(default_factory=list)
    """What the forgeries over HTTP changed in the database. Must be empty."""
    real_refused: list[str] = field(default_factory=list)
    """Real tokens that opened nothing: then the campaign could not have seen anything. Must be empty."""
    seconds: int = 0

    @property
    def faults(self) -> list[str]:
        """What must not be."""
        return [
            *(f"accepted: {each}" for each in self.accepted),
            *(f"changed: {each}" for each in self.changed),
            *(f"real, and refused: {each}" for each in self.real_refused),
        ]

    def as_json(self) -> str:
        """Everything, for machines."""
        return json.dumps({**asdict(self), "faults": self.faults})

    def as_text(self) -> str:
        """The same to be read."""
        lines = [f"forgeries, seed {self.seed}, {self.seconds} s"]
        for name, tried in (("in process", self.inside), ("over HTTP", self.over_http)):
            count = sum(tried.values())
            bound = f"at most {3 / count:.1e} of them at 95 %" if count else "none tried"
            lines.append(f"{name}: {count:,} tried, {bound}")
            lines += [f"  {door}: {number:,}" for door, number in sorted(tried.items())]
        lines.append(f"accepted: {len(self.accepted)}")
        lines += self.faults or ["nothing forged was accepted, nothing real was refused, nothing was changed"]
        return "\n".join(lines)


def campaign(plan: Plan, say: Callable[[str], None]) -> Report:
    """Run *plan*; *say* hears how far it is. Raises what servers that do not start raise."""
    report = Report(seed=plan.seed)
    began = time.monotonic()
    base_url = f"http://127.0.0.1:{free_port()}"
    with folder("forged") as data, simulated_twilio() as gateway:
        texts = f"{gateway.url} kannel://night:secret@127.0.0.1:9"
        environ = environment(data, base_url, {"NIGHTLIGHT_SMS_URL": texts})
        [circle] = circles(1, chance_for(plan.seed, "circle"))
        run(environ, *NIGHTLIGHT, "circle", "import", "-", given=circle_file([circle], wait_seconds=80_000))
        real: dict[str, str] = json.loads(run(environ, *INSIDE, "real"))
        serve = Server(
            [*NIGHTLIGHT, "serve", "--listen", base_url.removeprefix("http://")],
            log=data / "serve.log",
            environment=environ,
        )
        try:
            wait_until(lambda: _status(f"{base_url}/readyz") == 200, "the service to be ready", seconds=60)
            site = Site(base_url, real, gateway, circle, data)
            site.ana_calls()
            say(f"{plan.over_http} over HTTP")
            _over_http(plan, site, report)
            say(f"{plan.inside} in process")
            _inside(plan, environ, site.real, report)
            site.use_what_is_real(report)
        finally:
            serve.stop()
    report.seconds = round(time.monotonic() - began)
    return report


class Site:
    """A running service in which Sam is being asked, as somebody sees it who has one real token for each door."""

    def __init__(
        self, base_url: str, real: dict[str, str], gateway: SimulatedTwilio, circle: Circle, data: Path
    ) -> None:
        self.base_url = base_url
        self.real = real
        self.gateway = gateway
        self.circle = circle
        self.data = data
        self.hook = base_url + real.pop("hook of the gateway")
        self.alert = ""
        self.code = ""

    def ana_calls(self) -> None:
        """Ana calls by a program, and Sam is texted; the real link and digits are in the text."""
        request = urllib.request.Request(
            f"{self.base_url}/api/v1/calls",
            data=json.dumps({"person": self.circle.id("ana"), "need": "talk"}).encode(),
            headers={
                "Authorization": f"Bearer {self.real['program token']}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            self.alert = json.loads(answer.read())["id"]
        text = self.asked().text
        # What the service itself still writes down must not look like something a forgery did.
        wait_until(lambda: "accepted" in self.seen(), "the ask to be settled")
        self.real["answer"] = text.split("/a/")[1].split()[0]
        self.code = next(word for word in text.split() if word.isdigit() and len(word) == 6)

    def asked(self) -> Text:
        """The text that asks Sam."""
        return self.gateway.wait_for(self.circle.phone("sam"), seconds=30)[0]

    def seen(self) -> str:
        """Everything a forgery might change, as the database has it."""
        script = (
            "SELECT 'call', status, count(*) FROM alert GROUP BY 2 UNION ALL SELECT 'event', kind, count(*) FROM"
            " event GROUP BY 2 UNION ALL SELECT 'kept', '', count(*) FROM kept_reply UNION ALL"
            " SELECT 'seen', '', count(*) FROM seen_callback UNION ALL SELECT 'tries', '', count(*) FROM reply_try"
            " UNION ALL SELECT 'evidence', evidence, count(*) FROM notification GROUP BY 2 UNION ALL"
            " SELECT 'session', '', count(*) FROM account_session UNION ALL SELECT 'desk', '', count(*) FROM host_session"
        )
        with sqlite3.connect(f"file:{self.data}/nightlight.sqlite3?mode=ro", uri=True) as database:
            return repr(sorted(database.execute(script).fetchall()))

    def reply_fields(self, words: str) -> dict[str, str]:
        """What a real reply of Sam's would be told with."""
        return self.gateway.reply_fields(self.circle.phone("sam"), words)

    def use_what_is_real(self, report: Report) -> None:
        """The control: what is real must open, or nothing that was counted means anything."""
        text = self.asked()
        kept = self.reply_fields("hello")
        checks = {
            "signed report": self.gateway.report(text, "delivered") == 200,
            "signed reply": call_signed(self.hook, kept) == 200,
            "the same reply once more is refused": call_signed(self.hook, kept) == 403,
            "own page": _status(f"{self.base_url}/m/{self.real['own page']}") == 200,
            "answer": _status(f"{self.base_url}/a/{self.real['answer']}", {"answer": "yes"}) == 200,
        }
        report.real_refused += [name for name, is_good in checks.items() if not is_good]
        if "acknowledged" not in self.seen():
            report.real_refused.append("an answer by the real link")


Try = tuple[str, Callable[[Site, str], int], str, frozenset[int]]
"""A door over HTTP: its name, how a token is tried, which real token it is made after, what a closed one says."""


def _page(path: str, **fields: str) -> Callable[[Site, str], int]:
    def look(site: Site, token: str) -> int:
        return _status(f"{site.base_url}/{path}/{quote(token, safe='')}", fields or None)

    return look


def _cookie(path: str, name: str) -> Callable[[Site, str], int]:
    def look(site: Site, token: str) -> int:
        return _status(f"{site.base_url}/{path}", headers={"Cookie": f"{name}={quote(token, safe='')}"})

    return look


def _program(site: Site, token: str) -> int:
    body = json.dumps({"person": site.circle.id("ana"), "need": "talk"}).encode()
    headers = {"Authorization": f"Bearer {quote(token, safe='')}", "Content-Type": "application/json"}
    return _status(f"{site.base_url}/api/v1/calls", body, headers=headers)


def _unsigned_hook(site: Site, token: str) -> int:
    query = urlencode({"from": site.circle.phone("sam"), "text": site.code})
    return _status(f"{site.base_url}/hooks/sms/kannel-1/{quote(token, safe='')}?{query}")


def _signed_reply(site: Site, token: str) -> int:
    return _called(site.hook, site.reply_fields(site.code), token)


def _signed_report(site: Site, token: str) -> int:
    text = site.asked()
    fields = {"MessageSid": text.sid, "MessageStatus": "delivered", "To": text.to}
    return _called(text.callback, fields, token)


def _called(url: str, fields: dict[str, str], token: str) -> int:
    # A header cannot hold everything that a path can.
    signature = token.encode("ascii", "ignore").decode().replace("\n", "").replace("\0", "")
    return _status(url, fields, headers={"X-Twilio-Signature": signature})


SIGN_IN = frozenset({302, 303})
TRIES: Sequence[Try] = (
    ("answer", _page("a", answer="yes"), "answer", REFUSED),
    ("answer page", _page("a"), "answer", REFUSED),
    ("own page", _page("m"), "own page", REFUSED),
    ("supporter page", _page("s"), "supporter page", REFUSED),
    ("start", _page("start"), "start", REFUSED),
    ("desk link", _page("desk"), "desk link", REFUSED),
    ("invitation", _page("i"), "answer", REFUSED),
    ("proof", _page("p"), "answer", REFUSED),
    ("session", _cookie("me", "session"), "session", REFUSED | SIGN_IN),
    ("desk session", _cookie("desk", "nightlight_desk"), "desk session", REFUSED | SIGN_IN),
    ("program token", _program, "program token", REFUSED),
    ("hook", _unsigned_hook, "hook", REFUSED),
    ("signed reply", _signed_reply, "", REFUSED),
    ("signed report", _signed_report, "", REFUSED),
)


def _over_http(plan: Plan, site: Site, report: Report) -> None:
    chance = chance_for(plan.seed, "over HTTP")
    before = site.seen()
    tried: Counter[str] = Counter()

    def one(number: int, drawn: float) -> None:
        name, attempt, after, refused = TRIES[number % len(TRIES)]
        real = site.real.get(after) or sign("another token", site.hook, site.reply_fields(site.code))
        others = [token for token in site.real.values() if token != real]
        made = forged(real, others, random.Random(drawn))  # noqa: S311  (a plan, not a secret)
        # A path or cookie without anything in it is another page.
        made = made.strip() or "x"
        status = attempt(site, made) if made != real else 404
        tried[name] += 1
        if status not in refused:
            report.accepted.append(f"over HTTP, {name}: {made!r} got {status}")

    with bar("over HTTP", plan.over_http) as advance, ThreadPoolExecutor(HANDS) as hands:
        draws = [chance.random() for _ in range(plan.over_http)]
        for _ in hands.map(one, range(plan.over_http), draws):
            advance(1)
    report.over_http = dict(tried)
    if site.seen() != before:
        report.changed.append(f"{before} became {site.seen()}")


def _inside(plan: Plan, environ: dict[str, str], real: dict[str, str], report: Report) -> None:
    command = [*INSIDE, "try", str(plan.inside), str(plan.seed)]
    process = subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(real))
    process.stdin.close()
    told: dict[str, Any] = {}
    with bar("in process", plan.inside) as advance:
        _follow(process.stdout, advance, told)
    if process.wait() != 0 or not told:
        raise ServerFailed(f"{command[1:]} ended with {process.returncode}")
    report.inside = told["tried"]
    report.accepted += told["accepted"]
    report.real_refused += told["closed_to_the_real_one"]


def _follow(lines: Iterable[str], advance: Advance, told: dict[str, Any]) -> None:
    before = 0
    for line in lines:
        if line.startswith("{"):
            told |= json.loads(line)
        else:
            advance(int(line) - before)
            before = int(line)


class _Stay(urllib.request.HTTPRedirectHandler):
    """A door that sends somewhere else has said what it says."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_opener = urllib.request.build_opener(_Stay)


def _status(
    url: str, fields: dict[str, str] | bytes | None = None, *, headers: dict[str, str] | None = None
) -> int:
    data = urlencode(fields).encode() if isinstance(fields, dict) else fields
    request = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with _opener.open(request, timeout=30) as answer:
            status: int = answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0
    return status


def main(words: Sequence[str]) -> int:
    """Run it as *words* say; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.forged", description=__doc__)
    parser.add_argument("--inside", type=int, default=Plan.inside)
    parser.add_argument("--over-http", type=int, default=Plan.over_http)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    say = on_stderr("forged")
    try:
        report = campaign(Plan(inside=given.inside, over_http=given.over_http, seed=given.seed), say)
    except (MissingServer, ServerFailed, TimeoutError, RuntimeError) as error:
        say(f"NOT RUN: {error}")
        return 2
    sys.stdout.write((report.as_json() if given.json else report.as_text()) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
