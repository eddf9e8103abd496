"""Scenarios of a phrasebook become queries, and are no longer in what is searched."""

from __future__ import annotations

from evals.transfer import cases_of, read_phrasebook

BOOK = """# 售后话术

## 1. 退货政策

**适用场景:** 买家问"能不能退/怎么退"

```
亲,七天之内都可以退哦。
```

## 2. 道谢

适用场景: 买家道谢

```
谢谢您的信任!
```

## 使用技巧

```
不是话术
```
"""


def test_a_scenario_leaves_the_text_and_asks_for_its_script() -> None:
    text, scenarios = read_phrasebook("店/售后.md", BOOK)
    assert "适用场景" not in text and "七天之内" in text
    assert [(s.title, s.said, s.snippet) for s in scenarios] == [
        ("退货政策", "能不能退/怎么退", "亲七天之内都可以退哦"),
        ("道谢", "买家道谢", "谢谢您的信任"),
    ]


def test_scripts_of_one_title_answer_the_same_scenario() -> None:
    _, one = read_phrasebook("甲/售后.md", BOOK)
    _, other = read_phrasebook("乙/售后.md", BOOK.replace("七天之内都可以退", "签收后一周内支持退货"))
    first, *_ = cases_of((*one, *other))
    assert first.kind == "甲"
    assert first.gold == ("亲七天之内都可以退哦", "亲签收后一周内支持退货哦")
