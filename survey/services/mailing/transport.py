"""The way to the mail server: one connection for many mails, and what its replies mean.

The whole of a mail is sent before it is decided: only the line with the final dot makes the server take it. Right
before that line the caller is asked, so that it can write down that from here on nobody knows.
"""

# ruff: noqa: N818 (what a mail server says is no error of anybody)

import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from survey.settings import Encryption, MailServer

_PERMANENT: Final = 500
_TEMPORARY: Final = 400
_GO_ON: Final = 354
_SERVICE_ENDS: Final = 421
_END_OF_DATA: Final = b".\r\n"
# Of the codes of RFC 3463 about addresses ("5.1.") these say that there is no such mailbox or domain …
_NO_SUCH_ADDRESS: Final = (b"5.1.1 ", b"5.1.2 ", b"5.1.3 ", b"5.1.6 ", b"5.1.10 ")
# … and these that the sender's address cannot be.
_OF_THE_SENDER: Final = (b"5.1.7 ", b"5.1.8 ", b"4.1.7 ", b"4.1.8 ")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for a connection, for a reply, and for the reply to a whole mail."""

    connect: float = 10
    command: float = 30
    # A server may look into a mail before it answers; giving up early leaves a mail of which nobody knows.
    whole: float = 120


class TransportError(Exception):
    """`words` has the server's number and sentence, or what happened to the connection."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class ServerTrouble(TransportError):
    """No mail can be sent now, whoever it is for: not reached, not trusted, not let in, sender refused."""


class TryLater(TransportError):
    """This mail was not taken, surely, and may be next time."""


class Refused(TransportError):
    """This mail was not taken and never will be. no_such_address: because there is no such mailbox."""

    def __init__(self, words: str, *, no_such_address: bool = False) -> None:
        super().__init__(words)
        self.no_such_address = no_such_address


class Unknown(TransportError):
    """The whole mail was given to the server, and no answer came."""


class Stop(Exception):
    """The caller does not want the mail to be taken; raised by it before the final dot."""


class Transport:
    """A connection to the mail server, opened when the first mail is handed over and again after it was lost."""

    def __init__(self, server: MailServer, *, patience: Patience | None = None, trusted: str | None = None) -> None:
        """trusted: a file with certificates to trust besides those of the system."""
        self._server = server
        self._patience = patience or Patience()
        self._context = ssl.create_default_context(cafile=trusted)
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._drop()

    def hand_over(self, recipient: str, message: bytes, *, before_the_dot: Callable[[], None]) -> str:
        """Give a mail to the server; gives its words when it took it.

        Raises ServerTrouble, TryLater, Refused or Unknown; what `before_the_dot` raises goes on, and the mail was not
        taken.
        """
        smtp = self._connected()
        try:
            self._envelope(smtp, recipient)
            smtp.send(_dotted(message))
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise TryLater(_in_words(error)) from error
        try:
            before_the_dot()
        except BaseException:
            # There is no other way to end a mail without its being taken.
            self._drop()
            raise
        if _has_spoken(smtp):
            self._drop()
            raise TryLater("the mail server ended the conversation before it had the whole mail")
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._patience.whole)
            smtp.send(_END_OF_DATA)
            code, reply = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(self._patience.command)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Unknown(_in_words(error)) from error
        return self._judged(code, reply)

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            smtp = self._open()
            try:
                self._greet(smtp)
            except BaseException:
                smtp.close()
                raise
            self._smtp = smtp
        return self._smtp

    def _open(self) -> smtplib.SMTP:
        server, patience = self._server, self._patience
        try:
            if server.encryption is Encryption.FROM_THE_START:
                return smtplib.SMTP_SSL(
                    server.host, server.port, _own_name(server), timeout=patience.connect, context=self._context
                )
            return smtplib.SMTP(server.host, server.port, _own_name(server), timeout=patience.connect)
        except (OSError, smtplib.SMTPException) as error:
            raise ServerTrouble(f"The mail server {server.host} cannot be reached: {_in_words(error)}.") from error

    def _greet(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._patience.command)
            smtp.ehlo_or_helo_if_needed()
            if server.encryption is Encryption.STARTTLS:
                smtp.starttls(context=self._context)
                smtp.ehlo()
            if server.user is not None:
                smtp.login(server.user, server.password or "")
        except smtplib.SMTPNotSupportedError as error:
            missing = "encryption (STARTTLS)" if server.encryption is Encryption.STARTTLS else "signing in"
            raise ServerTrouble(f"The mail server {server.host} does not offer {missing}.") from error
        except smtplib.SMTPAuthenticationError as error:
            raise ServerTrouble(
                f"The mail server {server.host} refuses the user of SURVEY_SMTP_URL: {_in_words(error)}."
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise ServerTrouble(f"The mail server {server.host} cannot be used: {_in_words(error)}.") from error

    def _envelope(self, smtp: smtplib.SMTP, recipient: str) -> None:
        options = []
        if not recipient.isascii():
            if not smtp.has_extn("smtputf8"):
                self._reset(smtp)
                raise Refused("the mail server cannot write to addresses with such letters")
            options = ["SMTPUTF8"]
        code, reply = smtp.mail(self._server.from_address, options)
        if code >= _PERMANENT:
            self._drop()
            raise ServerTrouble(
                f"The mail server {self._server.host} refuses the sender {self._server.from_address}: "
                f"{_reply(code, reply)}."
            )
        self._judged(code, reply)
        self._judged(*smtp.rcpt(recipient))
        code, reply = smtp.docmd("DATA")
        if code != _GO_ON:
            self._judged(code, reply)
            raise TryLater(_reply(code, reply))

    def _judged(self, code: int, reply: bytes) -> str:
        """The server's words when it agrees; else what its refusal means. The connection is ready for another mail."""
        words = _reply(code, reply)
        if code < _TEMPORARY:
            return words
        if code == _SERVICE_ENDS or self._smtp is None:
            self._drop()
            raise TryLater(words)
        if reply.startswith(_OF_THE_SENDER):
            # Many servers say only now what they think of the sender: it is no fault of this address.
            self._drop()
            raise ServerTrouble(f"The mail server {self._server.host} refuses the sender: {words}.")
        self._reset(self._smtp)
        if code < _PERMANENT:
            raise TryLater(words)
        raise Refused(words, no_such_address=reply.startswith(_NO_SUCH_ADDRESS))

    def _reset(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _has_spoken(smtp: smtplib.SMTP) -> bool:
    """Whether the server said something, or hung up, while it should only listen; what was sent may lie in buffers."""
    if smtp.sock is None:
        return True
    # Over TLS, tickets for later sessions come as bytes that say nothing; such a connection tells by its reply.
    if isinstance(smtp.sock, ssl.SSLSocket):
        return False
    patience = smtp.sock.gettimeout()
    smtp.sock.settimeout(0)
    try:
        smtp.sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        smtp.sock.settimeout(patience)
    return True


def _own_name(server: MailServer) -> str:
    # Said in EHLO. Left to itself, smtplib asks the network what this machine is called, and may wait for that.
    return server.from_address.rpartition("@")[2]


def _dotted(message: bytes) -> bytes:
    """A message as DATA carries it: a dot before every line that begins with one, and a line's end at the end."""
    lines = message.replace(b"\r\n.", b"\r\n..")
    lines = b"." + lines if lines.startswith(b".") else lines
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _reply(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode('utf-8', 'replace')}".strip()


def _in_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _reply(error.smtp_code, said if isinstance(said, bytes) else str(said).encode())
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__
