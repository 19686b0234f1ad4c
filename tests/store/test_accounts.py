"""Coming in and beginning: who is let in, who is not, and that nobody learns why."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from nightlight.intake.minors import NotReady, why_not_ready
from nightlight.store import accounts, minors, passkeys, starting
from nightlight.store.access import is_host_session, new_host_session
from nightlight.store.accounts import NotTaken, Secret, Unfit
from nightlight.store.minors import may_invite
from nightlight.store.models import Account, Challenge, Circle, Host, Passkey, Person, SignIn
from nightlight.store.passkeys import LastWayIn, NotAccepted
from nightlight.store.sessions import new_session, session_of
from nightlight.store.starting import Beginner, LinkRanOut
from tests.factories import a_ladder, a_person
from tests.people import ANA, BO, KIT, NOA, SAM
from tests.store.soft_key import ORIGIN, SoftKey

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

WORDS = "kettle anchor violet tram"
OTHERS = "lantern orchard gravel mint"


@pytest.fixture(autouse=True)
def _here(with_settings: Callable[..., Any]) -> None:
    with_settings(base_url=ORIGIN)


def an_account(person: str | None = ANA, name: str = "ana-b", now: datetime | None = None) -> str:
    if person:
        a_person(person)  # type: ignore[arg-type]
    made = now or datetime.fromisoformat("2026-11-21T12:00:00+00:00")
    return accounts.new_account(person, made, accounts.prepare(Secret(name=name, passphrase=WORDS), ("Ana",)))


def test_the_right_words_open_the_account_and_wrong_ones_do_not(now: datetime) -> None:
    ana = an_account()

    assert accounts.by_passphrase(Secret(name=" Ana-B ", passphrase=WORDS + "\n"), now) == ana
    assert accounts.by_passphrase(Secret(name="ana-b", passphrase=OTHERS), now) is None
    assert accounts.by_passphrase(Secret(name="nobody", passphrase=WORDS), now) is None
    assert accounts.by_passphrase(Secret(name="", passphrase=""), now) is None
    assert [each.accepted for each in accounts.log_of(ana)] == [False, True]


def test_an_unknown_name_costs_as_much_work_as_a_known_one(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_account()
    done: list[str] = []
    monkeypatch.setattr(accounts, "make_password", done.append)
    monkeypatch.setattr(accounts, "check_password", lambda plain, _: done.append(plain))

    for name in ("ana-b", "nobody", "", "ana-b"):
        accounts.by_passphrase(Secret(name=name, passphrase=OTHERS), now)

    assert done == [OTHERS] * 4


def test_after_ten_wrong_tries_not_even_the_right_words_help_for_a_quarter_of_an_hour(now: datetime) -> None:
    ana, noa = an_account(), an_account(NOA, "noa")
    for _ in range(11):
        assert accounts.by_passphrase(Secret(name="ana-b", passphrase=OTHERS), now) is None

    right = Secret(name="ana-b", passphrase=WORDS)
    assert accounts.by_passphrase(right, now + timedelta(minutes=14, seconds=59)) is None
    assert accounts.by_passphrase(Secret(name="noa", passphrase=WORDS), now) == noa
    assert accounts.by_passphrase(right, now + timedelta(minutes=15)) == ana
    assert SignIn.objects.filter(account=ana, accepted=False).count() == accounts.TRIES_MAX


@pytest.mark.parametrize(
    ("passphrase", "why"),
    [
        ("kettle", Unfit.TOO_SHORT),
        ("one two x", Unfit.TOO_SHORT),
        ("password123456", Unfit.COMMON),
        ("qwertyuiop", Unfit.COMMON),
        ("aaaaaaaaaaaaaa", Unfit.COMMON),
        ("ana ana ana 2026", Unfit.OWN_NAME),
        ("Ana-Bee-2026!", Unfit.OWN_NAME),
        ("x y" * 400, Unfit.TOO_LONG),
    ],
)
def test_what_anybody_would_try_first_is_refused(passphrase: str, why: Unfit) -> None:
    with pytest.raises(NotTaken) as refused:
        accounts.prepare(Secret(name="ana-bee", passphrase=passphrase), ("Ana",))
    assert refused.value.why is why


@pytest.mark.parametrize("passphrase", ["it is no go", "ünïcödé wörds", WORDS, "0123-4567-89abz"])
def test_nobody_is_told_which_letters_to_use(passphrase: str) -> None:
    assert accounts.prepare(Secret(name="ana", passphrase=passphrase), ("Ana",)).passphrase_hash.startswith(
        "scrypt$"
    )


def test_a_sign_in_name_is_anybodys_only_once(now: datetime) -> None:
    an_account()

    with pytest.raises(NotTaken) as refused:
        an_account(NOA, "ANA-B")
    assert refused.value.why is Unfit.NAME_TAKEN
    assert not Account.objects.filter(person_id=NOA).exists()


def test_the_printed_code_brings_an_account_back_once(now: datetime) -> None:
    ana = an_account()
    elsewhere = new_session(ana, now)
    code = accounts.new_code(ana, now)

    with pytest.raises(NotTaken):
        accounts.recover(code, Secret(name="", passphrase="short"), now)
    back = accounts.recover(code.lower().replace("-", " "), Secret(name="", passphrase=OTHERS), now)

    assert back is not None
    assert back[0] == ana
    assert back[1] != code
    assert len(accounts.read_code(code)) == 32
    assert session_of(elsewhere, now) is None
    assert accounts.by_passphrase(Secret(name="ana-b", passphrase=OTHERS), now) == ana
    assert accounts.by_passphrase(Secret(name="ana-b", passphrase=WORDS), now) is None
    assert accounts.recover(code, Secret(name="", passphrase=WORDS), now) is None
    assert accounts.recover("", Secret(name="", passphrase=WORDS), now) is None
    assert "O" not in code.upper()
    assert "I" not in code.upper()


# ------------------------------------------------------------------------------------------ passkeys


def add_key(account: str, key: SoftKey, now: datetime) -> None:
    asked = passkeys.ask_for_new("Ana", account, now)
    passkeys.keep(passkeys.read_new(key.makes(asked.options), asked.token, account, now), account, "pad", now)


def test_a_passkey_opens_its_account_and_each_signature_is_good_once(now: datetime) -> None:
    ana, key = an_account(), SoftKey()
    add_key(ana, key, now)
    asked = passkeys.ask_for_one(now)
    signed = key.signs(asked.options)

    assert passkeys.by_passkey(signed, asked.token, now) == ana
    with pytest.raises(NotAccepted):
        passkeys.by_passkey(signed, asked.token, now)
    again = passkeys.ask_for_one(now)
    with pytest.raises(NotAccepted):
        passkeys.by_passkey(signed, again.token, now)
    assert [each.accepted for each in accounts.log_of(ana)] == [False, True]


def test_a_signature_that_comes_too_late_is_refused(now: datetime) -> None:
    ana, key = an_account(), SoftKey()
    add_key(ana, key, now)
    asked = passkeys.ask_for_one(now)

    with pytest.raises(NotAccepted):
        passkeys.by_passkey(key.signs(asked.options), asked.token, now + passkeys.CHALLENGE_LASTS)
    assert not Challenge.objects.exists()


def test_a_signature_given_to_another_site_is_refused(now: datetime) -> None:
    ana, key = an_account(), SoftKey()
    add_key(ana, key, now)
    key.origin = "https://circle.example.org.example.com"
    asked = passkeys.ask_for_one(now)

    with pytest.raises(NotAccepted):
        passkeys.by_passkey(key.signs(asked.options), asked.token, now)
    with pytest.raises(NotAccepted):
        add_key(ana, SoftKey(id=b"second", origin="https://elsewhere.example.com"), now)


def test_a_key_whose_number_falls_back_was_copied(now: datetime) -> None:
    ana, key = an_account(), SoftKey()
    add_key(ana, key, now)
    key.uses = 7
    asked = passkeys.ask_for_one(now)
    passkeys.by_passkey(key.signs(asked.options), asked.token, now)

    key.uses = 3
    asked = passkeys.ask_for_one(now)
    with pytest.raises(NotAccepted):
        passkeys.by_passkey(key.signs(asked.options), asked.token, now)
    assert Passkey.objects.get().sign_number == 8


@pytest.mark.parametrize("garbled", ["", "{", "[]", '"x"', "{}", '{"id": "x"}', "[" * 9999, '{"id": null}'])
def test_what_is_no_signature_is_refused(now: datetime, garbled: str) -> None:
    asked = passkeys.ask_for_one(now)

    with pytest.raises(NotAccepted):
        passkeys.by_passkey(garbled, asked.token, now)


def test_a_wish_of_ana_makes_no_key_for_noa_and_no_key_serves_two(now: datetime) -> None:
    ana, noa = an_account(), an_account(NOA, "noa")
    asked = passkeys.ask_for_new("Ana", ana, now)
    with pytest.raises(NotAccepted):
        passkeys.read_new(SoftKey().makes(asked.options), asked.token, noa, now)

    key = SoftKey()
    add_key(ana, key, now)
    with pytest.raises(NotAccepted):
        add_key(noa, key, now)


def test_the_last_way_in_stays_and_nobody_removes_anothers(now: datetime) -> None:
    a_person(ANA)
    ana, noa = accounts.new_account(ANA, now, None), an_account(NOA, "noa")
    add_key(ana, SoftKey(), now)
    key = Passkey.objects.get().pk

    with pytest.raises(LastWayIn):
        passkeys.remove(key, ana)
    assert not passkeys.remove(key, noa)
    add_key(ana, SoftKey(id=b"second"), now)
    assert passkeys.remove(key, ana)
    assert len(passkeys.passkeys_of(ana)) == 1


def test_an_account_of_the_desk_opens_no_persons_pages_and_the_other_way_round(now: datetime) -> None:
    an_account()
    mira = an_account(None, "mira")
    session = new_host_session(now, mira)

    assert accounts.by_passphrase(Secret(name="mira", passphrase=WORDS), now, desk=True) == mira
    assert accounts.by_passphrase(Secret(name="mira", passphrase=WORDS), now) is None
    assert accounts.by_passphrase(Secret(name="ana-b", passphrase=WORDS), now, desk=True) is None
    assert is_host_session(session, now)
    assert accounts.end_desk_account(mira)
    assert not is_host_session(session, now)
    assert not accounts.end_desk_account(Account.objects.get().pk)


# ----------------------------------------------------------------------------------------- beginning


def begin(
    token: str, now: datetime, *, name: str = "Ana", sign_in: str = "ana-b", is_minor: bool = False
) -> Any:
    prepared = accounts.prepare(Secret(name=sign_in, passphrase=WORDS), (name,))
    beginner = Beginner(name=name, zone="Europe/Lisbon", language="en", is_minor=is_minor)
    return starting.begin(token, beginner, prepared, now)


def test_a_start_link_begins_one_circle_once(now: datetime) -> None:
    token = starting.new_start_link(now)
    begun = begin(token, now)

    assert Circle.objects.filter(pk=begun.person).exists()
    assert len(begun.person) == 32
    with pytest.raises(LinkRanOut):
        begin(token, now, name="Noa", sign_in="noa")
    assert starting.start_of(token, now) is None
    assert Person.objects.count() == 1


def test_a_start_link_runs_out_and_a_name_that_is_taken_does_not_use_it_up(now: datetime) -> None:
    an_account(NOA, "taken")
    token = starting.new_start_link(now)

    with pytest.raises(NotTaken):
        begin(token, now, sign_in="taken")
    assert starting.start_of(token, now)
    assert starting.start_of(token, now + starting.START_LASTS) is None
    with pytest.raises(LinkRanOut):
        begin(token, now + starting.START_LASTS)
    with pytest.raises(LinkRanOut):
        begin("", now)


def test_where_anyone_may_begin_no_link_is_needed(now: datetime) -> None:
    Host.objects.create(anyone_may_begin=True)

    assert begin("", now).person


def test_a_supporter_who_begins_stays_the_same_person(now: datetime) -> None:
    a_ladder((SAM,), (BO, KIT))
    begun = begin(starting.new_start_link(now, SAM), now, name="Sam", sign_in="sam")

    assert begun.person == SAM
    assert Circle.objects.filter(pk=SAM).exists()


def test_a_new_start_ends_everything_that_opened_the_account_before(now: datetime) -> None:
    ana, key = an_account(), SoftKey()
    add_key(ana, key, now)
    code, session = accounts.new_code(ana, now), new_session(ana, now)
    prepared = accounts.prepare(Secret(name="ana-b", passphrase=OTHERS), ("Ana",))
    beginner = Beginner(name="Ana", zone="UTC", language="en")
    starting.begin(starting.new_start_link(now, ANA), beginner, prepared, now)

    assert session_of(session, now) is None
    assert accounts.by_passphrase(Secret(name="ana-b", passphrase=WORDS), now) is None
    assert accounts.recover(code, Secret(name="", passphrase=WORDS), now) is None
    assert not Passkey.objects.exists()
    assert accounts.by_passphrase(Secret(name="ana-b", passphrase=OTHERS), now) == ana


# -------------------------------------------------------------------------------------------- minors


def test_a_minor_asks_nobody_before_the_house_rule_is_met(now: datetime) -> None:
    Host.objects.create(adult_age=18, minors="approve", minors_approved_by="Mira")
    begun = begin(starting.new_start_link(now), now, is_minor=True)

    assert why_not_ready(begun.person) == {NotReady.NOT_APPROVED, NotReady.NO_ADULT}
    assert not may_invite(begun.person)
    assert [each.person for each in minors.waiting()] == [begun.person]
    assert minors.approve(begun.person, now)
    assert not minors.approve(begun.person, now)
    assert may_invite(begun.person)
    assert minors.waiting() == ()


def test_a_minors_circle_has_one_parent_at_most_and_an_adult_on_its_ladder(now: datetime) -> None:
    circle = a_ladder((SAM,), (BO, KIT))
    Person.objects.filter(pk=ANA).update(is_minor=True)
    assert why_not_ready(ANA) == set()

    circle.memberships.filter(person__in=(SAM, BO)).update(is_parent=True)
    assert why_not_ready(ANA) == {NotReady.TWO_PARENTS}
    circle.memberships.filter(person=BO).update(ended_at=now)
    circle.memberships.update(is_adult=False)
    assert why_not_ready(ANA) == {NotReady.NO_ADULT}
    Person.objects.filter(pk=ANA).update(is_minor=False)
    assert why_not_ready(ANA) == set()
