"""A whole Nightlight as a host runs it: real processes, driven from outside by command line, pages and phones."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.kannel import Gateway, kannel
from tests.servers.nightlight import Nightlight, environment, hook_url, started
from tests.servers.postfix import Mailboxes, postfix, words_of
from tests.servers.postgres import postgres
from tests.servers.processes import folder, free_port


class House(Nightlight):
    """One running service, with the mail server and the text gateway it uses."""

    def __init__(self, data: Path, environ: dict[str, str], mail: Mailboxes, texts: Gateway) -> None:
        super().__init__(data, environ)
        self.mail = mail
        self.texts = texts

    def mailed_link(self, address: str, count: int = 1) -> str:
        """The link in the latest mail to *address*, once there are *count*."""
        mails = self.mail.wait_for(address, count, seconds=20)
        return self.link_in(words_of(mails[-1]))

    def digits_to(self, number: str, count: int = 1) -> str:
        """The six digits in the latest text on the phone with *number*, once there are *count*."""
        texts = self.texts.wait_for(number, count, seconds=20)
        found = re.search(r"Reply (\d{6})", texts[-1].text)
        assert found, texts[-1].text
        return found.group(1)


@contextmanager
def house(*, on_postgres: bool) -> Iterator[House]:
    """A running service: `serve` on SQLite, or `web` and `worker` on PostgreSQL."""
    base_url = f"http://127.0.0.1:{free_port()}"
    with (
        folder("nightlight-journey-") as data,
        postfix() as mail,
        kannel(hook_url(base_url, "sms", "kannel-1")) as texts,
    ):
        environ = environment(
            data,
            base_url,
            {
                "NIGHTLIGHT_SMTP_URL": mail.url,
                "NIGHTLIGHT_MAIL_FROM": "circle@example.org",
                "NIGHTLIGHT_SMS_URL": texts.url,
            },
        )
        built = House(data, environ, mail, texts)
        if not on_postgres:
            with started(built):
                yield built
            return
        with postgres() as database_url:
            environ["NIGHTLIGHT_DATABASE_URL"] = database_url
            built.do("migrate")
            with started(built, ("web", "worker")):
                yield built
