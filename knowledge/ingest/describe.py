"""Says what a passage is: its kind, its stage, the techniques it teaches under all their names, its situations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, get_args

from knowledge.fold import fold, half, shape
from knowledge.ingest.outline import SCRIPT
from knowledge.values import PassageKind, Stage, Value

_STAGES: dict[str, Stage] = {"售前": "pre_sale", "售中": "in_sale", "售后": "after_sale", "通用": "general"}
_BLOCK_KINDS: dict[str, PassageKind] = {
    "技巧": "technique", "流程": "procedure", "知识": "fact", "顾客类型": "technique",
}  # fmt: skip
_HEADING = re.compile(r"(?m)^(#{1,6})[ \t]+(.+?)[ \t]*$")
_BLOCK = re.compile(r"(技巧|流程|知识|顾客类型)[::][ \t]*(.+)")
_FIELD = re.compile(r"(?m)^[-*][ \t]*(别名|阶段|情境)[::][ \t]*(.*?)[ \t]*$")
METADATA_LINE = re.compile(r"[-*][ \t]*(?:阶段|情境)[::].*")

_WORDS: dict[Stage, re.Pattern[str]] = {
    "pre_sale": re.compile(
        "售前|议价|砍价|还价|讲价|促成交易|催付|导购|挖掘.{0,4}需求|推荐|接待|迎接|商品属性|包邮|购买前|便宜|廉价"
    ),
    "in_sale": re.compile("售中|下单|订单|发货|物流|缺货|改地址|修改地址|查单|催单|付款|派送|快递"),
    "after_sale": re.compile(
        "售后|投诉|抱怨|诉苦|退货|退款|退换|换货|差评|纠纷|维权|保修|维修|赔|致歉|道歉|补救|破损|回访"
    ),
}
_MARKER = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|第 ?[一二三四五六七八九十\d]{1,3} ?[章节節篇讲講课課步招条條回][::\s]*|任务[一二三四五六七八九十]|[㈠-㈩①-⑳][ \t]*"
    r"|[一二三四五六七八九十]{1,3} ?[、..]|[((][一二三四五六七八九十\d]{1,3}[))]、?|\d{1,2} ?[、..))])+[ \t]*"
)
_PROCEDURE = re.compile("流程|步骤|细则|环节|操作")
_POLICY = re.compile("规则|规定|政策|法规|权利|制度|条例")
_TECHNIQUE = re.compile("技巧|方法|办法|法$|应对|怎样|怎么|如何|型$|话术|处理|沟通")
_ADVISES = re.compile("应|要|不要|必须|可以|尽量|避免|防止|引导|建议|切忌|务必|[^首优原]先|别(?![人的家处墅])")
_SPOKEN = re.compile(
    r"(?m)^\s*(?:顾客|客户|客人|买家|客服|卖家)\w?[::]|^\s*(?:A|答)\s?\d{0,3}[::]|适用场景|^```"
    rf"|^{SCRIPT.pattern}|^\W{{0,6}}\d{{0,3}}\W{{0,3}}亲(?:亲|爱的)?[,~]"
    r"|^\|[^\n]*(?:话术|答复|回复|应答|怎么答|怎么回|回答)[^\n]*\|[ \t]*\n\|(?: ?-{3} ?\|)+"
)
_QUOTED = re.compile(r"[「“\"][^」”\"]{6,}[」”\"]")


class TechniqueBlock(NamedTuple):
    """A `### 技巧:NAME` section of our own format: source characters [start, end) and what its fields say."""

    start: int
    end: int
    kind: PassageKind
    names: tuple[str, ...]
    stage: Stage | None
    situations: tuple[str, ...]


class Description(Value):
    kind: PassageKind
    stage: Stage
    techniques: tuple[str, ...] = ()
    situations: tuple[str, ...] = ()


def technique_blocks(source: str) -> tuple[TechniqueBlock, ...]:
    """The technique sections of a document in our own format; none in others."""
    source = half(source)
    headings = list(_HEADING.finditer(source))
    blocks = []
    for i, heading in enumerate(headings):
        named = _BLOCK.fullmatch(heading[2])
        if named is None:
            continue
        level = len(heading[1])
        end = next((h.start() for h in headings[i + 1 :] if len(h[1]) <= level), len(source))
        fields = {f[1]: f[2] for f in _FIELD.finditer(source, heading.end(), end)}
        kind = _BLOCK_KINDS[named[1]]
        name = named[2].strip()
        blocks.append(
            TechniqueBlock(
                start=heading.start(),
                end=end,
                kind="policy" if kind == "fact" and _POLICY.search(name) else kind,
                names=tuple(dict.fromkeys((name, *_listed(fields.get("别名", ""))))),
                stage=_STAGES.get(re.split(r"[|、,,/ ]", fields.get("阶段", "").strip())[0]),
                situations=tuple(s for s in _listed(fields.get("情境", "")) if re.fullmatch(r"!?[a-z0-9_.]+", s)),
            )
        )
    return tuple(blocks)


def describe(
    text: str, trail: Sequence[str], *, last: int, bad_example: bool, blocks: Sequence[TechniqueBlock]
) -> Description:
    """What the passage that ends at source offset `last` is (it may open with the heading above). Fields of our format first, then headings, then words."""
    text = shape(text)
    block = next((b for b in blocks if b.start <= last < b.end), None)
    names = [heading_name(title) for title in trail]
    if block is not None:
        kind: PassageKind = "bad_example" if bad_example else block.kind
        stage = block.stage or _stage(text, names)
        return Description(kind=kind, stage=stage, techniques=block.names, situations=block.situations)
    innermost = names[-1] if names else ""
    kind = "bad_example" if bad_example else _kind(text, names)
    techniques = (innermost,) if 2 <= len(innermost) <= 16 and kind in ("technique", "procedure", "phrase") else ()
    return Description(kind=kind, stage=_stage(text, names), techniques=techniques)


def heading_name(title: str) -> str:
    """A heading without its marker and without the mark of our own format."""
    bare = _MARKER.sub("", half(title)).strip().rstrip("::")  # noqa: B005 - a set of characters is meant
    bare = boxed[1] if (boxed := re.fullmatch("【([^【】]+)】", bare)) else bare
    named = _BLOCK.fullmatch(bare)
    return named[2].strip() if named else bare


def _kind(text: str, names: Sequence[str]) -> PassageKind:
    innermost = fold(names[-1]) if names else ""
    folded = fold(text)
    if _SPOKEN.search(text) or sum(len(q) for q in _QUOTED.findall(text)) * 2 > len(text):
        return "phrase"
    sentences = [s for s in re.split(r"(?<=[。!?!?\n])", text) if len(s.strip()) > 3]
    if sentences and all(s.strip().endswith(("?", "?")) for s in sentences):
        return "question"
    for kind, pattern in (("procedure", _PROCEDURE), ("policy", _POLICY), ("technique", _TECHNIQUE)):
        if pattern.search(innermost):
            return _checked(kind)
    return "technique" if _ADVISES.search(folded) else "fact"


def _checked(kind: str) -> PassageKind:
    assert kind in get_args(PassageKind)
    return kind  # type: ignore[return-value]


def _stage(text: str, names: Sequence[str]) -> Stage:
    """The innermost heading that names a stage; else the stage whose words clearly prevail in the text."""
    for name in reversed(names):
        named = [stage for word, stage in _STAGES.items() if word in fold(name)]
        if len(named) == 1:
            return named[0]
    words = fold("\n".join((*names, *names, text)))  # a heading's words weigh double
    counts = sorted(((len(p.findall(words)), stage) for stage, p in _WORDS.items()), reverse=True)
    return counts[0][1] if counts[0][0] >= 2 and counts[0][0] > counts[1][0] else "general"


def _listed(field: str) -> tuple[str, ...]:
    items = (item.strip() for item in re.split(r"[、,,;;]", field))
    return tuple(item for item in items if item and item != "无")
