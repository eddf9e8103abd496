"""How what was sent differs from its draft, by when; phrases that a manager does not want offered again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("edits", sa.Column("difference", sa.JSON, nullable=True))
    op.create_index("ix_edits_at", "edits", ["at"])
    op.create_index("ix_feedback_at", "feedback", ["at"])
    op.create_table(
        "declined_phrases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("phrase", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("declined_phrases")
    op.drop_index("ix_feedback_at", "feedback")
    op.drop_index("ix_edits_at", "edits")
    op.drop_column("edits", "difference")
