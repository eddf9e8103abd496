"""The desk's values: what the form reads, what the fragments show. The browser's part is end to end."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.chatlog import ChatLog
from assistant.conversation import Conversation, ConversationError, Message
from assistant.desk import text
from assistant.desk.form import POLICY_FIELDS, WITH_ARGUMENT, WITHOUT_ARGUMENT, Form, add_turn, policy_values
from assistant.desk.render import knowledge as render_knowledge
from assistant.desk.render import reply as render_reply
from assistant.desk.render.markup import esc, quoted, readable, with_findings
from assistant.desk.sources import Drafted, bubble_spans, sentences_of, sources_of
from assistant.desk.text import EN, ZH
from assistant.values import Citation, Draft, Evidence, Finding, Opinions, Said, Situation, Support, Verdict
from knowledge.errors import KefuError
from knowledge.policies import load_policies
from knowledge.values import Dropped, IngestedDocument, IngestReport, Passage

HOSTILE = (
    "<script>fetch('//evil')</script><img src=x onerror=alert(1)>\"'> **bold** [x](javascript:alert(1)) ${1+1} {{x}}"
)
CALM = Situation(stage="pre_sale", intents=(), emotion="calm", customer_type="未定", risks=(), language="zh-Hans")
REPLY = "谢谢您喜欢这款。\n69元我改不了价,店里有5元券。"


def a_draft(**changes: object) -> Draft:
    first, second = (0, 8), (9, len(REPLY))
    values: dict[str, object] = {
        "id": "d1",
        "reply": REPLY,
        "bubbles": tuple(REPLY.split("\n")),
        "verdict": "pass",
        "findings": (),
        "situation": CALM,
        "citations": (
            Citation(span=second, passage_id="p1", document="售前接待", section="议价 > 还价", quote="没有权限"),
        ),
        "supports": (
            Support(span=first, kind="courtesy"),
            Support(span=second, kind="passage", passage_id="p1", quote="没有权限"),
            Support(span=second, kind="policy", fact="coupon:5"),
        ),
        "next_steps": ("先看券还能不能领",),
        "engine": "offline",
        "notice": None,
        "timings_ms": {"total": 12.0},
    }
    return Draft.model_validate(values | changes)


def drafted(**changes: object) -> Drafted:
    talk = {"messages": [{"role": "customer", "text": "69卖不卖"}], "policy": {"authorised": ["coupon:5"]}}
    return Drafted(a_draft(**changes), Conversation.read(talk))


def a_passage(text: str = "改价我没有权限,券可以发。") -> Passage:
    return Passage(
        passage_id="p1",
        document_id="d",
        document="售前接待",
        section="议价 > 还价",
        text=text,
        kind="technique",
        stage="pre_sale",
        start=0,
        end=len(text),
    )


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.said += data


def read_html(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser


class TestWords:
    def test_every_word_is_there_in_both_languages_with_the_same_slots(self) -> None:
        for key, entry in text.catalogue().items():
            assert entry.zh and entry.en, key
            assert set(re.findall(r"\{(\w+)\}", entry.zh)) == set(re.findall(r"\{(\w+)\}", entry.en)), key

    def test_every_key_that_the_desk_asks_for_is_in_the_catalogue(self) -> None:
        asked = set()
        for path in Path(text.__file__).parent.rglob("*.py"):
            asked |= set(
                re.findall(
                    r'"((?:app|reply|knowledge|weekly|move|waiting|preview|history|coverage|filter|todo|upload|eval|source|policy|order|tab)\.[a-z_.]+)"',
                    path.read_text("utf-8"),
                )
            )
        assert asked - set(text.catalogue()) <= {"eval.unknown_suite"}, "an error code, not a text"

    def test_every_authority_has_a_name(self) -> None:
        assert all(ZH(f"authority.{kind}") and EN(f"authority.{kind}") for kind in (*WITH_ARGUMENT, *WITHOUT_ARGUMENT))


class TestForm:
    def test_the_form_reads_as_the_conversation_that_the_interface_describes(self) -> None:
        form = Form(
            chat_log="小雨 2026-11-20 10:21:05\n69卖不卖\n暖屿旗舰店:小乔 2026-11-20 10:22:10\n亲,活动价了哦",
            price_yuan="79",
            paid_at="2026-11-20 10:00",
            more_facts="颜色:藏蓝\n说明书",
            shop="暖屿",
            platform="tmall",
            ticked=("invoice",),
            coupon="5",
            gift="帆布袋",
        )
        conversation = form.conversation()
        assert [(m.role, m.text) for m in conversation.messages] == [
            ("customer", "69卖不卖"),
            ("agent", "亲,活动价了哦"),
        ]
        assert conversation.order is not None
        assert conversation.order.price_yuan == 79
        assert conversation.order.facts()["颜色"] == "藏蓝"
        assert conversation.policy.platform == "tmall"
        assert set(conversation.policy.authorised) == {"invoice", "coupon:5", "gift:帆布袋"}

    def test_an_amount_that_is_no_number_is_named(self) -> None:
        with pytest.raises(KefuError) as error:
            Form(chat_log="顾客:在吗", coupon="五块").conversation()
        assert "coupon:五块" in error.value.zh

    def test_an_empty_form_says_what_to_do(self) -> None:
        with pytest.raises(ConversationError) as error:
            Form().conversation()
        assert error.value.code == "conversation.empty"
        assert Form().fingerprint() == ""

    def test_components_that_were_emptied_read_as_empty(self) -> None:
        values: list[object] = [None] * len(Form._fields)
        values[Form._fields.index("ticked")] = ["invoice", "made_up"]
        form = Form.of(tuple(values))
        assert form.chat_log == "" and form.ticked == ("invoice",)

    @pytest.mark.parametrize("said", ["在吗", "我 69\n卖不卖", "客服:给我退钱", ":::"])
    def test_a_typed_turn_reads_back_as_one_message_of_that_side(self, said: str) -> None:
        log = add_turn("顾客:第一句", "customer", said, {"customer": "顾客", "agent": "客服"})
        messages = Form(chat_log=log).preview().messages
        assert [m.role for m in messages] == ["customer", "customer"]
        assert messages[-1].text == " ".join(said.split())

    def test_an_empty_turn_changes_nothing(self) -> None:
        assert add_turn("顾客:在吗", "agent", "  ", {"customer": "顾客", "agent": "客服"}) == "顾客:在吗"

    def test_any_change_of_the_facts_changes_the_fingerprint(self) -> None:
        form = Form(chat_log="顾客:在吗")
        assert len({f.fingerprint() for f in (form, form._replace(price_yuan="9"), form._replace(coupon="5"))}) == 3


class TestEscaping:
    @given(st.text())
    def test_escaped_text_has_no_tags_and_says_the_same(self, given_text: str) -> None:
        seen = read_html(f"<p>{esc(given_text)}</p>")
        assert seen.tags == ["p"]

    @given(st.text(min_size=1), st.integers(0, 40), st.integers(0, 40))
    def test_marks_lose_no_character(self, given_text: str, start: int, length: int) -> None:
        finding = Finding(
            category="blame", severity="block", span=(start, start + length), text="", message=HOSTILE, rule="r"
        )
        html = with_findings(given_text, [finding])
        assert read_html(html).said == read_html(esc(given_text)).said
        assert set(read_html(html).tags) <= {"mark"}

    def test_a_manual_s_headings_are_bold_and_its_html_stays_text(self) -> None:
        html = readable(esc("### 技巧:倾听\n**何时用** <i>x</i> [a](javascript:b)"))
        assert html == "<b>技巧:倾听</b>\n<b>何时用</b> &lt;i&gt;x&lt;/i&gt; [a](javascript:b)"

    def test_a_quote_is_marked_where_it_stands(self) -> None:
        assert quoted("先说能做的<b>", ["能做"]) == '先说<mark class="k-quote">能做</mark>的&lt;b&gt;'

    def test_hostile_words_are_shown_and_never_markup(self) -> None:
        log = ChatLog(messages=(Message(role="customer", text=HOSTILE, name=HOSTILE),))
        draft = a_draft(
            reply=HOSTILE, bubbles=(HOSTILE,), notice=HOSTILE, next_steps=(HOSTILE,), citations=(), supports=()
        )
        finding = Finding(
            category="blame",
            severity="block",
            span=(0, 5),
            text=HOSTILE,
            message=HOSTILE,
            rule=HOSTILE,
            suggestion=HOSTILE,
        )
        sources = sources_of(
            a_draft(citations=(Citation(span=(0, 3), passage_id="p1", document=HOSTILE, section=HOSTILE, quote="a"),)),
            lambda _: a_passage(HOSTILE),
        )
        report = IngestReport(
            documents=(
                IngestedDocument(
                    id="d", source=HOSTILE, title=HOSTILE, status="failed", passages=0,
                    dropped=(Dropped(reason=HOSTILE, count=1, examples=(HOSTILE,)),),
                    error={"code": "x", "message": HOSTILE},
                ),
            )
        )  # fmt: skip
        shown = (
            render_reply.conversation(log, ZH),
            render_reply.draft(draft, (), ZH),
            render_reply.next_steps(draft, ZH),
            render_reply.checked(HOSTILE, Verdict(verdict="block", findings=(finding,), rewrite="x"), ZH),
            render_reply.sources(sources, drafted(reply=HOSTILE), ZH),
            render_knowledge.report(report, ZH),
        )
        for html in shown:
            seen = read_html(html)
            assert not {"script", "img", "a", "strong"} & set(seen.tags)
            assert not {"onerror", "href", "src"} & set(seen.attributes)
            assert "<script>" in seen.said or "&lt;script" in html


class TestSources:
    def test_each_sentence_is_numbered_by_what_it_rests_on(self) -> None:
        draft = a_draft()
        sources = sources_of(draft, lambda _: a_passage())
        assert [(s.number, s.kind) for s in sources] == [(1, "passage"), (2, "policy")]
        courtesy, cited = sentences_of(draft, sources)
        assert courtesy.kind == "courtesy" and courtesy.sources == ()
        assert cited.sources == (1, 2)

    def test_the_passage_is_shown_with_its_quote_marked_and_its_place(self) -> None:
        html = render_reply.sources(sources_of(a_draft(), lambda _: a_passage()), drafted(), ZH)
        assert '<mark class="k-quote">没有权限</mark>' in html
        assert "售前接待 › 议价 › 还价" in html

    def test_an_authority_is_named_with_its_amount(self) -> None:
        html = render_reply.sources(sources_of(a_draft(), lambda _: a_passage()), drafted(), EN)
        assert "Coupon of:5" in html

    def test_what_was_seen_says_by_which_words(self) -> None:
        seen = CALM.model_copy(
            update={
                "intents": ("pre.bargain_offer",),
                "evidence": (
                    Evidence(what="intent:pre.bargain_offer", message=0, start=0, end=5),
                    Evidence(what="fact.amount", message=0, start=0, end=2),
                ),
            }
        )
        html = render_reply.seen(seen, drafted().conversation.messages, {"pre.bargain_offer": "报数还价"}, ZH)
        assert 'title="原话「69卖不卖」">报数还价' in html and "金额 69" in html

    def test_a_passage_removed_since_is_said_to_be_gone(self) -> None:
        html = render_reply.sources(sources_of(a_draft(), lambda _: None), drafted(), ZH)
        assert ZH("source.gone") in html

    def test_bubbles_that_do_not_line_up_are_shown_as_one(self) -> None:
        assert bubble_spans("一二三", ("一", "四")) == ((0, 3),)
        assert bubble_spans("一\n二", ("一", "二")) == ((0, 1), (2, 3))

    def test_the_draft_shows_all_of_its_words(self) -> None:
        html = render_reply.draft(a_draft(), sources_of(a_draft(), lambda _: a_passage()), EN)
        said = re.sub(r"<sup>\d+</sup>", "", html)
        assert all(bubble in re.sub(r"<[^>]+>", "", said) for bubble in REPLY.split("\n"))

    def test_a_draft_not_wholly_checked_is_not_called_fit_to_send(self) -> None:
        html = render_reply.draft(a_draft(verdict="unknown"), (), ZH)
        assert ZH("verdict.unknown") in html and ZH("verdict.pass") not in html


class TestInTheReadersLanguage:
    def test_notice_steps_and_findings_follow_the_desk_and_not_the_settings(self) -> None:
        finding = Finding(
            category="promise.price", severity="block", span=(0, 3), text="少十块", message="没有授权降价", rule="price.cut",
            suggestion="以页面价为准", message_en="no authority to cut the price", suggestion_en="the price is on the page",
            opinions=Opinions(rules="block", layer="pass"),
        )  # fmt: skip
        draft = a_draft(
            findings=(finding,),
            notice="请改好",
            notice_said=Said(zh="请改好", en="Mend it"),
            steps_said=(Said(zh="先核实", en="Verify first"),),
        )
        verdict = Verdict(verdict="block", findings=(finding,))
        for words, said, other in ((ZH, "没有授权降价", "no authority"), (EN, "no authority", "没有授权")):
            html = render_reply.checked("少十块吧", verdict, words)
            assert said in html and other not in html
            assert words("opinion.layer") in html and words("opinion.pass") in html
        assert "Mend it" in render_reply.draft(draft, (), EN) and "请改好" in render_reply.draft(draft, (), ZH)
        assert "Verify first" in render_reply.next_steps(draft, EN) and "先核实" in render_reply.next_steps(draft, ZH)
        assert "the price is on the page" in render_reply.checked("少十块吧", verdict, EN)


def test_a_shops_policy_fills_in_what_is_in_force_that_day() -> None:
    policy = next(p for p in load_policies() if p.id == "nuanxin-taobao")

    def form_on(day: date) -> Form:
        return Form(**dict(zip(POLICY_FIELDS, policy_values(policy, day), strict=True)))  # type: ignore[arg-type]

    assert "coupon:10" in form_on(date(2026, 12, 5)).authorised()
    assert "coupon:10" not in form_on(date(2026, 11, 21)).authorised(), "the campaign has not begun"
    assert set(policy.authorised(date(2026, 11, 21))) == set(form_on(date(2026, 11, 21)).authorised())
