"""Editions stay as past versions; passages have revisions and a status; every change has its who and when."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SAME = "row, ordinal, passage_id, section, text, kind, stage, techniques, situations, cautions, segments, duplicate_of"


def upgrade() -> None:
    op.add_column("documents", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.add_column("cuts", sa.Column("kept", sa.Boolean, nullable=False, server_default="0"))
    _passages()
    op.create_table(
        "changes",
        sa.Column("change", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("row", sa.Integer, sa.ForeignKey("documents.row", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("passage_id", sa.String(32), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.execute(
        "INSERT INTO changes (row, revision, number, at, who, action, passage_id, note) "
        "SELECT row, 0, 1, added_at, '', 'ingested', '', '' FROM documents WHERE state = 'live'"
    )


def _passages() -> None:
    """SQLite changes no primary key in place: a new table takes the rows over."""
    _set_aside()
    op.create_table(
        "passages",
        *_columns(),
        sa.Column("born", sa.Integer, primary_key=True),
        sa.Column("died", sa.Integer, nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("edited", sa.Boolean, nullable=False),
        sa.Column("kept", sa.Boolean, nullable=False),
        sa.Column("flag", sa.Text, nullable=False),
    )
    op.execute(
        f"INSERT INTO passages ({_SAME}, born, died, status, origin, edited, kept, flag) "
        f"SELECT {_SAME}, 0, NULL, 'live', '', 0, 0, '' FROM passages_before"
    )
    op.drop_table("passages_before")


def _set_aside() -> None:
    for index in ("ix_passages_passage_id", "ix_passages_duplicate_of"):
        op.drop_index(index, "passages")
    op.rename_table("passages", "passages_before")


def _columns() -> tuple[sa.Column[Any], ...]:
    owner = sa.ForeignKey("documents.row", ondelete="CASCADE")
    return (
        sa.Column("row", sa.Integer, owner, nullable=False, primary_key=True),
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


def downgrade() -> None:
    """What is live stays as it reads now; past versions, retired passages and who did what are lost."""
    op.drop_table("changes")
    op.execute("DELETE FROM documents WHERE state != 'live'")
    op.execute("DELETE FROM passages WHERE died IS NOT NULL OR status != 'live'")
    _set_aside()
    op.create_table("passages", *_columns())
    op.execute(f"INSERT INTO passages ({_SAME}) SELECT {_SAME} FROM passages_before")
    op.drop_table("passages_before")
    op.drop_column("cuts", "kept")
    op.drop_column("documents", "revision")
