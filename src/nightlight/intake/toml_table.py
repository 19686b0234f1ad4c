"""One table of a circle file, read key by key. Every complaint names the file, the key and the remedy."""

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import NoReturn

TEXT_CHARACTERS_MAX = 500

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class CircleFileError(ValueError):
    """The file cannot be imported. The message says where, what is wrong and what would be right."""


class Table:
    """A table of the file. Brackets in its path hold an id, or a place counted from one."""

    def __init__(self, values: object, *, file: str, path: str, known: tuple[str, ...]) -> None:
        self.file, self.path = file, path
        if not isinstance(values, dict):
            self.refuse("", "is no table; write it like {name = value}")
        self._values: Mapping[str, object] = values
        for key in self._values:
            if key not in known:
                self._refuse_unknown(key, known)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def has_any(self, key: str) -> bool:
        """Whether something other than an empty list or text stands under *key*."""
        return bool(self._values.get(key))

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise `CircleFileError` about *key*, or about the whole table when *key* is empty."""
        where = ".".join(part for part in (self.path, key) if part)
        raise CircleFileError(f"{self.file}: {where}: {why}")

    def _refuse_unknown(self, key: str, known: tuple[str, ...]) -> NoReturn:
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        self.refuse(key, f"is not a known key; {hint}")

    def renamed(self, path: str) -> None:
        """Complain about this table as *path* from now on."""
        self.path = path

    def text(self, key: str, *, like: str, default: str | None = None) -> str:
        """A line of text; without *default* it must be there. *like* is an example of a good one."""
        value = self._values.get(key, default)
        if value is None:
            self.refuse(key, f'is missing; write it like {key} = "{like}"')
        if not isinstance(value, str):
            self.refuse(key, f'is no text; write it like {key} = "{like}"')
        value = value.strip()
        if not value and default is None:
            self.refuse(key, f'is empty; write it like {key} = "{like}"')
        if not value.isprintable() or len(value) > TEXT_CHARACTERS_MAX:
            self.refuse(key, f"must be one line of at most {TEXT_CHARACTERS_MAX} characters")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key, "is neither true nor false; write one of the two, without quotes")
        return value

    def whole(self, key: str, *, least: int, most: int) -> int | None:
        """A whole number from *least* to *most*, or None when it is not there."""
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.refuse(key, f"is no whole number from {least} to {most}; write it without quotes")
        return value

    def day(self, key: str) -> date | None:
        """A date, or None when it is not there."""
        value = self._values.get(key)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            self.refuse(key, f"is no date; write it like {key} = 2026-11-01, without quotes")
        return value

    def length(self, key: str, default: timedelta) -> timedelta:
        """A length of time."""
        if key not in self:
            return default
        found = re.fullmatch(r"(\d{1,6})([smhd])", self.text(key, like="5m"))
        if not found:
            self.refuse(
                key, 'is no length of time; write a whole number and s, m, h or d, like "90s" or "5m"'
            )
        return timedelta(**{_UNITS[found[2]]: int(found[1])})

    def hours(self, key: str) -> tuple[time, time] | None:
        """From when until when, or None when it is not there; the end may lie behind midnight."""
        if key not in self:
            return None
        found = re.fullmatch(
            r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", self.text(key, like="08:00-23:00")
        )
        if not found:
            self.refuse(key, 'are no hours; write them like "08:00-23:00"')
        start = time(int(found[1]), int(found[2]))
        end = time(int(found[3]), int(found[4]))
        if start == end:
            self.refuse(key, "begin and end at the same time; leave the key out for any hour")
        return start, end

    def texts(self, key: str, *, like: str) -> tuple[str, ...]:
        """A list of texts, each once; empty when it is not there."""
        values = self._list(key, f'["{like}"]')
        if not all(isinstance(value, str) for value in values):
            self.refuse(key, f'is no list of texts; write it like {key} = ["{like}"]')
        return tuple(str(value).strip() for value in values)

    def tables(self, key: str, known: tuple[str, ...]) -> Iterator["Table"]:
        """The tables in a list, in order; none when it is not there."""
        for place, values in enumerate(self._list(key, "[ {…} ]"), start=1):
            path = ".".join(part for part in (self.path, f"{key}[{place}]") if part)
            yield Table(values, file=self.file, path=path, known=known)

    def table(self, key: str, known: tuple[str, ...]) -> "Table | None":
        """The table under *key*, or None when it is not there."""
        if key not in self:
            return None
        path = ".".join(part for part in (self.path, key) if part)
        return Table(self._values[key], file=self.file, path=path, known=known)

    def _list(self, key: str, like: str) -> list[object]:
        value = self._values.get(key, [])
        if not isinstance(value, list):
            self.refuse(key, f"is no list; write it like {key} = {like}")
        return value
