import make
import pytest

from survey.models import Respondent
from survey.services import contacts
from survey.services.contacts import Identity
from survey.services.sealing import Seal

SEAL = Seal("k" * 64)


@pytest.fixture
def seal():
    return SEAL


@pytest.fixture
def add_contact(now):
    """`add_contact(session, study)` gives a respondent with a phone number."""

    def adding(session, study, *, phone="+39 02 1", region="lombardy", **more):
        invited = make.make_invited(session, study, now=now, region=region)
        respondent = session.get(Respondent, invited.respondent_id)
        contacts.keep(session, SEAL, respondent, Identity(name="Ada", phone=phone), now=now, **more)
        return respondent.id

    return adding
