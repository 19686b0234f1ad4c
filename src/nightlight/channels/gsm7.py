"""How many segments a text message takes, and whether it fits the alphabet every phone has."""

# GSM 03.38: the basic table costs one septet a character, the extension table two. Anything else
# turns the whole message into UCS-2, with less than half the room.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")
_EITHER = _BASIC | _EXTENDED

SEPTETS_SINGLE = 160
SEPTETS_PART = 153
UNITS_SINGLE = 70
UNITS_PART = 67


def is_gsm7(text: str) -> bool:
    """Whether *text* needs nothing outside GSM 03.38."""
    return _EITHER.issuperset(text)


def segments(text: str) -> int:
    """How many segments *text* is sent as; an empty text is one."""
    if is_gsm7(text):
        sizes = [2 if character in _EXTENDED else 1 for character in text]
        return _parts(sizes, single=SEPTETS_SINGLE, part=SEPTETS_PART)
    sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return _parts(sizes, single=UNITS_SINGLE, part=UNITS_PART)


def _parts(sizes: list[int], *, single: int, part: int) -> int:
    """A character is never cut in two, so the parts are filled one after another."""
    if sum(sizes) <= single:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > part:
            count, used = count + 1, 0
        used += size
    return count
