"""Suggestions of which situation a passage serves, waiting for a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suggestions",
        sa.Column("passage_id", sa.String(32), primary_key=True),
        sa.Column("row", sa.Integer, sa.ForeignKey("documents.row", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("situation", sa.Text, nullable=False),
        sa.Column("questions", sa.JSON, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("suggestions")
