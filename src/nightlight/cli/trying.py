"""`nightlight try`: a sample circle with sample phones, on SQLite, in a folder of its own."""

import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path

import click

from nightlight import clock, config
from nightlight.cli.children import Child, GaveUp, Supervisor
from nightlight.cli.listening import LISTEN_DEFAULT, Address, CannotListen, bind, shown
from nightlight.cli.output import say, show
from nightlight.cli.sample_story import LOOK_EVERY_SECONDS, Screen, Stopped, tell_story
from nightlight.cli.serve import web_command, worker_command

PAUSE_SECONDS = 2.5
"""Between two parts of the story, so that each can be read."""
READY_WITHIN_SECONDS = 30


@click.command("try")
@click.option(
    "--listen", type=Address(), default=LISTEN_DEFAULT, show_default=True, help="Where pages are served."
)
@click.option("--story", is_flag=True, help="First play one call here, from the text that fails to the end.")
@click.option("--fast", is_flag=True, help="With --story: without pauses for reading.")
def try_out(listen: tuple[str, int], story: bool, fast: bool) -> None:
    """Try it with a sample circle. Nothing leaves this machine.

    It prints one link, to a page with the phones of the caller and of her circle side by side, and
    stays up. What happens is printed too.

    Example: nightlight try
    """
    folder = Path(tempfile.mkdtemp(prefix="nightlight-try-"))
    try:
        sys.exit(_run(folder, listen, tells=story, pause=0.0 if fast else PAUSE_SECONDS))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, listen: tuple[str, int], *, tells: bool, pause: float) -> int:
    listening = _bind_somewhere(listen)
    base_url = shown(listening)
    settings = config.load({"NIGHTLIGHT_DATA": str(folder), "NIGHTLIGHT_BASE_URL": base_url})
    config.use(settings)
    _furnish(settings)
    supervisor = Supervisor(
        (
            Child(name="web", command=web_command(listening.fileno()), pass_fds=(listening.fileno(),)),
            Child(name="worker", command=worker_command()),
        ),
        config.child_environ(settings, sample=True),
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
    # The children end when the thread that made them does, so this one stays with them.
    tell = partial(_tell, base_url, ended, tells=tells, pause=pause, stop=supervisor.stop)
    teller = threading.Thread(target=tell)
    teller.start()
    try:
        supervisor.run()
    except GaveUp as error:
        say(f"nightlight try: {error}")
        return error.code
    finally:
        ended.set()
        teller.join()
    return 0


def _bind_somewhere(listen: tuple[str, int]) -> socket.socket:
    """The address asked for or, when something else has the usual one, any that is free."""
    try:
        return bind(listen)
    except CannotListen as error:
        if f"{listen[0]}:{listen[1]}" != LISTEN_DEFAULT:
            raise click.UsageError(str(error)) from error
        say(f"{LISTEN_DEFAULT} is in use by something else; taking another port")
        return bind((listen[0], 0))


def _furnish(settings: config.Settings) -> None:
    """Make the folder what `try` needs: sample phones, a time of its own, tables, the sample circle."""
    from nightlight.channels import sample
    from nightlight.cli.django_setup import migrate_sqlite

    config.host_keys(settings)
    (settings.data / sample.DIRECTORY).mkdir()
    # Before Django is set up: its settings look whether time may pass faster here.
    clock.set_offset(settings.data / clock.OFFSET_FILE_NAME, 0.0)
    config.name_django_settings()
    import django

    django.setup()
    migrate_sqlite()
    from nightlight.intake import channels, sampling
    from nightlight.intake.circle import import_circles
    from nightlight.intake.circle_file import parse_circle_file
    from nightlight.store.dbclock import database_now

    now = database_now()
    circle = files("nightlight.cli").joinpath("sample_circle.toml").read_bytes()
    document = parse_circle_file(circle, file="sample_circle.toml", today=now.date())
    import_circles(document, now=now, channels_on=channels.kinds_on())
    sampling.begin(now)


def _tell(
    base_url: str, ended: threading.Event, *, tells: bool, pause: float, stop: Callable[[], None]
) -> None:
    from nightlight.intake import sampling

    screen = Screen(sampling.phones(), ended.is_set)
    try:
        _until_ready(ended)
        _show_link(base_url)
        if tells:
            tell_story(screen, lambda: _rest(pause, ended))
            _show_link(base_url)
        pace = sampling.Pace()
        while True:
            pace.tick()
            screen.look()
            _rest(LOOK_EVERY_SECONDS, ended)
    except Stopped:
        pass
    except TimeoutError as error:
        say(f"nightlight try: {error}")
        stop()


def _rest(seconds: float, ended: threading.Event) -> None:
    if ended.wait(seconds):
        raise Stopped


def _until_ready(ended: threading.Event) -> None:
    from nightlight.store import heartbeats

    patience = time.monotonic() + READY_WITHIN_SECONDS
    while heartbeats.last_beat() is None:
        if time.monotonic() > patience:
            raise TimeoutError(f"the worker did not start within {READY_WITHIN_SECONDS} s")
        _rest(0.1, ended)


def _show_link(base_url: str) -> None:
    show(f"{base_url}/try   opens in a browser. Nothing leaves this machine. Ctrl-C ends it.\n")
