"""What the host's page of channels shows: one card for each kind of way, and what they cost.

Pure: what was read is handed in. Sentences are in `desk_channels.html` and its fragments.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from nightlight.channels.registry import KINDS
from nightlight.intake.channels import provider_name
from nightlight.store.channel_queries import KindUse, ProviderUse
from nightlight.store.channel_tests import LatestTest
from nightlight.web.desk_notes import is_sample

CHARGED = ("sms", "voice")
"""Kinds of way whose providers count units and charge for them; others cost what their server costs."""
REPORTING = frozenset({"sms", "voice"})
"""Kinds of way whose providers usually say whether a message arrived."""
PRICE_DECIMALS_MAX = 4
PRICE_MAX = Decimal(1000)
ALARM_MAX = Decimal(1_000_000)


@dataclass(frozen=True, kw_only=True)
class ProviderCard:
    """One provider of a kind of way."""

    name: str
    use: ProviderUse | None
    """None when it was not tried lately."""
    is_first: bool


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one kind of way used and cost, as far as providers counted."""

    units_day: int
    units_month: int
    price: Decimal | None
    """Of one unit; None while the host has not said."""

    @property
    def day(self) -> Decimal | None:
        """Of the last 24 hours."""
        return None if self.price is None else self.price * self.units_day

    @property
    def month(self) -> Decimal | None:
        """Of the last 30 days."""
        return None if self.price is None else self.price * self.units_month


@dataclass(frozen=True, kw_only=True)
class KindCard:
    """One kind of way that is on, or was used lately."""

    kind: str
    way: str
    """Its page word."""
    is_on: bool
    needs: str
    """What switches it on."""
    use: KindUse
    providers: tuple[ProviderCard, ...]
    cost: Cost | None
    """None where nobody charges by the piece."""
    own_ways: int
    """How many ways of this kind the host has."""
    test: LatestTest | None
    lacks: tuple[str, ...]
    """Settings without which less is known, by name."""

    @property
    def tells_arrival(self) -> bool:
        """Whether anybody could have said that a message arrived."""
        return self.kind in REPORTING or self.use.delivered > 0

    @property
    def price_field(self) -> str:
        """What the field of its price is called in the form."""
        return f"price-{self.kind}"


@dataclass(frozen=True, kw_only=True)
class Read:
    """Everything that was read for the page."""

    on: Mapping[str, Sequence[str]]
    """The providers of each kind that is on, by name, in the order of the settings."""
    use: Mapping[str, KindUse]
    providers: Mapping[tuple[str, str], ProviderUse]
    units_day: Mapping[str, int]
    units_month: Mapping[str, int]
    prices: Mapping[str, Decimal]
    own_ways: Collection[str]
    """The kind of each of the host's own ways."""
    tests: Mapping[str, LatestTest]
    has_mailbox: bool


def cards(read: Read) -> list[KindCard]:
    """The kinds of way that are on, in their order, and then those that are off; samples only when they are on."""
    shown = [kind for kind in KINDS if kind in read.on or not is_sample(kind)]
    return sorted((_card(kind, read) for kind in shown), key=lambda card: not card.is_on)


def _card(kind: str, read: Read) -> KindCard:
    has_cost = kind in CHARGED or kind in read.prices or kind in read.units_month
    return KindCard(
        kind=kind,
        way=KINDS[kind].page_word,
        is_on=kind in read.on,
        needs=KINDS[kind].needs,
        use=read.use.get(kind, KindUse()),
        providers=_providers(kind, read),
        cost=Cost(
            units_day=read.units_day.get(kind, 0),
            units_month=read.units_month.get(kind, 0),
            price=read.prices.get(kind),
        )
        if has_cost
        else None,
        own_ways=list(read.own_ways).count(kind),
        test=read.tests.get(kind),
        lacks=("NIGHTLIGHT_IMAP_URL",) if kind == "smtp" and not read.has_mailbox else (),
    )


def _providers(kind: str, read: Read) -> tuple[ProviderCard, ...]:
    """Those of the settings, then whatever else stands in the record of lately."""
    names = read.on.get(kind, ())
    used = {
        provider_name(kind, stored, names): use for (of, stored), use in read.providers.items() if of == kind
    }
    known = [
        ProviderCard(name=name, use=used.get(name), is_first=not place) for place, name in enumerate(names)
    ]
    return (
        *known,
        *(
            ProviderCard(name=name, use=used[name], is_first=False)
            for name in sorted(used.keys() - set(names))
        ),
    )


TROUBLES: Sequence[tuple[str, str]] = (
    ("timeout", "slow"),
    ("connection_refused", "away"),
    ("host_not_found", "away"),
    ("disconnected", "away"),
    ("deferred_", "later"),
    ("sample_phones_busy", "later"),
    ("provider_refused_", "ours"),
    ("gateway_refused_", "ours"),
    ("login_", "ours"),
    ("certificate_", "tls"),
    ("tls_", "tls"),
    ("garbled_", "garbled"),
    ("provider_failed_", "garbled"),
    ("gateway_failed_", "garbled"),
    ("recipient_refused_", "address"),
    ("bad_address", "address"),
    ("not_routable", "address"),
    ("sample_phone_refuses", "address"),
    ("gone", "address"),
    ("message_refused_", "message"),
    ("lapsed", "stopped"),
    ("missed", "rang"),
    ("no_answer", "rang"),
    ("no-answer", "rang"),
    ("busy", "rang"),
    ("reported", "reported"),
)
"""How a code begins, and which sentence of `desk_trouble.html` says it plainly."""


def trouble_word(reason: str) -> str:
    """Which plain sentence a code stands for; `other` when we know none."""
    return next((word for begins, word in TROUBLES if reason.startswith(begins)), "other")


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What the host typed, as it is kept."""

    currency: str
    prices: Mapping[str, Decimal]
    alarm: Decimal | None


class NotAPrice(ValueError):
    """A field of the form cannot be read; the message is the name of the field."""


def read_prices(fields: Mapping[str, str], kinds: Collection[str]) -> Prices:
    """The form of prices. Empty fields mean: not known, and no alarm. Raises `NotAPrice`."""
    currency = fields.get("currency", "").strip().upper()
    prices = {
        kind: amount
        for kind in kinds
        if (amount := _amount(fields, f"price-{kind}", PRICE_MAX, PRICE_DECIMALS_MAX)) is not None
    }
    alarm = _amount(fields, "alarm", ALARM_MAX, 2)
    is_currency = len(currency) == 3 and currency.isascii() and currency.isalpha()
    if not (is_currency or (not currency and not prices and alarm is None)):
        raise NotAPrice("currency")
    return Prices(currency=currency, prices=prices, alarm=alarm)


def _amount(fields: Mapping[str, str], name: str, limit: Decimal, decimals: int) -> Decimal | None:
    """An amount as people write it, with a point or a comma; None for an empty field."""
    text = fields.get(name, "").strip().replace(",", ".")
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise NotAPrice(name) from None
    if not amount.is_finite() or not 0 <= amount <= limit:
        raise NotAPrice(name)
    exponent = amount.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > decimals:
        raise NotAPrice(name)
    return amount.quantize(Decimal(1).scaleb(-decimals))
