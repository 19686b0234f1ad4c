"""Telling the host that somebody wrote back and nobody has it. Like news of spending it goes past the outbox.

It is noted after it went out: a worker that dies over it leaves it to be told again, and the desk shows it
in any case.
"""

from collections.abc import Mapping

from nightlight.channels.base import Channel
from nightlight.channels.wording_host import words_waiting_words
from nightlight.clock import Clock
from nightlight.store import words_back
from nightlight.worker.spending import HOST_LANGUAGE, tell_host


def tell_host_of_words(
    channels: Mapping[str, tuple[Channel, ...]], clock: Clock, *, base_url: str, service_name: str
) -> bool:
    """Tell the host, in one message, of all that waits for them; whether that went out now."""
    waiting = words_back.to_tell_host(clock.now())
    if not waiting:
        return False
    words = words_waiting_words(HOST_LANGUAGE, service_name, url=f"{base_url}/desk")
    reached = tell_host(words, channels)
    if reached:
        words_back.host_was_told(waiting, clock.now())
    return reached > 0
