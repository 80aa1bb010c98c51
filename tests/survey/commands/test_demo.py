import json
import re
import signal
import socket
import stat
import sys
from datetime import UTC, datetime

import make
import pytest
from processes import get, lines_until
from sqlalchemy import func, select

from survey.commands.installation import LAST_DEMO
from survey.database import Database
from survey.demo.folder import NOTE, OURS, new_password
from survey.models import Interview, Practice, Region, Role
from survey.queries.people import person_by_email, roles_of
from survey.queries.studies import study_by_key
from survey.services import accounts
from survey.services.consenting import decline
from survey.services.inviting import arrive

QUICK = ("--no-serve", "--interviews", 3)


@pytest.fixture
def made(survey, folder):
    """A small demonstration in ./D; what was printed."""
    result = survey("demo", *QUICK, "--data-dir", "D")
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def database(made, folder):
    found = Database(None, data_dir=folder / "D")
    yield found
    found.dispose()


def link_in(printed):
    return re.search(r"/link/([\w-]{43})", printed)[1]


def password_in(printed):
    return re.search(r"password +(\S+)", printed)[1]


def count(database, table):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_it_prints_where_to_go_and_how_to_get_in(made, folder):
    assert "A demonstration: the practices are real, all answers were made by a program." in made
    assert "http://127.0.0.1:8000/\n" in made
    assert "http://127.0.0.1:8000/studies/demo/results" in made
    assert "lead@survey.example" in made
    assert str(folder / "D") in made
    assert made.endswith("survey demo --data-dir D\n")


def test_the_study_is_open_simulated_and_filled(database):
    with database.reading() as session:
        study = study_by_key(session, "demo")
        assert (study.state, study.simulated, len(study.texts)) == ("open", True, 8)
    assert (count(database, Interview), count(database, Region), count(database, Practice)) == (3, 11, 33)
    assert database.check() == ()


def test_the_printed_password_lets_the_lead_in(database, made):
    now = datetime.now(UTC)
    with database.writing() as session:
        person = person_by_email(session, "lead@survey.example")
        assert accounts.sign_in(session, person.email, password_in(made), now=now, passwords=accounts.Passwords())
        assert roles_of(session, person.id, study_by_key(session, "demo").id) == {Role.LEAD}


def test_the_printed_link_leads_to_questions(database, made):
    with database.reading() as session:
        arrival = arrive(session, link_in(made), now=datetime.now(UTC))

    assert not arrival.closed
    assert arrival.interview is None


def test_a_second_start_keeps_everything(survey, made, database):
    again = survey("demo", "--no-serve", "--data-dir", "D")

    assert again.exit_code == 0
    assert (link_in(again.output), password_in(again.output)) == (link_in(made), password_in(made))
    assert count(database, Interview) == 3


def test_a_number_of_interviews_for_data_that_are_there_is_not_overlooked(survey, made):
    again = survey("demo", *QUICK, "--data-dir", "D")

    assert again.exit_code == 0
    assert "--interviews counts with --fresh only" in again.stderr


def test_a_link_that_was_used_up_is_replaced(survey, made, database):
    with database.writing() as session:
        decline(session, link_in(made), now=datetime.now(UTC))

    again = survey("demo", "--no-serve", "--data-dir", "D")

    assert link_in(again.output) != link_in(made)
    with database.reading() as session:
        assert arrive(session, link_in(again.output), now=datetime.now(UTC)).interview is None


def test_a_link_that_was_revoked_is_replaced(survey, made, folder):
    note = json.loads((folder / "D" / NOTE).read_text())
    (folder / "D" / NOTE).write_text(json.dumps(note | {"token": "x" * 43}))

    again = survey("demo", "--no-serve", "--data-dir", "D")

    assert link_in(again.output) not in {"x" * 43, link_in(made)}


def test_fresh_begins_again_and_touches_nothing_but_its_own(survey, made, folder):
    (folder / "D" / "notes.txt").write_text("mine")

    again = survey("demo", "--fresh", *QUICK, "--data-dir", "D")

    assert again.exit_code == 0
    assert link_in(again.output) != link_in(made)
    assert password_in(again.output) != password_in(made)
    assert (folder / "D" / "notes.txt").read_text() == "mine"


def test_fresh_in_an_empty_folder_is_a_first_start(survey):
    assert survey("demo", "--fresh", *QUICK, "--data-dir", "new/folder").exit_code == 0


def test_a_start_that_was_cut_off_begins_again(survey, made, folder):
    note = json.loads((folder / "D" / NOTE).read_text())
    (folder / "D" / NOTE).write_text(json.dumps(note | {"is_complete": False}))

    again = survey("demo", *QUICK, "--data-dir", "D")

    assert again.exit_code == 0
    assert password_in(again.output) != password_in(made)


@pytest.mark.parametrize("more", [(), ("--fresh",)])
def test_a_database_of_somebody_else_is_left_alone(survey, installation, folder, now, more):
    with installation.writing() as session:
        make.make_study(session, now=now, key="demo")
    before = (folder / "var" / "survey.db").read_bytes()

    result = survey("demo", *QUICK, "--data-dir", "var", *more)

    assert result.exit_code == 1
    assert "holds a database that `survey demo` has not made" in result.stderr
    assert (folder / "var" / "survey.db").read_bytes() == before
    assert not (folder / "var" / NOTE).exists()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"other": 1}'])
@pytest.mark.parametrize("more", [(), ("--fresh",)])
def test_a_note_that_cannot_be_read_is_no_licence_to_remove(survey, folder, content, more):
    (folder / "D").mkdir()
    (folder / "D" / NOTE).write_text(content)
    (folder / "D" / "survey.db").write_text("precious")

    result = survey("demo", *QUICK, "--data-dir", "D", *more)

    assert result.exit_code == 1
    assert "cannot be read" in result.stderr
    assert (folder / "D" / "survey.db").read_text() == "precious"


def test_everything_it_leaves_is_known_to_be_its_own(made, folder):
    assert {file.name for file in (folder / "D").iterdir()} <= set(OURS)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_what_it_leaves_is_for_its_owner(made, folder):
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (folder / "D").iterdir()}

    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((folder / "D").stat().st_mode) == 0o700


def test_later_commands_find_it(survey, made, folder):
    assert (folder / LAST_DEMO).read_text() == f"{folder / 'D'}\n"
    assert survey("study", "list").stdout.startswith("demo\topen\t")


def invited(survey, *more, **environ):
    """What the link of a new invitation to the demonstration begins with."""
    result = survey("study", "invite", "--study", "demo", "--region", "munich", *more, env=environ)
    return result.stdout.partition("/link/")[0]


def test_links_lead_to_where_it_showed_its_pages_last(survey, folder):
    for port in (8123, 8124):
        assert survey("demo", *QUICK, "--port", port, "--data-dir", "D").exit_code == 0
        assert invited(survey) == f"http://127.0.0.1:{port}"

    assert invited(survey, "--data-dir", "D") == "http://127.0.0.1:8124"
    assert invited(survey, SURVEY_BASE_URL="https://survey.example.org/") == "https://survey.example.org"


def test_a_note_that_does_not_say_where_is_no_hindrance(survey, made, folder):
    note = json.loads((folder / "D" / NOTE).read_text())
    del note["base_url"]
    for words in (json.dumps(note), "{"):
        (folder / "D" / NOTE).write_text(words)
        assert invited(survey) == "http://127.0.0.1:8000"


def test_without_a_folder_it_stays_under_var(survey, folder):
    assert survey("demo", *QUICK).exit_code == 0
    assert (folder / "var" / "demo" / "survey.db").is_file()
    assert survey("study", "list").stdout.startswith("demo\topen\t")


def test_the_environment_may_name_the_folder(survey, folder):
    assert survey("demo", *QUICK, env={"SURVEY_DATA_DIR": str(folder / "elsewhere")}).exit_code == 0
    assert (folder / "elsewhere" / "survey.db").is_file()


def test_it_never_touches_the_database_of_the_environment(survey, folder):
    url = "postgresql://nobody@127.0.0.1:9/production"

    assert survey("demo", *QUICK, "--data-dir", "D", env={"DATABASE_URL": url}).exit_code == 0


def test_a_folder_that_cannot_be_made_is_named(survey, folder):
    (folder / "file").write_text("")

    result = survey("demo", *QUICK, "--data-dir", "file/D")

    assert result.exit_code == 1
    assert f"{folder / 'file' / 'D'} cannot be written" in result.stderr


def test_a_port_in_use_is_told_before_anything_is_made(survey, folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        result = survey("demo", "--port", port, "--data-dir", "D")

    assert result.exit_code == 1
    assert result.stderr == f"Error: Port {port} is in use by another program; choose another one with --port.\n"
    assert not (folder / "D").exists()


@pytest.mark.parametrize("arguments", [("--port", "70000"), ("--port", "eight"), ("--interviews", "0"), ("now",)])
def test_numbers_that_are_none_are_a_wrong_call(survey, arguments):
    assert survey("demo", "--no-serve", *arguments).exit_code == 2


def test_passwords_differ_and_are_long_enough():
    made = {new_password() for _ in range(1_000)}

    assert len(made) == 1_000
    assert all(re.fullmatch(r"([a-z]{4}-){3}[a-z]{4}", password) for password in made)
    assert all(accounts.password_problems(password) == [] for password in made)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(start, survey, folder, number):
    process = start("demo", "--port", 0, "--interviews", 3, "--data-dir", "D")
    printed = lines_until(process, "Stop with Ctrl-C.")

    start_page = re.search(r"Start page +(\S+)", printed)[1]
    assert get(start_page)[0] == 200
    status, landing = get(re.search(r"To answer +(\S+)", printed)[1])
    assert status == 200
    assert "Dundee and Tayside" in landing
    assert get(survey("study", "invite", "--study", "demo", "--region", "munich").stdout.strip())[0] == 200
    assert get(f"{start_page}link/{'x' * 43}")[0] == 404
    assert "Sign in" in get(re.search(r"To see results +(\S+)", printed)[1])[1]

    process.send_signal(number)
    rest, _ = process.communicate(timeout=15)
    assert (process.returncode, rest) == (0, "Stopped.\n")
    # Among them what the worker needs.
    left = {file.name for file in (folder / "D").iterdir()}
    assert "jobs.db" in left
    assert left <= set(OURS)
