"""The page of the sealed plan: a shell without anything of anybody, and a blank plan for paper."""

import re

import pytest
from django.test import Client

from nightlight.web.views.plan_paper import KINDS
from tests.docs.project import ROOT
from tests.factories import a_person
from tests.people import ANA, NOA
from tests.web.house import House, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

QUESTION = "What do you want to stay for?"


@pytest.fixture
def shell(house: House) -> str:
    """The page as Ana gets it, with its markup."""
    page: str = house.signs_in(ANA).get("/plan").content.decode()
    return page


def test_ana_and_noa_get_the_same_bytes(house: House) -> None:
    a_person(NOA)
    anas, noas = (house.signs_in(who).get("/plan") for who in (ANA, NOA))

    assert anas.status_code == 200
    assert anas.content == noas.content
    assert not re.search(r"\bAna\b|\bana\b", anas.content.decode())


def test_whoever_is_not_signed_in_is_led_to_the_door(house: House) -> None:
    assert house.browser.get("/plan").headers["Location"] == "/sign-in?next=%2Fplan"


def test_nothing_but_the_opening_is_shown_before_the_browser_opened_the_plan(shell: str) -> None:
    shown = re.findall(r'<section data-screen="([a-z_]+)"(?![^>]* hidden)', shell)

    assert shown == ["opening"]
    assert "<noscript>" in shell
    assert "the browser must run our JavaScript" in shell
    assert 'href="/plan/blank"' in shell.partition("<noscript>")[2].partition("</noscript>")[0]


def test_every_part_has_a_name_and_a_question_and_nothing_is_counted(shell: str) -> None:
    for number, kind in enumerate(KINDS, 1):
        row = re.search(rf'data-kind="{kind}" data-number="(\d+)"><b data-place="name">([^<]+)</b>', shell)
        assert row, kind
        assert row[1] == str(number)
        question = re.search(
            rf'data-question="{kind}"[^>]*>\s*<h1>([^<]+)</h1>\s*<p class="hint">([^<]+)', shell
        )
        assert question, kind
        assert question[1].strip().endswith("?")
    assert not re.search(r"<(progress|meter)|Part \d|of 11", shell)


def test_the_parts_stand_in_the_same_order_in_the_browser() -> None:
    source = (ROOT / "frontend" / "src" / "plan" / "kinds.ts").read_text()
    listed = re.search(r"KINDS = \[(.*?)\]", source, re.DOTALL)

    assert listed
    assert re.findall(r'"(\w+)"', listed[1]) == list(KINDS)


def test_every_sentence_the_scripts_say_is_on_the_page(shell: str) -> None:
    said: set[str] = set()
    for source in (ROOT / "frontend" / "src" / "plan").glob("*.ts"):
        said |= set(re.findall(r'\b(?:say|sentence)\("(\w+)"', source.read_text()))

    assert said
    for name in said:
        assert f'data-{name.replace("_", "-")}="' in shell, name


@pytest.mark.parametrize("reason", ["not_opened", "tampered", "older", "too_long"])
def test_every_reason_to_refuse_has_a_sentence(shell: str, reason: str) -> None:
    assert f'data-{reason.replace("_", "-")}="' in shell


def test_every_screen_has_a_way_to_somebody(shell: str) -> None:
    assert shell.count('<a class="btn btn-lamp" href="/home">I need someone</a>') == 1
    last = shell.rindex("data-screen=")
    assert shell.index("</section>", last) < shell.index('href="/home">I need someone')


def test_a_blank_plan_can_be_printed_by_anybody(house: House) -> None:
    page = words(Client().get("/plan/blank"))

    assert QUESTION in page
    assert page.count('class="ruled"') == 5 * len(KINDS)
    assert "<script" not in page.partition("<main")[2]
    assert house.browser.post("/plan/blank").status_code == 405


def test_home_leads_to_the_plan(house: House) -> None:
    assert 'href="/plan"' in words(house.signs_in(ANA).get("/home"))
