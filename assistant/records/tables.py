"""The tables of the records database. Change them only together with a numbered migration."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Boolean, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class DraftRow(Base):
    __tablename__ = "drafts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime, index=True)
    fingerprint: Mapped[str] = mapped_column(String(32), index=True)
    engine: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[str] = mapped_column(String(16))
    conversation: Mapped[dict[str, object]] = mapped_column(JSON)
    draft: Mapped[dict[str, object]] = mapped_column(JSON)


class EditRow(Base):
    __tablename__ = "edits"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime, index=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("drafts.id"), index=True)
    sent: Mapped[str] = mapped_column(Text)
    difference: Mapped[dict[str, object] | None] = mapped_column(JSON, nullable=True)


class FeedbackRow(Base):
    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime, index=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("drafts.id"), index=True)
    good: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text)


class DeclinedPhraseRow(Base):
    __tablename__ = "declined_phrases"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    who: Mapped[str] = mapped_column(String(64))
    phrase: Mapped[str] = mapped_column(Text)


class SearchRow(Base):
    __tablename__ = "searches"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    query: Mapped[str] = mapped_column(Text)
    passage_ids: Mapped[list[str]] = mapped_column(JSON)


class OverruleRow(Base):
    __tablename__ = "overrules"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime, index=True)
    who: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    reply: Mapped[str] = mapped_column(Text)
    finding: Mapped[dict[str, object]] = mapped_column(JSON)
    context: Mapped[dict[str, object]] = mapped_column(JSON)
    draft_id: Mapped[str | None] = mapped_column(String(32), nullable=True)


class AuditRow(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime, index=True)
    who: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, object]] = mapped_column(JSON)
