"""What happened is kept, migrated, and free of personal data."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from assistant.conversation import Conversation
from assistant.records import Records, RecordsError
from assistant.records.tables import Base
from assistant.values import Draft, Finding, Opinions, Said, Situation

TALK = Conversation.read({"messages": [{"role": "customer", "text": "打我电话13800138000"}]})


def _draft(name: str) -> Draft:
    return Draft(
        id=name,
        reply="好的,我来核实。",
        bubbles=("好的,我来核实。",),
        verdict="pass",
        findings=(),
        situation=Situation(
            stage="general", intents=(), emotion="calm", customer_type="未定", risks=(), language="zh-Hans"
        ),
        citations=(),
        next_steps=(),
        engine="offline",
        notice=None,
        timings_ms={},
        fingerprint=TALK.fingerprint(),
    )


def test_a_draft_its_edit_and_its_thumb_come_back_masked(tmp_path: Path) -> None:
    records = Records.open(f"sqlite:///{tmp_path}/records.db", mask=lambda text: text.replace("13800138000", "[电话]"))
    records.keep_draft(_draft("one"), TALK)
    records.keep_draft(_draft("two"), TALK)
    records.keep_edit("one", "好的,13800138000 我来核实,下午回您。")
    records.keep_feedback("one", good=False, reason="语气生硬")
    newest, oldest = records.recent_drafts()
    assert (newest.id, newest.sent, newest.good) == ("two", None, None)
    assert (oldest.sent, oldest.good, oldest.reason) == ("好的,[电话] 我来核实,下午回您。", False, "语气生硬")
    assert oldest.last_customer_words == "打我电话[电话]"
    records.close()
    assert b"13800138000" not in (tmp_path / "records.db").read_bytes()


def test_what_a_finding_or_a_notice_quotes_is_masked_too(tmp_path: Path) -> None:
    records = Records.open(f"sqlite:///{tmp_path}/records.db", mask=lambda text: text.replace("13800138000", "[电话]"))
    finding = Finding(
        category="privacy", severity="block", span=(0, 11), text="13800138000", message="「13800138000」是个人信息",
        rule="privacy.phone", message_en="13800138000 is personal", opinions=Opinions(words="13800138000"),
    )  # fmt: skip
    said = Said(zh="请改好:13800138000", en="Mend 13800138000")
    records.keep_draft(
        _draft("one").model_copy(update={"findings": (finding,), "notice": said.zh, "notice_said": said}), TALK
    )
    records.close()
    assert b"13800138000" not in (tmp_path / "records.db").read_bytes()


def test_the_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    Records.open(url).close()
    Records.open(url).close()
    with create_engine(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_feedback_for_a_draft_that_is_not_there_is_refused(tmp_path: Path) -> None:
    records = Records.open(f"sqlite:///{tmp_path}/records.db")
    with pytest.raises(RecordsError) as refused:
        records.keep_feedback("nobody", good=True, reason="")
    assert refused.value.code == "records.not_written"


def test_an_unusable_database_says_which_setting(tmp_path: Path) -> None:
    with pytest.raises(RecordsError) as refused:
        Records.open(f"sqlite:///{tmp_path}/no/such/folder/records.db")
    assert "KEFU_DATABASE_URL" in refused.value.zh
