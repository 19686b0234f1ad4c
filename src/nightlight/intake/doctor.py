"""Looking a whole installation over, from the settings to rows that are stuck. Changes nothing.

Each thing looked at becomes one finding: good, worth knowing, or wrong.
"""

import os
import socket
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from nightlight import clock, config
from nightlight.channels.base import Channel, Listener, SendFailure
from nightlight.channels.provider_url import ChannelSettingError
from nightlight.channels.registry import KINDS, hook_url
from nightlight.config import Settings
from nightlight.intake.channels import channel_settings, listeners, names_on, provider_name, switched_on
from nightlight.intake.doctor_check_ins import look_at_check_ins
from nightlight.intake.findings import Finding, Grade, good, note, wrong
from nightlight.intake.host_tests import trial_message
from nightlight.store import channel_queries, health, listener_places
from nightlight.store.dbclock import database_now
from nightlight.store.heartbeats import last_beat
from nightlight.store.notices_due import stuck as stuck_notices
from nightlight.store.standing import OpenWay, ways_to_test

__all__ = ["Finding", "Grade", "look_at_database", "look_at_machine", "send_test", "wrong"]

CONNECT_SECONDS = 3
PORTS = {"twilio": 443, "matrix": 443, "https": 443, "http": 80, "imaps": 993, "imap": 143}
"""Where a provider is, whose setting names no port."""
SILENT_AFTER = timedelta(seconds=60)
QUIET_AFTER = timedelta(minutes=3)
"""A line that works shows a sign of it every few seconds."""
CLOCKS_APART_MAX = timedelta(seconds=2)
CLOCK_LOOK_SECONDS = 0.2
JUDGED_FROM = 5
"""Fewer messages say little of a provider."""
FREE_BYTES_MIN = 100 * 1024 * 1024
NAMED_MAX = 5

SAMPLE_KINDS = frozenset(kind for kind in KINDS if kind.startswith("sample-"))


def look_at_machine(settings: Settings) -> list[Finding]:
    """What can be seen without the database: directory, channels, providers, addresses, the clock."""
    return [*_data(settings), *_channels(settings), *_clock()]


def look_at_database(settings: Settings) -> list[Finding]:
    """What the database says. Raises whatever a database that is away raises."""
    now = database_now()
    channels_on = _kinds_on()
    return [
        *_database_clock(now),
        *_durability(),
        *_keys(settings),
        *_worker(now),
        *_lines(now),
        *_calls(now),
        *_messages(now, channels_on),
        *look_at_check_ins(now, channels_on, lives=_lives(now)),
        *_fared(now),
        *_people(channels_on),
    ]


def _data(settings: Settings) -> Iterator[Finding]:
    if settings.uses_postgresql and settings.keys:
        return
    mode = stat.S_IMODE(settings.data.stat().st_mode)
    if mode & 0o077:
        yield wrong(
            "data", f"{settings.data} can be entered by others (mode {mode:o}); chmod 700 {settings.data}"
        )
    has_file = not settings.keys and settings.key_file.exists()
    if has_file and stat.S_IMODE(settings.key_file.stat().st_mode) & 0o077:
        yield wrong("key", f"{settings.key_file} can be read by others; chmod 600 {settings.key_file}")
    disk = os.statvfs(settings.data)
    free = disk.f_bavail * disk.f_frsize
    says = f"{free // (1024 * 1024)} MiB are free where {settings.data} lies"
    yield good("disk", says) if free >= FREE_BYTES_MIN else wrong("disk", f"only {says}; make room")


def _kinds_on() -> frozenset[str]:
    try:
        return frozenset(switched_on())
    except ChannelSettingError:
        return frozenset()


def _channels(settings: Settings) -> Iterator[Finding]:
    try:
        on = switched_on()
    except ChannelSettingError as error:
        yield wrong("channels", str(error))
        return
    for kind, channel in KINDS.items():
        if kind in on:
            yield good("channels", f"{kind} is on: {', '.join(each.provider for each in on[kind])}")
        elif kind not in SAMPLE_KINDS:
            yield note("channels", f"{kind} is off; {channel.needs} switches it on")
    for name, urls in _servers(settings).items():
        for place, url in enumerate(urls, start=1):
            yield from _provider(f"{name} {place}", url)
    yield from _hooks(on)
    yield from _base_url(settings, real=bool(on.keys() - SAMPLE_KINDS))


def _servers(settings: Settings) -> Mapping[str, Iterable[str]]:
    """The servers of the settings to which a connection is made when something is sent or heard."""
    one = {"imap": settings.imap_url, "ntfy": settings.ntfy_url, "matrix": settings.matrix_url}
    return {
        "smtp": settings.smtp_urls,
        "sms": settings.sms_urls,
        "voice": settings.voice_urls,
        **{name: (url,) for name, url in one.items() if url},
    }


def _provider(name: str, url: str) -> Iterator[Finding]:
    """Whether a connection to a provider can be made; nothing is said over it."""
    parts = urlsplit(url)
    port = parts.port or PORTS.get(parts.scheme)
    if port is None or parts.hostname is None:
        return  # A telephone trunk has no connection to try.
    where = f"{name} at {parts.hostname}:{port}"
    try:
        socket.create_connection((parts.hostname, port), CONNECT_SECONDS).close()
    except OSError as error:
        why = error.strerror or type(error).__name__
        yield wrong("providers", f"{where} cannot be reached ({why}); start it, or mend its setting")
    else:
        yield good("providers", f"{where} can be reached")


def _hooks(on: Mapping[str, tuple[Channel, ...]]) -> Iterator[Finding]:
    """Where each provider that calls back is to be told to do so."""
    for kind, providers in on.items():
        for channel in providers:
            if hasattr(channel, "read_reply"):
                url = hook_url(channel_settings(), kind, channel.provider)
                yield good("hooks", f"{channel.provider} reports and passes replies on to {url}")


def _base_url(settings: Settings, *, real: bool) -> Iterator[Finding]:
    if not real:
        return
    if config.is_loopback(settings.base_host):
        yield wrong(
            "links",
            f"links begin with {settings.base_url}, which opens on this machine only;"
            " set NIGHTLIGHT_BASE_URL to an address that phones can open",
        )
    elif not settings.is_https:
        yield note("links", f"links begin with {settings.base_url}: without https others may read along")
    else:
        yield good("links", f"links begin with {settings.base_url}")


def _clock() -> Iterator[Finding]:
    wall, boot = clock.now(), clock.boottime()
    time.sleep(CLOCK_LOOK_SECONDS)
    apart = (clock.now() - wall).total_seconds() - (clock.boottime() - boot)
    if abs(apart) > CLOCK_LOOK_SECONDS / 2:
        yield wrong("clock", f"the clock was moved by {apart:.1f} s just now; let one time service set it")
    else:
        yield good("clock", "the clock runs evenly")


def _database_clock(now: datetime) -> Iterator[Finding]:
    apart = abs(clock.now() - now)
    if apart > CLOCKS_APART_MAX:
        yield note(
            "clock",
            f"this machine and the database are {apart.total_seconds():.0f} s apart; the database's counts",
        )
    latest = health.latest_record()
    if latest is not None and latest - now > CLOCKS_APART_MAX:
        yield wrong(
            "clock",
            f"something was recorded {(latest - now).total_seconds():.0f} s in the future:"
            " the clock was set back; see that it is right now",
        )


def _durability() -> Iterator[Finding]:
    faults = health.durability_faults()
    for fault in faults:
        yield wrong("durability", f"a commit may not survive a power cut: {fault}; mend it in the database")
    if not faults:
        yield good("durability", "every commit is on the disk before it counts")


def _keys(settings: Settings) -> Iterator[Finding]:
    use = health.key_use()
    for column, rows in use.unknown:
        yield wrong(
            "key",
            f"no key opens {rows} rows of {column}; put the key they were made with behind the newest"
            " in NIGHTLIGHT_KEY, or back into the key file",
        )
    unreadable = health.unreadable_addresses() if not use.unknown else []
    if unreadable:
        yield wrong("key", f"damaged, and no longer to be opened: {_named(unreadable)}; import them again")
    if use.older:
        yield note(
            "key", f"{use.older} rows are still under an older key; `nightlight migrate` makes them anew"
        )
    elif len(config.host_keys(settings)) > 1:
        yield note("key", "the older keys are no longer needed, except for backups that were made with them")
    if not use.unknown and not unreadable:
        yield good("key", "everything that is encrypted can be opened")


def _worker(now: datetime) -> Iterator[Finding]:
    beat = last_beat()
    if beat is not None and now - beat <= SILENT_AFTER:
        yield good("worker", f"it finished a full round {max((now - beat).total_seconds(), 0):.0f} s ago")
        return
    says = "none runs" if beat is None else f"its last full round was at {beat:%Y-%m-%d %H:%M:%S} UTC"
    count = health.open_calls()
    if count:
        yield wrong("worker", f"{says}, and {count} calls are open; start `nightlight serve`")
    else:
        yield note("worker", f"{says}; nothing is sent until `nightlight serve` runs")


def _lives(now: datetime) -> bool:
    beat = last_beat()
    return beat is not None and now - beat <= SILENT_AFTER


def _lines(now: datetime) -> Iterator[Finding]:
    """The lines on which we listen ourselves: a mailbox, a chat."""
    known = {line.name: line for line in listener_places.lines()}
    for listener in _listeners():
        name = listener.name
        line = known.get(name)
        if line is None or (line.heard_at is None and not line.trouble):
            yield note("listening", f"nobody listened on {name} yet; `nightlight serve` does")
        elif line.trouble:
            when = f"{line.heard_at:%Y-%m-%d %H:%M:%S} UTC" if line.heard_at else "never"
            yield wrong(
                "listening",
                f"{name} does not work ({line.trouble}; it last did: {when}): replies and bounces wait there;"
                " mend its setting, or what is at its other end",
            )
        elif line.heard_at is not None and now - line.heard_at > QUIET_AFTER and _lives(now):
            yield wrong(
                "listening",
                f"nobody listens on {name} since {line.heard_at:%H:%M:%S} UTC; restart `nightlight serve`",
            )
        else:
            yield good("listening", f"{name} is listened to")


def _listeners() -> tuple[Listener, ...]:
    try:
        return listeners()
    except ChannelSettingError:
        return ()


_BROKEN = {
    "no_timer": "has no timer, so nothing would happen next",
    "timer_too_far_ahead": "waits longer than it was set for",
    "timer_overdue": "should have moved on by now",
}


def _calls(now: datetime) -> Iterator[Finding]:
    broken = health.broken_calls(now, worker_lives=_lives(now))
    for alert, why in broken:
        yield wrong("calls", f"call {alert} {_BROKEN[why]}; restart `nightlight serve`, then look again")
    for alert, fault in health.set_aside():
        yield wrong(
            "calls",
            f"call {alert} is set aside ({fault}): its circle is asked plainly, and it is tried again every minute;"
            " keep `nightlight status` of it, and report it",
        )
    held = health.held()
    if held:
        yield wrong(
            "calls",
            f"held since a backup was put back: {_named(held)}; ask the callers, then `nightlight restore --continue`",
        )
    if not broken and not held:
        yield good("calls", f"{health.open_calls()} are open, and each knows what happens next")


def _messages(now: datetime, channels_on: frozenset[str]) -> Iterator[Finding]:
    stuck = _lives(now)
    checks: Iterable[tuple[str, list[str]]] = (
        ("were taken up and never settled", health.lapsed_leases(now)),
        ("should have gone out by now", health.overdue_messages(now, channels_on)),
        ("outside calls are stuck", stuck_notices(now)),
    )
    for says, rows in checks:
        if rows and stuck:
            yield wrong("messages", f"{len(rows)} {says}: {_named(rows)}; restart `nightlight serve`")
        elif rows:
            yield note("messages", f"{len(rows)} {says}; they go on when `nightlight serve` runs")
    for channel, count in health.messages_for_channels_off(now, channels_on).items():
        yield wrong(
            "messages",
            f"{count} are meant for {channel}, which is off: they are passed over by the next way; switch it on again",
        )


def _fared(now: datetime) -> Iterator[Finding]:
    """What became of the tries of each provider that is on, as far as the record goes."""
    names, _ = names_on()
    used = {
        (kind, provider_name(kind, stored, names.get(kind, ()))): use
        for (kind, stored), use in channel_queries.provider_use(now).items()
    }
    for kind, providers in names.items():
        for name in providers:
            use = used.get((kind, name))
            if use is None:
                yield note("used", f"{kind}: {name} was not tried within 30 days; try it with --send-test")
            elif use.last_taken is None:
                code = f" ({use.trouble.reason})" if use.trouble and use.trouble.reason else ""
                yield wrong(
                    "used", f"{kind}: {name} took none of {use.tried} messages{code}; mend its setting"
                )
            else:
                last = f"{use.last_taken:%Y-%m-%d %H:%M:%S} UTC"
                yield good(
                    "used", f"{kind}: {name} took {use.taken} of {use.tried} messages, the last at {last}"
                )


def _people(channels_on: frozenset[str]) -> Iterator[Finding]:
    if health.anybody_to_reach() and not channels_on:
        yield wrong(
            "channels", "no channel is on, so nobody can be reached; set NIGHTLIGHT_SMTP_URL or another"
        )
    if not health.host_can_be_told():
        yield note(
            "host", "nobody is told when a call needs the host; name ways under [host] in the import file"
        )


def _named(ids: list[str]) -> str:
    more = f" and {len(ids) - NAMED_MAX} more" if len(ids) > NAMED_MAX else ""
    return ", ".join(ids[:NAMED_MAX]) + more


def send_test(person: str) -> list[Finding] | None:
    """Send one message, which says that it is a test, by every way of *person*; None when nobody has this id."""
    channels = switched_on()
    ways = ways_to_test(person, database_now(), frozenset(channels))
    if ways is None:
        return None
    if not ways:
        return [
            wrong(
                "test",
                f"there is no way to reach {person} now: they did not agree, or their channels are off",
            )
        ]
    return [_try(channel, way, person) for way in ways for channel in channels[way.channel]]


def _try(channel: Channel, way: OpenWay, person: str) -> Finding:
    try:
        channel.send(trial_message(channel.kind, way.to, "en"))
    except SendFailure as failure:
        return wrong(
            "test", f"{channel.provider} did not take it for {person} ({failure.reason}); mend that way"
        )
    if hasattr(channel, "finish"):
        # A phone of our own rings no longer than we are there.
        channel.finish()
    return good("test", f"{channel.provider} took it for {person}; whether it arrived, they can say")
