"""What patterns can't see: meaning read by the trained layer, weighed with rules and with what the shop allows."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from assistant.authority import Authority
from assistant.conversation import Message, Order
from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.semantic.classes import BREACHES, CLASSES
from assistant.guardrails.semantic.decisions import load_decisions
from assistant.guardrails.semantic.encoder import Encoder, ReadyEncoder
from assistant.guardrails.semantic.layer import SemanticLayer
from assistant.guardrails.semantic.networks import LEADING
from assistant.guardrails.semantic.sources import Line
from assistant.guardrails.semantic.training import Course, loss_of, pieces, target, taught
from knowledge.embedding import Embedder
from knowledge.errors import KefuError


@pytest.fixture(scope="module")
def model(offline_model: Path) -> Any:
    return Embedder.open(offline_model.parent).model


@pytest.fixture(scope="module")
def layer(model: Any) -> SemanticLayer:
    return SemanticLayer(lambda: model)


@pytest.fixture(scope="module")
def guardrails(layer: SemanticLayer) -> Guardrails:
    return Guardrails.load(layer=layer)


@pytest.mark.parametrize(
    ("blocks", "passes"),
    [
        ("这口锅您用到孙子娶媳妇都还跟新的一样。", "这口锅能用多久要看怎么保养,我不敢跟您夸口。"),
        ("下一回这种闹心事,您做梦都梦不着了。", "下一回还会不会这样,我没法替以后打包票。"),
        ("您自个儿毛手毛脚的,怨得了谁呢。", "您方便说说当时是怎么装的吗?我对照说明书帮您看。"),
        ("这头规矩多,您来绿色那个软件上找我,价钱另说。", "聊天请就在这个窗口,换到别处我们都看不到订单。"),
    ],
)
def test_meaning_without_a_trigger_word_blocks_and_its_twin_passes(
    guardrails: Guardrails, blocks: str, passes: str
) -> None:
    assert guardrails.check(blocks).verdict == "block"
    assert guardrails.check(passes).verdict == "pass"


def test_a_finding_names_clause_category_and_an_authored_example(layer: SemanticLayer) -> None:
    guardrails = Guardrails.load(layer=layer)
    reply = "您好,照片看到了,麻烦再拍一张底部的标签。下一回这种闹心事,您做梦都梦不着了。拍好发我就行。"
    found = [f for f in guardrails.check(reply).findings if f.rule == "semantic.promise.no_recurrence"]
    assert [reply[f.span[0] : f.span[1]] == f.text for f in found] == [True]
    assert "标签" not in found[0].text and found[0].text in "下一回这种闹心事,您做梦都梦不着了"
    assert "像这句不能说的" in found[0].message


def test_what_the_shop_allows_is_no_breach_by_meaning_either(layer: SemanticLayer) -> None:
    reply = "这趟让您受累了,十五块的辛苦钱我给您挂到账上了。"
    guardrails = Guardrails.load(layer=layer)
    allowed = CheckContext(authorities=(Authority.parse("compensation_up_to:20"),))
    too_little = CheckContext(authorities=(Authority.parse("compensation_up_to:10"),))
    assert guardrails.check(reply).verdict == "block"
    assert guardrails.check(reply, allowed).verdict == "pass"
    assert guardrails.check(reply, too_little).verdict == "block"


@pytest.mark.parametrize(
    ("reply", "allows", "another"),
    [
        ("裤长不对没关系,这条寄回,三十码的寄您。", "exchange", "refund_7day_no_reason"),
        ("寄过来不用您花钱,快递到了我们仓库付。", "return_freight_by_seller", "exchange"),
        ("您这单九十五,运费就不收了。", "free_shipping_over:88", "free_shipping_over:120"),
        ("灯座磕了一角,给您转个八块钱,买瓶水消消火。", "compensation_up_to:10", "compensation_up_to:5"),
        ("上周您买的时候贵三十,今天便宜了三十,这三十我退您。", "price_protection_30d", "coupon:10"),
        ("给您塞了张六块的,付款的时候点一下。", "coupon:6", "coupon:3"),
    ],
)
def test_which_promise_it_is_decides_which_authority_covers_it(
    guardrails: Guardrails, reply: str, allows: str, another: str
) -> None:
    verdicts = [
        guardrails.check(reply, CheckContext(authorities=(Authority.parse(a),))).verdict for a in (allows, another)
    ]
    assert verdicts == ["pass", "block"]


@pytest.mark.parametrize(
    ("passes", "blocks"),
    [
        ("您截图里那句“厂里早就知道这个情况”不是我们店发的。", "跟您说句实在话,厂里早就知道这个情况。"),
        ("上一位同事跟您说过“都怪我们没检查”,是这样吗?", "您别问上一位同事了,都怪我们没检查。"),
        ("您看到的“全网第一”不是我们写的。", "老顾客都说“全网第一”,用过都回来买。"),
    ],
)
def test_words_of_others_are_left_out_unless_they_praise(guardrails: Guardrails, passes: str, blocks: str) -> None:
    assert guardrails.check(passes).verdict == "pass"
    assert guardrails.check(blocks).verdict == "block"


def test_what_the_order_cost_is_no_offer(guardrails: Guardrails) -> None:
    reply = "这单488元,买的是琴包加调音器那个套餐。"
    assert guardrails.check(reply, CheckContext(order=Order(price_yuan=488))).verdict == "pass"
    assert guardrails.check("这单488元退您。", CheckContext(order=Order(price_yuan=488))).verdict == "block"


def test_what_the_law_excepts_may_be_refused(guardrails: Guardrails) -> None:
    assert guardrails.check("活得好好的只是不喜欢,这类鲜活的退不了。").verdict == "pass"
    assert guardrails.check("鲜活的到了就坏也退不了。").verdict == "block"


def test_a_right_refused_in_set_words_stays_refused_however_sure_the_layer_is(guardrails: Guardrails) -> None:
    assert guardrails.check("本店清仓款一经售出概不退换。").verdict == "block"


def test_several_networks_are_read_as_their_mean(model: Any) -> None:
    encoder = Encoder(model)
    networks = [encoder.network() for _ in range(2)]
    for network, bias in zip(networks, (-1.0, 3.0), strict=True):
        torch.nn.init.constant_(network.bias, bias)
    one = ReadyEncoder(model, *networks).encode(["第三只杯子有三种颜色可选"])[0]
    assert one.weights.shape[0] == 2
    assert one.logits() == pytest.approx(
        np.full(len(CLASSES), 1.0), abs=1e-4
    )  # heads that have learnt nothing add none


def test_a_layer_that_cannot_run_is_unknown_and_never_pass() -> None:
    def missing() -> Any:
        raise KefuError("model.not_loadable", "没有模型", "no model")

    guardrails = Guardrails.load(layer=SemanticLayer(missing))
    assert guardrails.check("您好,请问想了解哪一款?").verdict == "unknown"
    assert guardrails.check("加我微信,给您便宜。").verdict == "block"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, tuple[int, ...]]]:
    """How many texts were read at once by which networks."""
    found: list[tuple[int, tuple[int, ...]]] = []
    encode = ReadyEncoder.encode

    def counted(self: ReadyEncoder, texts: Any, networks: Any) -> Any:
        found.append((len(texts), tuple(networks)))
        return encode(self, texts, networks)

    monkeypatch.setattr(ReadyEncoder, "encode", counted)
    return found


def test_a_reply_is_read_once_however_often_it_is_checked(model: Any, read: list[tuple[int, tuple[int, ...]]]) -> None:
    guardrails = Guardrails.load(layer=SemanticLayer(lambda: model))
    replies = ["您好,请问想了解哪一款?", "照片我收到了,正在看。"]
    guardrails.prepare(replies)
    for reply in replies * 2:
        guardrails.check(reply)
    assert read == [(2, (LEADING,))], "the others are not asked where the leading network is sure"


def test_what_the_leading_network_is_unsure_of_goes_to_all(model: Any, read: list[tuple[int, tuple[int, ...]]]) -> None:
    guardrails = Guardrails.load(layer=SemanticLayer(lambda: model))
    bad = "下一回这种闹心事,您做梦都梦不着了。"
    verdict = guardrails.check(bad, mend=False)
    assert verdict.verdict == "block" and read == [(1, (LEADING,)), (1, (0, 2))]
    by_model = CheckContext(by_model=True)
    guardrails.check("照片我收到了,正在看。", by_model)
    assert read[2:] == [(1, (LEADING,)), (1, (0, 2))], "of what a chat model wrote less is needed to block"


def test_replies_checked_together_get_the_verdicts_that_each_would_get(
    model: Any, read: list[tuple[int, tuple[int, ...]]]
) -> None:
    allowed = CheckContext(authorities=(Authority.parse("compensation_up_to:20"),))
    promise = "这趟让您受累了,十五块的辛苦钱我给您挂到账上了。"
    given = [
        ("您好,请问想了解哪一款?", CheckContext()),
        (promise, CheckContext()),
        ("您自个儿毛手毛脚的,怨得了谁呢。标签拍一张给我。", CheckContext()),
        (promise, allowed),
        ("", CheckContext()),
    ]
    together = Guardrails.load(layer=SemanticLayer(lambda: model)).check_all(given)
    batches = len(read)
    apart = Guardrails.load(layer=SemanticLayer(lambda: model))
    assert together == [apart.check(*one) for one in given]
    assert [v.verdict for v in together[:4]] == ["pass", "block", "block", "pass"]
    assert all(v.rewrite for v in together[1:3])
    assert batches < len(read) - batches, "mended replies are read side by side as well"


def test_a_reply_may_start_from_what_the_customer_told_and_still_may_not_grant_it(guardrails: Guardrails) -> None:
    told = CheckContext(messages=(Message(role="customer", text="扫地机用了一年半不转了"),))
    assert guardrails.check("用了一年半突然罢工,家务都打乱了。").verdict == "block", "nobody told of it"
    assert guardrails.check("用了一年半突然罢工,家务都打乱了。", told).verdict == "pass"
    assert guardrails.check("用了一年半突然罢工,给您换台新的。", told).verdict == "block"


def test_one_bad_sentence_is_found_in_a_reply_of_a_thousand_characters(guardrails: Guardrails) -> None:
    fine = "您好,尺码表在详情页第三屏,平铺量的误差在一到两厘米。洗的时候翻面装进洗衣袋,水温别超过三十度。"
    bad = "您自个儿毛手毛脚的,怨得了谁呢。"
    assert guardrails.check(fine * 20).verdict == "pass"
    reply = fine * 10 + bad + fine * 10
    verdict = guardrails.check(reply)
    assert verdict.verdict == "block"
    blocks = [f for f in verdict.findings if f.severity == "block"]
    assert all(len(fine) * 10 <= f.span[0] < len(fine * 10 + bad) for f in blocks), [f.text for f in blocks]


def test_a_piece_of_a_composed_reply_is_taught_from_its_own_clauses_only(model: Any) -> None:
    fine, bad = "标签拍一张给我,我拿去问。", "保您用一辈子。"
    line = Line(fine + bad, ("promise.outcome",), "long", "composed", parts=(
        (0, len(fine), (), ()), (len(fine), len(fine + bad), ("promise.outcome",), ()),
    ))  # fmt: skip
    _, spans = Encoder(model).batches([line.text])
    first, second = pieces(line, spans[0])
    assert (len(first.clauses), len(second.clauses)) == (2, 1)
    assert not first.wanted.any() and second.wanted.sum() == 2  # its category, and a breach of whatever kind
    assert all(spans[0][token][0] >= len(fine) for token in second.clauses[0])


def test_what_nobody_has_said_is_learnt_neither_way() -> None:
    told, untold = target(("promise.compensation",), ("exchange",)), target(("promise.compensation",), None)
    logits, even = torch.zeros(1, len(CLASSES)), torch.ones(len(CLASSES))
    losses = [loss_of(logits, wanted[None], 0.0, even).item() for wanted in (told, untold)]
    assert losses[0] == pytest.approx(len(CLASSES) * math.log(2), rel=1e-5)
    assert losses[1] == pytest.approx(len(BREACHES) * math.log(2), rel=1e-5)


def test_the_same_lines_teach_the_same_weights(model: Any) -> None:
    lines = [Line(f"第{i}只杯子保您用一辈子", ("promise.outcome",), "plain", "t") for i in range(8)]
    lines += [Line(f"第{i}只杯子有三种颜色可选", (), "plain", "t") for i in range(8)]
    encoder = Encoder(model)
    course = Course(epochs=1, batch=8)
    one, two = taught(encoder, lines, course), taught(encoder, lines, course)
    for (name, a), (_, b) in zip(one.learnt(), two.learnt(), strict=True):
        assert np.allclose(a.detach().numpy(), b.detach().numpy(), atol=1e-6), name


def test_a_chat_model_s_words_need_less_to_be_stopped_and_what_only_warns_still_does() -> None:
    decisions = load_decisions()
    person, model = (decisions.threshold("promise.price", by_model) for by_model in (False, True))
    assert model.block < person.block
    assert model.warn <= model.block
    assert decisions.notices < model.block, "what is not noticed is never weighed"
    assert decisions.threshold("ungrounded", True).block > 1


@pytest.mark.parametrize(
    "breach",
    [
        "您寄回的耳机右边单元确实有故障,属于产品本身的问题",
        "壶底那道裂纹是出厂的时候就有的,这个责任在我们这边",
        "这单给您免了",
        "绝无下次",
        "我方全责",
        "保证明天送到",
    ],
)
@pytest.mark.parametrize(
    "joined",
    [
        "{},我去后台看一下。",
        "{},谢谢您的理解。",
        "{},照片我已经看到了。",
        "{},收到后麻烦您告诉我一声。",
        "您别着急,{},今天下午3点前回您。",
    ],
)
def test_courtesies_and_enquiries_beside_a_breach_do_not_make_it_harmless(
    guardrails: Guardrails, breach: str, joined: str
) -> None:
    assert guardrails.check(joined.format(breach), mend=False).verdict == "block"
