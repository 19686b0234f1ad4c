"""How many segments a text takes."""

import pytest

from nightlight.channels.gsm7 import is_gsm7, segments


@pytest.mark.parametrize("text", ["", "Ana asks.", "@£$¥èéùìòÇØøÅåÄÖÑÜ§¿äöñüà", "{}[]^~\\|€", "Ω\r\n"])
def test_these_fit_the_alphabet_of_every_phone(text: str) -> None:
    assert is_gsm7(text)


@pytest.mark.parametrize("text", ["…", "ç", "Ł", "🙂", "“", "`", "\t", "\x00"])
def test_these_do_not(text: str) -> None:
    assert not is_gsm7(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # 153 septets hold 76 of these: none is cut in two.
        ("€" * 152, 2),
        ("€" * 153, 3),
        ("ç" * 70, 1),
        ("ç" * 71, 2),
        ("ç" * 134, 2),
        ("ç" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("🙂" * 66, 2),
        ("🙂" * 67, 3),
    ],
)
def test_a_text_is_cut_where_its_alphabet_cuts_it(text: str, count: int) -> None:
    assert segments(text) == count
