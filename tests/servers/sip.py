"""A real Kamailio as the trunk, real phones by SIPp behind it, and an ear at each phone.

The way of a ring is the one it takes at a host's: baresip, SIP with digest authentication, Kamailio, a
phone that is another program, and sound and tones as RTP between them. The ear is ours: it keeps the
sound that a phone is sent, and presses keys as a phone does (RFC 4733).
"""

import contextlib
import json
import os
import random
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.servers.processes import MissingServer, Server, folder, free_port, program, wait_until

USER, PASSWORD = "nightlight", "p%s3cret"
RATE = 8000
SAMPLES = 160
"""In one packet."""

_KAMAILIO = """\
#!KAMAILIO
debug=1
log_stderror=yes
fork=no
children=2
listen=udp:{address}:{port}
disable_tcp=yes
mpath="{modules}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "auth.so"
loadmodule "siputils.so"
loadmodule "textops.so"
modparam("auth", "qop", "auth")
modparam("tm", "fr_timer", 1500)
modparam("tm", "fr_inv_timer", 60000)
request_route {{
  if (is_method("OPTIONS")) {{ sl_send_reply("200", "Here"); exit; }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
  if (is_method("INVITE") && !has_totag()) {{
    if (!pv_proxy_authenticate("{address}", "{password}", "0")) {{ proxy_challenge("{address}", "1"); exit; }}
    consume_credentials();
    record_route();
    if ($rU =~ "0$") {{ sl_send_reply("404", "No such number"); exit; }}
    if ($rU =~ "9$") {{ sl_send_reply("503", "Not now"); exit; }}
  }}
  if (has_totag()) {{ loose_route(); t_relay(); exit; }}
  # The last digit of a number says at which port its phone is.
  $du = "sip:{address}:{phones}" + $(rU{{s.substr,-1,1}});
  t_relay();
}}
"""

_COPIED = "[last_Via:]\n[last_Record-Route:]\n[last_From:]\n{to}\n[last_Call-ID:]\n[last_CSeq:]\n"
_RINGING = _COPIED.format(to="[last_To:];tag=[call_number]")
_OK = _COPIED.format(to="[last_To:]")


class Phone(Enum):
    """What the phone with a number does when it rings."""

    PICKED_UP = "picked up"
    BUSY = "486 Busy Here"
    DECLINES = "603 Decline"
    NOT_THERE = "480 Temporarily Unavailable"
    KEEPS_RINGING = "rings on"


@dataclass(frozen=True, kw_only=True)
class _Sent:
    at: int
    """The number of its first sample."""
    samples: bytes


class Ear:
    """What one phone is sent, and its keys."""

    def __init__(self, address: str) -> None:
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind((address, 0))
        self._line.settimeout(0.2)
        self.port: int = self._line.getsockname()[1]
        self._sent: list[_Sent] = []
        self._source = 0
        self.rings = 0
        """How many streams of sound began: one for each time it was picked up."""
        self._from: tuple[str, int] | None = None
        self._over = threading.Event()
        self._presses = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def heard(self) -> list[int]:
        """Everything heard since it was last picked up, a number for each sample, 0 where nothing came."""
        sent = list(self._sent)
        if not sent:
            return []
        first = min(each.at for each in sent)
        found = [0] * (max(each.at for each in sent) - first + SAMPLES)
        for each in sent:
            found[each.at - first : each.at - first + len(each.samples)] = [
                _LOUDNESS[s] for s in each.samples
            ]
        return found

    def wait_for(self, seconds: float, *, within: float = 20) -> list[int]:
        """The same, once so much was heard, *within* so many seconds of what it lasts. Raises TimeoutError."""
        wait_until(
            lambda: len(self._sent) * SAMPLES >= seconds * RATE,
            f"{seconds} s of sound",
            seconds=seconds + within,
        )
        return self.heard()

    def forget(self) -> None:
        """Begin to listen anew."""
        self._sent = []

    def press(self, key: str) -> None:
        """Press *key* for a tenth of a second."""
        wait_until(lambda: self._from is not None, "somebody to send tones to")
        assert self._from is not None
        event = "0123456789*#".index(key)
        self._presses += 1
        stamp = self._presses * RATE
        for number in range(8):
            is_end = number >= 5
            tone = struct.pack("!BBH", event, (0x80 if is_end else 0) | 10, min(number + 1, 5) * SAMPLES)
            head = struct.pack(
                "!BBHII", 0x80, 101 | (0x80 if number == 0 else 0), number + stamp // 100 & 0xFFFF, stamp, 7
            )
            self._line.sendto(head + tone, self._from)
            time.sleep(0.02)

    def close(self) -> None:
        """Listen no more."""
        self._over.set()
        self._thread.join()
        self._line.close()

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                packet, place = self._line.recvfrom(2048)
            except TimeoutError:
                continue
            if len(packet) < 12 or packet[1] & 0x7F != 0:
                continue
            at, source = struct.unpack("!II", packet[4:12])
            if source != self._source:
                self._source, self._sent = source, []
                self.rings += 1
            self._from = place
            self._sent.append(_Sent(at=at, samples=packet[12:]))


class Trunk:
    """A running Kamailio, and the phones behind it. Numbers that end in 0 do not exist; in 9, not now."""

    def __init__(self, home: Path, address: str, port: int, phones: int) -> None:
        self._home = home
        self.address = address
        self.port = port
        self._phones = phones
        self._started: dict[str, Server] = {}
        self._made = 0
        self._ears: list[Ear] = []

    @property
    def url(self) -> str:
        """What a host would write into NIGHTLIGHT_VOICE_URL."""
        return f"sip://{USER}:{PASSWORD.replace('%', '%25')}@{self.address}:{self.port}/+447700900888"

    def phone(self, number: str, does: Phone = Phone.PICKED_UP, *, plays: Sequence[str] = ()) -> Ear:
        """There is a phone with *number* from now on; where it is picked up, it plays each of SIPp's recordings.

        It takes the place of one whose number ends in the same digit.
        """
        ear = Ear(self.address)
        self._ears.append(ear)
        if number[-1] in self._started:
            self._started.pop(number[-1]).kill()
        self._made += 1
        scenario = self._home / f"phone-{self._made}.xml"
        scenario.write_text(_scenario(does, ear.port, plays))
        command = [program("sipp", "sip-tester"), "-sf", str(scenario), "-i", self.address]
        command += [
            "-p",
            f"{self._phones}{number[-1]}",
            "-mi",
            self.address,
            "-mp",
            str(free_port() // 2 * 2),
        ]
        # Its screen would fill the log.
        log = self._home / f"phone-{self._made}.log"
        # What cannot be delivered to us any more must not make it ring again and again.
        command += ["-nostdin", "-nd", "-recv_timeout", "90000", "-trace_err", "-error_file", f"{log}.err"]
        server = Server(command, log=log, cwd=self._home, environment={"TERM": "dumb"})
        self._started[number[-1]] = server
        server.ready(lambda: not _is_free(self.address, int(f"{self._phones}{number[-1]}")), "a phone")
        return ear

    def end(self) -> None:
        """Take the phones away."""
        for server in self._started.values():
            server.kill()
        for ear in self._ears:
            ear.close()


@contextmanager
def trunk() -> Iterator[Trunk]:
    """A fresh trunk without phones."""
    kamailio = program("kamailio", "kamailio")
    program("sipp", "sip-tester")
    with own_address() as address, folder("sip") as home:
        port, phones = free_port(), random.SystemRandom().randint(1100, 2900)
        while not all(_is_free(address, phones * 10 + last) for last in range(10)):
            phones = random.SystemRandom().randint(1100, 2900)
        file = home / "kamailio.cfg"
        modules = next(Path("/usr/lib").glob("*/kamailio/modules"))
        file.write_text(
            _KAMAILIO.format(
                address=address, port=port, modules=f"{modules}/", password=PASSWORD, phones=phones
            )
        )
        running = Trunk(home, address, port, phones)
        command = [kamailio, "-f", str(file), "-DD", "-E", "-m", "16", "-M", "4", "-Y", str(home)]
        server = Server(command, log=home / "kamailio.log", cwd=home)
        try:
            server.ready(lambda: _answers(address, port), "kamailio")
            yield running
        finally:
            running.end()
            server.stop()


@contextmanager
def own_address() -> Iterator[str]:
    """An address of this machine that is not loopback, which baresip does not use; made where there is none.

    Raises MissingServer where there is none and none can be made.
    """
    told = json.loads(subprocess.run(["ip", "-j", "-4", "addr"], capture_output=True, check=True).stdout)
    found = [
        one["local"]
        for link in told
        for one in link.get("addr_info", [])
        if one.get("scope") == "global" and "UP" in link.get("flags", [])
    ]
    if found:
        yield found[0]
        return
    if os.geteuid() != 0:
        raise MissingServer("there is no network but loopback; as root a made-up one would be added")
    name, address = f"nl{os.getpid() % 10000}", "198.18.0.1"
    for command in (["add", name, "type", "dummy"], ["set", name, "up"]):
        subprocess.run(["ip", "link", *command], check=True)
    try:
        subprocess.run(["ip", "addr", "add", f"{address}/30", "dev", name], check=True)
        yield address
    finally:
        subprocess.run(["ip", "link", "del", name], check=False)


def _scenario(does: Phone, media_port: int, plays: Sequence[str]) -> str:
    steps = ['<recv request="INVITE" crlf="true" rrs="true"/>']
    steps.append(_send("180 Ringing", _RINGING, ""))
    if does is Phone.KEEPS_RINGING:
        steps.append('<recv request="CANCEL"/>')
        steps.append(_send("200 OK", _OK, ""))
    elif does is not Phone.PICKED_UP:
        steps.append('<pause milliseconds="300"/>')
        steps += [_send(does.value, _RINGING, "", again=True), '<recv request="ACK"/>']
    else:
        sound = (
            "v=0\no=phone 1 1 IN IP[local_ip_type] [local_ip]\ns=-\nc=IN IP[media_ip_type] [media_ip]\nt=0 0\n"
            f"m=audio {media_port} RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\n"
            "a=fmtp:101 0-15\na=ptime:20\n"
        )
        steps.append('<pause milliseconds="300"/>')
        steps += [_send("200 OK", _RINGING, sound, again=True), '<recv request="ACK"/>']
        for recording in plays:
            where = f"/usr/share/sip-tester/{recording}"
            steps.append('<pause milliseconds="1500"/>')
            steps.append(f'<nop><action><exec play_pcap_audio="{where}"/></action></nop>')
        steps += ['<recv request="BYE"/>', _send("200 OK", _OK, "")]
    head = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="phone">\n'
    return head + "\n".join(steps) + "\n</scenario>\n"


def _send(status: str, copied: str, body: str, *, again: bool = False) -> str:
    lines = [f"SIP/2.0 {status}", copied.rstrip(), "Contact: <sip:phone@[local_ip]:[local_port]>"]
    lines += ["Content-Type: application/sdp"] if body else []
    lines += ["Content-Length: [len]" if body else "Content-Length: 0", "", body]
    return (
        f"<send{' retrans=' + chr(34) + '500' + chr(34) if again else ''}><![CDATA[\n"
        + "\n".join(lines)
        + "\n]]></send>"
    )


def _is_free(address: str, port: int) -> bool:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _answers(address: str, port: int) -> bool:
    asked = (
        f"OPTIONS sip:{address}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {address};rport;branch=z9hG4bK1\r\nMax-Forwards: 5\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as line:
        line.settimeout(0.3)
        try:
            line.connect((address, port))
            line.send(asked.encode())
            return bool(line.recv(2048))
        except OSError:
            return False


def _loudness(sample: int) -> int:
    """What one sample of G.711 mu-law stands for."""
    turned = ~sample & 0xFF
    loud = ((((turned & 0x0F) << 3) + 0x84) << ((turned >> 4) & 7)) - 0x84
    return -loud if turned & 0x80 else loud


_LOUDNESS = [_loudness(sample) for sample in range(256)]
