"""Contacts, ways in beside personal links, jobs and the outbox of mails; what a study says about languages and mails."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("hit", "job", "open_link", "contact", "handover_code", "mail", "mail_event")
# So far every study could be answered in each of them, so those that are there keep all.
LANGUAGES = '["en", "it", "fr", "de", "sv", "da", "cs", "hu"]'
# What columns are for rows that are there already; new rows get theirs from the program.
NEW_COLUMNS: dict[str, dict[str, tuple[sa.types.TypeEngine[Any], str]]] = {
    "interview": {"extra_practices": (sa.Integer(), "0")},
    "study": {
        "extra_practices_offered": (sa.Integer(), "2"),
        "languages": (sa.JSON(), f"'{LANGUAGES}'"),
        "reminder_gap_days": (sa.Integer(), "7"),
        "reminders_limit": (sa.Integer(), "2"),
        "mail_from_hour": (sa.Integer(), "9"),
        "mail_until_hour": (sa.Integer(), "17"),
    },
    "study_text": {"purpose": (sa.Text(), "''"), "invitation": (sa.Text(), "''")},
}
CHECKS = {
    "interview": {"extra_practices_not_negative": "extra_practices >= 0"},
    "study": {
        "extra_practices_not_negative": "extra_practices_offered >= 0",
        "reminders_counted": "reminder_gap_days > 0 AND reminders_limit >= 0",
        "mail_hours": "0 <= mail_from_hour AND mail_from_hour < mail_until_hour AND mail_until_hour <= 24",
    },
    "study_text": {},
}


def upgrade() -> None:
    op.create_table(
        "hit",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_hit_counted")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_hit")),
    )
    op.create_index(op.f("ix_hit_ends_at"), "hit", ["ends_at"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("unique_key", sa.String(length=128), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempts_limit", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_by", sa.String(length=48), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'running') = (leased_until IS NOT NULL)", name=op.f("ck_job_running_is_leased")),
        sa.CheckConstraint("attempts >= 0 AND attempts <= attempts_limit", name=op.f("ck_job_attempts_counted")),
        sa.CheckConstraint("done >= 0 AND (total IS NULL OR total >= 0)", name=op.f("ck_job_progress_not_negative")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_job_study_id_study")),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("unique_key", name=op.f("uq_job_unique_key")),
    )
    op.create_index("ix_job_state_not_before", "job", ["state", "not_before"], unique=False)
    op.create_index(op.f("ix_job_study_id"), "job", ["study_id"], unique=False)
    op.create_table(
        "open_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("starts_limit", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts >= 0 AND starts_limit > 0", name=op.f("ck_open_link_starts_counted")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_open_link_region_id_region")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_open_link_study_id_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_link")),
        sa.UniqueConstraint("slug", name=op.f("uq_open_link_slug")),
    )
    op.create_index(op.f("ix_open_link_study_id"), "open_link", ["study_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("respondent_id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_print", sa.LargeBinary(length=32), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "email_print IS NULL OR length(email_print) = 32", name=op.f("ck_contact_email_print_is_hmac")
        ),
        sa.ForeignKeyConstraint(["respondent_id"], ["respondent.id"], name=op.f("fk_contact_respondent_id_respondent")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_contact_study_id_study")),
        sa.PrimaryKeyConstraint("respondent_id", name=op.f("pk_contact")),
        sa.UniqueConstraint("study_id", "external_id", name=op.f("uq_contact_study_id_external_id")),
    )
    op.create_index("ix_contact_study_id_email_print", "contact", ["study_id", "email_print"], unique=False)
    op.create_table(
        "handover_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("respondent_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=48), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_handover_code_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondent.id"], name=op.f("fk_handover_code_respondent_id_respondent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_code")),
    )
    op.create_index(op.f("ix_handover_code_expires_at"), "handover_code", ["expires_at"], unique=False)
    op.create_index(op.f("ix_handover_code_respondent_id"), "handover_code", ["respondent_id"], unique=False)
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("respondent_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("created_by", sa.String(length=48), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('sending', 'handing_over')) = (leased_until IS NOT NULL)",
            name=op.f("ck_mail_in_hand_is_leased"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('sent', 'bounced') OR sent_at IS NOT NULL", name=op.f("ck_mail_sent_has_time")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_mail_attempts_not_negative")),
        sa.CheckConstraint("number > 0", name=op.f("ck_mail_number_positive")),
        sa.ForeignKeyConstraint(["respondent_id"], ["respondent.id"], name=op.f("fk_mail_respondent_id_respondent")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_mail_study_id_study")),
        sa.CheckConstraint("kind IN ('invitation', 'reminder', 'resume')", name=op.f("ck_mail_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'handing_over', 'sent', 'uncertain', 'failed', 'bounced', 'cancelled')",
            name=op.f("ck_mail_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_id")),
        sa.UniqueConstraint("respondent_id", "kind", "number", name=op.f("uq_mail_respondent_id_kind_number")),
    )
    op.create_index("ix_mail_state_not_before", "mail", ["state", "not_before"], unique=False)
    op.create_index("ix_mail_study_id_created_at", "mail", ["study_id", "created_at"], unique=False)
    op.create_table(
        "mail_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_event_mail_id_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_event")),
    )
    op.create_index(op.f("ix_mail_event_mail_id"), "mail_event", ["mail_id"], unique=False)
    op.add_column("interview", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    for name, columns in NEW_COLUMNS.items():
        for column, (type_, value) in columns.items():
            op.add_column(name, sa.Column(column, type_, nullable=True))
            op.execute(f"UPDATE {name} SET {column} = {value}")
        with op.batch_alter_table(name) as table:
            for column, (type_, _) in columns.items():
                table.alter_column(column, existing_type=type_, nullable=False)
            for check, condition in CHECKS[name].items():
                table.create_check_constraint(op.f(f"ck_{name}_{check}"), condition)

    op.add_column("respondent", sa.Column("open_link_id", sa.Uuid(), nullable=True))
    op.add_column("respondent", sa.Column("possible_duplicate_of", sa.Uuid(), nullable=True))
    op.add_column("respondent", sa.Column("duplicate_reason", sa.String(length=16), nullable=True))
    with op.batch_alter_table("respondent") as table:
        table.create_foreign_key(op.f("fk_respondent_open_link_id_open_link"), "open_link", ["open_link_id"], ["id"])
        table.create_foreign_key(
            op.f("fk_respondent_possible_duplicate_of_respondent"), "respondent", ["possible_duplicate_of"], ["id"]
        )
        table.create_check_constraint(
            op.f("ck_respondent_duplicate_has_reason"), "(possible_duplicate_of IS NULL) = (duplicate_reason IS NULL)"
        )
    op.create_index("ix_respondent_open_link_id", "respondent", ["open_link_id"])


def downgrade() -> None:
    op.drop_index("ix_respondent_open_link_id", "respondent")
    with op.batch_alter_table("respondent") as table:
        table.drop_constraint(op.f("ck_respondent_duplicate_has_reason"), type_="check")
        table.drop_constraint(op.f("fk_respondent_possible_duplicate_of_respondent"), type_="foreignkey")
        table.drop_constraint(op.f("fk_respondent_open_link_id_open_link"), type_="foreignkey")
        for column in ("duplicate_reason", "possible_duplicate_of", "open_link_id"):
            table.drop_column(column)
    for name, columns in NEW_COLUMNS.items():
        with op.batch_alter_table(name) as table:
            for check in CHECKS[name]:
                table.drop_constraint(op.f(f"ck_{name}_{check}"), type_="check")
            for column in columns:
                table.drop_column(column)
            if name == "interview":
                table.drop_column("withdrawn_at")
    for name in reversed(TABLES):
        op.drop_table(name)
