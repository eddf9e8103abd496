"""Documents by version, their passages with source spans, what was cut, and what an ingest has still to do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _owner(*, primary_key: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey("documents.row", ondelete="CASCADE")
    return sa.Column("row", sa.Integer, key, nullable=False, primary_key=primary_key)


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("row", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.String(32), nullable=False, index=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("shipped", sa.Boolean, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("pipeline", sa.Integer, nullable=False),
        sa.Column("encoding", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("added_at", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "passages",
        _owner(primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sa.Column("passage_id", sa.String(32), nullable=False, index=True),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("techniques", sa.JSON, nullable=False),
        sa.Column("situations", sa.JSON, nullable=False),
        sa.Column("cautions", sa.JSON, nullable=False),
        sa.Column("segments", sa.JSON, nullable=False),
        sa.Column("duplicate_of", sa.String(32), nullable=True, index=True),
    )
    op.create_table(
        "marks",
        sa.Column("mark", sa.Integer, nullable=False),
        _owner(),
        sa.Column("passage_id", sa.String(32), nullable=False),
    )
    op.create_index("marks_by_mark", "marks", ["mark"])
    op.create_index("marks_by_row", "marks", ["row"])
    op.create_table(
        "cuts",
        _owner(primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("replacement", sa.Text, nullable=False),
    )
    op.create_table("unfinished", sa.Column("source", sa.Text, primary_key=True))


def downgrade() -> None:
    for table in ("unfinished", "cuts", "marks", "passages", "documents"):
        op.drop_table(table)
