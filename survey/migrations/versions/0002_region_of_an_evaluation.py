"""An evaluation knows the region it was made for; before, the respondent's present region was taken for it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The region that the respondent had given when the practice was assigned, by the log.
REGION_THEN = """
    UPDATE evaluation SET region_id = COALESCE(
        (
            SELECT region.id
            FROM answer_change
            JOIN interview ON interview.id = answer_change.interview_id
            JOIN region ON region.study_id = interview.study_id AND region.key = answer_change.text
            WHERE answer_change.interview_id = evaluation.interview_id
                AND answer_change.evaluation_id IS NULL
                AND answer_change.question = 'REGION'
                AND answer_change.changed_at <= evaluation.assigned_at
            ORDER BY answer_change.id DESC
            LIMIT 1
        ),
        (SELECT interview.region_id FROM interview WHERE interview.id = evaluation.interview_id)
    )
"""


def upgrade() -> None:
    op.add_column("evaluation", sa.Column("region_id", sa.Uuid(), nullable=True))
    op.execute(REGION_THEN)
    with op.batch_alter_table("evaluation") as table:
        table.alter_column("region_id", existing_type=sa.Uuid(), nullable=False)
        table.create_foreign_key(op.f("fk_evaluation_region_id_region"), "region", ["region_id"], ["id"])
    op.create_index("ix_evaluation_region_id", "evaluation", ["region_id"])


def downgrade() -> None:
    op.drop_index("ix_evaluation_region_id", "evaluation")
    with op.batch_alter_table("evaluation") as table:
        table.drop_constraint(op.f("fk_evaluation_region_id_region"), type_="foreignkey")
        table.drop_column("region_id")
