"""Checks that a program runs: each says yes or no with its reason, by meaning and not by substring."""

from __future__ import annotations

import pytest

from assistant.values import Citation
from evals.checks import (
    Asks,
    Check,
    Cited,
    CitesTechnique,
    DoesNotSay,
    Expectation,
    InLanguage,
    MaySend,
    NextStep,
    NoPlaceholder,
    NoRepetition,
    NumbersGrounded,
    Offers,
    OfLength,
    Says,
    Seen,
    failed,
)
from evals.golden import load_golden
from tests.evals.making import PASSAGES, draft_for

PHOTO = Expectation(meaning="要照片", any=("@evidence",))
REFUND = Expectation(meaning="退款", any=("退款", "把钱退"))
ARRIVES = Expectation(meaning="保证明天到", any=("@sure_arrival",), unless=("@not",))


@pytest.mark.parametrize(
    ("check", "reply", "passes"),
    [
        (Says(REFUND), "这单我把钱退给您。", True),
        (Says(REFUND), "這單我把錢退給您。", True),
        (Says(REFUND), "我查一下物流。", False),
        (DoesNotSay(ARRIVES), "明天一定到,您放心。", False),
        (DoesNotSay(ARRIVES), "我不能保证明天一定到。", True),
        (Asks(PHOTO), "方便发我一张照片吗?", True),
        (Asks(PHOTO), "麻烦您拍照给我。", True),
        (Asks(PHOTO), "照片我看过了。", False),
        (Asks(PHOTO), "您想先退还是先换?", False),
        (Offers(REFUND), "我现在就给您办退款。", True),
        (Offers(REFUND), "这种情况不能退款。", False),
        (Offers(REFUND), "您说的退款我看到了。", False),
        (InLanguage("zh-Hant"), "這單已經寄出,請您留意。", True),
        (InLanguage("zh-Hant"), "这单已经寄出,请您留意。", False),
        (OfLength(5, 20), "好的,我马上查。", True),
        (OfLength(5, 20), "好的。", False),
        (NoPlaceholder(), "您买的{item}我查一下。", False),
        (NoRepetition(), "我现在就去查一下。我现在就去查一下。", False),
        (NumbersGrounded(), "给您补15元。", False),
        (NumbersGrounded((15.0,)), "给您补15元。", True),
        (NumbersGrounded(), "①保修一年 ⑤我去查,①⑤一起回您。", True),
        (Says(Expectation(meaning="不用您跑", any=("不用您跑",))), "不用你跑一趟。", True),
        (DoesNotSay(Expectation(meaning="怪顾客", any=("(?:您|你)自己弄坏",))), "是你自己弄坏的。", False),
    ],
)
def test_a_check_says_whether_and_why(check: Check, reply: str, passes: bool) -> None:
    result = check(Seen(reply))
    assert result.passed is passes
    if not passes:
        assert result.reason


def test_the_reason_names_the_words_or_what_is_missing() -> None:
    assert DoesNotSay(ARRIVES)(Seen("明天一定到,您放心。")).reason.startswith("不该保证明天到:「")
    assert Offers(REFUND)(Seen("这种情况不能退款。")).reason == "提到了「退款」,但没有答应退款"
    assert Says(REFUND)(Seen("我查一下。")).reason == "没有退款"


def test_what_only_a_draft_can_show_fails_without_one() -> None:
    seen = Seen("您好。")
    assert [check(seen).passed for check in (MaySend(), Cited(), NextStep(REFUND))] == [False, False, False]


def test_next_steps_techniques_and_citations_are_read_from_the_draft() -> None:
    case = load_golden()[0]
    draft = draft_for(case, "您好。").model_copy(update={"next_steps": ("核对订单后提交退款",)})
    seen = Seen("您好。", draft=draft, passages=PASSAGES)
    assert NextStep(REFUND)(seen).passed
    assert Cited()(seen).passed
    assert CitesTechnique(("同理心",))(seen).passed
    assert not CitesTechnique(("催付",))(seen).passed
    strange = Citation(span=(0, 1), passage_id="p9", document="手册", section="", quote="没有这段")
    other = Seen("您好。", draft=draft.model_copy(update={"citations": (strange,)}), passages=PASSAGES)
    assert "p9" in Cited()(other).reason


def test_checks_are_put_together_by_calling_them() -> None:
    seen = Seen("方便发我一张照片吗?我现在就给您办退款。")
    results = [check(seen) for check in (Says(REFUND), Asks(PHOTO), DoesNotSay(ARRIVES), OfLength(1, 5))]
    assert failed(results) == (f"长度 {len(seen.reply)} 字,应在 1 到 5 之间",)


def test_a_measure_as_people_say_it_is_the_one_that_was_given() -> None:
    assert NumbersGrounded()(Seen("2.6乘2.45我记下了。", given=("窗宽2米6 高2米45",))).passed
    assert NumbersGrounded()(Seen("2米45我记下了。", given=("高2.45米",))).passed
    assert not NumbersGrounded()(Seen("2.8米的也有。", given=("窗宽2米6",))).passed


def test_a_way_of_saying_hidden_in_another_pattern_is_refused() -> None:
    with pytest.raises(ValueError, match="whole pattern"):
        Expectation(meaning="核对", any=("页面|@verify",))
