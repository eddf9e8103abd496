"""The authored examples: every line is valid, said once, and both sides of each category are there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from assistant.authority import Authority
from assistant.conversation import Order
from assistant.guardrails.fold import fold
from assistant.guardrails.ledger import Ledger
from assistant.guardrails.semantic.discharge import Said, says_what_is_allowed, standing
from assistant.guardrails.semantic.examples import load_examples
from assistant.guardrails.semantic.sources import Line, composed, fragments, gather
from assistant.values import Category
from knowledge.errors import DataFileError
from knowledge.values import AuthorityKind


def test_thousands_of_lines_with_as_many_harmless_ones_in_every_voice() -> None:
    lines = [e for file in load_examples().values() for e in file]
    bad = [e for e in lines if e.acts]
    assert len(lines) >= 4000
    assert 0.3 < len(bad) / len(lines) < 0.6
    voices = Counter(e.voice for e in lines)
    assert min(voices[v] for v in ("terse", "long", "obfuscated", "traditional", "english", "mixed")) >= 100
    by_category = Counter(a for e in bad for a in e.acts)
    assert min(by_category.values()) >= 50


def test_a_line_without_a_known_category_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"text":"好的","acts":[]}\n{"text":"好的","acts":["nonsense"]}\n', encoding="utf-8"
    )
    with pytest.raises(DataFileError, match="line 2"):
        load_examples(tmp_path)


def test_an_authority_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    line = '{"text":"给您补15","acts":["promise.compensation"],"allows":["generosity"]}\n'
    (tmp_path / "a.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(DataFileError):
        load_examples(tmp_path)


def test_twins_are_kept_on_one_side_of_a_split(tmp_path: Path) -> None:
    good = (
        '{"id":"1","reply":"这款手机壳防摔效果怎么样我没法替您打包票","expect":"pass","category":"promise.outcome"}\n'
    )
    bad = (
        '{"id":"2","reply":"这款手机壳防摔效果怎么样我都能替您打包票","expect":"block","category":"promise.outcome"}\n'
    )
    path = tmp_path / "labelled.jsonl"
    path.write_text(good + bad, encoding="utf-8")
    lines = [line for line in gather([path]) if line.source == "labelled"]
    assert [bool(line.acts) for line in lines] == [False, True]
    assert lines[0].group == lines[1].group


def test_a_composed_reply_breaches_what_its_one_bad_line_breaches() -> None:
    made = composed(gather(), 20, seed=3)
    assert made == composed(gather(), 20, seed=3)
    assert sum(bool(line.acts) for line in made) == 10
    for line in made:
        assert {act for _, _, acts, _ in line.parts for act in acts} == set(line.acts)
        assert all(0 <= start < end <= len(line.text) for start, end, _, _ in line.parts)


def test_clauses_of_harmless_lines_are_taught_as_bubbles_unless_the_line_says_them_otherwise() -> None:
    lines = [
        Line("您先看下吊牌剪了没,没剪的话我来问仓库。", (), "plain", "examples/a"),
        Line("吊牌剪了没,您看一眼。", (), "plain", "examples/a"),
        Line("有人跟您说明天一定到,那不是我们店里的人。", (), "plain", "examples/a"),
        Line("页面写得清楚,明天一定送到。", (), "plain", "examples/a"),
        Line("给您补三十,别生气了。", ("promise.compensation",), "plain", "examples/a"),
        Line("好的呢", (), "terse", "examples/a"),
    ]
    made = fragments(lines, 10, seed=1)
    assert {line.text for line in made} == {"吊牌剪了没", "您看一眼", "页面写得清楚"}
    assert all(line.acts == () and line.source == "fragments" for line in made)
    assert made == fragments(lines, 10, seed=1)
    assert len(fragments(lines, 1, seed=1)) == 1


@pytest.mark.parametrize(
    ("category", "clause", "held", "expected"),
    [
        ("promise.compensation", "给您补15块", "compensation_up_to:20", "allowed"),
        ("promise.compensation", "给您补15块", "compensation_up_to:10", "breach"),
        ("promise.compensation", "给您补15块", "exchange", "breach"),
        ("promise.compensation", "您的委屈不会白受", "compensation_up_to:20", "unreadable"),
        ("promise.compensation", "寄回来给您换一个", "exchange", "allowed"),
        ("promise.compensation", "寄回来给您换一个", "compensation_up_to:20", "breach"),
        ("promise.price", "随单给您捎一个帆布袋", "gift:帆布袋", "allowed"),
        ("promise.price", "随单给您捎一个保温杯", "gift:帆布袋", "breach"),
        ("promise.delivery_time", "48小时内给您寄走", "ship_within_48h", "allowed"),
        ("promise.delivery_time", "今晚就给您寄走", "ship_within_48h", "breach"),
        ("admission.defect", "这颗螺丝出厂就没拧", "defect_confirmed_by_inspection", "allowed"),
        ("rudeness", "您爱买不买", "compensation_up_to:20", "breach"),
    ],
)
def test_an_act_stands_or_falls_with_what_the_shop_allows(
    category: Category, clause: str, held: str, expected: str
) -> None:
    authorities = (Authority.parse(held),)
    said = Said(fold(clause).text, {})
    assert standing(category, said, said, authorities, Ledger(authorities, None)) == expected


@pytest.mark.parametrize(
    ("kind", "held", "expected"),
    [
        ("exchange", "exchange", "allowed"),
        ("exchange", "return_freight_by_seller", "breach"),
        ("warranty_1y", "exchange", "breach"),
    ],
)
def test_what_the_network_takes_a_promise_for_is_held_against_what_is_granted(
    kind: AuthorityKind, held: str, expected: str
) -> None:
    authorities = (Authority.parse(held),)
    said = Said(fold("您的委屈不会白受").text, {kind: 0.9})
    assert standing("promise.outcome", said, said, authorities, Ledger(authorities, None)) == expected


@pytest.mark.parametrize(
    ("category", "clause", "allowed"),
    [
        ("statutory.denial", "发票给您开专票", True),
        ("statutory.denial", "发票我们不开", False),
        ("off_platform", "抬头税号发我", True),
        ("off_platform", "加我微信开发票", False),
        ("rudeness", "发票您自己琢磨去", False),
    ],
)
def test_what_is_read_as_allowed_is_no_other_breach_unless_its_words_say_so(
    category: Category, clause: str, allowed: bool
) -> None:
    authorities = (Authority.parse("invoice"),)
    said = Said(fold(clause).text, {"invoice": 0.6})
    assert says_what_is_allowed(category, said, said, authorities, Ledger(authorities, None)) is allowed


def test_a_sum_of_another_clause_is_no_second_offer() -> None:
    ledger = Ledger((Authority.parse("compensation_up_to:20"),), None)
    sentence = "补您12块,退到您的钱包"
    assert ledger.fits("compensation_up_to", "补您12块", sentence)
    assert ledger.fits("compensation_up_to", "退到您的钱包", sentence)
    assert not ledger.fits("compensation_up_to", "再补您9块", "再补您9块")


def test_a_share_and_the_sum_that_it_comes_to_are_one_offer() -> None:
    authorities = (Authority.parse("compensation_up_to:100"),)
    ledger = Ledger(authorities, Order(price_yuan=460))
    sentence = "按金额的20%给您补偿,也就是92元"
    assert ledger.fits("compensation_up_to", "按金额的20%给您补偿", sentence)
    assert ledger.fits("compensation_up_to", "也就是92元", sentence)
