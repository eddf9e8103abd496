"""The offline engine: the right moves, true words, each with its source."""

from __future__ import annotations

import itertools
import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.conversation import Conversation
from assistant.engines.clock import AnswerBy
from assistant.engines.offline import OfflineEngine
from assistant.engines.slots import slot_values
from assistant.values import Tone
from knowledge.errors import DataFileError
from knowledge.phrasebook import Phrasebook
from knowledge.values import Caution
from tests.assistant.drafts import (
    BARGAIN,
    NOON,
    SMALL,
    TIMED,
    brief,
    conversation,
    match,
    of_technique,
    passage,
    phrasebook,
    proposal,
)


@pytest.fixture
def engine(tmp_path: Path) -> OfflineEngine:
    return OfflineEngine(of_technique, phrasebook(tmp_path / "book"))


@pytest.fixture(scope="module")
def shipped() -> OfflineEngine:
    return OfflineEngine(lambda _: ())


def said(engine: OfflineEngine, talk: Conversation, *situations: str, tone: Tone = "normal") -> str:
    matches = [match(s, 0.9, i) for i, s in enumerate(situations)]
    return proposal(engine, brief(talk, *matches, tone=tone)).reply


def test_without_authority_a_discount_is_declined_and_none_is_offered(engine: OfflineEngine) -> None:
    reply = said(engine, conversation("便宜点吧"), "pre.bargain")
    assert "我改不了" in reply
    assert "券" not in reply


def test_with_a_coupon_authorised_it_is_offered_with_its_own_amount(engine: OfflineEngine) -> None:
    reply = said(engine, conversation("便宜点吧", authorised=["coupon:15"]), "pre.bargain")
    assert "15元券" in reply
    assert "改不了" not in reply


def test_a_move_for_certain_words_is_made_only_when_they_are_said(engine: OfflineEngine) -> None:
    assert "邮费" not in said(engine, conversation("便宜点吧"), "pre.bargain")
    assert "邮费按下单页面" in said(engine, conversation("便宜点吧,包邮吗"), "pre.bargain")


def test_what_was_told_already_is_not_asked_again(engine: OfflineEngine) -> None:
    assert "哪个颜色" in said(engine, conversation("便宜点吧"), "pre.bargain")
    assert "哪个颜色" not in said(engine, conversation("红颜色的", "客服:好的", "便宜点吧"), "pre.bargain")


def test_what_the_agent_said_before_is_said_in_other_words(engine: OfflineEngine) -> None:
    for start in ("您会过日子,我懂。", "想省点钱,谁买东西都这样。", "价格上多问一句是应该的。"):
        reply = said(engine, conversation("在吗", f"客服:{start}", "便宜点吧"), "pre.bargain")
        assert start[:4] not in reply


def test_an_order_fact_is_said_word_for_word_and_left_out_when_unknown(engine: OfflineEngine) -> None:
    order: dict[str, object] = {"shipped_at": "2026-11-17 11:30", "tracking_status": "11-18 05:10 到达上海转运中心"}
    assert "11-18 05:10 到达上海转运中心" in said(engine, conversation("到哪了", order=order), "in.track")
    assert "最新记录" not in said(engine, conversation("到哪了"), "in.track")


def test_one_conversation_always_gets_the_same_reply_and_others_vary(engine: OfflineEngine) -> None:
    talk = conversation("便宜点吧")
    assert said(engine, talk, "pre.bargain") == said(engine, talk, "pre.bargain")
    many = {said(engine, conversation(f"便宜{n}块吧"), "pre.bargain").split("。")[0] for n in range(12)}
    assert len(many) == 3


def test_two_wishes_get_one_reply_with_one_promise_of_an_answer(engine: OfflineEngine) -> None:
    reply = said(engine, conversation("能便宜点吗", "发什么快递"), "pre.bargain", "pre.freight_question")
    assert "我改不了" in reply
    assert "发哪家快递以下单页面为准" in reply
    assert reply.count("点前") == 1
    met = ("问邮费是吧", "想省点钱", "您会过日子", "多问一句是应该")
    assert sum(words in reply for words in met) == 1


def test_traditional_customers_are_answered_in_traditional(engine: OfflineEngine) -> None:
    reply = said(engine, conversation("這個可以便宜一點嗎"), "pre.bargain")
    assert "標價" in reply
    assert "标" not in reply


def test_english_customers_are_answered_in_english(engine: OfflineEngine) -> None:
    reply = said(engine, conversation("Could you give me a discount please?"), "pre.bargain")
    assert not re.search(r"[一-鿿]", reply)
    assert "by 2 pm today" in reply


def test_formal_tone_has_no_particles_or_waves(engine: OfflineEngine) -> None:
    talk = conversation("便宜点吧")
    assert "哦" in said(engine, talk, "pre.bargain")
    formal = said(engine, talk, "pre.bargain", tone="formal")
    assert not re.search(r"[哦~～]", formal)


def test_warmer_stays_at_hand_and_formal_greets_in_the_shops_name(engine: OfflineEngine) -> None:
    talk = conversation("到哪了")
    normal = said(engine, talk, "in.track")
    assert len(said(engine, talk, "in.track", tone="warmer")) > len(normal)
    assert said(engine, talk, "in.track", tone="formal").startswith("您好，")
    assert "织语" in said(engine, talk, "in.track", tone="formal")


def test_shorter_tone_is_shorter_and_keeps_the_promise_of_an_answer(engine: OfflineEngine) -> None:
    talk = conversation("便宜点吧")
    shorter = said(engine, talk, "pre.bargain", tone="shorter")
    assert len(shorter) < len(said(engine, talk, "pre.bargain"))
    assert "点前" in shorter


def test_bubbles_are_the_reply(engine: OfflineEngine) -> None:
    whole = proposal(engine, brief(conversation("便宜点吧"), match("pre.bargain")))
    assert "\n".join(whole.bubbles) == whole.reply
    assert 1 <= len(whole.bubbles) <= 3
    assert whole.next_steps == ("查后台有没有可用的活动",)


def test_proposals_grow(engine: OfflineEngine) -> None:
    grown = [p.reply for p in engine.propose(brief(conversation("便宜点吧"), match("pre.bargain")))]
    assert all(b.startswith(a) for a, b in itertools.pairwise(grown))


def test_each_sentence_says_what_it_rests_on_and_quotes_stand_in_the_passage(engine: OfflineEngine) -> None:
    whole = proposal(engine, brief(conversation("便宜点吧"), match("pre.bargain")))
    texts = {TIMED.passage_id: TIMED.text, BARGAIN.passage_id: BARGAIN.text}
    quoted = [s for s in whole.supports if s.kind == "passage"]
    assert {s.passage_id for s in quoted} == set(texts)
    for support in quoted:
        assert support.quote is not None and support.passage_id is not None
        assert support.quote in texts[support.passage_id]
        assert "✗" not in support.quote and "随缘" not in support.quote and "别名" not in support.quote
    covered = sorted(s.span for s in whole.supports)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(covered))
    assert sum(b - a for a, b in covered) >= len(whole.reply.replace("\n", "")) - 2


def test_a_cautioned_passage_never_grounds_a_sentence(tmp_path: Path) -> None:
    bad = passage("议价", BARGAIN.text, (Caution(category="promise.price", reason="x"),))
    engine = OfflineEngine(lambda _: (bad,), phrasebook(tmp_path / "b"))
    whole = proposal(engine, brief(conversation("便宜点吧"), match("pre.bargain"), passages=(bad,)))
    assert not [s for s in whole.supports if s.kind == "passage"]


def test_with_raw_manuals_only_the_best_found_passage_is_cited(tmp_path: Path) -> None:
    engine = OfflineEngine(lambda _: (), phrasebook(tmp_path / "b"))
    raw = passage("", "遇到还价，先肯定顾客，再说明店里的标价规矩。")
    whole = proposal(engine, brief(conversation("便宜点吧"), match("pre.bargain"), passages=(raw,)))
    quotes = [s.quote for s in whole.supports if s.kind == "passage"]
    assert quotes and all(q is not None and q in raw.text for q in quotes)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("你们楼下的猫几点开门", None),
        ("那个事情弄得怎么说", {"order_id": "2608140092", "item": "书包", "signed_at": "2026-11-18"}),
        ("What about the thing we discussed?", None),
    ],
)
def test_a_situation_nobody_knows_is_met_honestly(
    engine: OfflineEngine, text: str, order: dict[str, object] | None
) -> None:
    whole = proposal(engine, brief(conversation(text, order=order)))
    assert whole.reply
    assert "点前" in whole.reply or "by " in whole.reply
    assert whole.next_steps


def test_the_unknown_is_composed_from_the_conversation_not_one_fixed_sentence(engine: OfflineEngine) -> None:
    replies = {
        proposal(engine, brief(conversation(f"{thing}能不能借我参观"))).reply for thing in ("仓库", "车间", "你们店")
    }
    assert len(replies) == 3


@pytest.mark.parametrize(
    ("at", "urgent", "zh", "en"),
    [
        ("2026-11-21 10:05", False, "今天中午12点前", "by 12 pm today"),
        ("2026-11-21 09:00", True, "今天上午10点前", "by 10 am today"),
        ("2026-11-21 10:05", True, "今天上午11点前", "by 11 am today"),
        ("2026-11-21 10:30", True, "今天中午12点前", "by 12 pm today"),
        ("2026-11-21 16:00", False, "今天下午5点前", "by 5 pm today"),
        ("2026-11-21 21:30", False, "明天上午10点前", "by 10 am tomorrow"),
        ("2026-11-21 23:40", True, "明天上午10点前", "by 10 am tomorrow"),
        ("2026-11-21 03:00", False, "今天上午10点前", "by 10 am today"),
    ],
)
def test_the_answer_by_time_is_ahead_and_in_working_hours(at: str, urgent: bool, zh: str, en: str) -> None:
    due = AnswerBy.of(conversation("在吗"), datetime.fromisoformat(at), urgent)
    assert (due.zh, due.en) == (zh, en)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.booleans())
def test_no_answer_is_promised_for_a_time_gone_by(now: datetime, urgent: bool) -> None:
    due = AnswerBy.of(conversation("在吗"), now, urgent)
    assert due.days == 1 or due.hour > now.hour
    assert 9 <= due.hour <= 23


def test_slots_hold_only_what_is_known() -> None:
    order: dict[str, object] = {
        "order_id": "2609200155",
        "item": "玻璃凉水壶 1.5L(赠刷)",
        "paid_at": "2026-09-20 21:00",
    }
    slots = slot_values(brief(conversation("退我200差价", order=order, authorised=["coupon:20"])))
    assert slots["order_tail"] == "0155"
    assert slots["item"] == "玻璃凉水壶"
    assert slots["paid_at"] == "9月20日"
    assert slots["price_protection_over"] == "62"
    assert slots["customer_amount"] == "200"
    assert slots["coupon_yuan"] == "20"
    assert not {"compensation_limit", "refund_yuan", "gift_name", "tracking_status", "signed_at"} & set(slots)


def test_free_freight_is_known_to_be_reached_only_when_the_item_alone_reaches_it() -> None:
    def reached(price: float) -> str | None:
        talk = conversation("包邮吗", order={"price_yuan": price}, authorised=["free_shipping_over:99"])
        return slot_values(brief(talk)).get("free_shipping_met")

    assert reached(119) == "119"
    assert reached(88) is None


def test_what_free_freight_falls_short_of_is_reckoned_with_the_coupon_taken_off() -> None:
    def short(*lines: str) -> str | None:
        talk = conversation(*lines, authorised=["free_shipping_over:299"])
        return slot_values(brief(talk)).get("free_shipping_short")

    assert short("满299包邮是吧", "我这购物车310", "用了券剩295还包邮吗") == "4"
    assert short("购物车292.5 差一点给包邮吗") == "6.5"
    assert short("购物车310包邮吗") is None


def test_a_lot_is_how_many_each_gets_times_how_many_they_are() -> None:
    talk = conversation("给厂里30个工人发劳保手套", "一人两双 有货没")
    assert slot_values(brief(talk)).get("customer_choice") == "60双"


def test_the_right_one_of_two_houses_is_the_new_address() -> None:
    order: dict[str, object] = {"item": "毛毯", "paid_at": "2026-11-20 10:00"}
    for lines in (("地址填错了", "应该是3栋不是8栋"), ("不是8栋 是3栋",)):
        assert slot_values(brief(conversation(*lines, order=order))).get("new_place") == "3栋", lines


def test_an_address_told_turns_ago_is_the_new_one_unless_the_last_turn_names_another() -> None:
    order: dict[str, object] = {"item": "毛毯", "paid_at": "2026-11-20 10:00"}
    lines = ("改到清河镇永宁路88号 李雪梅", "客服:好的,我看一下", "没发吧 改了没")
    assert "永宁路" in slot_values(brief(conversation(*lines, order=order)))["new_place"]
    later = (*lines, "客服:还没发", "那改到清河镇建设路12号吧")
    assert "建设路" in slot_values(brief(conversation(*later, order=order)))["new_place"]


def test_abuse_and_numbers_are_not_said_back() -> None:
    slots = slot_values(brief(conversation("你们这帮骗子", "加我微信18812345678")))
    assert "customer_quote" not in slots


WORDS = st.lists(
    st.sampled_from(
        [
            "能便宜点吗",
            "到哪了",
            "我要退货",
            "手被划伤了",
            "12315见",
            "几天到",
            "骗子!!",
            "這個怎麼退",
            "Where is my order",
            "在吗",
        ]
    ),
    min_size=1,
    max_size=4,
)
AUTHORITIES = st.sets(
    st.sampled_from(["invoice", "coupon:15", "refund_approved:88", "compensation_up_to:20", "exchange", "gift:帆布袋"])
)
ORDER = st.none() | st.just(
    {"order_id": "2608140092", "item": "书包", "price_yuan": 88, "paid_at": "2026-11-14", "shipped_at": "2026-11-15"}
)
WRITTEN = " ".join(w.zh + w.en for e in Phrasebook.load().entries for m in e.moves for w in m.wordings)
TONES: st.SearchStrategy[Tone] = st.sampled_from(["normal", "shorter", "warmer", "formal"])


@settings(max_examples=30, deadline=None)
@given(WORDS, AUTHORITIES, ORDER, TONES)
def test_no_reply_has_a_placeholder_or_a_number_from_nowhere(
    shipped: OfflineEngine, words: list[str], authorised: set[str], order: dict[str, object] | None, tone: Tone
) -> None:
    talk = conversation(*words, order=order, authorised=sorted(authorised))
    of = brief(talk, tone=tone)
    whole = proposal(shipped, of)
    assert not re.search(r"[{}]", whole.reply)
    known = " ".join([*words, *authorised, str(order), *slot_values(of).values()])
    for number in re.findall(r"\d+", whole.reply):
        assert number in known or number in WRITTEN
    assert len(whole.reply) <= 165 or of.situation.language == "en"


def test_the_small_phrasebook_of_these_tests_is_what_it_says(tmp_path: Path) -> None:
    assert len(phrasebook(tmp_path / "b", SMALL).entries) == 3
    assert NOON.hour == 12


def test_a_next_step_speaks_to_agents_in_words(tmp_path: Path) -> None:
    move = "{move: acknowledge, wordings: [{zh: 好的。}]}"
    entry = f"  - {{situation: after.damaged, moves: [{move}, {move}], next_steps: [受伤的转 after.injury]}}"
    (tmp_path / "goods.yaml").write_text(f"title: 试\nentries:\n{entry}\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"goods.yaml.*after\.injury") as refused:
        Phrasebook.load(tmp_path)
    assert "name" in str(refused.value)
