"""What is read from the environment, and everything that is refused there."""

import os
import stat

import pytest

from survey.settings import Settings, SettingsError

KEY = "k" * 32


def problems(environ):
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environ)
    return caught.value.problems


def test_nothing_is_needed_on_ones_own_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    settings = Settings.from_environment({})

    assert settings.data_dir == tmp_path / "var"
    assert settings.database_url is None
    assert settings.base_url == "http://127.0.0.1:8000"
    assert not settings.secure_cookies
    assert len(settings.secret_key) >= 32


def test_the_own_key_is_made_once_and_for_the_owner_only(tmp_path):
    environ = {"SURVEY_DATA_DIR": str(tmp_path / "data")}

    first, second = Settings.from_environment(environ), Settings.from_environment(environ)

    assert first == second
    file = tmp_path / "data" / "secret-key"
    assert file.read_text() == first.secret_key
    assert [path.name for path in file.parent.iterdir()] == ["secret-key"]
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_everything_can_be_given(tmp_path):
    settings = Settings.from_environment(
        {
            "SURVEY_DATA_DIR": str(tmp_path),
            "DATABASE_URL": "postgres://survey:secret@db/survey",
            "SURVEY_SECRET_KEY": KEY,
            "SURVEY_BASE_URL": "https://survey.example.org/",
        }
    )

    assert settings == Settings(
        data_dir=tmp_path,
        secret_key=KEY,
        database_url="postgres://survey:secret@db/survey",
        base_url="https://survey.example.org",
    )
    assert settings.secure_cookies
    assert not (tmp_path / "secret-key").exists()


def test_secrets_do_not_show_in_logs(tmp_path):
    settings = Settings(data_dir=tmp_path, secret_key=KEY, database_url="postgresql://survey:password@db/survey")

    assert KEY not in repr(settings)
    assert "password" not in repr(settings)


def test_all_problems_are_told_at_once(tmp_path):
    file = tmp_path / "file"
    file.touch()

    found = problems(
        {
            "SURVEY_DATA_DIR": str(file),
            "DATABASE_URL": "mysql://root:secret@db/survey",
            "SURVEY_SECRET_KEY": "short",
            "SURVEY_BASE_URL": "http://survey.example.org",
        }
    )

    assert len(found) == 4
    for name in ("SURVEY_DATA_DIR", "DATABASE_URL", "SURVEY_SECRET_KEY", "SURVEY_BASE_URL"):
        assert sum(name in problem for problem in found) == 1
    assert "secret" not in "".join(found).replace("SURVEY_SECRET_KEY", "")


def test_a_public_address_needs_a_key(tmp_path):
    (problem,) = problems({"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_BASE_URL": "https://survey.example.org"})

    assert "SURVEY_SECRET_KEY is missing" in problem
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_when_something_else_is_wrong(tmp_path):
    problems({"SURVEY_DATA_DIR": str(tmp_path), "DATABASE_URL": "nonsense"})

    assert list(tmp_path.iterdir()) == []


def test_a_spoilt_key_file_is_refused(tmp_path):
    (tmp_path / "secret-key").write_text("cut")

    (problem,) = problems({"SURVEY_DATA_DIR": str(tmp_path)})

    assert "secret-key" in problem
    assert "3 characters" in problem


@pytest.mark.parametrize("address", ["http://localhost:5000", "http://127.9.9.9", "http://[::1]:8000"])
def test_plain_http_is_for_ones_own_machine(tmp_path, address):
    environ = {"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_BASE_URL": address}

    assert Settings.from_environment(environ).base_url == address


@pytest.mark.parametrize(
    "address",
    [
        "http://192.168.0.4",
        "http://survey.example.org",
        "http://localhost.example.org",
        "ftp://survey.example.org",
        "survey.example.org",
        "https://",
        "https://survey.example.org/path",
        "https://survey.example.org?a=b",
        "https://user:password@survey.example.org",
        "https://survey.example.org:99999",
        "https://[::1",
    ],
)
def test_an_address_that_cannot_be_right_is_refused(tmp_path, address):
    (problem,) = problems({"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_BASE_URL": address, "SURVEY_SECRET_KEY": KEY})

    assert problem.startswith("SURVEY_BASE_URL is")


@pytest.mark.parametrize("url", ["mysql://db/survey", "postgresql", "sqlite3://x", "://", "oracle+driver://db"])
def test_a_database_of_another_kind_is_refused(tmp_path, url):
    (problem,) = problems({"SURVEY_DATA_DIR": str(tmp_path), "DATABASE_URL": url})

    assert problem.startswith("DATABASE_URL is not understood")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)

    (problem,) = problems({"SURVEY_DATA_DIR": str(closed / "data")})

    assert "may not be written" in problem


def test_the_key_for_contacts_is_made_when_it_is_needed_and_stays(tmp_path):
    settings = Settings.from_environment({"SURVEY_DATA_DIR": str(tmp_path)})
    assert not (tmp_path / "contact-key").exists()

    first = settings.contact_key_in_use

    assert settings.contact_key_in_use == first == (tmp_path / "contact-key").read_text()
    assert len(first) >= 32
    assert first != settings.secret_key
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "contact-key").stat().st_mode) == 0o600


def test_the_key_for_contacts_can_be_given(tmp_path):
    settings = Settings.from_environment({"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_CONTACT_KEY": KEY})

    assert settings.contact_key_in_use == KEY
    assert not (tmp_path / "contact-key").exists()
    assert KEY not in repr(settings)


def test_a_short_key_for_contacts_is_refused(tmp_path):
    (problem,) = problems({"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_CONTACT_KEY": "short"})
    assert "SURVEY_CONTACT_KEY" in problem

    settings = Settings.from_environment({"SURVEY_DATA_DIR": str(tmp_path)})
    (tmp_path / "contact-key").write_text("cut")
    with pytest.raises(SettingsError, match="contact-key"):
        _ = settings.contact_key_in_use


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "rediss://:secret@host:6380/1",
        "postgresql://ada:secret@db/queue",
        "postgresql+psycopg://db/queue",
        "sqlite:////srv/queue.db",
    ],
)
def test_the_queue_may_be_named(tmp_path, url):
    settings = Settings.from_environment({"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_JOBS_URL": url})

    assert settings.jobs_url == url
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("url", ["amqp://ada:secret@host", "localhost", "redis", "sqlite://", "sqlite:///?secret"])
def test_a_queue_that_is_not_understood_is_refused_without_its_password(tmp_path, url):
    [problem] = problems({"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_JOBS_URL": url})

    assert problem.startswith("SURVEY_JOBS_URL is not understood")
    assert "secret" not in problem


@pytest.mark.parametrize("database", [None, "sqlite:///{folder}/own.db"])
def test_the_queue_is_never_the_database_itself(tmp_path, database):
    """A queue that is damaged is thrown away."""
    file = tmp_path / ("survey.db" if database is None else "own.db")
    environ = {"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_JOBS_URL": f"sqlite:///{file}"}
    if database:
        environ["DATABASE_URL"] = database.format(folder=tmp_path)

    assert problems(environ) == ("SURVEY_JOBS_URL names the database itself; the queue needs a file of its own.",)


MAIL = {"SURVEY_MAIL_FROM": "Practice survey <survey@example.org>"}


def test_without_a_mail_server_mails_wait(tmp_path):
    assert Settings.from_environment({"SURVEY_DATA_DIR": str(tmp_path)}).mail_server is None


@pytest.mark.parametrize(
    ("url", "host", "port", "encryption"),
    [
        ("smtp://mail.example.org", "mail.example.org", 587, "starttls"),
        ("smtp://mail.example.org:25", "mail.example.org", 25, "starttls"),
        ("smtps://mail.example.org", "mail.example.org", 465, "implicit"),
        ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, "none"),
        ("smtp://localhost:25", "localhost", 25, "none"),
        ("smtp://[::1]:25", "::1", 25, "none"),
    ],
)
def test_only_a_server_on_ones_own_machine_is_spoken_to_in_clear(tmp_path, url, host, port, encryption):
    found = Settings.from_environment({"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_SMTP_URL": url, **MAIL}).mail_server

    assert (found.host, found.port, found.encryption) == (host, port, encryption)
    assert (found.from_name, found.from_address) == ("Practice survey", "survey@example.org")
    assert found.user is None


def test_the_password_of_the_mail_server_is_read_as_in_addresses_and_never_shown(tmp_path):
    environ = {"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_SMTP_URL": "smtp://me%40x:p%40ss@mail.example.org", **MAIL}

    settings = Settings.from_environment(environ)

    assert (settings.mail_server.user, settings.mail_server.password) == ("me@x", "p@ss")
    assert "p@ss" not in repr(settings)
    assert settings.mail_domain == "example.org"


@pytest.mark.parametrize(
    ("url", "sender", "words"),
    [
        ("mail.example.org", "survey@example.org", "SURVEY_SMTP_URL is not understood"),
        ("http://secret:word@mail.example.org", "survey@example.org", "SURVEY_SMTP_URL is not understood"),
        ("smtp://secret:word@mail.example.org:99999", "survey@example.org", "SURVEY_SMTP_URL is not understood"),
        ("smtp://mail.example.org/secret", "survey@example.org", "SURVEY_SMTP_URL is not understood"),
        ("smtp://secret@mail.example.org", "survey@example.org", "a user without a password"),
        ("smtp://mail.example.org", "", "SURVEY_MAIL_FROM is ''"),
        ("smtp://mail.example.org", "Practice survey", "SURVEY_MAIL_FROM is 'Practice survey'"),
        ("smtp://mail.example.org", "a@example.org\nBcc: b@example.org", "SURVEY_MAIL_FROM is"),
    ],
)
def test_mail_settings_that_cannot_be_used_are_refused_at_the_start(tmp_path, url, sender, words):
    environ = {"SURVEY_DATA_DIR": str(tmp_path), "SURVEY_SMTP_URL": url, "SURVEY_MAIL_FROM": sender}

    with pytest.raises(SettingsError, match=words) as refused:
        Settings.from_environment(environ)

    assert "secret" not in str(refused.value)
