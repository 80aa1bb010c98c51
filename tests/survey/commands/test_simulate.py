import make
import pytest
from sqlalchemy import func, select

from survey.models import Interview


@pytest.fixture
def study(installation, now):
    with installation.writing() as session:
        make.make_study(session, now=now)
    return installation


def test_interviews_are_made_and_counted(survey, study):
    result = survey("simulate", "--study", "test", "--interviews", 7, "--seed", 3)

    assert result.exit_code == 0
    assert result.output.startswith("7 simulated interviews: ")
    with study.reading() as session:
        simulated = session.scalars(select(Interview.simulated)).all()
    assert len(simulated) == 7
    assert all(simulated)


def test_an_unknown_study_is_refused(survey, study):
    result = survey("simulate", "--study", "none", "--interviews", 7)

    assert result.exit_code == 1
    assert result.stderr == "Error: There is no study 'none'.\n"


def test_a_study_with_real_interviews_is_left_alone(survey, study, now):
    with study.writing() as session:
        found = session.scalars(select(make.Study)).one()
        make.make_begun(session, found, now=now)

    result = survey("simulate", "--study", "test", "--interviews", 7)

    assert result.exit_code == 1
    assert "has real interviews" in result.stderr
    with study.reading() as session:
        assert session.scalar(select(func.count()).select_from(Interview)) == 1


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_number_that_is_none_is_a_wrong_call(survey, number):
    assert survey("simulate", "--study", "test", "--interviews", number).exit_code == 2
