"""The call desk: where cases stand with the call rules, calls and what came of them, and what else was done."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("call_attempt",
    sa.Column("id", sa.Uuid(), nullable=False),
    sa.Column("respondent_id", sa.Uuid(), nullable=False),
    sa.Column("person_id", sa.Uuid(), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("outcome", sa.String(length=32), nullable=True),
    sa.Column("appointment_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("appointment_kind", sa.String(length=8), nullable=True),
    sa.Column("note", sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("appointment_kind IN ('exact', 'half_day')", name=op.f("ck_call_attempt_appointment_kind")),
    sa.CheckConstraint("(appointment_at IS NULL) = (appointment_kind IS NULL)", name=op.f("ck_call_attempt_appointment_has_kind")),
    sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_call_attempt_ended_has_outcome")),
    sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_call_attempt_person_id_person")),
    sa.ForeignKeyConstraint(["respondent_id"], ["respondent.id"], name=op.f("fk_call_attempt_respondent_id_respondent")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_call_attempt"))
    )
    op.create_index("ix_call_attempt_person_id_started_at", "call_attempt", ["person_id", "started_at"], unique=False)
    op.create_index("ix_call_attempt_respondent_id_started_at", "call_attempt", ["respondent_id", "started_at"], unique=False)
    op.create_table("call_case",
    sa.Column("respondent_id", sa.Uuid(), nullable=False),
    sa.Column("study_id", sa.Uuid(), nullable=False),
    sa.Column("calendar", sa.String(length=80), nullable=False),
    sa.Column("callable_from", sa.DateTime(timezone=True), nullable=True),
    sa.Column("stopped_for", sa.String(length=20), nullable=True),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("anytime_until", sa.DateTime(timezone=True), nullable=True),
    sa.Column("occasions", sa.Integer(), nullable=False),
    sa.Column("priority", sa.SmallInteger(), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("attempts", sa.SmallInteger(), nullable=False),
    sa.Column("not_by", sa.Uuid(), nullable=True),
    sa.Column("preferred", sa.Uuid(), nullable=True),
    sa.Column("shortfall", sa.Integer(), nullable=False),
    sa.Column("draw", sa.Integer(), nullable=False),
    sa.Column("leased_by", sa.Uuid(), nullable=True),
    sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
    sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("held", sa.Boolean(), nullable=False),
    sa.Column("asked_for_call_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("final_code", sa.String(length=8), nullable=True),
    sa.CheckConstraint("(callable_from IS NULL) = (stopped_for IS NOT NULL)", name=op.f("ck_call_case_callable_or_stopped")),
    sa.CheckConstraint("(leased_until IS NULL) = (leased_by IS NULL)", name=op.f("ck_call_case_lease_has_holder")),
    sa.CheckConstraint("attempts >= 0", name=op.f("ck_call_case_attempts_not_negative")),
    sa.ForeignKeyConstraint(["leased_by"], ["person.id"], name=op.f("fk_call_case_leased_by_person")),
    sa.ForeignKeyConstraint(["not_by"], ["person.id"], name=op.f("fk_call_case_not_by_person")),
    sa.ForeignKeyConstraint(["preferred"], ["person.id"], name=op.f("fk_call_case_preferred_person")),
    sa.ForeignKeyConstraint(["respondent_id"], ["respondent.id"], name=op.f("fk_call_case_respondent_id_respondent")),
    sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_call_case_study_id_study")),
    sa.PrimaryKeyConstraint("respondent_id", name=op.f("pk_call_case"))
    )
    op.create_index("ix_call_case_leased_by", "call_case", ["leased_by"], unique=False)
    op.create_index("ix_call_case_study_id_calendar", "call_case", ["study_id", "calendar"], unique=False)
    op.create_index("ix_call_case_queue", "call_case", ["study_id", "priority", "due_at", "shortfall", "attempts", "draw"], unique=False)
    op.create_table("case_event",
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("respondent_id", sa.Uuid(), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("person_id", sa.Uuid(), nullable=True),
    sa.Column("what", sa.String(length=24), nullable=False),
    sa.Column("detail", sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_event_person_id_person")),
    sa.ForeignKeyConstraint(["respondent_id"], ["respondent.id"], name=op.f("fk_case_event_respondent_id_respondent")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event"))
    )
    op.create_index(op.f("ix_case_event_respondent_id"), "case_event", ["respondent_id"], unique=False)


def downgrade() -> None:
    for table in ("case_event", "call_case", "call_attempt"):
        op.drop_table(table)
