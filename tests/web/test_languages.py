"""English, and Portuguese as fully: what a page says in the reader's language, and in the browser's for strangers."""

import subprocess
import sys

import pytest
from django.test import Client

from nightlight.store.models import Person
from tests.docs.project import ROOT
from tests.people import ANA, SAM
from tests.web.house import House, words

pytestmark = [pytest.mark.django_db]


def test_no_sentence_is_missing_in_any_catalogue() -> None:
    done = subprocess.run(
        [sys.executable, "tools/messages.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_person_reads_their_own_language(house: House) -> None:
    Person.objects.filter(pk=ANA).update(language="pt")
    page = words(house.signs_in(ANA).get("/home"))

    assert '<html lang="pt" dir="ltr">' in page
    assert "Preciso de alguém" in page
    assert "I need someone" not in page


def test_whoever_is_asked_reads_theirs_and_not_the_callers(house: House) -> None:
    Person.objects.filter(pk=SAM).update(language="pt")
    house.ana_calls()

    assert "Eu trato disto" in house.shows(house.link(SAM))
    assert "Hello, Ana." not in house.shows(house.link(SAM))
    assert "Trying Sam now." in house.shows(house.own_page())


@pytest.mark.parametrize(
    ("asked", "said"),
    [("pt-PT,pt;q=0.9", "pt"), ("de, pt;q=0.5", "pt"), ("de", "en"), ("", "en"), ("\x00;q=x", "en")],
)
def test_a_stranger_reads_what_their_browser_asks_for(house: House, asked: str, said: str) -> None:
    page = Client().get("/sign-in", headers={"accept-language": asked})

    assert f'<html lang="{said}"' in page.content.decode()
    assert "Accept-Language" in page.headers["Vary"]
