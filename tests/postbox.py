"""A real mail server on a port of this machine that keeps what it gets, and can be told to misbehave."""

import email
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from survey.services.mailing.transport import Patience
from survey.settings import Encryption, MailServer

# Short enough for tests, long enough for a busy machine.
IMPATIENT = Patience(connect=5, command=1, whole=1)


@dataclass
class Postbox:
    """What came, and what is said instead of "yes": a reply for each recipient, to be used up in turn."""

    port: int = 0
    messages: list = field(default_factory=list)
    # Replies to RCPT and to the whole mail; an empty list says yes. "hang", "hang up": no reply at all.
    to_recipient: list = field(default_factory=list)
    to_mail: list = field(default_factory=list)
    to_sender: list = field(default_factory=list)
    # "hang up" after DATA was begun, before the final dot.
    in_the_middle: list = field(default_factory=list)
    connections: int = 0
    hung_up: threading.Event = field(default_factory=threading.Event)
    # Called when a whole mail is there, before it is answered.
    when_it_comes: object = None

    @property
    def recipients(self):
        return [recipient for recipient, _ in self.messages]

    def mails(self):
        """What came, taken apart by the email package."""
        return [email.message_from_bytes(content, policy=default) for _, content in self.messages]

    def server(self, **changes):
        values = {
            "host": "127.0.0.1", "port": self.port, "encryption": Encryption.NONE,
            "from_name": "Practice survey", "from_address": "survey@example.org",
        }  # fmt: skip
        return MailServer(**(values | changes))

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 (aiosmtpd's name)
        if self.to_sender:
            return self.to_sender.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 (aiosmtpd's name)
        if self.to_recipient:
            said = self.to_recipient.pop(0)
            if said == "hang":
                await server.loop.create_future()
            if said:
                return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's name)
        if self.when_it_comes is not None:
            self.when_it_comes()
        said = self.to_mail.pop(0) if self.to_mail else ""
        if said == "hang":
            await server.loop.create_future()
        if said == "hang up":
            server.transport.abort()
        if said and not said.startswith("2"):
            return said
        self.messages.extend((recipient, envelope.content) for recipient in envelope.rcpt_tos)
        return said or "250 2.0.0 Taken"


class _Conversation(SMTP):
    def connection_made(self, transport):
        self.event_handler.connections += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg):  # noqa: N802 (aiosmtpd's name)
        if self.event_handler.in_the_middle and self.event_handler.in_the_middle.pop(0) == "hang up":
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            # Something of the mail has to come, so that it is in the middle.
            await self._reader.readline()
            self.transport.abort()
            self.loop.call_later(0.05, self.event_handler.hung_up.set)
            return
        await super().smtp_DATA(arg)


class _Office(Controller):
    def __init__(self, postbox, **options):
        super().__init__(postbox, hostname="127.0.0.1", **options)

    def factory(self):
        return _Conversation(self.handler, **self.SMTP_kwargs)


@contextmanager
def postbox(*, port=None, **options):
    """A mail server until the block is left. options: of aiosmtpd, such as `tls_context` or `ssl_context`."""
    box = Postbox()
    box.port = port or free_port()
    office = _Office(box, port=box.port, **options)
    office.start()
    # The office knocks at its own door once.
    box.connections = 0
    try:
        yield box
    finally:
        office.stop()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


def certificate(folder):
    """A self-signed certificate for 127.0.0.1: the file to trust, and the server's side of it."""
    key, file = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", file,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, key)
    return str(file), context


def lets_in(user, password):
    """An authenticator of aiosmtpd for one user."""

    def check(_server, _session, _envelope, _mechanism, data):
        is_right = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=is_right, handled=False)

    return check
