"""Real manuals: what ships with Kefu, and what lies beside a developer's checkout."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from knowledge.fold import letters
from knowledge.ingest.deduplicate import deduplicate
from knowledge.ingest.ingestion import LIBRARY
from knowledge.ingest.prepare import prepare
from knowledge.ingest.read import read
from knowledge.store import PreparedDocument

MANUALS = sorted((LIBRARY / "manuals").glob("*.md"))
REPORTED = {"copyright", "contact", "footer", "menu", "site_header", "byline", "share_prompt", "download_prompt"}


def prepared(path: Path) -> PreparedDocument:
    document = prepare(read(path), name=str(path), shipped=False, cautioner=None)
    return document.model_copy(update={"passages": deduplicate(document.passages, lambda marks: {})})


def assert_nothing_lost(document: PreparedDocument) -> None:
    covered = {i for p in document.passages for a, b in p.segments for i in range(a, b)}
    covered |= {i for cut in document.cuts for i in range(cut.start, cut.end)}
    assert [i for i, c in enumerate(document.text) if not c.isspace() and i not in covered] == []
    shown = [p for p in document.passages if p.duplicate_of is None]
    spans = sorted(segment for placed in shown for segment in placed.segments)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize("path", MANUALS, ids=lambda path: path.stem)
def test_the_shipped_manuals_lose_nothing_and_every_technique_is_one_passage(path: Path) -> None:
    document = prepared(path)
    assert_nothing_lost(document)
    assert {cut.reason for cut in document.cuts} <= {"metadata", "ornament"}
    headings = [
        line.removeprefix("### 技巧:").strip() for line in document.text.splitlines() if line.startswith("### 技巧:")
    ]
    for name in headings:
        teaching = [p.passage for p in document.passages if p.passage.techniques[:1] == (name,)]
        advice = [p for p in teaching if p.kind != "bad_example"]
        assert advice and any(p.situations for p in advice), name
        assert all("✗" not in p.text for p in advice), name
    for placed in document.passages:
        assert not placed.passage.text.startswith("- 情境")


@pytest.mark.shared
def test_the_real_seeds_lose_nothing_and_keep_every_passage_that_is_asked_for(shared: Path) -> None:
    documents = [prepared(path) for path in sorted((shared / "seeds").iterdir())]
    for document in documents:
        assert_nothing_lost(document)
    forms = [letters(p.passage.text) for d in documents for p in d.passages if p.duplicate_of is None]
    rows = [json.loads(line) for line in (shared / "data" / "retrieval_dev.jsonl").read_text("utf-8").splitlines()]
    wanted = [gold for row in rows for gold in row["gold"]]
    missing = [gold for gold in wanted if not any(gold in form for form in forms)]
    assert missing == []


@pytest.mark.shared
def test_the_real_seeds_are_rid_of_what_is_not_their_matter(shared: Path) -> None:
    documents = [prepared(path) for path in sorted((shared / "seeds").iterdir())]
    texts = "\n".join(p.passage.text for d in documents for p in d.passages if p.duplicate_of is None)
    for leftover in (
        "ICP备",
        "版权",
        "VIP会员",
        "扫描",
        "Βιβλ",
        "ቤተ",
        "下载文档前",
        "旳",
        "(chuàng)",
        "关注我们",
        "OHP-",
        "上一页",
    ):
        assert leftover not in texts, leftover
    assert {cut.reason for d in documents for cut in d.cuts} >= REPORTED | {
        "junk_glyphs",
        "glued_pinyin",
        "page_number",
    }
    slides = documents[2].passages
    assert sum(p.duplicate_of is not None for p in slides) * 3 > len(slides)  # half of that file is repeats


@pytest.mark.shared
def test_real_phrasebooks_lose_nothing_and_keep_script_and_situation_together(shared: Path) -> None:
    for path in sorted((shared / "phrasebooks").rglob("*.md")):
        document = prepared(path)
        assert_nothing_lost(document)
        scripts = [p.passage for p in document.passages if "适用场景" in p.passage.text]
        assert scripts and all("```" in p.text for p in scripts if len(p.text) > 60), path.name
