import make
import pytest

from survey.models import Role
from survey.queries.people import person_by_email, roles_of
from survey.queries.studies import study_by_key
from survey.services import accounts

PASSWORD = "a long enough password"


@pytest.fixture
def study(installation, now):
    with installation.writing() as session:
        make.make_study(session, now=now)
    return installation


def test_a_lead_is_added_with_a_password_from_standard_input(survey, study, now):
    result = survey(
        *("people", "add", "Robin@Example.org", "--role", "lead", "--study", "test", "--name", "Robin"),
        "--password-stdin",
        input=f"{PASSWORD}\n",
    )

    assert (result.exit_code, result.output) == (0, "robin@example.org can sign in now, as lead of the study test.\n")
    with study.writing() as session:
        person = person_by_email(session, "robin@example.org")
        assert person.name == "Robin"
        assert roles_of(session, person.id, study_by_key(session, "test").id) == {Role.LEAD}
        assert accounts.sign_in(session, person.email, PASSWORD, now=now, passwords=accounts.Passwords())


def test_the_password_is_asked_for_twice_and_not_shown(survey, study):
    result = survey(
        "people", "add", "robin@example.org", "--role", "viewer", "--study", "test", input=f"{PASSWORD}\n{PASSWORD}\n"
    )

    assert result.exit_code == 0
    assert "Repeat for confirmation" in result.stderr
    assert PASSWORD not in result.output


def test_an_administrator_needs_no_study(survey, study):
    result = survey("people", "add", "a@example.org", "--role", "admin", "--password-stdin", input=PASSWORD)

    assert (result.exit_code, result.output) == (0, "a@example.org can sign in now, as admin of the whole server.\n")


def test_other_roles_need_one(survey, study):
    result = survey("people", "add", "a@example.org", "--role", "lead", "--password-stdin", input=PASSWORD)

    assert result.exit_code == 2
    assert "A lead needs --study KEY." in result.stderr


def test_everything_that_is_wrong_is_named_at_once(survey, study):
    result = survey(
        "people", "add", "nobody", "--role", "lead", "--study", "nowhere", "--password-stdin", input="short\n"
    )

    assert result.exit_code == 1
    assert "'nobody' is not an e-mail address." in result.stderr
    assert "The password is too short" in result.stderr
    assert "There is no study 'nowhere'." in result.stderr


@pytest.mark.parametrize(
    ("email", "key", "sentence"),
    [
        ("nobody", "test", "'nobody' is not an e-mail address."),
        ("taken@example.org", "test", "There is an account for taken@example.org already."),
        ("a@example.org", "nowhere", "There is no study 'nowhere'."),
    ],
)
def test_an_account_that_cannot_be_made_is_refused_before_a_password_is_asked_for(survey, study, email, key, sentence):
    survey("people", "add", "taken@example.org", "--role", "admin", "--password-stdin", input=PASSWORD)

    result = survey("people", "add", email, "--role", "lead", "--study", key, input=f"{PASSWORD}\n{PASSWORD}\n")

    assert (result.exit_code, result.stderr) == (1, f"Error: {sentence}\n")


def test_an_address_has_one_account(survey, study):
    arguments = ("people", "add", "a@example.org", "--role", "admin", "--password-stdin")
    survey(*arguments, input=PASSWORD)

    result = survey(*arguments, input=PASSWORD)

    assert result.exit_code == 1
    assert "There is an account for a@example.org already." in result.stderr


def test_an_unknown_role_is_a_wrong_call(survey):
    assert survey("people", "add", "a@example.org", "--role", "king").exit_code == 2


def test_without_a_database_the_password_is_not_even_asked_for(survey):
    result = survey("people", "add", "a@example.org", "--role", "admin")

    assert result.exit_code == 1
    assert "Password" not in result.output
