"""What a reply says of the goods against what the order says of them: colour, size, model, stuff, and what the law excepts.

A value is wrong only where the order names another one of its kind; what the order leaves open is not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.conversation import Order
from assistant.guardrails.clauses import Reading
from assistant.guardrails.fold import fold

Asserted = Callable[[Reading, re.Pattern[str]], Iterator[re.Match[str]]]

_NOT_OF_GOODS = frozenset(
    {"order_id", "price_yuan", "paid_at", "shipped_at", "signed_at", "courier", "tracking_status"}
)
_BOUGHT = re.compile(
    r"(?:您|你)(?:这单|当时|之?前)?(?:拍|买|订购?|选|下单|order)(?:ed)?(?:下)?的|订单(?:里|上|显示)[^,。]{0,6}(?:是|为|的)|\byou (?:ordered|bought|chose|picked)\b|your order is for"
)
"""Says what was bought."""
_THESE = re.compile(
    r"这[款个件双条套种支枝张只台把罐瓶床]|它|本[款品]|通身|整[张个件]|材质|面料|内胆|成分|里(?:面)?填|填充|\b(?:it|this|these)\b"
)
"""Speaks of the goods themselves."""
_ANOTHER = re.compile(
    r"还有|也有|另(?:一|有|外)|其他|别的|改|换|要不|或者|还是|如果|若|想要|可以|能不能|\b(?:or|instead|also|other)\b"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Values that exclude each other, each with its words; `said` where a clause speaks of it for the goods."""

    name: str
    values: tuple[tuple[str, str], ...]
    said: re.Pattern[str]

    def pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{words})" for _, words in self.values))

    def told(self, text: str) -> set[str]:
        return {value for value, words in self.values if re.search(words, text)}


_EITHER = re.compile(f"{_BOUGHT.pattern}|{_THESE.pattern}")
_KINDS = (
    _Kind(
        "颜色",
        (
            ("黑", r"(?:黑|墨)色|纯黑|曜石黑|\bblack\b"),
            ("白", r"(?<!米)(?<!银)白色|纯白|\bwhite\b"),
            ("米", r"米(?:白|色|黄|杏)|杏色|奶油|\b(?:beige|cream|off-white)\b"),
            ("灰", r"灰色|[深浅]灰|银灰|\bgr[ae]y\b"),
            ("红", r"红色|酒红|大红|枣红|\bred\b"),
            ("蓝", r"蓝色|[深浅天宝]蓝|藏青|\b(?:blue|navy)\b"),
            ("绿", r"绿色|[墨军豆薄]荷?绿|\bgreen\b"),
            ("粉", r"粉色|粉红|\bpink\b"),
            ("紫", r"紫色|香芋|\bpurple\b"),
            ("黄", r"(?<!米)黄色|鹅黄|姜黄|\byellow\b"),
            ("棕", r"[棕咖褐驼]色|咖啡色|焦糖色|\bbrown\b"),
        ),
        _BOUGHT,
    ),
    _Kind(
        "尺码",
        tuple(
            (s, rf"(?<![a-z]){s}(?:码|号)|\bsize {s}\b|(?<=[\u4e00-\u9fff ]){s}$")
            for s in ("xs", "s", "m", "l", "xl", "xxl")
        )
        + tuple((str(n), rf"(?<!\d){n}码") for n in range(20, 50)),
        _BOUGHT,
    ),
    _Kind(
        "型号",
        tuple((f"iphone{n}", rf"iphone ?{n}(?!\d)") for n in range(8, 20)),
        re.compile(f"{_BOUGHT.pattern}|order的"),
    ),
    _Kind("钢材", (("304", r"304"), ("316", r"316"), ("430", r"430(?=不锈钢)")), re.compile(r"不锈钢|钢|steel")),
    _Kind(
        "填充",
        (
            ("绒", r"[鹅鸭]绒|白鹅绒|\bdown\b"),
            ("仿绒", r"羽丝绒|聚酯|涤纶|化纤|\bpolyester\b"),
            ("乳胶", r"乳胶|\blatex\b"),
        ),
        _EITHER,
    ),
    _Kind(
        "木料",
        (
            ("松", r"松木"),
            ("橡胶", r"橡胶木"),
            ("榉", r"榉木"),
            ("橡", r"橡木"),
            ("胡桃", r"胡桃木"),
            ("板", r"胶合板|颗粒板|密度板|刨花板"),
        ),
        _EITHER,
    ),
    _Kind(
        "面料",
        (
            ("棉", r"(?:纯|全|100%)棉|\b(?:pure|100%) cotton\b"),
            ("丝", r"真丝|桑蚕丝|\bsilk\b"),
            ("毛", r"羊绒|羊毛|\b(?:wool|cashmere)\b"),
            ("麻", r"亚麻|\blinen\b"),
            ("化纤", r"涤纶|聚酯|腈纶|锦纶|\bpolyester\b"),
        ),
        _EITHER,
    ),
    _Kind(
        "皮料",
        (("真皮", r"牛皮|羊皮|真皮|头层|genuine leather"), ("仿皮", r"\bpu\b|pu皮|仿皮|人造革|超纤|合成革")),
        _EITHER,
    ),
)
_SWIMS = re.compile(
    r"(?:米|尺)防水|(?:可以?|能|下水|都能|,)(?:游泳|潜水)|潜水[^,。]{0,6}都(?:能|可)|\bwaterproof\b|ip[x6]8"
)
_ONLY_SPLASHES = re.compile(r"(?:仅|只)?防泼水|不防水|生活防水|(?:仅|只)防潮|not waterproof|splash")
_MADE_IN = re.compile(r"(?:(\d{1,2})|([一二三四五六七八九十]{1,2}))月(?:份)?(?:生产|出厂|产的|制造)")
_NO_RETURN = re.compile(r"不(?:适用|支持|享受|能|可以|参加)[^,。]{0,4}(?:七天|7天)?无理由")


def goods_told_wrong(reading: Reading, order: Order, asserted: Asserted) -> Iterator[tuple[int, int, str]]:
    """Spans that say of the goods what the order says otherwise, with what it says. Time is linear in the reply's length."""
    facts = {k: fold(str(v)).text for k, v in order.facts().items() if k not in _NOT_OF_GOODS}
    given = "\n".join(facts.values())
    if not given:
        return
    for kind in _KINDS:
        known = kind.told(given)
        if not known:
            continue
        for m in asserted(reading, kind.pattern()):
            clause = reading.clause_at(m.start())
            said = reading.clause_text(clause)
            own = kind.told(m.group()) or kind.told(said)
            near = reading.text[max(clause.sentence[0], clause.start - 24) : clause.end]
            if own & known or m.group() in given or _ANOTHER.search(said) or not kind.said.search(near):
                continue
            yield m.start(), m.end(), f"订单里的{kind.name}是「{order.item or given[:20]}」"
    if _ONLY_SPLASHES.search(given):
        for m in asserted(reading, _SWIMS):
            yield m.start(), m.end(), "商品信息里没有这样的防水性能"
    if any(k.startswith("no_reason") and v in {"支持", "true", "yes", "可以"} for k, v in facts.items()):
        for m in _NO_RETURN.finditer(reading.text):
            yield m.start(), m.end(), "这件商品支持无理由退货"
    yield from _made(reading, facts, asserted)


def _made(reading: Reading, facts: dict[str, str], asserted: Asserted) -> Iterator[tuple[int, int, str]]:
    made = next((v for k, v in facts.items() if k.startswith(("produc", "生产"))), "")
    month = re.search(r"\d{4}[-年/](\d{1,2})", made)
    if month is None:
        return
    han = {c: i for i, c in enumerate("一二三四五六七八九十", 1)}
    for m in asserted(reading, _MADE_IN):
        said = int(m.group(1)) if m.group(1) else sum(han[c] for c in m.group(2))
        if said != int(month.group(1)):
            yield m.start(), m.end(), f"生产日期是 {made}"
