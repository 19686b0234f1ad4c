"""What goes to whoever runs the service, outside any call."""

from decimal import Decimal

from nightlight.channels.wording import Words, clean_name, translations


def spending_words(
    language: str, service_name: str, *, cost: Decimal, limit: Decimal, currency: str, url: str
) -> Words:
    """Messages cost more than the host wanted to be told of. *url* is where the host sees more."""
    _ = translations(language).gettext
    name = clean_name(service_name)
    said = _("{service}: messages cost {cost} in the last 24 hours. You asked to hear above {limit}.").format(
        service=name, cost=_amount(cost, currency), limit=_amount(limit, currency)
    )
    return Words(
        subject=_("{service}: what messages cost").format(service=name),
        text="\n".join((said, _("Nothing is held back."), url)),
    )


def words_waiting_words(language: str, service_name: str, *, url: str) -> Words:
    """Somebody wrote back, and nobody has it. *url* is the desk, where it can be read."""
    _ = translations(language).gettext
    name = clean_name(service_name)
    said = _("{service}: somebody wrote, and it waits for you at the desk.").format(service=name)
    return Words(subject=_("{service}: somebody wrote").format(service=name), text=f"{said}\n{url}")


def _amount(amount: Decimal, currency: str) -> str:
    return f"{amount:.2f} {currency}".strip()
