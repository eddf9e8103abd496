"""The numbers that Word shows before paragraphs and does not keep in their text: 第一章, 一、, (一), 1., ①, bullets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from docx.document import Document
from docx.oxml.ns import qn

_DIGITS = "零一二三四五六七八九"


class _Level(NamedTuple):
    kind: str
    pattern: str
    start: int


def han(number: int) -> str:
    """1 to 99 as 一 to 九十九."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十") + (_DIGITS[ones] if ones else "")


def _ring(number: int) -> str:
    return chr(0x2460 + number - 1) if 0 < number <= 20 else str(number)


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26)


_FORMATS: dict[str, Callable[[int], str]] = {
    "chineseCounting": han,
    "chineseCountingThousand": han,
    "chineseLegalSimplified": han,
    "japaneseCounting": han,
    "taiwaneseCountingThousand": han,
    "ideographDigital": han,
    "decimalEnclosedCircle": _ring,
    "decimalEnclosedCircleChinese": _ring,
    "lowerLetter": _letter,
    "upperLetter": lambda n: _letter(n).upper(),
}


class Numbering:
    """Counts a document's numbered paragraphs in order; `prefix` must be called once for each."""

    def __init__(self, document: Document) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._styles = {style.style_id: style.element for style in document.styles}
        root = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        if root is None:
            return
        element: Any = root.element
        abstract = {a.get(qn("w:abstractNumId")): dict(_levels(a)) for a in element.findall(qn("w:abstractNum"))}
        for num in element.findall(qn("w:num")):
            of = num.find(qn("w:abstractNumId"))
            if of is not None:
                self._levels[num.get(qn("w:numId"))] = abstract.get(of.get(qn("w:val")), {})

    def prefix(self, paragraph: Any) -> str:
        """What Word shows before a w:p element; "- " for bullets, "" for a paragraph that is not numbered."""
        found = self._numbered(paragraph)
        if found is None:
            return ""
        num, depth = found
        level = self._levels.get(num, {}).get(depth)
        if level is None or level.kind == "none":
            return ""
        if level.kind == "bullet":
            return "- "
        counts = self._counts.setdefault(num, {})
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        return re.sub(r"%([1-9])", lambda m: self._shown(num, int(m[1]) - 1), level.pattern) + " "

    def _shown(self, num: str, depth: int) -> str:
        level = self._levels[num].get(depth, _Level("decimal", "", 1))
        return _FORMATS.get(level.kind, str)(self._counts[num].get(depth, level.start))

    def _numbered(self, paragraph: Any) -> tuple[str, int] | None:
        """(numbering, depth) of the paragraph itself or of its style or the styles that one is based on."""
        properties = paragraph.find(qn("w:pPr"))
        steps = 0
        while properties is not None and steps < 12:
            found = properties.find(qn("w:numPr"))
            if found is not None:
                num, depth = found.find(qn("w:numId")), found.find(qn("w:ilvl"))
                number = num.get(qn("w:val")) if num is not None else "0"
                return None if number == "0" else (number, int(depth.get(qn("w:val"))) if depth is not None else 0)
            style = properties.find(qn("w:pStyle")) if steps == 0 else properties.getparent().find(qn("w:basedOn"))
            element = self._styles.get(style.get(qn("w:val"))) if style is not None else None
            properties = element.find(qn("w:pPr")) if element is not None else None
            steps += 1
        return None


def _levels(abstract: Any) -> Iterator[tuple[int, _Level]]:
    for level in abstract.findall(qn("w:lvl")):

        def value(tag: str, default: str, of: Any = level) -> str:
            found = of.find(qn(tag))
            return default if found is None else found.get(qn("w:val")) or default

        start = value("w:start", "1")
        yield (
            int(level.get(qn("w:ilvl"))),
            _Level(value("w:numFmt", "decimal"), value("w:lvlText", ""), int(start) if start.isdigit() else 1),
        )
