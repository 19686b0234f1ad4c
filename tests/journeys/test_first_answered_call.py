"""The main job, end to end: Ana calls, and the call goes on until somebody has it, and on when they go quiet."""

import re

import pytest

from tests.journeys.circles import Folk, mail, settle_in, text, write_circle
from tests.journeys.house import House
from tests.servers.kannel import Rule
from tests.servers.postfix import words_of
from tests.servers.processes import wait_until

pytestmark = pytest.mark.servers

# No way of this delay goes out while a journey runs: only a way that failed can have brought it.
NEVER_BY_ITSELF = "6h"


def test_ana_calls_and_is_answered_however_many_ways_fail(harbour: House) -> None:
    folk = Folk("story", 10)
    ana, sam, bo, kit = (folk.id(who) for who in ("ana", "sam", "bo", "kit"))
    settle_in(
        harbour,
        write_circle(
            folk,
            ways={
                "ana": mail(folk.mail("ana")),
                "sam": f"{text(folk.lost_phone('sam'))}, {mail(folk.mail('sam'), NEVER_BY_ITSELF)}",
                "bo": text(folk.phone("bo")),
                "kit": text(folk.phone("kit")),
            },
            ladder=f'[{{ask = ["{sam}"], wait = "3s"}}, {{ask = ["{bo}"], wait = "1h"}}, {{ask = ["{kit}"], wait = "1h"}}]',
            extra='acknowledgement_expires = "6s"\nreach = {call = "+447700900456", note = "ring twice"}',
        ),
    )
    her_page = harbour.do("link", ana)

    alert = harbour.do("call", ana)
    sams_link = harbour.mailed_link(folk.mail("sam"))
    told = harbour.lines(alert)
    assert [line[0] for line in told[:2]] == ["raised", "asked"]
    assert told.index(("failed", sam, "sms")) < told.index(("accepted", sam, "smtp"))

    # Sam does not answer; Bo is asked, and a plain yes is no answer.
    harbour.until(alert, "asked", bo)
    digits = harbour.digits_to(folk.phone("bo"))
    harbour.texts.reply(folk.phone("bo"), "yes")
    harbour.texts.wait_for(folk.phone("bo"), 2)
    assert harbour.status(alert)["status"] == "triggered"
    harbour.texts.reply(folk.phone("bo"), f"{digits} coming")
    harbour.until(alert, "acknowledged", bo)

    assert harbour.status(alert)["acknowledged_by"] == {"id": bo, "name": "Bo"}
    assert "Bo" in harbour.get(her_page).text
    stood_down = harbour.mail.wait_for(folk.mail("sam"), 2, seconds=20)[-1]
    assert "Someone else has it" in words_of(stood_down)
    assert "Bo" not in words_of(stood_down)
    assert "Bo" in words_of(harbour.mail.wait_for(folk.mail("ana"), seconds=20)[-1])

    # Bo goes quiet; the ladder goes on, and everyone who was told hears so.
    harbour.until(alert, "expired", bo)
    harbour.until(alert, "asked", kit)
    assert harbour.status(alert)["acknowledged_by"] is None
    assert "Kit" in harbour.get(her_page).text
    harbour.until(alert, "reopened", sam)

    # A link from before still answers.
    assert harbour.post(sams_link, answer="yes").status == 200
    assert harbour.status(alert)["acknowledged_by"] == {"id": sam, "name": "Sam"}
    assert "+447700900456" in harbour.get(sams_link).text
    harbour.post(her_page, do="in_contact")
    assert harbour.status(alert)["status"] == "in_contact"
    harbour.post(her_page, do="resolve")
    told_last = harbour.status(alert)
    assert told_last["status"] == "resolved"
    assert told_last["next"] is None
    harbour.texts.wait_for(folk.phone("kit"), 2)


def test_opening_a_link_answers_nothing(harbour: House) -> None:
    folk = Folk("look", 11)
    settle_in(harbour, a_pair(folk))
    alert = harbour.do("call", folk.id("ana"))
    link = harbour.mailed_link(folk.mail("sam"))
    before = harbour.status(alert)

    for method in ("GET", "HEAD", "GET", "GET"):
        assert harbour.get(link, method=method).status == 200

    assert harbour.status(alert) == before


def a_pair(folk: Folk, *, first: str | None = None) -> str:
    """Sam by mail, then Bo by mail, with all the time in the world."""
    return write_circle(
        folk,
        ways={"ana": "", "sam": first or mail(folk.mail("sam")), "bo": mail(folk.mail("bo"))},
        ladder=f'[{{ask = ["{folk.id("sam")}"], wait = "1h"}}, {{ask = ["{folk.id("bo")}"], wait = "1h"}}]',
    )


def test_a_second_yes_hears_that_someone_has_it(harbour: House) -> None:
    folk = Folk("second", 12)
    settle_in(
        harbour,
        write_circle(
            folk,
            ways={"ana": "", "sam": mail(folk.mail("sam")), "bo": mail(folk.mail("bo"))},
            ladder=f'[{{ask = ["{folk.id("sam")}", "{folk.id("bo")}"], wait = "1h"}}]',
        ),
    )
    alert = harbour.do("call", folk.id("ana"))
    sams, bos = harbour.mailed_link(folk.mail("sam")), harbour.mailed_link(folk.mail("bo"))

    harbour.post(sams, answer="yes")
    page = harbour.post(bos, answer="yes")

    assert page.status == 200
    assert re.search(r"[Ss]omeone( else)? has it", page.text)
    assert "Sam" not in page.text
    assert harbour.status(alert)["acknowledged_by"]["id"] == folk.id("sam")


def test_saying_no_moves_on_at_once(harbour: House) -> None:
    folk = Folk("no", 13)
    settle_in(harbour, a_pair(folk))
    alert = harbour.do("call", folk.id("ana"))

    harbour.post(harbour.mailed_link(folk.mail("sam")), answer="no")

    assert [line[:2] for line in harbour.lines(alert)][-2:] == [
        ("declined", folk.id("sam")),
        ("asked", folk.id("bo")),
    ] or ("accepted", folk.id("bo"), "smtp") in harbour.lines(alert)
    harbour.mail.wait_for(folk.mail("bo"), seconds=20)


def test_stop_takes_the_way_out_and_moves_on(harbour: House) -> None:
    folk = Folk("stop", 14)
    ways = f"{text(folk.phone('sam'))}, {mail(folk.mail('sam'), NEVER_BY_ITSELF)}"
    settle_in(harbour, a_pair(folk, first=ways))
    alert = harbour.do("call", folk.id("ana"))
    harbour.texts.wait_for(folk.phone("sam"), seconds=20)

    harbour.texts.reply(folk.phone("sam"), "STOP")

    harbour.until(alert, "accepted", folk.id("sam"))
    mails = harbour.mail.wait_for(folk.mail("sam"), 2, seconds=20)
    assert any("no more texts" in words_of(each) for each in mails)
    assert any("/a/" in words_of(each) for each in mails)


@pytest.mark.parametrize("rule", [Rule.REFUSE, Rule.UNDELIVERABLE])
def test_a_text_that_is_refused_later_is_followed_by_the_mail(harbour: House, rule: Rule) -> None:
    folk = Folk(f"late-{rule.value}", 15 if rule is Rule.REFUSE else 16)
    ways = f"{text(folk.phone('sam'))}, {mail(folk.mail('sam'), NEVER_BY_ITSELF)}"
    settle_in(harbour, a_pair(folk, first=ways))
    harbour.texts.rule(folk.phone("sam"), rule)

    alert = harbour.do("call", folk.id("ana"))

    harbour.mail.wait_for(folk.mail("sam"), seconds=20)
    assert ("failed", folk.id("sam"), "sms") in harbour.lines(alert)


def test_a_text_the_gateway_only_queues_is_followed_by_the_mail(harbour: House) -> None:
    folk = Folk("queue", 17)
    ways = f"{text(folk.phone('sam'))}, {mail(folk.mail('sam'), NEVER_BY_ITSELF)}"
    settle_in(harbour, a_pair(folk, first=ways))
    harbour.texts.stop_centre()
    try:
        alert = harbour.do("call", folk.id("ana"))
        harbour.mail.wait_for(folk.mail("sam"), seconds=20)
        assert ("queued", folk.id("sam"), "sms") in harbour.lines(alert)
    finally:
        harbour.texts.start_centre()
    # What was queued arrives late, once, and its digits are still good.
    digits = harbour.digits_to(folk.phone("sam"))
    harbour.texts.reply(folk.phone("sam"), digits)
    harbour.until(alert, "acknowledged", folk.id("sam"))


def test_calling_again_opens_the_ladder_again(harbour: House) -> None:
    folk = Folk("again", 18)
    settle_in(harbour, a_pair(folk))
    alert = harbour.do("call", folk.id("ana"))
    harbour.post(harbour.mailed_link(folk.mail("sam")), answer="yes")
    assert harbour.status(alert)["status"] == "acknowledged"

    assert harbour.do("call", folk.id("ana")) == alert

    assert harbour.status(alert)["status"] == "triggered"
    harbour.mail.wait_for(folk.mail("bo"), seconds=20)


def test_what_is_forged_or_strange_changes_nothing(harbour: House) -> None:
    folk = Folk("forged", 19)
    settle_in(harbour, a_pair(folk, first=text(folk.phone("sam"))))
    alert = harbour.do("call", folk.id("ana"))
    harbour.texts.wait_for(folk.phone("sam"), seconds=20)
    wait_until(lambda: ("delivered", folk.id("sam"), "sms") in harbour.lines(alert), "a report")
    before = harbour.status(alert)
    hooks = f"{harbour.base_url}/hooks/sms/kannel-1"

    assert harbour.get(f"{hooks}/{'0' * 32}?type=2&attempt=1").status == 404
    assert harbour.get(f"{harbour.base_url}/a/{'x' * 32}").status == 404
    assert harbour.get(f"{harbour.base_url}/a/%00%ff").status == 404
    assert harbour.post(f"{harbour.base_url}/a/{'x' * 32}", answer="yes").status == 404
    harbour.texts.reply(folk.phone("kit"), "123456 yes")
    harbour.texts.reply(folk.phone("sam"), "hello there, who is this?")
    wait_until(lambda: len(harbour.texts.texts(folk.phone("sam"))) >= 2, "a word back")

    after = harbour.status(alert)
    assert after["status"] == before["status"]
    assert after["next"] == before["next"]
    assert harbour.texts.texts(folk.phone("kit")) == []
