"""The tables of `knowledge.db`, the canonical store. They change only by a numbered migration beside."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column(
        "row", Integer, primary_key=True, autoincrement=True
    ),  # one per edition: the old one lives until the new is whole
    Column("document_id", String(32), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("shipped", Boolean, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("pipeline", Integer, nullable=False),
    Column("encoding", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # pending | staged | live | retired | past
    Column("revision", Integer, nullable=False, server_default="0"),  # counts the changes to this edition's passages
    Column("added_at", String(32), nullable=False),
    Column("text", Text, nullable=False),
)

passages = Table(
    "passages",
    metadata,
    Column("row", ForeignKey("documents.row", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("born", Integer, primary_key=True),  # the revision from which the passage reads like this
    Column("died", Integer, nullable=True),  # the revision from which it no longer does; null: now
    Column("passage_id", String(32), nullable=False, index=True),
    Column("section", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("techniques", JSON, nullable=False),
    Column("situations", JSON, nullable=False),
    Column("cautions", JSON, nullable=False),
    Column("segments", JSON, nullable=False),  # [[start, end], ...] in documents.text
    Column("duplicate_of", String(32), nullable=True, index=True),  # passage_id of the one that is indexed
    Column("status", String(16), nullable=False),  # live | retired
    Column("origin", String(32), nullable=False),  # passage_id when it was read in, where an edit changed it
    Column("edited", Boolean, nullable=False),
    Column("kept", Boolean, nullable=False),  # brought back by a person
    Column("flag", Text, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("mark", Integer, nullable=False),
    Column("row", ForeignKey("documents.row", ondelete="CASCADE"), nullable=False),
    Column("passage_id", String(32), nullable=False),
    Index("marks_by_mark", "mark"),
    Index("marks_by_row", "row"),
)

cuts = Table(
    "cuts",
    metadata,
    Column("row", ForeignKey("documents.row", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("reason", String(32), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("replacement", Text, nullable=False),
    Column("kept", Boolean, nullable=False, server_default="0"),  # brought back by a person
)

changes = Table(
    "changes",
    metadata,
    Column("change", Integer, primary_key=True, autoincrement=True),
    Column("row", ForeignKey("documents.row", ondelete="CASCADE"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("number", Integer, nullable=True),  # the document's version that it made; null while only staged
    Column("at", String(32), nullable=False),
    Column("who", Text, nullable=False),
    Column("action", String(24), nullable=False),
    Column("passage_id", String(32), nullable=False),
    Column("note", Text, nullable=False),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("passage_id", String(32), primary_key=True),
    Column("row", ForeignKey("documents.row", ondelete="CASCADE"), nullable=False, index=True),
    Column("situation", Text, nullable=False),
    Column("questions", JSON, nullable=False),  # imagined by a chat model: a list of strings
    Column("score", Float, nullable=False),
    Column("model", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", String(32), nullable=False),
    Column("who", Text, nullable=False),  # approved or declined it
)

unfinished = Table(
    "unfinished",
    metadata,
    Column("source", Text, primary_key=True),  # files that an ingest has taken on and not yet finished
)
