"""What a person's own text says, and which words may not be the one that calls."""

import pytest

from nightlight.engine.own_words import OwnWord, Unfit, is_word, read_own, why_unfit


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("OK", OwnWord.OK),
        ("Okay!", OwnWord.OK),
        ("I\u2019m ok, thanks", OwnWord.OK),
        ("👍", OwnWord.OK),
        ("Estou bem.", OwnWord.OK),
        ("not ok", OwnWord.NOT_OK),
        ("Not so good", OwnWord.NOT_OK),
        ("Não estou bem", OwnWord.NOT_OK),
        ("no", OwnWord.NO),
        ("Não", OwnWord.NO),
        ("ENOUGH please", OwnWord.ENOUGH),
        ("Basta", OwnWord.ENOUGH),
        ("quiet", OwnWord.QUIET),
        ("Silêncio", OwnWord.QUIET),
        ("please quiet", OwnWord.QUIET),
        ("It is so quiet here", OwnWord.OTHER),
        ("not enough", OwnWord.OTHER),
        ("ok but not really", OwnWord.OTHER),
        ("is it ok if I call", OwnWord.OTHER),
        ("", OwnWord.OTHER),
        ("\x00\u202e", OwnWord.OTHER),
    ],
)
def test_a_whole_text_says_something_and_a_word_among_others_does_not(text: str, word: OwnWord) -> None:
    assert read_own(text) is word


@pytest.mark.parametrize("text", ["lantern", "Lantern!", "  LANTERN ", "\u201cLántern\u201d."])
def test_the_agreed_word_is_known_however_it_is_typed(text: str) -> None:
    assert is_word(text, "lantern")


@pytest.mark.parametrize("text", ["", "lanterns", "the lantern", "lantern?no", "lan tern"])
def test_nothing_else_is_the_agreed_word(text: str) -> None:
    assert not is_word(text, "lantern")


def test_without_a_word_nothing_calls() -> None:
    assert not is_word("", "")


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("", Unfit.TOO_SHORT),
        ("owl", Unfit.TOO_SHORT),
        ("1234 567", Unfit.TOO_SHORT),
        ("a" * 41, Unfit.TOO_LONG),
        *((word, Unfit.TAKEN) for word in ("Stop", "stopall", "START", "cancel", "quit", "help", "info")),
        *(
            (word, Unfit.TAKEN)
            for word in ("yes please", "nope", "okay", "fine", "coming", "enough", "QUIET")
        ),
        *((word, Unfit.TAKEN) for word in ("silencio", "Basta!", "hello", "bom dia", "lantern 518204")),
        ("lantern", None),
        ("blue lantern", None),
        ("marmelada", None),
    ],
)
def test_which_words_may_call(word: str, why: Unfit | None) -> None:
    assert why_unfit(word) is why


@pytest.mark.parametrize("text", ["ENOUGH", "Enough.", " basta! ", "\u201cenough\u201d"])
def test_one_word_ends_the_notes_after_a_call(text: str) -> None:
    assert read_own(text) is OwnWord.ENOUGH


@pytest.mark.parametrize("text", ["", "STOP", "enough is enough", "not enough", "never enough!", "bast"])
def test_anything_else_ends_no_notes(text: str) -> None:
    assert read_own(text) is not OwnWord.ENOUGH
