"""What a clause does all the same: the layer's suspicion weighs less where the sentence tells of others, or of what was."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.guardrails.clauses import Reading
from assistant.guardrails.fold import fold
from assistant.guardrails.semantic.encoded import Encoded
from assistant.guardrails.semantic.suspicion import Suspicion, is_courtesy, is_excepted, is_softened
from assistant.values import Category

NOTHING_READ = Encoded(
    np.zeros((1, 0, 1), np.float32),
    np.zeros((1, 0, 1), np.float32),
    np.zeros((0, 2), np.int64),
    np.zeros((1, 1), np.float32),
    np.zeros(1, np.float32),
)


def suspected(text: str, words: str, category: Category) -> tuple[Suspicion, Reading]:
    reading = Reading(fold(text).text)
    clause = reading.clause_at(reading.text.index(fold(words).text))
    return Suspicion(category, 0.9, clause, (0, len(reading.text)), NOTHING_READ), reading


@pytest.mark.parametrize(
    ("text", "words", "category"),
    [
        ("盼了半个月拆开是扁的,换谁都难受", "拆开是扁的", "admission.defect"),
        ("追评里有人写偏长", "追评里", "review_manipulation"),
        ("口令谁都别给", "口令", "privacy"),
        ("We never ask for a password", "We never", "privacy"),
        ("还差六块凑满减", "还差六块", "promise.price"),
        ("运费险赔了您七块", "赔了您七块", "promise.third_party"),
        ("那笔三号已经退到卡里了", "那笔三号", "promise.compensation"),
        ("刻字的走不了无理由,刻错我们重刻", "刻错", "admission.fault"),
        ("要按20来,差的5元我得请示主管", "差的5元", "promise.compensation"),
    ],
)
def test_what_others_feel_wrote_or_got_weighs_less(text: str, words: str, category: Category) -> None:
    assert is_softened(*suspected(text, words, category))


@pytest.mark.parametrize(
    ("text", "words", "category"),
    [
        ("拆开是扁的,确实是我们没装好,换谁都难受", "拆开是扁的", "admission.defect"),
        ("追评里有人写偏长,您把那句改了", "您把那句改了", "review_manipulation"),
        ("口令给我就行", "口令", "privacy"),
        ("还差六块我给您补上", "还差六块", "promise.price"),
        ("保险会赔您七块", "赔您七块", "promise.third_party"),
        ("那笔三号会退到卡里", "那笔三号", "promise.compensation"),
        ("刻错我们重刻", "刻错", "admission.fault"),
        ("我请示过主管,那5元再补给您", "我请示过主管", "promise.compensation"),
    ],
)
def test_the_same_words_said_by_the_shop_weigh_in_full(text: str, words: str, category: Category) -> None:
    assert not is_softened(*suspected(text, words, category))


def test_goods_that_the_law_excepts_may_be_refused_but_not_even_when_faulty() -> None:
    assert is_excepted(*suspected("贴身的拆了封不退", "拆了封", "statutory.denial"))
    assert not is_excepted(*suspected("贴身的拆了线头跑出来也不退", "拆了", "statutory.denial"))


def test_a_clause_of_courtesy_alone_is_told_from_one_that_says_more() -> None:
    for clause in ("实在抱歉", " i'm really sorry.", "谢谢您体谅", "sorry about that", "您好", "辛苦您久等了"):
        assert is_courtesy(fold(clause).text), clause
    for clause in ("抱歉是我们发错了", "sorry for sending the wrong size", "谢谢您加我微信", "感谢您给五星"):
        assert not is_courtesy(fold(clause).text), clause
