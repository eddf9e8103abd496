"""Stance: the same words asserted, negated, asked, quoted, attributed, conditional or read off a page."""

from __future__ import annotations

import time

import pytest

from assistant.guardrails import Guardrails
from assistant.guardrails.clauses import Reading
from assistant.guardrails.fold import fold
from assistant.guardrails.matching import RuleBook
from assistant.guardrails.rulefile import load_rules
from assistant.guardrails.statements import statements
from evals.suite_evasions import EVASIONS
from knowledge.sieve import Sieve, demands


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


@pytest.mark.parametrize(
    ("text", "words", "stance"),
    [
        ("我们没办法保证明天到。", "明天到", "negated"),
        ("您说是我们发错了货。", "我们发错", "attributed"),
        ("请问是质量问题吗?", "质量问题", "asked"),
        ("如果核实是我们发错,会处理。", "我们发错", "conditional"),
        ("页面写的是48小时内发货。", "48小时内发货", "reported"),
        ("您看到的“全网第一”是别家写的。", "全网第一", "quoted"),
        ("We can't guarantee delivery tomorrow.", "delivery tomorrow", "negated"),
        ("明天一定到。", "一定到", "asserted"),
        ("不是不保证明天到。", "明天到", "asserted"),
        ("我們沒辦法保證明天到。", "明天到", "negated"),
        ("拿钱换好评平台是不让做的。", "拿钱换好评", "negated"),
        ("私下转账便宜这种说法请别信。", "私下转账", "negated"),
        ("给钱改评价,我们店不做。", "给钱改评价", "negated"),
        ("没人敢给您打包票。", "打包票", "negated"),
        ("要是质量问题,您走售后。", "是质量问题", "supposed"),
        ("现货那栏是写着48小时内出库的。", "48小时内出库", "reported"),
        ("现在让我认定是我们发错,早了点。", "我们发错", "attributed"),
        ("昨晚那位同事说给您补券,我没查到。", "给您补券", "attributed"),
        ("别家店写着“以后绝对不会坏,放心”,我们没有。", "绝对不会坏,放心”,", "quoted"),
        ("要我说以后一件不错,我说不来。", "以后一件不错", "negated"),
        ("The no-reason return does not apply here.", "no-reason return", "negated"),
        ("您看看是不是另有一单,或者那天只是拍下。", "那天只是拍下", "asked"),
        ("另有一单在路上,或者那天只是拍下。", "那天只是拍下", "asserted"),
    ],
)
def test_a_clauses_stance_is_read(text: str, words: str, stance: str) -> None:
    folded = fold(text).text
    start = folded.index(fold(words).text)
    assert stance in Reading(folded).stances(start, start + len(fold(words).text))


@pytest.mark.parametrize(
    ("passes", "blocks"),
    [
        ("没办法保证明天到。", "不是不保证，就是明天到。"),
        ("您说我们发错货了，我核对一下。", "您说得对，确实是仓库发错货了。"),
        ("您问能不能加微信，平台不允许的。", "能啊，您加我微信吧。"),
        ("如果检测确认是质量问题，会按规定处理。", "检测都不用，就是质量问题。"),
        ("物流显示预计后天送达。", "后天保证送达。"),
        ("我不敢说以后绝对不会再漏发。", "以后绝对不会再漏发。"),
        ("您发的“加薇❤”是骗子的话，请别理会。", "加薇❤发您实拍。"),
        ("I can't say it is our fault before checking.", "It is our fault."),
        ("别人让您加微信的，千万别加。", "方便的话您加我微信。"),
        ("不管怎样都说不准明天能不能到。", "不管怎样明天一定给您送到。"),
        ("明天能不能到呢？", "明天就能送到呢。"),
        ("There is no way to promise that it arrives tomorrow.", "No doubt it will arrive tomorrow."),
        ("邮费看原因:核下来是质量问题,店里出。", "核过了,就是质量问题。"),
        ("难怪您先想到路上会不会冻坏。", "怪您自己操作不当弄坏的。"),
        ("上来一句“概不退换”确实不该这么回,对不起。", "页面上那句“概不退换”您也看到了,这单概不退换。"),
    ],
)
def test_twins_that_differ_in_stance_differ_in_verdict(guardrails: Guardrails, passes: str, blocks: str) -> None:
    assert guardrails.check(passes).verdict == "pass"
    assert guardrails.check(blocks).verdict == "block"


def test_the_agents_own_answer_by_time_is_no_prohibited_promise(guardrails: Guardrails) -> None:
    for reply in ("今天下午4点前回复您。", "30分钟内回您。", "半小时内我一定回您消息。", "明天上午10点前给您答复。"):
        assert guardrails.check(reply).verdict == "pass", reply
    for reply in ("今天下午4点前给您发货。", "明天上午10点前送到。", "退款今天就到账。"):
        assert guardrails.check(reply).verdict == "block", reply


@pytest.mark.parametrize("evasion", EVASIONS)
@pytest.mark.parametrize(
    "reply", ["给您补偿30元", "明天一定送到", "加我微信", "五星好评返现", "拆封不退", "是质量问题"]
)
def test_a_bad_reply_is_seen_through_its_evasion(guardrails: Guardrails, reply: str, evasion: str) -> None:
    disguised = EVASIONS[evasion](reply)
    verdict = guardrails.check(disguised)
    assert verdict.verdict == "block", disguised
    assert all(disguised[f.span[0] : f.span[1]] == f.text for f in verdict.findings)


def test_the_sieve_never_leaves_out_a_pattern_that_matches() -> None:
    book = RuleBook(load_rules())
    sources = [c.sources for c in book._compiled]
    sieve = Sieve(sources)
    for file in book.files:
        for example in (*file.block, *file.passes):
            text = fold(example.reply).text
            candidates = set(sieve.candidates(text))
            matching = {
                i
                for i, c in enumerate(book._compiled)
                if c.pattern.search(text.encode("utf-8")) and all(p.search(text) for p in c.beside)
            }
            assert matching <= candidates


def test_what_a_pattern_cannot_do_without_is_read_off_it() -> None:
    assert demands("(?:给|帮)您.{0,3}补") == [{"给您", "帮您"}, {"补"}]
    assert demands("[^a]{0,3}") == []


@pytest.mark.parametrize("unit", ["给您补", "不", "，", "亲", "加 ", "a b ", "保证明天到，", "“", "如果", "1", "好评"])
def test_no_input_takes_more_than_linear_time(guardrails: Guardrails, unit: str) -> None:
    def seconds(length: int) -> float:
        reply = (unit * length)[:length]
        started = time.process_time()
        guardrails.check(reply)
        return time.process_time() - started

    seconds(4_000)
    short, long = seconds(4_000), seconds(32_000)
    assert long < max(short, 0.01) * 8 * 4


def test_every_clause_tells_its_stance_and_what_it_names() -> None:
    reading = Reading(fold("您说想要补50元，我这边没法答应，先给您登记，明天下午回您").text)
    said, refused, offered, promised = statements(reading)
    assert said.yuan == (50.0,)
    assert "attributed" in said.stances and not said.asserted
    assert "negated" in refused.stances
    assert offered.asserted
    assert promised.hours == 24


@pytest.mark.parametrize(
    "reply",
    [
        "如果方便的话,这是我们仓库的疏失",
        "您不介意的话,主板烧了,这是机器的毛病",
        "我让厂家给您免费换整机,具体以页面为准。",
        "I'll send you 30 yuan as an apology,具体以页面为准。",
        "银行明天就会到账,以实际情况为准哦。",
        "银行明天就会到账(仅供参考)",
        "这面料水洗一百回都新的一样(仅供参考)",
        "国内没人做得过我们,别的我不敢说。",
    ],
)
def test_a_breach_stays_one_beside_a_polite_condition_or_a_tail_that_takes_nothing_back(
    guardrails: Guardrails, reply: str
) -> None:
    assert guardrails.check(reply).verdict == "block"


@pytest.mark.parametrize(
    "reply",
    [
        "方便的话,麻烦您拍一张面单给我。",
        "退款原路退回,一般1到3个工作日到账,以支付渠道为准。",
        "物流显示预计后天送达,具体以物流更新为准。",
        "活动价以页面显示为准,我这边看到的和您一样。",
    ],
)
def test_what_is_told_of_a_page_with_its_reserve_passes(guardrails: Guardrails, reply: str) -> None:
    assert guardrails.check(reply).verdict == "pass"
