"""What an installation decides: read once at start, and refused at once with everything that is wrong."""

import ipaddress
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

SMALLEST_KEY = 32  # characters; 256 bit when they are hexadecimal
OWN_MACHINE = "http://127.0.0.1:8000"
KEY_FILE = "secret-key"
CONTACT_KEY_FILE = "contact-key"
DATABASES = ("sqlite", "postgres", "postgresql")
QUEUES = (*DATABASES, "redis", "rediss")


class SettingsError(Exception):
    """The environment cannot be used; `problems` has one sentence for each thing to mend."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.message = str(self)


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
    # How long a save may wait for its turn and for locks.
    wait_seconds: float = 5.0
    # argon2id at OWASP's floor: about 40 ms on a small server.
    argon2_time_cost: int = 2
    argon2_memory_kib: int = 19_456
    argon2_parallelism: int = 1
    # Pages and forms; a page of answers is some 10 KB.
    largest_body_bytes: int = 256 * 1024
    testing: bool = False

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are for HTTPS only: everywhere but on one's own machine."""
        return self.base_url.startswith("https://")

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
        """Settings from DATABASE_URL and SURVEY_ with DATA_DIR, SECRET_KEY, CONTACT_KEY, BASE_URL and JOBS_URL.

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

        if problems:
            raise SettingsError(tuple(problems))
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            jobs_url=jobs_url,
            secret_key=secret_key,
            contact_key=contact_key,
            base_url=base_url,
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
