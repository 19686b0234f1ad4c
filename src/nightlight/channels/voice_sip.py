"""Ringing over a SIP trunk, with a phone of our own. Stop 7 of the road: from `worker.sender`, to the trunk.

The phone is baresip, one for each ring. What happens while it rings and after is heard on a line of
our own: a key, or that nobody pressed one. That it was picked up says nothing: so does a voicemail.
"""

import queue
import re
import socket
import threading
import time
from dataclasses import dataclass

from nightlight.channels.baresip import Baresip, PhoneBroke, missing_program
from nightlight.channels.base import (
    SEND_TIMEOUT_SECONDS,
    Heard,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    Reply,
    SendFailure,
    Spoken,
    TemporaryFailure,
)
from nightlight.channels.provider_url import ChannelSettingError, ProviderUrl, read_provider_url
from nightlight.channels.speech import NoSpeech, speech

SHAPE = "sip://user:password@trunk[:port][/+FROM]"
PORT = 5060
RING_SECONDS = 45
"""So long it rings at most."""
KEY_SECONDS = 8
"""So long a key is waited for after the last word."""
KEYS_MAX = 3
"""So many keys are listened to in one ring."""
SAID_TIMES = 2
RING_OVER_SECONDS = 300
"""Whatever happens, a ring ends after this."""
PROBE_SECONDS = 0.25
LOOK_SECONDS = 0.2
GIVE_WAY_SECONDS = 1.5

_NO_SUCH_NUMBER = {404, 410, 484, 604}
_NOT_THERE = {408: "no_answer", 480: "not_there", 486: "busy", 487: "no_answer", 600: "busy", 603: "declined"}


@dataclass(frozen=True, kw_only=True)
class SipTrunk:
    """Where we ring from, and as whom."""

    url: ProviderUrl
    sender: str
    """The number that people see, or the user's name where none is given."""

    @property
    def place(self) -> str:
        """Host and port."""
        return f"{self.url.host}:{self.url.port}"

    @property
    def account(self) -> str:
        """The same for baresip, in a line."""
        who = f"<sip:{self.sender}@{self.place};transport=udp>"
        known = f";auth_user={self.url.user};auth_pass={self.url.password}"
        return f"{who}{known};regint=0;audio_codecs=PCMU/8000/1,PCMA/8000/1;dtmfmode=rtpevent"


def read_sip_url(url: str, setting: str) -> SipTrunk:
    """The trunk in *url*. Raises `ChannelSettingError`, naming *setting*."""
    trunk = read_provider_url(url, setting=setting, shape=SHAPE, default_port=PORT)

    def refuse(wrong: str) -> ChannelSettingError:
        return ChannelSettingError(f"{setting}: {wrong}. Write {SHAPE}")

    if trunk.scheme != "sip":
        raise refuse(f"{trunk.scheme}:// is no voice service")
    if trunk.on_loopback:
        raise refuse(
            "a trunk cannot be on loopback, which the phone does not use; give this machine's address"
        )
    if not re.fullmatch(r"[A-Za-z0-9._~+-]{1,64}", trunk.user):
        raise refuse("a URL has no user and password, or a user that is not letters, digits and . _ ~ + -")
    if not re.fullmatch(r"[!-~]{1,64}", trunk.password) or set(trunk.password) & set(';<>"'):
        raise refuse('a password cannot be used that has a space, ; < > " or an accent in it')
    sender = trunk.path.removeprefix("/")
    if sender and not re.fullmatch(r"\+[1-9][0-9]{6,14}", sender):
        raise refuse("a URL does not end in the number that people see, with its +")
    if trunk.query:
        raise refuse("a URL has a ?, and nothing is known after it")
    missing = missing_program()
    if missing:
        raise ChannelSettingError(f"{setting}: a program is missing; as root: apt-get install {missing}")
    return SipTrunk(url=trunk, sender=sender or trunk.user)


class SipVoiceChannel:
    """One trunk, and all phones that ring through it just now. A channel, and a line to listen on."""

    kind = "voice"
    is_shared = False

    def __init__(
        self,
        *,
        provider: str,
        trunk: SipTrunk,
        timeout_seconds: float = SEND_TIMEOUT_SECONDS,
        ring_seconds: float = RING_SECONDS,
        key_seconds: float = KEY_SECONDS,
    ) -> None:
        self.provider = self.name = provider
        self._trunk = trunk
        self._timeout_seconds = timeout_seconds
        self._limits = _Limits(ring=ring_seconds, key=key_seconds)
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._rings: dict[tuple[str, str], _Ring] = {}
        """The latest ring to each number about each call."""
        self._all: list[_Ring] = []

    def send(self, message: Message) -> Receipt:
        """Have the phone rung, or raise a `SendFailure`. Accepted says that it rings."""
        end = time.monotonic() + self._timeout_seconds
        spoken = message.spoken or Spoken(said=(message.text,), language=message.language)
        try:
            said = speech(
                spoken, times=SAID_TIMES, then_silence=self._limits.key if spoken.waits_for_key else 0
            )
        except NoSpeech as error:
            raise TemporaryFailure(f"no_speech_{str(error).replace('-', '_')}") from error
        _probe(self._trunk)
        ring = _Ring(self._trunk, message, spoken, self._heard, self._limits)
        self._take_the_place_of_older(ring, message)
        ring.begin(said)
        return ring.verdict(max(end - time.monotonic(), 0))

    def _take_the_place_of_older(self, ring: "_Ring", message: Message) -> None:
        """Whoever is still being rung about the same call is not rung a second time beside it."""
        place = (message.to, message.topic)
        with self._lock:
            self._all = [*(each for each in self._all if not each.is_over), ring]
            self._rings = {where: each for where, each in self._rings.items() if not each.is_over}
            older = self._rings.get(place) if message.topic else None
            self._rings[place] = ring
        if older is not None:
            older.give_way()

    def finish(self) -> None:
        """Return when nothing rings any more: whoever ends earlier takes the phones along."""
        with self._lock:
            under_way = list(self._all)
        for ring in under_way:
            ring.wait()

    def listen(self, position: str, seconds: float) -> Heard:
        """The next key, or the next end of a ring, within so many *seconds*; one at a time, in their order."""
        try:
            return self._heard.get(timeout=seconds)
        except queue.Empty:
            return Heard(position=position)


@dataclass(frozen=True, kw_only=True)
class _Limits:
    """How many seconds it rings, and a key is waited for."""

    ring: float
    key: float


class _Ring:
    """One ring, from dialling to its end, in a thread of its own."""

    def __init__(
        self,
        trunk: SipTrunk,
        message: Message,
        spoken: Spoken,
        heard: "queue.SimpleQueue[Heard]",
        limits: "_Limits",
    ) -> None:
        self._trunk = trunk
        self._to = message.to
        self._attempt = message.attempt
        self._asks = spoken.waits_for_key
        self._heard = heard
        self._limits = limits
        self._verdict: queue.SimpleQueue[Receipt | SendFailure] = queue.SimpleQueue()
        self._is_given_up = threading.Event()
        self._gives_way = threading.Event()
        self._is_over = threading.Event()
        self._was_told = False
        self._was_picked_up = False
        self._keys = 0

    @property
    def is_over(self) -> bool:
        """Nothing more comes of it."""
        return self._is_over.is_set()

    def give_way(self) -> None:
        """Hang up, because something newer is to be said; returns once that is done, or soon after."""
        self._gives_way.set()
        self._is_over.wait(GIVE_WAY_SECONDS)

    def wait(self) -> None:
        """Return when it is over."""
        self._is_over.wait(RING_OVER_SECONDS)

    def begin(self, said: bytes) -> None:
        """Ring; what is *said* is heard by whoever picks up."""
        # The phone ends with the thread that began it.
        threading.Thread(target=self._run, args=(said,), name=f"ring-{self._attempt}", daemon=True).start()

    def verdict(self, seconds: float) -> Receipt:
        """That it rings, within so many *seconds*. Raises a `SendFailure`."""
        try:
            told = self._verdict.get(timeout=seconds)
        except queue.Empty:
            self._is_given_up.set()
            raise OutcomeUnknown("timeout") from None
        if isinstance(told, SendFailure):
            raise told
        return told

    def _run(self, said: bytes) -> None:
        try:
            self._ring(said)
        finally:
            self._is_over.set()

    def _ring(self, said: bytes) -> None:
        try:
            phone = Baresip(self._trunk.account, said)
        except (PhoneBroke, OSError):
            self._verdict.put(TemporaryFailure("no_phone"))
            return
        try:
            phone.dial(self._to, self._trunk.place)
            self._follow(phone)
        except PhoneBroke:
            self._ended("line_broke")
        finally:
            phone.close()

    def _follow(self, phone: Baresip) -> None:
        began = time.monotonic()
        while (passed := time.monotonic() - began) < RING_OVER_SECONDS:
            for what, word in phone.happens(LOOK_SECONDS):
                if what == "CALL_CLOSED":
                    self._ended(word)
                    return
                self._took_place(phone, what, word)
            if self._is_given_up.is_set():
                # Nobody knows whether it rings; what is not waited for must not go on.
                return
            is_too_long = passed > self._limits.ring and not self._was_picked_up
            if self._was_told and (is_too_long or self._gives_way.is_set()):
                phone.hang_up()
                break
        self._ended("")

    def _took_place(self, phone: Baresip, what: str, word: str) -> None:
        if what in ("CALL_RINGING", "CALL_PROGRESS", "CALL_ESTABLISHED"):
            self._tell(Receipt(status=ReceiptStatus.ACCEPTED, units=1))
        if what == "CALL_ESTABLISHED":
            self._was_picked_up = True
        if what == "CALL_DTMF_START" and self._asks and self._keys < KEYS_MAX:
            self._keys += 1
            self._pressed(phone, word, is_last=self._keys == KEYS_MAX)

    def _pressed(self, phone: Baresip, key: str, *, is_last: bool) -> None:
        def back(said: Spoken) -> None:
            wait = self._limits.key if said.waits_for_key and not is_last else 0
            try:
                phone.play(speech(said, then_silence=wait))
            except (NoSpeech, PhoneBroke):
                # Whoever pressed it has hung up, or hears nothing more; the key counts all the same.
                return

        reply = Reply(
            sender=self._to,
            text=key,
            reference=f"{self._attempt}.{self._keys}",
            attempt=self._attempt,
            back=back,
        )
        self._heard.put(Heard(replies=(reply,)))

    def _ended(self, word: str) -> None:
        """The ring is over; *word* is what the trunk, or baresip, said of it."""
        status = int(word[:3]) if re.match("[1-6][0-9]{2}( |$)", word) else 0
        if not self._was_told and status not in _NOT_THERE:
            # It never began to ring.
            self._tell(_failure(status))
            return
        self._tell(Receipt(status=ReceiptStatus.ACCEPTED, units=1))
        reason = "no_key" if self._was_picked_up else _NOT_THERE.get(status, "no_answer")
        ended = Receipt(status=ReceiptStatus.MISSED, attempt=self._attempt, reason=reason)
        if self._was_picked_up and not self._asks:
            ended = Receipt(status=ReceiptStatus.DELIVERED, attempt=self._attempt)
        self._heard.put(Heard(receipts=(ended,)))

    def _tell(self, told: Receipt | SendFailure) -> None:
        """The first word on it; what comes later is heard on the line."""
        if not self._was_told:
            self._was_told = True
            self._verdict.put(told)


def _failure(status: int) -> SendFailure:
    """What a refusal of the trunk amounts to; 0 when it said nothing that could be read."""
    if status in _NO_SUCH_NUMBER:
        return PermanentFailure("no_such_number")
    if status == 0 or status >= 500:
        return TemporaryFailure(f"trunk_failed_{status}" if status else "not_connected")
    return ProviderMisconfigured(f"trunk_refused_{status}")


def _probe(trunk: SipTrunk) -> None:
    """Find out early where nobody listens: baresip would ask again and again for as long as it rings.

    Raises `TemporaryFailure`. A trunk that does not answer is asked to ring all the same.
    """
    asked = (
        f"OPTIONS sip:{trunk.place} SIP/2.0\r\nVia: SIP/2.0/UDP 0.0.0.0:9;rport;branch=z9hG4bK{time.monotonic_ns()}\r\n"
        f"Max-Forwards: 1\r\nFrom: <sip:{trunk.place}>;tag=1\r\nTo: <sip:{trunk.place}>\r\n"
        f"Call-ID: {time.monotonic_ns()}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            trunk.url.host, trunk.url.port, family=socket.AF_INET, type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind, protocol) as line:
            line.settimeout(PROBE_SECONDS)
            line.connect(address)
            line.send(asked.encode())
            line.recv(1)
    except TimeoutError:
        return
    except socket.gaierror as error:
        raise TemporaryFailure("host_not_found") from error
    except OSError as error:
        raise TemporaryFailure("connection_refused") from error
