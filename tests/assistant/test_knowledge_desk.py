"""The knowledge desk without a browser: what the manager asks for is done, signed and shown."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.desk.knowledge_acts import Acts, Asked, signed
from assistant.desk.knowledge_view import NOTHING, View, workspace
from assistant.desk.render import coverage as render_coverage
from assistant.desk.render import knowledge as render
from assistant.desk.render.passages import card
from assistant.desk.text import EN, ZH
from assistant.records import Records
from knowledge.base import KnowledgeBase
from knowledge.coverage import SituationCoverage, coverage, never_used
from knowledge.curation import PassageEdit
from knowledge.errors import KefuError
from tests.knowledge.tiny import MANUAL, OTHER, opened, write

HOSTILE = '<img src=x onerror="alert(1)"></textarea><script>alert(1)</script>'
DIRTY = f"首页 学堂 问答\n{OTHER}©2020 某某公司 版权所有\n"


@pytest.fixture
def base(kefu_home: Path) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home)
    yield base
    base.close()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    records = Records.open(f"sqlite:///{tmp_path / 'records.db'}")
    yield records
    records.close()


@pytest.fixture
def acts(base: KnowledgeBase, records: Records) -> Acts:
    kefu: Any = SimpleNamespace(knowledge=base, records=records)
    return Acts(kefu)


def press(acts: Acts, act: str, value: object = "", view: View = NOTHING, **fields: str) -> View:
    event = SimpleNamespace(act=act, value=value, fields=fields)
    return acts.perform(Asked.of(event, "小顾", view))


def test_from_preview_to_approval_to_history(base: KnowledgeBase, acts: Acts, tmp_path: Path) -> None:
    (report,) = base.stage([write(tmp_path, "a.txt", DIRTY)], who="小顾").documents
    view = press(acts, "preview", report.id)
    html = workspace(base, view, ZH)
    assert "剔除:网站菜单" in html and "剔除:版权、备案声明" in html and "批准,开始使用" in html
    press(acts, "keep_block", str(DIRTY.index("©")), view)
    assert "人工找回" in workspace(base, view, ZH)
    acts.approve(Asked.of(SimpleNamespace(act="approve", value=report.id), "小顾"), lambda *_: None)
    assert "守价不伤人" in workspace(base, press(acts, "view", report.id), ZH)

    passage = base.document(report.id).passages[0]
    press(
        acts,
        "edit",
        passage.passage_id,
        text="守价先听后说。",
        kind="technique",
        stage="pre_sale",
        techniques="守价、不降价",
    )
    (edited,) = [p for p in base.document(report.id).passages if p.text == "守价先听后说。"]
    assert edited.techniques == ("守价", "不降价")
    history = workspace(base, press(acts, "history", report.id), ZH)
    assert history.index("第 2 版") < history.index("第 1 版") and "修改一段" in history and "批准使用" in history
    difference = workspace(base, press(acts, "difference", f"{report.id} 1 2"), ZH)
    assert "<ins>" in difference and "<del>" in difference
    press(acts, "roll_back", f"{report.id} 1")
    assert passage in base.document(report.id).passages


def test_every_act_is_audited_with_its_name(base: KnowledgeBase, acts: Acts, records: Records, tmp_path: Path) -> None:
    (report,) = base.ingest([write(tmp_path, "a.txt", OTHER)]).documents
    (passage,) = base.document(report.id).passages
    press(acts, "flag", passage.passage_id, note="看看新规")
    press(acts, "retire", passage.passage_id)
    press(acts, "take_out", report.id)
    assert [(a.who, a.action) for a in records.recent_audit()] == [
        ("小顾", "document.taken_out"), ("小顾", "passage.retired"), ("小顾", "passage.flagged"),
    ]  # fmt: skip


def test_a_situation_is_assigned_by_its_name(base: KnowledgeBase, acts: Acts, tmp_path: Path) -> None:
    (report,) = base.ingest([write(tmp_path, "a.txt", OTHER)]).documents
    (passage,) = base.document(report.id).passages
    press(acts, "assign", passage.passage_id, situation="议价")
    assert base.document(report.id).passages[0].situations == ("pre.bargain",)
    with pytest.raises(KefuError) as unknown:
        press(acts, "assign", passage.passage_id, situation="没有的情境")
    assert unknown.value.code == "situation.unknown"
    press(acts, "unassign", f"{passage.passage_id} pre.bargain")
    assert base.document(report.id).passages[0].situations == ()


def test_an_act_that_is_not_known_is_refused(acts: Acts) -> None:
    with pytest.raises(KefuError) as refusal:
        press(acts, "drop_all")
    assert refusal.value.code == "desk.unknown_act"


def test_without_a_name_the_system_s_user_signs() -> None:
    assert signed("  ") == signed(None) == getpass.getuser()
    assert signed(" 小 \n 顾 ") == "小 顾" and len(signed("长" * 99)) == 40


def test_coverage_names_the_gaps_and_what_nobody_was_shown(
    base: KnowledgeBase, records: Records, tmp_path: Path
) -> None:
    base.ingest([write(tmp_path, "a.md", MANUAL), write(tmp_path, "b.txt", OTHER)])
    (price,) = (p for p in base.passages() if "守价不伤人" in p.text)
    base.curation.edit(price.passage_id, PassageEdit(kind="technique"), "小顾")
    states = {c.situation.id: c.state for c in base.coverage()}
    assert states == {"after.quality": "served", "pre.bargain": "none"}
    answer = base.search(["水壶坏了"], k=1)
    records.keep_search("水壶坏了", [r.passage.passage_id for r in answer.results])
    unused = never_used(base.passages(), records.used_passages())
    assert any("守价不伤人" in p.text for p in unused)
    assert answer.results[0].passage not in unused
    html = render_coverage.coverage(base.coverage(), "pre.bargain", base.passages_for("pre.bargain"), unused, ZH)
    assert "✕ 没有技巧" in html and "指派" in html and html.index("议价") < html.index("质量问题")


def test_what_search_takes_for_served_is_shown_confirmed_or_denied(
    base: KnowledgeBase, acts: Acts, tmp_path: Path
) -> None:
    base.ingest([write(tmp_path, "b.txt", OTHER)])
    passage = base.passages()[0]
    quality = base.catalogue.by_id["after.quality"]
    found = {quality.id: (passage,)}

    def state() -> SituationCoverage:
        (own,) = (
            c for c in coverage(base.catalogue, base.passages(), found if not passage.denied else {})
            if c.situation == quality
        )  # fmt: skip
        return own

    assert state().state == "found" and [s.how for s in state().serving] == ["found"]
    html = render_coverage.coverage([state()], quality.id, (), (), ZH)
    assert "≈ 像是有" in html and 'data-act="deny"' in html and "搜索判断" in html
    shown = card(base.curation.passage(passage.passage_id), base.catalogue, ZH, found=(quality.id,))
    assert f"像是:{quality.name}" in shown

    press(acts, "deny", f"{passage.passage_id} {quality.id}")
    passage = base.passages()[0]
    assert passage.situations == (f"!{quality.id}",) and passage.serves == () and state().state == "none"
    assert f"不用于:{quality.name}" in card(base.curation.passage(passage.passage_id), base.catalogue, ZH)
    press(acts, "assign_to", f"{passage.passage_id} {quality.id}")
    passage = base.passages()[0]
    assert passage.situations == (quality.id,) and state().state == "served"


def test_a_cautioned_sentence_is_marked_and_left_out_with_one_press(
    base: KnowledgeBase, acts: Acts, tmp_path: Path
) -> None:
    text = "一、查件\n顾客催件的时候先看物流停在哪。实在没话说,可以讲快递不给力。看清了再报下一步和时间。\n"
    base.ingest([write(tmp_path, "a.txt", text)])
    (passage,) = base.passages()
    shown = card(base.curation.passage(passage.passage_id), base.catalogue, ZH)
    assert '<mark class="k-finding k-warn">快递不给力</mark>' in shown and "去掉这一句" in shown
    press(acts, "cut_quote", f"{passage.passage_id} 0")
    (left,) = base.passages()
    assert left.text == "一、查件\n顾客催件的时候先看物流停在哪。看清了再报下一步和时间。" and left.cautions == ()
    with pytest.raises(KefuError) as gone:
        press(acts, "cut_quote", f"{left.passage_id} 0")
    assert gone.value.code == "caution.gone"


def test_searches_of_before_are_offered_again_once_each(records: Records) -> None:
    for query in ("甲", "乙", "甲"):
        records.keep_search(query, [])
    assert records.recent_searches() == ("甲", "乙")
    assert render.recent(records.recent_searches(), ZH).count("data-act") == 2


@pytest.mark.parametrize("words", [ZH, EN])
def test_what_a_document_says_is_shown_and_never_run(
    base: KnowledgeBase, acts: Acts, tmp_path: Path, words: Any
) -> None:
    text = f"一、守价{HOSTILE}\n{HOSTILE} 顾客还价的时候,先谢谢他喜欢,再讲清楚。\n"
    (report,) = base.stage([write(tmp_path, "x.txt", text)], who=HOSTILE).documents
    preview = workspace(base, press(acts, "preview", report.id), words)
    waiting = render.waiting(base.review.waiting(), words)
    base.review.approve(report.id, HOSTILE)
    passage = base.document(report.id).passages[0]
    press(acts, "flag", passage.passage_id, note=HOSTILE)
    shown = [preview, waiting, workspace(base, press(acts, "view", report.id), words)]
    press(acts, "edit", passage.passage_id, text=f"{HOSTILE}改")
    shown.append(workspace(base, press(acts, "history", report.id), words))
    shown.append(workspace(base, press(acts, "difference", f"{report.id} 2 3"), words))
    for html in shown:
        assert "<script" not in html and "<img" not in html
    assert all("&lt;script" in html for html in (preview, *shown[2:]))


def test_a_document_that_went_away_leaves_the_workspace_with_what_to_do(base: KnowledgeBase) -> None:
    html = workspace(base, View(kind="preview", document_id="gone"), ZH)
    assert "还没有手册" in html and "上传文件" in html
