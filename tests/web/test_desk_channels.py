"""The host's page of channels: what it says, the test it sends, the prices it keeps, and who may see it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nightlight.channels.base import (
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    ReceiptStatus,
    TemporaryFailure,
)
from nightlight.channels.registry import ChannelSettingError
from nightlight.intake.channels import use
from nightlight.store.channel_tests import AGAIN_AFTER
from nightlight.store.models import (
    ChannelTest,
    Host,
    ListenerPlace,
    Notice,
    NotificationStatus,
    TimelineEntry,
)
from nightlight.store.sealing import seal
from tests.factories import a_person, a_way
from tests.people import NOA, SAM
from tests.web.house import House, everything, words
from tests.web.ways_out import MIRAS_MAIL, MIRAS_NUMBER, PAGE, Texts, card, sent, tried
from tests.worker.simulated_channel import SimulatedChannel

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def desk(desk_of_ways: House) -> House:
    return desk_of_ways


# ------------------------------------------------------------------------------------ who may see it


@pytest.mark.parametrize("who", ["", NOA, SAM])
def test_only_the_open_desk_shows_it_and_only_there_a_press_does_anything(
    desk: House, mail: SimulatedChannel, who: str
) -> None:
    a_person(NOA)
    browser = desk.signs_in(who) if who else Client()
    before = everything()

    for answer in (
        browser.get(PAGE),
        browser.post(PAGE, {"do": "test", "way": "smtp"}),
        browser.post(PAGE, {"do": "prices", "currency": "EUR", "price-sms": "1"}),
    ):
        assert "The desk is closed in this browser." in words(answer, 403)

    assert everything() == before
    assert mail.handed == []
    # And Mira, at the same moment, may.
    assert "2 ways out of here are on." in desk.shows(PAGE)
    assert 'href="/desk/channels"' in desk.shows("/desk")


# ------------------------------------------------------------------------------------ what it says


def test_each_way_says_what_is_known_of_its_messages_and_of_how_many(desk: House) -> None:
    lately = desk.now - timedelta(days=2)
    for status in (
        "delivered",
        "delivered",
        "delivered",
        "accepted",
        "failed",
        "queued",
        "unknown",
        "unknown",
    ):
        sent("sms", status, lately)
    sent("sms", "delivered", desk.now - timedelta(days=31))

    text = card(desk, "sms")

    assert "Of 8 messages in the last 30 days, 3 are known to have arrived." in text
    assert "One was taken, and nobody said whether it arrived." in text
    assert "One was left waiting at the gateway." in text
    assert "One did not go through." in text
    assert "Of 2 nobody knows." in text
    assert "Nothing was sent this way in the last 30 days." in card(desk, "smtp")


def test_of_a_way_that_never_reports_it_is_not_said_that_none_arrived(desk: House) -> None:
    for _ in range(2):
        sent("smtp", "accepted", desk.now)

    text = card(desk, "smtp")

    assert "2 messages in the last 30 days." in text
    assert "2 were taken; whether they arrive, nobody says by this way." in text
    sent("sms", "accepted", desk.now)
    sent("sms", "accepted", desk.now)
    assert "Of 2 messages in the last 30 days, none is known to have arrived." in card(desk, "sms")


def test_messages_outside_calls_are_counted_too(desk: House) -> None:
    Notice.objects.create(
        id="notice",
        purpose="practice",
        person_id=SAM,
        contact_method=a_way(SAM, "sms"),
        status=NotificationStatus.FAILED,
        reason="not_routable",
        settled_at=desk.now,
        created_at=desk.now,
        expires_at=desk.now,
    )

    text = card(desk, "sms")

    assert "Of one message in the last 30 days nobody said that it arrived. One did not go through." in text
    assert "This address was refused. <code>not_routable</code>" in text


def test_providers_are_called_by_their_own_names(desk: House) -> None:
    row = sent("sms", "accepted", desk.now)
    tried(row, "sms-1", "temporary", desk.now - timedelta(minutes=2), reason="timeout")
    tried(row, "sms-2", "accepted", desk.now - timedelta(minutes=1))
    TimelineEntry.objects.create(
        alert=row.alert, at=desk.now, what="failed", who=SAM, channel="sms", detail="ask:timeout"
    )

    text = card(desk, "sms")

    assert "kannel-1: 0 of 1 tries taken." in text
    assert "twilio-1: 1 of 1 tries taken. Last at <time" in text
    assert text.count("Last trouble at") == 1
    assert "The provider did not answer in time. <code>timeout</code>" in text
    assert "sms-1" not in text


def test_a_provider_that_was_taken_out_of_the_settings_is_still_told_of(desk: House) -> None:
    tried(sent("sms", "accepted", desk.now), "sms-3", "accepted", desk.now)

    assert "sms-3: 1 of 1 tries taken." in card(desk, "sms")


def test_what_is_off_says_which_setting_switches_it_on(desk: House, mail: SimulatedChannel) -> None:
    use({"smtp": (mail,)})

    page = desk.shows(PAGE)

    assert "One way out of here is on." in page
    assert "<dt>Text</dt><dd><code>NIGHTLIGHT_SMS_URL</code>" in page
    assert 'id="way-sms"' not in page
    assert "Mail that comes back, and replies, are not read. <code>NIGHTLIGHT_IMAP_URL</code>" in page


def test_a_setting_that_is_wrong_is_named_and_nothing_can_be_sent(
    desk: House, mail: SimulatedChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong() -> None:
        raise ChannelSettingError("NIGHTLIGHT_SMTP_URL: smtp:// comes first")

    with monkeypatch.context() as patched:
        for place in ("channels", "host_tests"):
            patched.setattr(f"nightlight.intake.{place}.switched_on", wrong)
        page = desk.shows(PAGE)
        refused = press(desk, "smtp", 422)

    assert "Every way out of here is off." in page
    assert "<code>NIGHTLIGHT_SMTP_URL: smtp:// comes first</code>" in page
    assert "nothing was sent" in refused
    assert mail.handed == []


def test_a_line_that_is_broken_is_told_of_with_when_it_last_worked(desk: House) -> None:
    ListenerPlace.objects.create(name="imap-1", heard_at=desk.now, trouble="connection_refused")
    ListenerPlace.objects.create(name="matrix-1", heard_at=desk.now)

    page = desk.shows(PAGE)

    assert "<dt>imap-1</dt><dd>Broken just now. The provider could not be reached, or broke off." in page
    assert "<dt>matrix-1</dt><dd>It last worked at <time" in page


def test_however_much_was_sent_the_page_asks_as_often(desk: House, django_assert_num_queries: Any) -> None:
    tried(sent("sms", "accepted", desk.now), "sms-1", "accepted", desk.now)
    with CaptureQueriesContext(connection) as few:
        desk.shows(PAGE)
    for _ in range(5):
        tried(sent("sms", "failed", desk.now), "sms-2", "temporary", desk.now, reason="timeout")

    with django_assert_num_queries(len(few)):
        desk.shows(PAGE)


def test_looking_changes_nothing_and_sends_nothing(desk: House, mail: SimulatedChannel) -> None:
    before = everything()
    desk.shows(PAGE)
    assert desk.browser.head(PAGE).status_code == 200
    assert everything() == before
    assert mail.handed == []


# ------------------------------------------------------------------------------------ the test


def press(house: House, kind: str, status: int = 200) -> str:
    return words(house.browser.post(PAGE, {"do": "test", "way": kind}), status)


def test_a_test_goes_to_the_hosts_own_way_and_claims_no_more_than_is_known(
    desk: House, mail: SimulatedChannel
) -> None:
    page = press(desk, "smtp")

    [message] = mail.handed
    assert message.to == MIRAS_MAIL
    assert message.subject == "A test"
    assert "Nobody asks you for anything" in message.text
    assert not message.is_urgent
    assert not message.link
    assert "smtp-1 took it. Whether it has arrived, you can see yourself." in card(desk, "smtp", page)
    # It is still there for whoever looks later.
    assert "smtp-1 took it." in card(desk, "smtp")


@pytest.mark.parametrize(
    ("reaction", "said"),
    [
        (PermanentFailure("recipient_refused_550"), "smtp-1 did not take it. This address was refused."),
        (TemporaryFailure("connection_refused"), "smtp-1 did not take it. The provider could not be reached"),
        (
            OutcomeUnknown("timeout"),
            "Nobody knows whether smtp-1 took it. The provider did not answer in time.",
        ),
        (ValueError("desk@example.org"), "Nobody knows whether smtp-1 took it. It did not go through."),
        (Receipt(status=ReceiptStatus.QUEUED), "smtp-1 keeps it waiting. It may still come."),
        (Receipt(status=ReceiptStatus.FAILED), "smtp-1 did not take it."),
    ],
)
def test_what_did_not_work_is_said_as_plainly(
    desk: House, mail: SimulatedChannel, reaction: Receipt | Exception, said: str
) -> None:
    mail.will(MIRAS_MAIL, reaction)

    page = press(desk, "smtp")

    assert said in card(desk, "smtp", page)
    assert MIRAS_MAIL not in page
    assert MIRAS_MAIL not in str(ChannelTest.objects.values_list("results"))


def test_every_provider_is_tried_on_every_way_of_the_host(desk: House, texts: Texts) -> None:
    ways = f'[{{"channel": "sms", "to": "{MIRAS_NUMBER}"}}, {{"channel": "sms", "to": "+447700900198"}}]'
    Host.objects.update(ways_sealed=seal(ways))
    texts[1].always(MIRAS_NUMBER, TemporaryFailure("timeout"))

    text = card(desk, "sms", press(desk, "sms"))

    assert [len(each.handed) for each in texts] == [2, 2]
    assert "kannel-1 took it." in text
    assert "twilio-1 did not take it. The provider did not answer in time." in text
    assert "To your way number 2." in text


def test_one_test_a_minute_is_enough(desk: House, mail: SimulatedChannel) -> None:
    press(desk, "smtp")
    desk.now += AGAIN_AFTER / 2

    assert "One test a minute is enough. This time nothing was sent." in press(desk, "smtp", 429)

    assert len(mail.handed) == 1
    desk.now += AGAIN_AFTER / 2
    press(desk, "smtp")
    assert len(mail.handed) == 2


def test_nobody_elses_way_can_be_tested_from_here(desk: House, texts: Texts) -> None:
    """The form names a kind of way and no address: there is nothing to put Sam's number into."""
    a_way(SAM, "sms")
    assert "None of your own ways is of this kind" in card(desk, "sms")

    page = words(
        desk.browser.post(PAGE, {"do": "test", "way": "sms", "to": "+447700900102", "person": SAM}), 422
    )

    assert "nothing was sent" in page
    assert [each.handed for each in texts] == [[], []]
    press(desk, "voice", 422)
    press(desk, "no-such-way", 422)
    words(desk.browser.post(PAGE, {"do": "?"}), 422)
    assert not ChannelTest.objects.exists()
