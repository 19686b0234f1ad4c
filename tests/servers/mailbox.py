"""A real Postfix that bounces, and a real Dovecot over the Maildir into which its bounces and replies come.

Mail for `example.org` is kept; everything else is passed on to a made-up server on loopback, which
refuses some readers at once, some never for good, and keeps the rest.
"""

import os
import pwd
import shutil
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.servers.postfix import MAILBOX_OWNER, certificate, stopped
from tests.servers.processes import MissingServer, Server, folder, free_port, listens, program

USER, PASSWORD = "circle", "not-for-a-log"

_MAIN = """\
compatibility_level = 3.6
config_directory = {home}/etc
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log/maillog
maillog_file_prefixes = {home}/log
myhostname = mail.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
virtual_mailbox_domains = example.org, mail.example.org
virtual_transport = virtual
virtual_mailbox_base = {home}/boxes
virtual_mailbox_maps = static:circle/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 100
virtual_mailbox_limit = 0
relayhost = [127.0.0.1]:{outside}
smtp_host_lookup = native
smtpd_recipient_restrictions = permit_mynetworks, reject
maximal_queue_lifetime = 3s
bounce_queue_lifetime = 3s
delay_warning_time = 0
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""

_DOVECOT = """\
base_dir = {home}/dovecot
state_dir = {home}/dovecot-state
log_path = {home}/log/dovecot
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{home}/etc/certificate.pem
ssl_key = <{home}/etc/key.pem
disable_plaintext_auth = no
mail_location = maildir:{home}/boxes/circle
first_valid_uid = 100
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/boxes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
"""


class Outside:
    """The mail servers of everybody else: who is `gone` is refused for good, who is `busy` for now, again and again."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []

    async def handle_RCPT(  # noqa: N802  (the library's own name)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """What is said to one recipient."""
        if address.startswith("gone"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("busy"):
            return "450 4.2.1 this mailbox is busy"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail."""
        self.taken += [(to, envelope.content) for to in envelope.rcpt_tos]
        return "250 2.0.0 kept"


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A running mail server, and the mailbox beside it."""

    smtp_url: str
    smtp_port: int
    imap_url: str
    imaps_url: str
    imap_port: int
    home: Path
    outside: Outside = field(default_factory=Outside)

    def post(self, mail: EmailMessage, sender: str = "sam@elsewhere.example.net") -> None:
        """Put *mail* into the mailbox, as if *sender*'s own server brought it."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port) as client:
            client.send_message(mail, from_addr=sender, to_addrs=["circle@example.org"])


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A fresh pair of both. They need root, as Postfix does."""
    mail_server, box_server = program("postfix", "postfix"), program("dovecot", "dovecot-imapd")
    if os.geteuid() != 0:
        raise MissingServer("Postfix can only be started by root; run these tests as root")
    outside = Outside()
    door = Controller(outside, hostname="127.0.0.1", port=free_port())
    with folder("mailbox") as home:
        ports = {"port": free_port(), "imap": free_port(), "imaps": free_port(), "outside": door.port}
        _configure(home, ports)
        door.start()
        mail = Server([mail_server, "-c", str(home / "etc"), "start-fg"], log=home / "output", cwd=home)
        box = Server(
            [box_server, "-F", "-c", str(home / "etc" / "dovecot.conf")], log=home / "output-2", cwd=home
        )
        try:
            mail.ready(lambda: listens(ports["port"]), "Postfix")
            box.ready(lambda: listens(ports["imap"]), "Dovecot")
            yield Mailbox(
                smtp_url=f"smtp://127.0.0.1:{ports['port']}",
                smtp_port=ports["port"],
                imap_url=f"imap://{USER}:{PASSWORD}@127.0.0.1:{ports['imap']}",
                imaps_url=f"imaps://{USER}:{PASSWORD}@127.0.0.1:{ports['imaps']}",
                imap_port=ports["imap"],
                home=home,
                outside=outside,
            )
        finally:
            box.stop()
            stopped(mail_server, home / "etc")
            mail.stop()
            door.stop()


def _configure(home: Path, ports: dict[str, int]) -> None:
    for name in ("etc", "queue", "data", "boxes", "log"):
        (home / name).mkdir(mode=0o755)
    shutil.chown(home / "data", "postfix")
    shutil.chown(home / "boxes", MAILBOX_OWNER)
    owner = (home / "boxes").stat().st_uid
    group = _group_of(MAILBOX_OWNER)
    values = {"home": home, "uid": owner, "gid": group, "password": PASSWORD, **ports}
    (home / "etc" / "main.cf").write_text(_MAIN.format(**values))
    (home / "etc" / "master.cf").write_text(_MASTER.format(**values))
    (home / "etc" / "dovecot.conf").write_text(_DOVECOT.format(**values))
    certificate(home / "etc")


def _group_of(user: str) -> int:
    return pwd.getpwnam(user).pw_gid
