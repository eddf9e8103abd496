"""Safe pieces of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from html import escape

from assistant.values import Finding
from knowledge.errors import Language

_CONTROL = dict.fromkeys(
    [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
"""Control and direction-override characters: they can make a text look like another one."""


def esc(text: object) -> str:
    """`text` as HTML that shows it and does nothing else; also safe inside a quoted attribute."""
    return escape(str(text).translate(_CONTROL), quote=True)


def tag(name: str, content: str, css: str = "", **attributes: object) -> str:
    """An element around `content`, which is HTML already; attribute values are escaped here, `data_x` is `data-x`."""
    given = {"class": css or None, **{k.rstrip("_").replace("_", "-"): v for k, v in attributes.items()}}
    shown = "".join(f' {k}="{esc(v)}"' for k, v in given.items() if v is not None)
    return f"<{name}{shown}>{content}</{name}>"


def chip(text: str, css: str = "", title: str | None = None) -> str:
    return tag("span", esc(text), f"k-chip {css}".strip(), title=title)


def empty(text: str) -> str:
    """What stands where there is nothing yet."""
    return tag("p", esc(text), "k-empty")


def quoted(text: str, quotes: Iterable[str]) -> str:
    """`text` with the first place of each quote marked."""
    spans = sorted((at, at + len(quote)) for quote in quotes if quote and (at := text.find(quote)) >= 0)
    out, cursor = "", 0
    for start, end in spans:
        if end <= cursor:
            continue
        start = max(start, cursor)
        out += esc(text[cursor:start]) + tag("mark", esc(text[start:end]), "k-quote")
        cursor = end
    return out + esc(text[cursor:])


LONGEST_COMPARED = 6000
"""Characters of two texts together: longer ones are shown without marks, comparing them would take seconds."""


def compared(old: str, new: str) -> tuple[str, str]:
    """Both texts as HTML, what the other has not marked with del and ins."""
    if len(old) + len(new) > LONGEST_COMPARED:
        return esc(old), esc(new)
    was, now = "", ""
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            was, now = was + esc(old[a:b]), now + esc(new[c:d])
        else:
            was += tag("del", esc(old[a:b])) if b > a else ""
            now += tag("ins", esc(new[c:d])) if d > c else ""
    return was, now


_HEADING = re.compile(r"^#{1,6}[ \t]+(.+)$", re.MULTILINE)
_BOLD = re.compile(r"\*\*([^*<>\n]+)\*\*")


def readable(html: str) -> str:
    """Escaped text of a manual with its headings and bold words set bold; no other Markdown is read."""
    return _BOLD.sub(r"<b>\1</b>", _HEADING.sub(r"<b>\1</b>", html))


def with_findings(
    text: str, findings: Sequence[Finding], start: int = 0, end: int | None = None, *, language: Language = "zh"
) -> str:
    """Characters [start, end) of `text`, each finding's part marked, the graver mark winning where two overlap."""
    end = len(text) if end is None else end
    grades = [""] * (end - start)
    titles = [""] * (end - start)
    for finding in sorted(findings, key=lambda f: f.severity == "block"):
        for at in range(max(start, finding.span[0]), min(end, finding.span[1])):
            grades[at - start], titles[at - start] = finding.severity, finding.said(language)
    out, cursor = "", 0
    for at in range(1, len(grades) + 1):
        if at == len(grades) or (grades[at], titles[at]) != (grades[cursor], titles[cursor]):
            piece = esc(text[start + cursor : start + at])
            grade = grades[cursor]
            out += tag("mark", piece, f"k-finding k-{grade}", title=titles[cursor]) if grade else piece
            cursor = at
    return out
