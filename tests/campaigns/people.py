"""Whoever calls and whoever is asked, and what the service told them was done."""

import json
import random
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.campaigns.gateway import Text
from tests.campaigns.visits import Answered, Visits, post_form, post_json
from tests.campaigns.world import Circle, Mind

CALLERS = 6
RESPONDERS = 6
ANSWER_SECONDS_MAX = 4.0
IS_AN_ASK = re.compile(r"Reply \d{6}")


@dataclass
class Told:
    """Everything the service said was done: what must not be lost."""

    calls: dict[str, str] = field(default_factory=dict)
    """By the caller's id, the id of her call."""
    answers: list[tuple[str, str, Mind]] = field(default_factory=list)
    """The caller's id, who answered, and what."""
    ends: list[str] = field(default_factory=list)
    """Callers who ended their call."""
    refused: list[str] = field(default_factory=list)
    """What was answered with neither yes nor trouble."""


class People:
    """All the people of a run. Everybody answers the first ask that reaches them, and only that."""

    def __init__(self, circles: Sequence[Circle], chance: random.Random) -> None:
        self.told = Told()
        self._chance = chance
        self._lock = threading.Lock()
        self._by_phone = {circle.phone(who): (circle, who) for circle in circles for who in circle.minds}
        self._asked: set[str] = set()
        self._calling = Visits(CALLERS)
        self._answering = Visits(RESPONDERS)
        self._own_pages: dict[str, str] = {}
        self._base_url = self._token = ""

    def get_ready(self, base_url: str, token: str, own_pages: dict[str, str]) -> None:
        """Where the service is, the API's *token*, and by a caller's id the token of her own page."""
        self._base_url, self._token, self._own_pages = base_url, token, own_pages

    @property
    def open(self) -> int:
        """How many visits were not answered yet."""
        return self._calling.open + self._answering.open

    @property
    def tries_in_vain(self) -> int:
        """How often a visit had to be made again."""
        return self._calling.tries_in_vain + self._answering.tries_in_vain

    def end(self) -> None:
        """Everybody goes home."""
        self._calling.end()
        self._answering.end()

    def call(self, circle: Circle, after_seconds: float) -> None:
        """Have the caller of *circle* call over the API, with one key for all her tries."""
        caller = circle.id("ana")
        wanted = {"person": caller, "need": "talk"}
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency_Key": f"key of {caller}"}
        self._calling.plan(
            time.monotonic() + after_seconds,
            partial(post_json, f"{self._base_url}/api/v1/calls", wanted, **headers),
            partial(self._has_called, caller),
        )

    def read(self, text: Text) -> None:
        """Somebody's phone has *text*."""
        known = self._by_phone.get(text.to)
        if known is None or not IS_AN_ASK.search(text.text):
            return
        circle, who = known
        with self._lock:
            if text.to in self._asked:
                return
            self._asked.add(text.to)
            pause = self._chance.uniform(0, ANSWER_SECONDS_MAX)
        mind = circle.minds[who]
        if mind is not Mind.SILENT:
            [link] = (line for line in text.text.splitlines() if line.startswith(f"{self._base_url}/a/"))
            self._answering.plan(
                time.monotonic() + pause,
                partial(post_form, link, answer=mind.value),
                partial(self._has_answered, circle, who, mind),
            )

    def _has_called(self, caller: str, answered: Answered) -> None:
        with self._lock:
            if answered.status in (200, 201):
                self.told.calls[caller] = json.loads(answered.body)["id"]
            else:
                self.told.refused.append(f"call of {caller}: {answered.status}")

    def _has_answered(self, circle: Circle, who: str, mind: Mind, answered: Answered) -> None:
        caller = circle.id("ana")
        with self._lock:
            if answered.status != 200:
                self.told.refused.append(f"{mind} of {circle.id(who)}: {answered.status}")
                return
            self.told.answers.append((caller, circle.id(who), mind))
            pause = self._chance.uniform(1, 1 + ANSWER_SECONDS_MAX)
        if mind is Mind.YES:
            self._answering.plan(
                time.monotonic() + pause,
                partial(post_form, f"{self._base_url}/m/{self._own_pages[caller]}", do="resolve"),
                partial(self._has_ended, caller),
            )

    def _has_ended(self, caller: str, answered: Answered) -> None:
        with self._lock:
            if answered.status == 200:
                self.told.ends.append(caller)
            else:
                self.told.refused.append(f"end of {caller}: {answered.status}")
