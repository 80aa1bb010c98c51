"""What an installation decides: read once at start, and refused at once with everything that is wrong."""

import ipaddress
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

SMALLEST_KEY = 32  # characters; 256 bit when they are hexadecimal
OWN_MACHINE = "http://127.0.0.1:8000"
KEY_FILE = "secret-key"
CONTACT_KEY_FILE = "contact-key"
DATABASES = ("sqlite", "postgres", "postgresql")
QUEUES = (*DATABASES, "redis", "rediss")
# The ports that RFC 6409 and RFC 8314 give to handing in mail.
SMTP_PORT: Final = {"smtp": 587, "smtps": 465}
LONGEST_DOMAIN: Final = 80  # of a Message-ID, whose column has 120 characters


class SettingsError(Exception):
    """The environment cannot be used; `problems` has one sentence for each thing to mend."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.message = str(self)


class Encryption(StrEnum):
    """How the way to the mail server is protected. Without is for a server on one's own machine only."""

    NONE = "none"
    STARTTLS = "starttls"
    FROM_THE_START = "implicit"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes our mails, and in whose name they go."""

    host: str
    port: int
    encryption: Encryption
    # "Name <address>" taken apart; the name may be "".
    from_name: str
    from_address: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the program asks about its surroundings. Secrets are left out of `repr`."""

    data_dir: Path
    secret_key: str = field(repr=False)
    # None: the SQLite file `survey.db` in `data_dir`.
    database_url: str | None = field(default=None, repr=False)
    # Through what workers are woken; None: the file `jobs.db` in `data_dir`.
    jobs_url: str | None = field(default=None, repr=False)
    # With what names and addresses are sealed; None: the key kept in `data_dir` (see `contact_key_in_use`).
    contact_key: str | None = field(default=None, repr=False)
    # Without a slash at the end.
    base_url: str = OWN_MACHINE
    # None: mails wait in the outbox.
    mail_server: MailServer | None = None
    # How long a save may wait for its turn and for locks.
    wait_seconds: float = 5.0
    # argon2id at OWASP's floor: about 40 ms on a small server.
    argon2_time_cost: int = 2
    argon2_memory_kib: int = 19_456
    argon2_parallelism: int = 1
    # Pages and forms; a page of answers is some 10 KB.
    largest_body_bytes: int = 256 * 1024
    # How many proxies of our own stand in front and each add to X-Forwarded-For; 0 believes nobody.
    trusted_proxies: int = 0
    testing: bool = False

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are for HTTPS only: everywhere but on one's own machine."""
        return self.base_url.startswith("https://")

    @property
    def mail_domain(self) -> str:
        """What stands behind the @ of a Message-ID."""
        if self.mail_server is not None:
            domain = self.mail_server.from_address.rpartition("@")[2]
        else:
            domain = urlsplit(self.base_url).hostname or "localhost"
        return domain[-LONGEST_DOMAIN:].lstrip(".-")

    @property
    def contact_key_in_use(self) -> str:
        """The key for names and addresses; made in the data folder when it is needed for the first time.

        It stays the same for as long as there are contacts, and is kept apart from backups of the database.
        SettingsError when the file holds no whole key.
        """
        if self.contact_key is not None:
            return self.contact_key
        key = _own_key(self.data_dir, CONTACT_KEY_FILE)
        problems = _key_problems(key, f"The file {self.data_dir / CONTACT_KEY_FILE}")
        if problems:
            raise SettingsError(tuple(problems))
        return key

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from DATABASE_URL and from the variables SURVEY_ that README names.

        Nothing is needed to try it on one's own machine: a key is made once and kept beside the data.
        SettingsError names everything that is missing or wrong.
        """
        problems: list[str] = []
        data_dir = Path(environ.get("SURVEY_DATA_DIR") or "var").expanduser().absolute()
        problems += _data_dir_problems(data_dir)
        database_url = environ.get("DATABASE_URL") or None
        problems += _database_problems(database_url)
        jobs_url = environ.get("SURVEY_JOBS_URL") or None
        problems += _queue_problems(jobs_url, database_url, data_dir)
        base_url = (environ.get("SURVEY_BASE_URL") or OWN_MACHINE).rstrip("/")
        base_problems = _base_url_problems(base_url)
        problems += base_problems

        secret_key = environ.get("SURVEY_SECRET_KEY", "")
        if secret_key:
            problems += _key_problems(secret_key, "SURVEY_SECRET_KEY")
        elif not base_problems and not _is_loopback(urlsplit(base_url)):
            problems.append(
                f"SURVEY_SECRET_KEY is missing: {base_url} is open to others, so it needs a key of at least "
                f"{SMALLEST_KEY} characters that only this installation knows."
            )
        elif not problems:
            secret_key = _own_key(data_dir, KEY_FILE)
            problems += _key_problems(secret_key, f"The file {data_dir / KEY_FILE}")

        contact_key = environ.get("SURVEY_CONTACT_KEY") or None
        if contact_key is not None:
            problems += _key_problems(contact_key, "SURVEY_CONTACT_KEY")
        mail_server = _mail_server(environ.get("SURVEY_SMTP_URL", ""), environ.get("SURVEY_MAIL_FROM", ""), problems)

        proxies = environ.get("SURVEY_TRUSTED_PROXIES") or "0"
        problems += _proxy_problems(proxies)

        if problems:
            raise SettingsError(tuple(problems))
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            jobs_url=jobs_url,
            secret_key=secret_key,
            contact_key=contact_key,
            base_url=base_url,
            mail_server=mail_server,
            trusted_proxies=int(proxies),
        )


def renew_own_key(data_dir: Path) -> None:
    """A new key in place of the one kept in the data folder. What was signed with the old one is valid no longer."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _draft_of_key(data_dir, KEY_FILE).replace(data_dir / KEY_FILE)


def _data_dir_problems(data_dir: Path) -> list[str]:
    if data_dir.exists() and not data_dir.is_dir():
        return [f"SURVEY_DATA_DIR is {data_dir}, which is a file; a folder is needed."]
    standing = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    if not os.access(standing, os.W_OK | os.X_OK):
        return [f"SURVEY_DATA_DIR is {data_dir}, but {standing} may not be written to."]
    return []


def _database_problems(url: str | None) -> list[str]:
    if url is None or _scheme(url) in DATABASES:
        return []
    # The URL itself stays out of the sentence: it may hold a password.
    return ["DATABASE_URL is not understood: it begins with postgresql:// or sqlite:///, or is left out."]


def _queue_problems(url: str | None, database_url: str | None, data_dir: Path) -> list[str]:
    """A queue in a file of its own: the file is thrown away when it is damaged."""
    if url is None:
        return []
    scheme = _scheme(url)
    if scheme not in QUEUES or (scheme == "sqlite" and not _sqlite_file(url)):
        # As above: the URL may hold a password.
        return [
            "SURVEY_JOBS_URL is not understood: it begins with redis://, postgresql:// or sqlite:///, or is left out."
        ]
    own = data_dir / "survey.db" if database_url is None else Path(_sqlite_file(database_url)).absolute()
    if scheme == "sqlite" and Path(_sqlite_file(url)).absolute() == own:
        return ["SURVEY_JOBS_URL names the database itself; the queue needs a file of its own."]
    return []


def _scheme(url: str) -> str:
    """postgresql+psycopg://… is postgresql; what is no URL has none."""
    scheme, separator, _ = url.partition("://")
    return scheme.partition("+")[0] if separator else ""


def _sqlite_file(url: str) -> str:
    """The file of sqlite:///…; empty for other URLs."""
    return url.partition(":///")[2].partition("?")[0] if _scheme(url) == "sqlite" else ""


def _base_url_problems(base_url: str) -> list[str]:
    try:
        parts = urlsplit(base_url)
        port_is_right = parts.port != 0
    except ValueError:
        return [f"SURVEY_BASE_URL is {base_url!r}, which is not an address."]
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_right:
        return [f"SURVEY_BASE_URL is {base_url!r}; an address such as https://survey.example.org is needed."]
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        return [f"SURVEY_BASE_URL is {base_url!r}; only scheme, name and port belong there."]
    if parts.scheme == "http" and not _is_loopback(parts):
        return [f"SURVEY_BASE_URL is {base_url!r}; plain http is for one's own machine only, others need https."]
    return []


def _mail_server(url: str, sender: str, problems: list[str]) -> MailServer | None:
    """The mail server of the environment; None without one, or when `problems` got what is wrong with it."""
    if not url:
        return None
    # The URL itself stays out of every sentence: it may hold a password.
    try:
        parts = urlsplit(url)
        port = SMTP_PORT.get(parts.scheme) if parts.port is None else parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if not port or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        problems.append(
            "SURVEY_SMTP_URL is not understood: it is smtp://user:password@host:587, smtps://user:password@host:465, "
            "or left out; special signs of the password are written as in addresses (%40 for @)."
        )
        return None
    if parts.username and parts.password is None:
        problems.append("SURVEY_SMTP_URL has a user without a password.")
    name, address = _taken_apart(sender)
    if not address:
        problems.append(
            f"SURVEY_MAIL_FROM is {sender!r}; mails need a sender such as 'Practice survey <survey@example.org>'."
        )
    encryption = Encryption.FROM_THE_START
    if parts.scheme == "smtp":
        encryption = Encryption.NONE if _is_loopback(parts) else Encryption.STARTTLS
    return MailServer(
        host=parts.hostname,
        port=port,
        encryption=encryption,
        from_name=name,
        from_address=address,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _taken_apart(sender: str) -> tuple[str, str]:
    """Name and address of "Name <address>" or of a bare address; the address is "" when it is none."""
    if not sender.isprintable():
        return "", ""
    name, bracket, rest = sender.rpartition("<")
    address = rest.strip().removesuffix(">") if bracket else sender
    try:
        found = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return "", ""
    return name.strip().strip('"'), found.ascii_email or ""


def _proxy_problems(text: str) -> list[str]:
    if text in {str(number) for number in range(10)}:
        return []
    return [f"SURVEY_TRUSTED_PROXIES is {text!r}; how many proxies stand in front is a number from 0 to 9."]


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _key_problems(key: str, where: str) -> list[str]:
    if len(key) < SMALLEST_KEY:
        return [f"{where} holds a key of {len(key)} characters; at least {SMALLEST_KEY} are needed."]
    return []


def _own_key(data_dir: Path, name: str) -> str:
    """A key kept in the data folder, made on first use, for its owner's eyes only."""
    place = data_dir / name
    if not place.exists():
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written whole under another name, then given its name unless another process was first.
        draft = _draft_of_key(data_dir, name)
        try:
            os.link(draft, place)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return place.read_text(encoding="ascii").strip()


def _draft_of_key(data_dir: Path, name: str) -> Path:
    """A file with a new key, for its owner's eyes only (mode 0600)."""
    handle, draft = tempfile.mkstemp(dir=data_dir, prefix=f"{name}.")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SMALLEST_KEY))
    return Path(draft)
