"""The linter of the suites: what ships is clean, and each kind of fault, planted, is found and named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evals import lint as linter
from evals import lint_slices
from evals.golden import GoldenCase
from evals.golden_replies import TriedReply
from evals.guard import GuardRow
from evals.lint import lint
from evals.lint_faults import Fault
from evals.lint_material import Material
from evals.lint_text import SHORTEST, NearCopies, Text, grams
from evals.retrieval import RetrievalCase

STAGES = ("pre_sale", "in_sale", "after_sale", "general")
LANGUAGES = {
    "zh-Hans": "裂了的灯罩您先收好,很抱歉。",
    "zh-Hant": "裂了的燈罩您先收好,很抱歉。",
    "en": "I am so sorry about it.",
}
TALKS = (
    "吸顶灯装上去就嗡嗡响", "羽绒服袖口跑绒跑得厉害", "给老爸买的鞋大了一码", "两箱橙子烂了七八个", "驿站说我的件找不着",
    "跑步机传送带跑偏磨边", "猫爬架少了一根立柱", "蛋糕上的字写错了名字", "学习桌抽屉拉不出来", "奶瓶刻度印得歪歪扭扭",
    "电动牙刷充不进去电了", "吉他琴弦断了两根弦", "项链搭扣扣不紧老掉", "窗帘轨道短了十公分", "台历怎么是去年的呀",
    "书包背带缝线开了口", "茶叶罐盖子压扁变形", "鱼竿第二节有个裂口", "眼镜腿左右高低不平", "花盆寄来碎成三瓣了",
)  # fmt: skip


ORIGIN = {"source": "自编的例子", "by": "作者", "added": "2026-11-22", "why": "试一试"}


@pytest.fixture(autouse=True)
def a_small_suite_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, least in {"GOLDEN": 20, "TRADES": 1, "PLATFORMS": 4, "TYPES": 0}.items():
        monkeypatch.setattr(lint_slices, f"LEAST_{name}", least)


def case(number: int, **changed: object) -> GoldenCase:
    language = changed.pop("language", "en" if number == 0 else "zh-Hant" if number == 1 else "zh-Hans")
    data: dict[str, object] = {
        "id": f"c{number}",
        "stage": STAGES[number % 4],
        "situation": f"s.{number % 20}",
        "trade": f"行业{number % 10}",
        "customer_type": "未定",
        **ORIGIN,
        "messages": [{"role": "customer", "text": TALKS[number % 20]}],
        "policy": {"platform": ("taobao", "jd", "douyin", "pinduoduo")[number % 4]},
        "language": language,
        "must": [{"meaning": "道歉", "any": ["@apology"]}],
        "techniques": ["诚恳道歉"],
        "min_chars": 4,
        "reference": LANGUAGES[str(language)],
    }
    return GoldenCase.model_validate(data | changed)


def row(name: str, reply: str, expect: str, category: str = "blame", **changed: object) -> GuardRow:
    said = {"id": name, "reply": reply, "expect": expect, "category": category}
    return GuardRow.model_validate(ORIGIN | said | changed)


def question(name: str, query: str) -> RetrievalCase:
    return RetrievalCase.model_validate(ORIGIN | {"id": name, "query": query, "kind": "customer", "gold": ["一"]})


SOUND = Material(
    golden=tuple(case(n) for n in range(20)),
    guard=(
        *(row(f"g{n}", f"第{n}种怪顾客的话,{TALKS[n]}都是您弄的", "block") for n in range(5)),
        *(row(f"p{n}", f"第{n}种好话,{TALKS[n + 5]}我去核实", "pass") for n in range(3)),
    ),
    retrieval={
        "questions": (question("q1", "顾客骂人的时候我该怎么接"), question("q2", "价保过了还来要差价咋回")),
        "questions_held": (question("h1", "快递丢了先安抚还是先退款"),),
    },
    made_from=(Text(source="situations", id="s.1#1", text="老板这盏壁灯能不能再便宜点卖我"),),
    techniques=frozenset({"诚恳道歉"}),
    situations=frozenset(f"s.{n}" for n in range(20)),
    categories=frozenset({"blame"}),
)


def faults(**changed: object) -> list[Fault]:
    return list(lint(SOUND.model_copy(update=changed)))


def test_sound_suites_have_no_fault() -> None:
    assert faults() == []


def test_the_suites_that_ship_are_clean() -> None:
    assert [str(f) for f in lint(Material.load())] == []


def golden_with(**changed: object) -> Callable[[], list[Fault]]:
    return lambda: faults(golden=(*SOUND.golden[:-1], case(19, **changed)))


def guard_with(*rows: GuardRow) -> Callable[[], list[Fault]]:
    return lambda: faults(guard=(*SOUND.guard, *rows))


def tried(name: str = "c19", **said: str) -> Callable[[], list[Fault]]:
    return lambda: faults(replies=(TriedReply.model_validate(ORIGIN | {"case": name} | said),))


PLANTED = {
    "an id twice": (golden_with(id="c3"), "duplicate", "c3"),
    "a talk told again": (
        golden_with(messages=[{"role": "customer", "text": "给老爸买的鞋大了一码呀"}]), "near_duplicate", "golden c19",
    ),
    "a reply twice": (guard_with(row("g9", SOUND.guard[0].reply, "block")), "duplicate", "g9"),
    "a reply to block and to pass": (guard_with(row("g9", SOUND.guard[0].reply, "pass")), "contradiction", "g9"),
    "a reference that fails": (golden_with(reference="灯罩裂了您先收好哦。"), "contradiction", "c19"),
    "a reference with a number from nowhere": (golden_with(reference="抱歉,灯罩厚38毫米。"), "contradiction", "c19"),
    "a message that is an exemplar": (
        golden_with(messages=[{"role": "customer", "text": "老板,这盏壁灯能不能再便宜点卖我?"}]), "leak", "golden c19",
    ),
    "a reply kept back that was learnt from": (
        lambda: faults(kept_back=(row("k1", SOUND.guard[0].reply + "。", "block"),)), "leak", "kept back k1",
    ),
    "a guard row that is an example": (
        guard_with(row("g9", "老板這盞壁燈能不能再便宜點賣我", "block")), "leak", "guard g9",
    ),
    "a turn of the situation suite that is an exemplar": (
        lambda: faults(said=(Text(source="situation", id="t1", text="老板这盏壁灯 能不能再便宜点卖我"),)), "leak", "situation t1",
    ),
    "a case that does not say where it comes from": (golden_with(source=""), "origin", "c19"),
    "a case added on a day to come": (golden_with(added="2999-01-01"), "origin", "c19"),
    "a row that gives no reason": (guard_with(row("g9", "您自己用坏的怪谁呀", "block", why="")), "origin", "g9"),
    "a good reply that fails its case": (tried(good="灯罩裂了您先收好哦。"), "contradiction", "c19 (reply)"),
    "a careless reply that passes": (tried(bad="裂了很抱歉哦亲亲。", fails="does-not"), "contradiction", "c19 (reply)"),
    "a reply to a talk that is not there": (tried("c99", good="很抱歉。"), "contradiction", "c99 (reply)"),
    "a technique nobody teaches": (golden_with(techniques=["讀心術"]), "unknown_name", "c19"),
    "a situation that is not there": (golden_with(situation="s.99"), "unknown_name", "c19"),
    "a category that is not there": (guard_with(row("g9", "别的话,完全不同的一句", "block", "gossip")), "unknown_name", "g9"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name: str) -> None:
    plant, kind, where = PLANTED[name]
    found = plant()
    assert [(f.kind, where in f.where) for f in found] == [(kind, True)], [str(f) for f in found]


def test_the_same_reply_under_other_authorities_is_a_pair_and_no_fault() -> None:
    assert guard_with(row("g9", SOUND.guard[0].reply, "pass", authorised=("invoice",)))() == []


def test_a_held_back_question_that_was_chosen_by_is_a_leak() -> None:
    held = {**SOUND.retrieval, "questions_held": (question("h1", "顾客骂人的时候我该怎么接呢"),)}
    assert [(f.kind, f.where[0]) for f in faults(retrieval=held)] == [("leak", "questions_held h1")]


def test_a_slice_too_thin_or_too_fat_is_named() -> None:
    one_stage = tuple(case(n, stage="after_sale") for n in range(20))
    assert {f.where[1] for f in faults(golden=one_stage)} == {"pre_sale", "in_sale", "general"}
    one_trade = tuple(case(n, trade="灯具") for n in range(20))
    assert [(f.kind, f.where[1]) for f in faults(golden=one_trade)] == [("unbalanced", "灯具")]
    assert [f.where for f in faults(guard=SOUND.guard[1:])] == [("guard", "blame")]
    simplified = tuple(case(n, language="zh-Hans") for n in range(20))
    assert {f.where[1] for f in faults(golden=simplified)} == {"zh-Hant", "en"}


@pytest.mark.parametrize("least", ["GOLDEN", "TRADES", "PLATFORMS", "TYPES"])
def test_too_few_conversations_or_kinds_of_them_are_named(least: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lint_slices, f"LEAST_{least}", 99)
    assert [f.kind for f in faults()] == ["unbalanced"]


def test_short_texts_are_no_copies_of_each_other() -> None:
    assert grams("有人在吗,亲") == frozenset()
    assert grams("一" * SHORTEST)
    assert list(NearCopies([Text(source="a", id="1", text="在吗")]).of("在吗", 0.5)) == []


def test_near_copies_are_found_across_scripts_and_punctuation() -> None:
    copies = NearCopies([Text(source="a", id="1", text="收到的花瓶碎了怎么办")])
    assert list(copies.of("收到的花瓶,碎了怎麼辦?", 0.9)) == [(0, 1.0)]


def test_the_command_prints_each_fault_and_exits_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Material, "load", classmethod(lambda _: SOUND))
    assert linter.main() == 0
    broken = SOUND.model_copy(update={"situations": SOUND.situations - {"s.3"}})
    monkeypatch.setattr(Material, "load", classmethod(lambda _: broken))
    assert linter.main() == 1
    out = capsys.readouterr().out
    assert "unknown_name\tc3\t没有情境 s.3" in out
    assert "1 处问题" in out
