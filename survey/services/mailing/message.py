"""A mail as mail systems want it: headers, two parts, seven-bit lines."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from survey.services.mailing.words import Words
from survey.settings import MailServer

# Lines that every mail server since 1982 carries unchanged.
POLICY: Final = SMTP.clone(cte_type="7bit")
# "=?" begins an encoded word, which the email package would decode, line feeds included. A joiner of no width between
# the two signs shows the same and means nothing.
_ENCODED_WORD: Final = ("=?", "=\N{WORD JOINER}?")


def compose(
    words: Words,
    *,
    server: MailServer,
    recipient: str,
    reply_to: str,
    stop: str,
    message_id: str,
    language: str,
    now: datetime,
) -> bytes:
    """The whole message. stop: where one click ends all mails (RFC 8058).

    The recipient's name is left out of the headers: it stands in the greeting, where nothing can be read into it.
    """
    message = EmailMessage(policy=POLICY if recipient.isascii() else POLICY.clone(utf8=True))
    message["From"] = _address(server.from_address, _plain(server.from_name))
    message["To"] = _address(recipient)
    if reply_to.isascii() or not recipient.isascii():
        # An address with other letters cannot be written into a mail for everybody.
        message["Reply-To"] = _address(reply_to)
    message["Subject"] = _plain(words.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{stop}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    # Last: what is about the content would go into its first part with it.
    message["Content-Language"] = language
    return message.as_bytes()


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _plain(text: str) -> str:
    one_line = " ".join(text.split())
    return "".join(sign for sign in one_line if sign.isprintable()).replace(*_ENCODED_WORD)
