"""A passage says what it is: kind, stage, techniques under all their names, situations; and repeats are found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from knowledge.ingest.deduplicate import deduplicate, marks_of, same
from knowledge.ingest.describe import describe
from knowledge.ingest.prepare import prepare
from knowledge.ingest.read import read
from knowledge.store import Copy, PlacedPassage, PreparedDocument
from knowledge.values import Caution, Passage, PassageKind, Stage
from tests.knowledge.tiny import MANUAL, write


def prepared(path: Path) -> PreparedDocument:
    return prepare(read(path), name=str(path), shipped=False, cautioner=None)


def passages(path: Path) -> list[Passage]:
    return [placed.passage for placed in prepared(path).passages]


def test_our_own_format_is_read_from_its_fields(tmp_path: Path) -> None:
    found = passages(write(tmp_path, "a.md", MANUAL))
    advice = next(p for p in found if p.kind == "technique")
    assert advice.techniques == ("先问清楚再动手", "问询在前", "先核实")
    assert advice.situations == ("after.quality", "after.exchange")
    assert advice.stage == "after_sale"
    assert "情境" not in advice.text and "别名" in advice.text
    assert next(p for p in found if p.kind == "bad_example").techniques == advice.techniques
    assert next(p for p in found if "签收次日" in p.text).kind == "fact"


def test_offsets_lead_back_to_the_source(tmp_path: Path) -> None:
    source = "首页 学堂 问答\n\n一、先致歉\n顾客旳情绪要应(yīng)对,旳旳\n二、再倾听\n听他说完旳话。\n"
    document = prepared(write(tmp_path, "a.txt", source))
    for placed in document.passages:
        kept = "".join(source[a:b] for a, b in placed.segments)
        assert kept[0] == placed.passage.text[0]
        assert source[placed.passage.end - 1] == placed.passage.text[-1].replace("的", "旳")


@pytest.mark.parametrize(
    ("trail", "text", "kind", "stage"),
    [
        (["售后", "三、退货流程"], "先登记,再验货,后退款。", "procedure", "after_sale"),
        (["有关议价"], "顾客:五十卖不卖?\n客服:价格改不了,请您谅解。", "phrase", "pre_sale"),
        (["二、含蓄否定法"], "先认同,再说明自己的看法。", "technique", "general"),
        (["讨论"], "以上是好的应答吗?你会怎么做?", "question", "general"),
        (["平台规则"], "超过四十八小时未发货的,平台会处理。", "policy", "general"),
        (["售前客服"], "手册的封面是蓝色。", "fact", "pre_sale"),
    ],
)
def test_other_manuals_are_described_by_their_headings_and_words(
    trail: list[str], text: str, kind: PassageKind, stage: Stage
) -> None:
    description = describe(text, trail, last=0, bad_example=False, blocks=())
    assert (description.kind, description.stage) == (kind, stage)


def test_the_name_of_a_technique_comes_without_its_number() -> None:
    described = describe("先认同再说明。", ["二、含蓄否定法"], last=0, bad_example=False, blocks=())
    assert described.techniques == ("含蓄否定法",)


def test_cautions_come_from_the_callable_that_is_handed_in(tmp_path: Path) -> None:
    def cautioner(text: str) -> tuple[Caution, ...]:
        return (Caution(category="blame", reason="推给快递"),) if "快递不给力" in text else ()

    path = write(tmp_path, "a.txt", "一、甲法\n可以说快递不给力。\n二、乙法\n如实说明正在核实。\n")
    document = prepare(read(path), name="a", shipped=False, cautioner=cautioner)
    assert [bool(p.passage.cautions) for p in document.passages if "快递" in p.passage.text] == [True]
    assert not any(p.passage.cautions for p in document.passages if "快递" not in p.passage.text)


# --- duplicates ------------------------------------------------------------------------------------------------------

ADVICE = "顾客带着火气来投诉的时候,先让他把话说完,不打断也不辩解,等他平静下来再核对订单。"


def placed(text: str, name: str, kind: PassageKind = "technique") -> PlacedPassage:
    passage = Passage(
        passage_id=name, document_id="d", document="手册", section="", text=text, kind=kind, stage="general",
        start=0, end=len(text),
    )  # fmt: skip
    return PlacedPassage(passage=passage, segments=((0, len(text)),), marks=marks_of(text))


def none(_marks: Sequence[int]) -> dict[str, Copy]:
    return {}


@pytest.mark.parametrize(
    "other",
    [
        ADVICE,
        ADVICE.replace(",", ", ").replace("。", "!"),
        ADVICE.replace("订单", "訂單").replace("顾客", "顧客"),
        ADVICE.replace("平静下来", "平静下来了"),
        f"投诉处理:{ADVICE}",
    ],
)
def test_the_same_advice_spelled_otherwise_is_the_same(other: str) -> None:
    assert same(ADVICE, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "七天内可以退货,运费由买家承担,请保持商品完好不影响二次销售。",
            "十五天内可以换货,运费由卖家承担,请保持包装完整。",
        ),
        (
            "满99元减10元,活动到12月31日为止,每个账号限领一张券。",
            "满199元减30元,活动到12月31日为止,每个账号限领一张券。",
        ),
        ("可以退", "不可以退"),
    ],
)
def test_a_differing_rule_or_figure_is_no_repeat(one: str, other: str) -> None:
    assert not same(one, other)


def test_of_copies_in_a_document_the_fullest_stays() -> None:
    fuller = f"让客户宣泄:{ADVICE}"
    found = deduplicate([placed(ADVICE, "short"), placed(fuller, "full"), placed("别的内容,与上面无关。", "x")], none)
    assert [p.duplicate_of for p in found] == ["full", None, None]


def test_across_documents_the_one_that_was_there_first_stays() -> None:
    found = deduplicate([placed(ADVICE, "new")], lambda marks: {"old": Copy(ADVICE)})
    assert found[0].duplicate_of == "old"


def test_a_bad_example_never_stands_in_for_advice() -> None:
    found = deduplicate([placed(ADVICE, "a"), placed(ADVICE, "b", kind="bad_example")], none)
    assert [p.duplicate_of for p in found] == [None, None]
    elsewhere = {"wrong": Copy(ADVICE, bad_example=True)}
    found = deduplicate([placed(ADVICE, "c"), placed(ADVICE, "d", kind="bad_example")], lambda marks: elsewhere)
    assert [p.duplicate_of for p in found] == [None, "wrong"]


def test_slides_repeated_within_a_file_are_one_passage_with_all_its_places(tmp_path: Path) -> None:
    slide = "客户沟通的五个步骤怎么走\n迅速受理顾客的每一次来访\n用同理心获取信息不打断\n分析顾客真正的期望是什么\n"
    path = write(tmp_path, "a.txt", f"开场白写在这里说明来意。\n{slide}过场的话写在这里。\n{slide}收场白写在这里。\n")
    document = prepared(path)
    repeats = [p for p in document.passages if p.duplicate_of is not None]
    assert len(repeats) == 1 and "迅速受理" in repeats[0].passage.text
    originals = {p.passage.passage_id for p in document.passages if p.duplicate_of is None}
    assert repeats[0].duplicate_of in originals
    assert sum("迅速受理" in p.passage.text for p in document.passages if p.duplicate_of is None) == 1
