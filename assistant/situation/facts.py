"""What a customer stated and a reply should use: amounts, measures, order numbers, dates. Kept over all turns."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from assistant.values import Evidence

_NUMBER = r"\d+(?:\.\d+)?"
_HAN = "[一二两三四五六七八九十百千]"
_FACTS = (
    (
        "amount",
        re2.compile(
            rf"(?:[¥¥$]\s*|rmb\s*)({_NUMBER})"
            rf"|({_NUMBER})\s*(?:元|块|塊|蚊|rmb|yuan|圆|円)"
            rf"|({_HAN}{{2,}}|[十百千])(?:来|多)?(?:元|块|蚊|圆)"
            rf"|(?:退|赔|补|返|给|少|便宜|转|花了?|付了?|卖|才|只要|就|单价|价格|原价|现在)(?:我|给我|了|你|点|您)?\s*({_NUMBER})(?:[,。!?\s]|$|差价|卖|行|包邮|吧|吗|呗|得|那款|的)"
            rf"|(?:给个|那就|凑个整|补到|降到|减到)({_NUMBER})(?:[,。!?\s整吧]|$|块|元)"
            rf"|({_NUMBER})\s*(?:卖不卖|卖吗|行不行|行吗|行不|成不成|成吗|走不走|出不出|拿不拿|拿走|行的话|我?(?:今晚|现在|马上|立马|就)?就?(?:拍|付|下单)|成交|包邮|拿下|得了|那款|的差价|差价|打孔费|安装费)"
        ),
    ),
    (
        "measure",
        re2.compile(
            rf"({_NUMBER}\s*(?:(?:cm|mm|m|kg|g|ml|l|w|v|inch(?:es)?|lbs?)\b|公分|厘米|毫米|米|英寸|寸|吋|斤|公斤|千克|克|毫升|升|码|瓦|伏|岁|个月|平方?米?|英尺|°|度))"
            rf"|({_HAN}+(?:点{_HAN})?(?:公分|厘米|毫米|英寸|公斤|斤|毫升|平方?米?|码|岁|寸|尺))"
            rf"|((?:\d|{_HAN})米(?:\d{{1,2}}|{_HAN}{{1,2}}|半)?)"
            rf"|(?:^|[^\p{{Han}}\d]|[要是睡用])(米[3-9三四五六七八九]{_HAN}?)"
        ),
    ),
    ("order_number", re2.compile(r"(?:^|[^\d])(\d{8,20})(?:[^\d]|$)")),
    ("quantity", re2.compile(r"(\d+\s*(?:件|条|个|套|箱|台|份|双|盒|瓶|支|把|只|袋|包|罐|本))(?:[^\d邮]|$)")),
    (
        "date",
        re2.compile(
            r"(\d{1,2}\s*[月.]\s*\d{1,2}(?:\s*[日号])?|\d{1,2}\s*[日号]|双十[一二]|双1[12]|618|昨天|前天|今早|昨晚|上周|上个月)"
        ),
    ),
)


def stated(index: int, text: str) -> Iterator[Evidence]:
    """Facts in one message; `text` is in normal form, spans are its own (and the original's: folding keeps offsets)."""
    for what, pattern in _FACTS:
        for match in pattern.finditer(text):
            group = next((i for i in range(1, match.re.groups + 1) if match.group(i) is not None), 0)
            start, end = match.span(group)
            if end > start:
                yield Evidence(what=f"fact.{what}", message=index, start=start, end=end)
