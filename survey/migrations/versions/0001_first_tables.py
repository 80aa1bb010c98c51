"""The first tables, and the triggers that keep the log of answers as it was written."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "person",
    "study",
    "membership",
    "practice",
    "region",
    "study_text",
    "practice_text",
    "region_text",
    "respondent",
    "source",
    "interview",
    "link",
    "evaluation",
    "operation",
    "web_session",
    "answer_change",
)

# A row of the log is never changed and never removed. `INSERT OR REPLACE` would remove one without asking the second
# trigger, hence the third.
SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER answer_change_no_update BEFORE UPDATE ON answer_change
    BEGIN SELECT RAISE(ABORT, 'a row of answer_change is never changed'); END
    """,
    """
    CREATE TRIGGER answer_change_no_delete BEFORE DELETE ON answer_change
    BEGIN SELECT RAISE(ABORT, 'a row of answer_change is never removed'); END
    """,
    """
    CREATE TRIGGER answer_change_no_replace BEFORE INSERT ON answer_change
    WHEN EXISTS (SELECT 1 FROM answer_change WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a row of answer_change is never replaced'); END
    """,
)
POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION answer_change_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a row of answer_change is never changed or removed' USING ERRCODE = 'restrict_violation';
    END
    $$
    """,
    """
    CREATE TRIGGER answer_change_no_change BEFORE UPDATE OR DELETE ON answer_change
    FOR EACH ROW EXECUTE FUNCTION answer_change_refuse()
    """,
    """
    CREATE TRIGGER answer_change_no_truncate BEFORE TRUNCATE ON answer_change
    FOR EACH STATEMENT EXECUTE FUNCTION answer_change_refuse()
    """,
)


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "study",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("instrument_key", sa.String(length=64), nullable=False),
        sa.Column("instrument_version", sa.Integer(), nullable=False),
        sa.Column("web_variant", sa.String(length=16), nullable=False),
        sa.Column("phone_variant", sa.String(length=16), nullable=False),
        sa.Column("practices_per_web_interview", sa.Integer(), nullable=False),
        sa.Column("practices_per_phone_interview", sa.Integer(), nullable=False),
        sa.Column("cell_target", sa.Integer(), nullable=False),
        sa.Column("group_target", sa.Integer(), nullable=False),
        sa.Column("home_regions_asked", sa.Boolean(), nullable=False),
        sa.Column("consent_version", sa.String(length=32), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name=op.f("ck_study_state")),
        sa.CheckConstraint("cell_target > 0 AND group_target > 0", name=op.f("ck_study_targets_positive")),
        sa.CheckConstraint(
            "practices_per_web_interview > 0 AND practices_per_phone_interview > 0", name=op.f("ck_study_load_positive")
        ),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_study_revision_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sa.UniqueConstraint("key", name=op.f("uq_study_key")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.CheckConstraint("role IN ('lead', 'interviewer', 'viewer', 'admin')", name=op.f("ck_membership_role")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_membership_study_id_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("person_id", "study_id", "role", name=op.f("uq_membership_person_id_study_id_role")),
    )
    op.create_index(op.f("ix_membership_person_id"), "membership", ["person_id"], unique=False)
    op.create_index(
        "uq_membership_everywhere",
        "membership",
        ["person_id", "role"],
        unique=True,
        sqlite_where=sa.text("study_id IS NULL"),
        postgresql_where=sa.text("study_id IS NULL"),
    )
    op.create_table(
        "practice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("lifecycle_stage", sa.String(length=16), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("origin_region", sa.Text(), nullable=False),
        sa.Column("origin_country", sa.String(length=2), nullable=False),
        sa.Column("nuts", sa.String(length=8), nullable=False),
        sa.Column("start_year", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_practice_study_id_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
        sa.UniqueConstraint("study_id", "key", name=op.f("uq_practice_study_id_key")),
    )
    op.create_index(op.f("ix_practice_study_id"), "practice", ["study_id"], unique=False)
    op.create_table(
        "region",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("nuts", sa.String(length=8), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("default_language", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_region_study_id_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("study_id", "key", name=op.f("uq_region_study_id_key")),
    )
    op.create_index(op.f("ix_region_study_id"), "region", ["study_id"], unique=False)
    op.create_table(
        "study_text",
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_study_text_study_id_study")),
        sa.PrimaryKeyConstraint("study_id", "language", name=op.f("pk_study_text")),
    )
    op.create_table(
        "practice_text",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_practice_text_practice_id_practice")),
        sa.PrimaryKeyConstraint("practice_id", "language", name=op.f("pk_practice_text")),
    )
    op.create_table(
        "region_text",
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spoken_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_region_text_region_id_region")),
        sa.PrimaryKeyConstraint("region_id", "language", name=op.f("pk_region_text")),
    )
    op.create_table(
        "respondent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("stakeholder", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_respondent_number_positive")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_respondent_region_id_region")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_respondent_study_id_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_respondent")),
        sa.UniqueConstraint("study_id", "number", name=op.f("uq_respondent_study_id_number")),
    )
    op.create_index(op.f("ix_respondent_study_id"), "respondent", ["study_id"], unique=False)
    op.create_table(
        "source",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("strength", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_source_practice_id_practice")),
        sa.PrimaryKeyConstraint("practice_id", "no", name=op.f("pk_source")),
    )
    op.create_table(
        "interview",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("respondent_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("variant", sa.String(length=16), nullable=False),
        sa.Column("instrument_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("layout", sa.String(length=8), nullable=False),
        sa.Column("consent_version", sa.String(length=32), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt", sa.String(length=16), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("group_key", sa.String(length=16), nullable=True),
        sa.Column("codes", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("last_answer_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('started', 'submitted', 'declined', 'withdrawn')", name=op.f("ck_interview_state")
        ),
        sa.CheckConstraint("layout IN ('steps', 'whole')", name=op.f("ck_interview_layout")),
        sa.CheckConstraint("mode IN ('web', 'phone')", name=op.f("ck_interview_mode")),
        sa.CheckConstraint(
            "state <> 'submitted' OR submitted_at IS NOT NULL", name=op.f("ck_interview_submitted_has_time")
        ),
        sa.CheckConstraint(
            "state NOT IN ('started', 'submitted') OR consented_at IS NOT NULL", name=op.f("ck_interview_consent_first")
        ),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_interview_revision_not_negative")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_interview_region_id_region")),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondent.id"], name=op.f("fk_interview_respondent_id_respondent")
        ),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_interview_study_id_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
        sa.UniqueConstraint("receipt", name=op.f("uq_interview_receipt")),
        sa.UniqueConstraint("respondent_id", name=op.f("uq_interview_respondent_id")),
    )
    op.create_index(op.f("ix_interview_region_id"), "interview", ["region_id"], unique=False)
    op.create_index("ix_interview_study_id_state", "interview", ["study_id", "state"], unique=False)
    op.create_table(
        "link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("respondent_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_link_token_hash_is_sha256")),
        sa.ForeignKeyConstraint(["respondent_id"], ["respondent.id"], name=op.f("fk_link_respondent_id_respondent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_link_token_hash")),
    )
    op.create_index(op.f("ix_link_respondent_id"), "link", ["respondent_id"], unique=False)
    op.create_table(
        "evaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("codes", sa.LargeBinary(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_cost", sa.Double(), nullable=True),
        sa.CheckConstraint("state IN ('assigned', 'started', 'complete')", name=op.f("ck_evaluation_state")),
        sa.CheckConstraint("position > 0", name=op.f("ck_evaluation_position_positive")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_evaluation_revision_not_negative")),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_evaluation_interview_id_interview")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_evaluation_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("interview_id", "position", name=op.f("uq_evaluation_interview_id_position")),
        sa.UniqueConstraint("interview_id", "practice_id", name=op.f("uq_evaluation_interview_id_practice_id")),
    )
    op.create_index("ix_evaluation_practice_id_state", "evaluation", ["practice_id", "state"], unique=False)
    op.create_table(
        "operation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(body_hash) = 32", name=op.f("ck_operation_body_hash_is_sha256")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_operation_revision_not_negative")),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_operation_interview_id_interview")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    op.create_index(op.f("ix_operation_interview_id"), "operation", ["interview_id"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("id_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("interview_id", sa.Uuid(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(person_id IS NULL) <> (interview_id IS NULL)", name=op.f("ck_web_session_one_holder")),
        sa.CheckConstraint("length(id_hash) = 32", name=op.f("ck_web_session_id_hash_is_sha256")),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_web_session_interview_id_interview")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_web_session_link_id_link")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_web_session_person_id_person")),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_interview_id"), "web_session", ["interview_id"], unique=False)
    op.create_index(op.f("ix_web_session_person_id"), "web_session", ["person_id"], unique=False)
    op.create_table(
        "answer_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=True),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("code", sa.SmallInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=48), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("instrument_version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("mode IN ('web', 'phone')", name=op.f("ck_answer_change_mode")),
        sa.CheckConstraint("(code IS NULL) <> (text IS NULL)", name=op.f("ck_answer_change_code_or_text")),
        sa.CheckConstraint("code BETWEEN -128 AND 127", name=op.f("ck_answer_change_code_is_a_byte")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_answer_change_revision_positive")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_answer_change_evaluation_id_evaluation")
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interview.id"], name=op.f("fk_answer_change_interview_id_interview")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_change")),
    )
    op.create_index(
        "ix_answer_change_evaluation_id_revision", "answer_change", ["evaluation_id", "revision"], unique=False
    )
    op.create_index(
        "ix_answer_change_interview_id_revision", "answer_change", ["interview_id", "revision"], unique=False
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for trigger in SQLITE_TRIGGERS if is_sqlite else POSTGRESQL_TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION answer_change_refuse()")
