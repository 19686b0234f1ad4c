"""Circles for journeys. Each has a prefix of its own, so that many live in one house."""

from tests.journeys.house import House

NOT_ROUTABLE = "+12025550"
"""Numbers the gateway has no road to: it refuses them on the spot."""
ROUTABLE = "+447700900"


class Folk:
    """Ana, Sam, Bo and Kit of one journey."""

    def __init__(self, prefix: str, number: int) -> None:
        self.prefix = prefix
        self.number = number

    def id(self, who: str) -> str:
        """Their key in the file."""
        return f"{self.prefix}-{who}"

    def phone(self, who: str) -> str:
        """Their number, which the gateway can reach."""
        return f"{ROUTABLE}{self.number}{'asbk'.index(who[0])}"

    def lost_phone(self, who: str) -> str:
        """A number of theirs which it cannot reach."""
        return f"{NOT_ROUTABLE}{self.number}{'asbk'.index(who[0])}"

    def mail(self, who: str) -> str:
        """Their mail address."""
        return f"{self.prefix}.{who}@example.org"


def write_circle(
    folk: Folk,
    *,
    ways: dict[str, str],
    ladder: str,
    extra: str = "",
    member_extra: str = "",
) -> str:
    """A circle file in which everybody named in *ways* agreed."""
    people = "\n".join(
        f'[[people]]\nid = "{folk.id(who)}"\nname = "{who.title()}"\ntime_zone = "Europe/Lisbon"\n'
        f"ways = [{own}]\n"
        for who, own in ways.items()
    )
    members = ", ".join(
        f'{{person = "{folk.id(who)}", agreed_on = 2026-11-01, agreed_until = 2126-11-01,'
        f" wake_me = true{member_extra}}}"
        for who in ways
        if who != "ana"
    )
    return (
        '[host]\nname = "Harbour House"\ncountry = "PT"\nemergency_number = "112"\n'
        f'{people}\n[[circles]]\nperson = "{folk.id("ana")}"\n'
        f"members = [{members}]\nladder = {ladder}\n{extra}\n"
    )


def text(number: str, after: str = "0s") -> str:
    """A way by text."""
    return f'{{channel = "sms", to = "{number}"' + (f', after = "{after}"}}' if after != "0s" else "}")


def mail(address: str, after: str = "0s") -> str:
    """A way by mail."""
    return f'{{channel = "smtp", to = "{address}"' + (f', after = "{after}"}}' if after != "0s" else "}")


def settle_in(house: House, file: str) -> None:
    """Import the circle."""
    house.do("circle", "import", "-", given=file)
