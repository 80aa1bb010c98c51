"""What the database itself refuses, tried in plain SQL.

A rule that only the program knows is broken by the next program.
"""

import uuid

import pytest
from rows import FIRST, FRESH, HASH, MOMENT, insert, insert_valid, uid
from sqlalchemy import CheckConstraint, UniqueConstraint, delete, text
from sqlalchemy.exc import IntegrityError

from survey.models import Base

TABLES = Base.metadata.tables

# Constraint, what is changed in a valid row.
CHECKS = (
    ("ck_study_state", "study", {"state": "paused"}),
    ("ck_study_targets_positive", "study", {"cell_target": 0}),
    ("ck_study_targets_positive", "study", {"group_target": 0}),
    ("ck_study_load_positive", "study", {"practices_per_web_interview": 0}),
    ("ck_study_load_positive", "study", {"practices_per_phone_interview": -1}),
    ("ck_study_revision_not_negative", "study", {"revision": -1}),
    ("ck_study_extra_practices_not_negative", "study", {"extra_practices_offered": -1}),
    ("ck_study_reminders_counted", "study", {"reminder_gap_days": 0}),
    ("ck_study_reminders_counted", "study", {"reminders_limit": -1}),
    ("ck_study_mail_hours", "study", {"mail_from_hour": 17}),
    ("ck_study_mail_hours", "study", {"mail_until_hour": 25}),
    ("ck_respondent_duplicate_has_reason", "respondent", {"duplicate_reason": "email"}),
    ("ck_respondent_number_positive", "respondent", {"number": 0}),
    ("ck_link_token_hash_is_sha256", "link", {"token_hash": b"the token itself"}),
    ("ck_interview_state", "interview", {"state": "finished"}),
    ("ck_interview_mode", "interview", {"mode": "fax"}),
    ("ck_interview_layout", "interview", {"layout": "grid"}),
    ("ck_interview_revision_not_negative", "interview", {"revision": -1}),
    ("ck_interview_submitted_has_time", "interview", {"state": "submitted"}),
    ("ck_interview_consent_first", "interview", {"consented_at": None}),
    ("ck_interview_consent_first", "interview", {"state": "submitted", "submitted_at": MOMENT, "consented_at": None}),
    ("ck_interview_extra_practices_not_negative", "interview", {"extra_practices": -1}),
    ("ck_evaluation_state", "evaluation", {"state": "finished"}),
    ("ck_evaluation_position_positive", "evaluation", {"position": 0}),
    ("ck_evaluation_revision_not_negative", "evaluation", {"revision": -1}),
    ("ck_operation_body_hash_is_sha256", "operation", {"body_hash": b""}),
    ("ck_operation_revision_not_negative", "operation", {"revision": -1}),
    ("ck_answer_change_code_or_text", "answer_change", {"text": "both"}),
    ("ck_answer_change_code_or_text", "answer_change", {"code": None}),
    ("ck_answer_change_code_is_a_byte", "answer_change", {"code": 128}),
    ("ck_answer_change_code_is_a_byte", "answer_change", {"code": -129}),
    ("ck_answer_change_revision_positive", "answer_change", {"revision": 0}),
    ("ck_answer_change_mode", "answer_change", {"mode": "fax"}),
    ("ck_membership_role", "membership", {"role": "owner"}),
    ("ck_web_session_one_holder", "web_session", {"person_id": None}),
    ("ck_web_session_one_holder", "web_session", {"interview_id": uid("interview 1")}),
    ("ck_web_session_id_hash_is_sha256", "web_session", {"id_hash": b"short"}),
    ("ck_contact_email_print_is_hmac", "contact", {"email_print": b"ada@example.org"}),
    ("ck_open_link_starts_counted", "open_link", {"starts": -1}),
    ("ck_open_link_starts_counted", "open_link", {"starts_limit": 0}),
    ("ck_handover_code_tries_not_negative", "handover_code", {"tries": -1}),
    ("ck_hit_counted", "hit", {"count": 0}),
    ("ck_job_state", "job", {"state": "lost"}),
    ("ck_job_attempts_counted", "job", {"attempts": 6}),
    ("ck_job_progress_not_negative", "job", {"done": -1}),
    ("ck_job_progress_not_negative", "job", {"total": -1}),
    ("ck_job_running_is_leased", "job", {"state": "running"}),
    ("ck_job_running_is_leased", "job", {"leased_until": MOMENT}),
    ("ck_mail_kind", "mail", {"kind": "advert"}),
    ("ck_mail_state", "mail", {"state": "lost"}),
    ("ck_mail_number_positive", "mail", {"number": 0}),
    ("ck_mail_attempts_not_negative", "mail", {"attempts": -1}),
    ("ck_mail_in_hand_is_leased", "mail", {"state": "sending"}),
    ("ck_mail_in_hand_is_leased", "mail", {"leased_until": MOMENT}),
    ("ck_mail_sent_has_time", "mail", {"state": "sent"}),
    ("ck_call_case_callable_or_stopped", "call_case", {"callable_from": None}),
    ("ck_call_case_callable_or_stopped", "call_case", {"stopped_for": "held"}),
    ("ck_call_case_lease_has_holder", "call_case", {"leased_until": MOMENT}),
    ("ck_call_case_lease_has_holder", "call_case", {"leased_by": uid("ada@example.org")}),
    ("ck_call_case_attempts_not_negative", "call_case", {"attempts": -1}),
    ("ck_call_attempt_ended_has_outcome", "call_attempt", {"ended_at": MOMENT}),
    ("ck_call_attempt_ended_has_outcome", "call_attempt", {"outcome": "busy"}),
    ("ck_call_attempt_appointment_has_kind", "call_attempt", {"appointment_at": MOMENT}),
    (
        "ck_call_attempt_appointment_kind",
        "call_attempt",
        {"appointment_at": MOMENT, "appointment_kind": "some day"},
    ),
)
# What must not be there twice, and what is not the same in the second row.
ONLY_ONCE = (
    ("study", ("key",)),
    ("practice", ("study_id", "key")),
    ("region", ("study_id", "key")),
    ("respondent", ("study_id", "number")),
    ("link", ("token_hash",)),
    ("interview", ("respondent_id",)),
    ("interview", ("receipt",)),
    ("evaluation", ("interview_id", "practice_id")),
    ("evaluation", ("interview_id", "position")),
    ("person", ("email",)),
    ("membership", ("person_id", "study_id", "role")),
    ("contact", ("study_id", "external_id")),
    ("open_link", ("slug",)),
    ("job", ("unique_key",)),
    ("mail", ("message_id",)),
    ("mail", ("respondent_id", "kind", "number")),
)
KEYS = tuple((name, tuple(column.name for column in table.primary_key)) for name, table in TABLES.items())
REFERENCES = tuple(
    (name, column.name) for name, table in TABLES.items() for column in table.columns if column.foreign_keys
)


def refused(database, table, row, match):
    with database.writing() as session:
        insert_valid(session)

    with pytest.raises(IntegrityError, match=match), database.writing() as session:
        insert(session, table, row)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_valid_row_is_accepted(database, table):
    with database.writing() as session:
        insert_valid(session)
        insert(session, table, FRESH[table])


@pytest.mark.parametrize(("constraint", "table", "change"), CHECKS)
def test_a_value_that_cannot_be_is_refused(database, constraint, table, change):
    refused(database, table, FRESH[table] | change, constraint)


@pytest.mark.parametrize(("table", "columns"), [*ONLY_ONCE, *KEYS])
def test_what_is_there_once_stays_alone(database, table, columns):
    first = FIRST[table] if table != "answer_change" else {"id": 1}

    refused(database, table, FRESH[table] | {name: first[name] for name in columns}, r"(?i)unique|answer_change")


def test_a_role_everywhere_is_given_once(database):
    refused(database, "membership", FRESH["membership"] | {"study_id": None, "role": "admin"}, "(?i)unique")


@pytest.mark.parametrize(("table", "column"), REFERENCES)
def test_a_reference_to_nothing_is_refused(database, table, column):
    change = {column: uid("nothing")}
    if (table, column) == ("web_session", "interview_id"):
        change["person_id"] = None
    if column == "leased_by":
        change["leased_until"] = MOMENT
    if column == "possible_duplicate_of":
        change["duplicate_reason"] = "email"

    refused(database, table, FRESH[table] | change, "(?i)foreign key")


@pytest.mark.parametrize("table", sorted(TABLES))
def test_what_is_needed_may_not_be_empty(database, table):
    with database.writing() as session:
        insert_valid(session)
        for column in needed(TABLES[table]):
            attempt = session.begin_nested()
            with pytest.raises(IntegrityError, match=r"(?i)not.null"):
                insert(session, table, FRESH[table] | {column: None})
            attempt.rollback()


def needed(table):
    return [column.name for column in table.columns if not column.nullable and column.name in FRESH[table.name]]


@pytest.mark.parametrize("table", ["study", "respondent", "practice", "region", "interview", "evaluation", "person"])
def test_what_others_refer_to_cannot_be_removed(database, table):
    with database.writing() as session:
        insert_valid(session)

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), database.writing() as session:
        remove(session, Base.metadata.tables[table], FIRST[table]["id"])


def remove(session, table, key):
    session.execute(delete(table).where(table.c.id == uuid.UUID(key)))


def test_every_rule_of_the_models_is_tried_here():
    checks = {
        constraint.name
        for table in TABLES.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    unique = {
        (table.name, tuple(column.name for column in constraint.columns))
        for table in TABLES.values()
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    }

    assert checks == {name for name, _, _ in CHECKS}
    assert unique == set(ONLY_ONCE)


LOG_ATTACKS = {
    "change": "UPDATE answer_change SET code = 1",
    "change nothing": "UPDATE answer_change SET code = code",
    "remove": "DELETE FROM answer_change",
    "remove one": "DELETE FROM answer_change WHERE question = 'NEED'",
}


@pytest.mark.parametrize("statement", LOG_ATTACKS.values(), ids=LOG_ATTACKS)
def test_the_log_of_answers_stays_as_it_was_written(database, statement):
    with database.writing() as session:
        insert_valid(session)

    with pytest.raises(IntegrityError, match="answer_change is never"), database.writing() as session:
        session.execute(text(statement))

    with database.reading() as session:
        assert session.execute(text("SELECT question, code FROM answer_change")).all() == [("NEED", 4)]


def test_the_log_cannot_be_emptied_on_postgresql(postgresql_database):
    with postgresql_database.writing() as session:
        insert_valid(session)

    with pytest.raises(IntegrityError, match="answer_change is never"), postgresql_database.writing() as session:
        session.execute(text("TRUNCATE answer_change"))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO answer_change SELECT * FROM answer_change",
        "UPDATE OR REPLACE answer_change SET id = id",
    ],
)
def test_a_row_of_the_log_cannot_be_replaced_on_sqlite(sqlite_database, statement):
    with sqlite_database.writing() as session:
        insert_valid(session)

    with pytest.raises(IntegrityError, match="answer_change is never"), sqlite_database.writing() as session:
        session.execute(text(statement))


def test_a_row_of_the_log_cannot_be_overwritten_by_a_conflict(database):
    with database.writing() as session:
        insert_valid(session)

    with pytest.raises(IntegrityError, match="answer_change is never"), database.writing() as session:
        session.execute(
            text(
                "INSERT INTO answer_change SELECT * FROM answer_change WHERE true "
                "ON CONFLICT (id) DO UPDATE SET code = 1"
            )
        )


def test_a_hash_is_kept_as_it_is(database):
    with database.writing() as session:
        insert_valid(session)

    with database.reading() as session:
        assert bytes(session.execute(text("SELECT token_hash FROM link")).scalar_one()) == HASH
