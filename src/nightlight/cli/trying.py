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

from nightlight import config
from nightlight.cli.children import Child, GaveUp, Supervisor
from nightlight.cli.listening import LISTEN_DEFAULT, Address, CannotListen, bind, shown
from nightlight.cli.output import say, show
from nightlight.cli.sample_story import SampleTime, Screen, Stopped, tell_story
from nightlight.cli.serve import web_command, worker_command

PAUSE_SECONDS = 2.5
"""Between two parts of the story, so that each can be read."""
READY_WITHIN_SECONDS = 30


@click.command("try")
@click.option(
    "--listen", type=Address(), default=LISTEN_DEFAULT, show_default=True, help="Where pages are served."
)
@click.option("--no-story", is_flag=True, help="Go straight to the links, without the sample call.")
@click.option("--fast", is_flag=True, help="Tell the story without pauses for reading.")
def try_out(listen: tuple[str, int], no_story: bool, fast: bool) -> None:
    """Try it with a sample circle. Nothing leaves this machine.

    First a call is seen falling from way to way, being answered, going quiet and being taken up
    again. Then it stays up, and prints the links with which you play each person.

    Example: nightlight try
    """
    folder = Path(tempfile.mkdtemp(prefix="nightlight-try-"))
    try:
        sys.exit(_run(folder, listen, tells=not no_story, pause=0.0 if fast else PAUSE_SECONDS))
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
    tell = partial(_tell, folder, base_url, ended, tells=tells, pause=pause, stop=supervisor.stop)
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
    from nightlight.cli.django_setup import migrate_sqlite
    from nightlight.intake.channels import SAMPLE_DIRECTORY

    config.host_keys(settings)
    (settings.data / SAMPLE_DIRECTORY).mkdir()
    SampleTime(settings.data).start()
    config.name_django_settings()
    import django

    django.setup()
    migrate_sqlite()
    from nightlight.intake import channels
    from nightlight.intake.circle import import_circles
    from nightlight.intake.circle_file import parse_circle_file
    from nightlight.store.dbclock import database_now

    now = database_now()
    circle = files("nightlight.cli").joinpath("sample_circle.toml").read_bytes()
    document = parse_circle_file(circle, file="sample_circle.toml", today=now.date())
    import_circles(document, now=now, channels_on=channels.kinds_on())


def _tell(
    folder: Path,
    base_url: str,
    ended: threading.Event,
    *,
    tells: bool,
    pause: float,
    stop: Callable[[], None],
) -> None:
    from nightlight.channels.sample import SamplePhones
    from nightlight.intake.channels import SAMPLE_DIRECTORY

    screen = Screen(SamplePhones(folder / SAMPLE_DIRECTORY), ended.is_set)
    try:
        _until_ready(ended)
        show(f"Nightlight, with a sample circle. Nothing leaves this machine. Pages at {base_url}")
        if tells:
            tell_story(screen, SampleTime(folder), lambda: _rest(pause, ended))
        _show_links(base_url)
        while True:
            screen.look()
            time.sleep(0.3)
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


def _show_links(base_url: str) -> None:
    from nightlight.store.access import new_host_link, new_person_link
    from nightlight.store.dbclock import database_now

    now = database_now()
    show("\nNow you. Open these side by side, best each in a window as narrow as a phone:\n")
    show(f"  Ana, who calls      {base_url}/m/{new_person_link('ana', now)}")
    show(f"  the host's desk     {base_url}/desk/{new_host_link(now)}   (opens once, within 15 minutes)")
    show("\nTap “I need someone” on Ana's page. What reaches Sam, Bo and Kit is shown here,")
    show("with the link each of them would tap. Ctrl-C ends it, and leaves nothing behind.\n")
