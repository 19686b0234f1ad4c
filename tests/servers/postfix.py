"""A real Postfix on loopback that keeps every mail in one Maildir, and passes nothing on."""

import email
import email.policy
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.servers.processes import MissingServer, Server, folder, free_port, listens, program, wait_until

# Delivers the mail; Postfix delivers neither as root nor as itself.
MAILBOX_OWNER = "nobody"

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
virtual_mailbox_domains = static:all
virtual_transport = virtual
virtual_mailbox_base = {home}/boxes
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 100
virtual_mailbox_limit = 0
default_transport = error:nothing leaves this machine
smtpd_recipient_restrictions = check_recipient_access texthash:{home}/etc/refused, permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = {home}/etc/certificate.pem
smtpd_tls_key_file = {home}/etc/key.pem
"""

# Each smtpd serves one client, so that the next one reads the list of the refused anew.
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd -o max_use=1
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, kw_only=True)
class Mailboxes:
    """A running mail server: its URL, and what lies in everybody's mailbox."""

    url: str
    port: int
    home: Path

    def mails(self, address: str) -> list[EmailMessage]:
        """What arrived for *address*, oldest first."""
        found = sorted(
            (self.home / "boxes" / "all" / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns
        )
        mails = (_read(path) for path in found)
        return [mail for mail in mails if str(mail["Delivered-To"]).lower() == address.lower()]

    def wait_for(self, address: str, count: int = 1, *, seconds: float = 10) -> list[EmailMessage]:
        """The mails for *address* once there are *count*. Raises TimeoutError."""
        wait_until(lambda: len(self.mails(address)) >= count, f"{count} mails for {address}", seconds=seconds)
        return self.mails(address)

    def refuse(self, address: str, *, code: int = 550) -> None:
        """From the next connection on answer *code* (5xx for good, 4xx for now) to *address*."""
        words = "5.1.1 no such mailbox" if code >= 500 else "4.2.1 this mailbox is busy"
        with (self.home / "etc" / "refused").open("a") as file:
            file.write(f"{address} {code} {words}\n")

    def log(self) -> str:
        """What the server wrote down."""
        return (self.home / "log" / "maillog").read_text()


@contextmanager
def postfix() -> Iterator[Mailboxes]:
    """A fresh mail server that takes mail for any address. It needs root, as Postfix does."""
    binary = program("postfix", "postfix")
    if os.geteuid() != 0:
        raise MissingServer("Postfix can only be started by root; run these tests as root")
    with folder("postfix") as home:
        port = free_port()
        _configure(home, port)
        server = Server([binary, "-c", str(home / "etc"), "start-fg"], log=home / "output", cwd=home)
        try:
            server.ready(lambda: listens(port), "Postfix")
            yield Mailboxes(url=f"smtp://127.0.0.1:{port}", port=port, home=home)
        finally:
            stopped(binary, home / "etc")
            server.stop()


def stopped(binary: str, settings: Path) -> None:
    """Postfix's own stop: the end of its parent alone would leave its master behind."""
    subprocess.run([binary, "-c", str(settings), "stop"], check=False, capture_output=True)


def _configure(home: Path, port: int) -> None:
    for name in ("etc", "queue", "data", "boxes", "log"):
        (home / name).mkdir(mode=0o755)
    shutil.chown(home / "data", "postfix")
    shutil.chown(home / "boxes", MAILBOX_OWNER)
    owner = (home / "boxes").stat().st_uid
    (home / "etc" / "main.cf").write_text(_MAIN.format(home=home, uid=owner, gid=owner))
    (home / "etc" / "master.cf").write_text(_MASTER.format(port=port))
    (home / "etc" / "refused").touch()
    certificate(home / "etc")


def certificate(place: Path) -> None:
    """A certificate for localhost that signed itself: certificate.pem and key.pem in *place*."""
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost"
    files = ["-keyout", str(place / "key.pem"), "-out", str(place / "certificate.pem")]
    subprocess.run(
        [program("openssl", "openssl"), *request.split(), *files],
        check=True,
        capture_output=True,
    )


def words_of(mail: EmailMessage) -> str:
    """What *mail* says, as text."""
    plain = mail.get_body(preferencelist=("plain",))
    assert plain is not None, mail
    return str(plain.get_content())


def _read(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message
