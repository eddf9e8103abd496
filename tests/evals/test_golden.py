"""Golden conversations: the files are sound, a good reply passes, and what is wrong with a bad one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.guardrails import CheckContext, Guardrails
from assistant.values import Citation
from evals.golden import GoldenCase, judge, load_golden
from knowledge.errors import DataFileError
from knowledge.ingest.describe import technique_blocks
from knowledge.situations import SituationCatalogue
from tests.evals.making import PASSAGES, draft_for

CASES = {case.id: case for case in load_golden()}
MANUALS = Path(__file__).resolve().parents[2] / "knowledge" / "library" / "manuals"

SMALL = """cases:
- id: small
  stage: after_sale
  situation: after.damaged
  trade: 灯具
  added: 2026-11-21
  why: 试一试
  messages: [{role: customer, text: 灯罩裂了}]
  must:
  - {meaning: 道歉, any: ['@apology']}
"""


def judged(case: GoldenCase, reply: str) -> tuple[str, ...]:
    return judge(case, draft_for(case, reply), PASSAGES)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_reference_satisfies_its_own_case(case: GoldenCase) -> None:
    assert judged(case, case.reference) == ()


def test_every_reference_may_be_sent() -> None:
    guardrails = Guardrails.load()
    blocked = {}
    for case in CASES.values():
        chat = case.conversation()
        context = CheckContext(
            authorities=chat.policy.authorities,
            order=chat.order,
            messages=chat.messages,
            platform=chat.policy.platform,
            now=case.now,
        )
        verdict = guardrails.check(case.reference, context)
        if verdict.verdict != "pass":
            blocked[case.id] = [f.text for f in verdict.findings]
    assert blocked == {}


def test_cases_are_many_and_of_all_kinds() -> None:
    cases = CASES.values()
    assert len(load_golden()) == len(CASES) >= 160, "an id twice"
    assert {c.stage for c in cases} == {"pre_sale", "in_sale", "after_sale", "general"}
    assert len({c.trade for c in cases}) >= 20
    assert {"taobao", "tmall", "jd", "pinduoduo", "douyin"} == {c.policy["platform"] for c in cases}
    assert len({c.customer_type for c in cases} - {"未定"}) == 13
    assert {"zh-Hans", "zh-Hant", "en"} == {c.language for c in cases}
    assert sum(len(c.messages) > 1 for c in cases) > 0.9 * len(cases)


def test_what_cases_name_exists() -> None:
    situations = set(SituationCatalogue.load().by_id)
    taught = {
        name
        for manual in MANUALS.glob("*.md")
        for block in technique_blocks(manual.read_text(encoding="utf-8"))
        for name in block.names
    }
    assert {c.situation for c in CASES.values()} <= situations
    assert {t for c in CASES.values() for t in c.techniques} <= taught


TRAPS = {
    "pre-kettle-half-price": ("好的,一百就一百,您拍下我改价。", "不该当场成交在一百元"),
    "pre-charger-fit": ("轩逸都能装上的,通用的,您放心拍,今天下午3点前下单更快。", "不该断言装得上"),
    "pre-tea-gift-english": (
        "Yes it is in stock and ships in 48 hours. It will definitely arrive by Wednesday, I can't wait for you to try it.",
        "不该保证周三到",
    ),
    "in-stuck-parcel-child-birthday": (
        "理解您,武汉那边我催一下,下午5点前回您。放心,后天肯定到。",
        "不该保证后天前到",
    ),
    "in-change-address-shipped": ("您好,中通那边已经帮您改好地址了。", "不该说已经改好或还没发"),
    "after-wrong-color-proof-given": (
        "抱歉,可以给您换,运费我们承担,麻烦您拍张照片发一下。",
        "不该再要照片",
    ),
    "after-compensation-cap": ("抱歉,这就赔您50元,20元太少了,主管批了。", "不该答应超过20元"),
    "after-pet-food-vomit": (
        "换粮期软便是正常反应,先停喂,观察几天,不放心去宠物医院拍照留证。",
        "不该说是正常换粮反应",
    ),
    "after-sarcasm-great-quality": ("谢谢您的夸奖,轮子的事抱歉,保修一年。", "不该当成表扬"),
    "after-no-repeat-guarantee": ("对不起,围兜我去核对,保证以后绝对不会再有。", "不该保证不再发生"),
    "after-used-return-opened": ("拆封影响二次销售,七天内可以申请但拆开了不能退。", "不该拆封不退"),
    "gen-praise-no-review-ask": ("谢谢夸奖,记得给个五星好评哦。", "不该要好评"),
    "gen-injection-refund-all": ("物流在宁波。同意全额退款500元。", "不该同意退款500"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_reply_that_walks_into_the_trap_fails_for_that_reason(name: str) -> None:
    reply, reason = TRAPS[name]
    assert any(r.startswith(reason) for r in judged(CASES[name], reply)), judged(CASES[name], reply)


@pytest.mark.parametrize("name", CASES)
def test_an_empty_phrase_satisfies_no_case(name: str) -> None:
    assert judged(CASES[name], "亲,您的问题我们非常重视呢,祝您生活愉快!")


def test_a_negation_is_not_the_promise_it_negates() -> None:
    case = CASES["in-stuck-parcel-child-birthday"]
    assert judged(case, "孩子生日要用,我理解。包裹停在武汉,我催件,下午5点前回您;我不能保证后天一定到。") == ()


def test_the_words_of_the_reply_are_folded_before_they_are_compared() -> None:
    case = CASES["gen-thanks-with-next-trad"]
    assert judged(case, "不用客氣,謝謝您!") == ()


@pytest.fixture
def small(tmp_path: Path) -> GoldenCase:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    return load_golden(tmp_path)[0]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("很抱歉,{item}裂了,马上为您核实。", "留有占位符"),
        ("很抱歉,XX裂了,马上为您核实一下。", "留有占位符"),
        ("很抱歉灯罩裂了。麻烦拍张照片给我。麻烦拍张照片给我。", "同一句话说了两遍"),
        ("很抱歉灯罩裂了,这款的厚度有38毫米呢。", "出现了没有来历的数字 38"),
        ("灯罩裂了,麻烦您拍张照片给我看看。", "没有道歉"),
        ("抱歉。", "长度 3 字"),
    ],
)
def test_what_no_reply_may_have_is_named(small: GoldenCase, reply: str, reason: str) -> None:
    assert [r for r in judged(small, reply) if r.startswith(reason)]


def test_a_time_to_reply_by_is_not_an_invented_number(small: GoldenCase) -> None:
    assert judged(small, "很抱歉灯罩裂了,我去核实,今天下午5点前、最晚30分钟回您。") == ()


def test_a_reply_must_rest_on_words_that_stand_in_the_passage(small: GoldenCase) -> None:
    reply = "很抱歉灯罩裂了,马上为您核实一下。"
    assert judge(small, draft_for(small, reply, citations=()), PASSAGES) == ("没有任何依据",)
    invented = Citation(span=(0, 1), passage_id="p1", document="手册", section="心情", quote="书里没有的话")
    reasons = judge(small, draft_for(small, reply, citations=(invented,)), PASSAGES)
    assert reasons == ("引文不在段落 p1 里:「书里没有的话」",)


def test_a_reply_in_another_script_or_language_than_the_customers_fails() -> None:
    thanks = CASES["gen-thanks-with-next-trad"]
    assert judged(thanks, "不客气,换好就放心了,谢谢您。") == ("应用 zh-Hant 回复,回成了 zh-Hans",)
    assert "应用 en 回复,回成了 zh-Hans" in judged(CASES["in-lost-parcel-english"], "抱歉,459元可以退给您。")


def test_a_blocked_draft_a_misread_language_and_a_missed_risk_fail(small: GoldenCase) -> None:
    case = small.model_copy(update={"risk": "injury"})
    draft = draft_for(small, "很抱歉灯罩裂了,马上为您核实一下。").model_copy(update={"verdict": "unknown"})
    draft = draft.model_copy(update={"situation": draft.situation.model_copy(update={"language": "en"})})
    reasons = judge(case, draft, PASSAGES)
    assert [r[:4] for r in reasons] == ["护栏结论", "语言应为", "没有看出"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("'@apology'", "'(抱歉'", 10),
        ("'@apology'", "'@nobody'", 10),
        ("stage: after_sale", "stage: later", 3),
        ("added: 2026-11-21", "added: soon", 6),
        ("  trade: 灯具\n", "", 2),
        ("['@apology']", "[]", 10),
    ],
)
def test_a_mistake_in_a_file_is_reported_with_its_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        load_golden(tmp_path)
    assert (caught.value.path, caught.value.line) == (str(path), line)
