"""The story `nightlight try --story` tells: one call, from the first text that fails to the one who stays.

Everything in it is the real thing (engine, store, worker, pages) but for the phones, which are
samples, and the time, which is let pass faster where people would only wait.
"""

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from nightlight import clock
from nightlight.channels.sample import SampleMessage, SamplePhones
from nightlight.cli import words
from nightlight.cli.output import show

LOOK_EVERY_SECONDS = 0.1
STORY_PATIENCE_SECONDS = 30.0
ZONE = ZoneInfo("Europe/Lisbon")
PHONES = {
    "+447700900101": "Sam's phone",
    "+447700900102": "Bo's phone",
    "+447700900103": "Kit's phone",
    "sam@example.org": "Sam's mail",
    "bo@example.org": "Bo's mail",
}


class Stopped(Exception):
    """Whoever watches has seen enough."""


class Screen:
    """Prints what happens as it happens: the timeline of the latest call, and what reaches the phones."""

    def __init__(self, phones: SamplePhones, is_stopped: Callable[[], bool]) -> None:
        self.phones = phones
        self._is_stopped = is_stopped
        self._alert: str | None = None
        self._lines = 0
        self._messages = 0

    def tell(self, sentence: str) -> None:
        """A sentence of the story."""
        show(f"\n  {sentence}")

    def look(self) -> None:
        """Print what is new. Raises `Stopped`."""
        from nightlight.store import queries

        if self._is_stopped():
            raise Stopped
        alert = queries.last_alert_of("ana")
        if alert != self._alert:
            self._alert, self._lines = alert, 0
        if alert is not None:
            view = queries.alert_view(alert)
            for line in view.timeline[self._lines :]:
                show(f"    {line.at.astimezone(ZONE):%H:%M:%S}  {words.sentence(line, view)}")
            self._lines = len(view.timeline)
        for message in self.phones.messages(after=self._messages):
            self._messages = message.id
            self._show(message)

    @staticmethod
    def _show(message: SampleMessage) -> None:
        show(f"              ┌ {PHONES.get(message.phone, message.phone)}")
        for line in (*([message.subject] if message.subject else []), *message.text.splitlines()):
            if line.strip():
                show(f"              │ {line}")

    def until(self, happened: Callable[[], bool]) -> None:
        """Keep looking until *happened*. Raises `TimeoutError` when it does not, and `Stopped`."""
        patience = time.monotonic() + STORY_PATIENCE_SECONDS
        while True:
            done = happened()
            self.look()
            if done:
                return
            if time.monotonic() > patience:
                raise TimeoutError("the sample story did not go on; is something else very busy here?")
            time.sleep(LOOK_EVERY_SECONDS)


def tell_story(screen: Screen, pause: Callable[[], None]) -> None:
    """Play the whole story. Raises `Stopped`, and `TimeoutError` when it does not go on."""
    from nightlight.engine.events import EndedBy
    from nightlight.engine.needs import Need
    from nightlight.intake import alert as calls
    from nightlight.intake import sampling
    from nightlight.intake.answer import Saying, say
    from nightlight.store import queries

    def has(what: str, who: str) -> Callable[[], bool]:
        return lambda: any(
            line.what == what and line.who == who for line in queries.alert_view(alert).timeline
        )

    def pass_to_the_next_thing() -> None:
        following = queries.alert_view(alert).next
        assert following is not None
        # A faster clock may be letting time pass at this moment.
        screen.until(lambda: sampling.let_pass(following.at, screen.look))

    screen.tell("Ana taps “I need someone to talk to”. Sam's phone takes no texts tonight.")
    alert = calls.call("ana", Need.TALK, clock.now()).alert_id
    screen.until(has("accepted", "sam"))
    pause()
    screen.tell("Sam sleeps. Five minutes pass, and nobody has answered.")
    pass_to_the_next_thing()
    screen.until(has("accepted", "bo"))
    pause()
    screen.tell("Bo taps “I've got this”. Sam may rest.")
    say(alert, "bo", Saying.YES, clock.now())
    screen.until(has("acknowledged", "bo"))
    screen.until(lambda: _reached(queries.alert_view(alert), "sam", "stand_down"))
    pause()
    screen.tell("Bo goes quiet. Ten minutes pass without a word.")
    pass_to_the_next_thing()
    screen.until(has("accepted", "kit"))
    pause()
    screen.tell("Kit taps “I've got this”, and Ana says that they are in touch.")
    say(alert, "kit", Saying.YES, clock.now())
    calls.in_touch(alert, clock.now(), person="kit")
    screen.until(has("in_contact", "kit"))
    pause()
    screen.tell("Later Ana says that it is over. Everyone who was told hears it.")
    calls.resolve(alert, EndedBy.CALLER, clock.now())
    screen.until(lambda: _reached(queries.alert_view(alert), "kit", "all_clear"))
    screen.look()
    sampling.start_over(clock.now())


def _reached(view: object, who: str, purpose: str) -> bool:
    from nightlight.store.queries import AlertView

    assert isinstance(view, AlertView)
    return any(
        line.what == "accepted" and line.who == who and line.detail == purpose for line in view.timeline
    )
