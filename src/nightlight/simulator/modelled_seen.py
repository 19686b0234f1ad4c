"""Which states a walk has met, and how each was first reached, in a hundred bytes or so for each."""

from array import array


class Seen:
    """States by their number, with the one each was reached from and the words of the move that led there."""

    def __init__(self) -> None:
        self._place: dict[int, int] = {}
        self._from = array("l")
        self._by = array("l")
        self._words: dict[str, int] = {}

    def __contains__(self, state_print: int) -> bool:
        return state_print in self._place

    def __len__(self) -> int:
        return len(self._place)

    def root(self, state_print: int) -> None:
        """Take in a state that a walk begins with."""
        self._take(state_print, -1, -1)

    def add(self, state_print: int, before: int, words: str) -> None:
        """Take in a state that was reached from *before* by the move with these *words*."""
        self._take(state_print, self._place[before], self._words.setdefault(words, len(self._words)))

    def _take(self, state_print: int, before: int, by: int) -> None:
        self._place[state_print] = len(self._from)
        self._from.append(before)
        self._by.append(by)

    def story(self, state_print: int) -> list[str]:
        """Return the words of the moves that led from where its walk began to this state."""
        words, place, said = list(self._words), self._place[state_print], list[str]()
        while self._from[place] >= 0:
            said.append(words[self._by[place]])
            place = self._from[place]
        return said[::-1]
