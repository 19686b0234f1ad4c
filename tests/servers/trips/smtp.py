"""By mail: out, a bounce, words back, an answer on the page, and the stand-down; through Postfix and Dovecot."""

import email
import email.policy
import re
from collections.abc import Callable
from email.message import EmailMessage

from tests.servers.mailbox import Mailbox, mailbox
from tests.servers.postfix import words_of
from tests.servers.processes import free_port, wait_until
from tests.servers.trips.house import TripHouse, house

SAM, BO = "sam@elsewhere.example.net", "bo@elsewhere.example.net"
GONE = "gone@elsewhere.example.net"
BOS_WORDS = "I am on the train until six."


def trip(say: Callable[[str], None]) -> None:
    """Make the round trip, and *say* what was seen."""
    base_url = f"http://127.0.0.1:{free_port()}"
    with mailbox() as box:
        settings = {
            "NIGHTLIGHT_SMTP_URL": box.smtp_url,
            "NIGHTLIGHT_MAIL_FROM": "circle@example.org",
            "NIGHTLIGHT_IMAP_URL": box.imap_url,
        }
        ways = {
            "sam": [
                {"channel": "smtp", "to": GONE},
                {"channel": "smtp", "to": SAM, "after": "5m"},
            ],
            "bo": [{"channel": "smtp", "to": BO}],
        }
        with house(base_url, settings, ways) as home:
            say(_there_and_back(home, box))


def _there_and_back(home: TripHouse, box: Mailbox) -> str:
    alert = home.call()
    bos = _mail_to(box, BO)
    # Sam's first address is refused by its own server some time after ours took the mail.
    sams = _mail_to(box, SAM)
    lines = home.lines(alert)
    assert ("failed", "sam", "smtp") in lines, lines
    assert "What you write back is kept" in words_of(sams), words_of(sams)

    box.post(_reply_to(bos, BOS_WORDS), sender=BO)
    wait_until(
        lambda: "A mail is no answer yet" in words_of(_latest(box, BO)), "our word back to Bo", seconds=30
    )
    assert home.status(alert)["acknowledged_by"] is None

    link = home.link_in(words_of(sams))
    assert home.post(link, answer="yes").status == 200
    seconds = home.answered(alert, "sam")
    wait_until(lambda: "You can rest" in words_of(_latest(box, BO)), "Bo's stand-down", seconds=30)
    page = home.get(link).text
    assert BOS_WORDS in page, page
    return (
        "smtp: out through Postfix, a bounce read from Dovecot brought the next way, words written back kept and"
        f" shown, answered on the page in {seconds:.1f} s, stood down"
    )


def _mails(box: Mailbox, address: str) -> list[EmailMessage]:
    return [
        email.message_from_bytes(content, policy=email.policy.default)
        for to, content in list(box.outside.taken)
        if to == address
    ]


def _latest(box: Mailbox, address: str) -> EmailMessage:
    return _mails(box, address)[-1]


def _mail_to(box: Mailbox, address: str) -> EmailMessage:
    """The first mail that its own server took for *address*."""
    wait_until(lambda: bool(_mails(box, address)), f"a mail for {address}", seconds=40)
    return _mails(box, address)[0]


def _reply_to(mail: EmailMessage, text: str) -> EmailMessage:
    """What somebody's own program makes of an answer to *mail*."""
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = BO, str(mail["From"]), f"Re: {mail['Subject']}"
    reply["Message-ID"] = "<bos-answer@elsewhere.example.net>"
    reply["In-Reply-To"] = str(mail["Message-ID"])
    quoted = re.sub("(?m)^", "> ", words_of(mail))
    reply.set_content(f"{text}\n\nOn Saturday, circle@example.org wrote:\n{quoted}")
    return reply
