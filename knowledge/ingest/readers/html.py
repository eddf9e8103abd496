"""HTML to text. Menus, footers, hidden parts and scripts are set aside as blocks, to be reported, not thrown away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from knowledge.ingest import marks
from knowledge.ingest.decode import decode, is_garbled
from knowledge.ingest.readers import limits
from knowledge.ingest.readers.sheets import within
from knowledge.ingest.refusals import damaged, garbled, refused, too_much

_SKIPPED = {"script": "脚本", "style": "脚本", "template": "隐藏", "noscript": "隐藏", "svg": "脚本", "iframe": "脚本",
            "object": "脚本", "nav": "导航", "footer": "网站页脚", "aside": "侧栏"}  # fmt: skip
_ROLES = {"navigation": "导航", "contentinfo": "网站页脚", "complementary": "侧栏", "search": "导航", "menu": "导航"}
_CLASSES = (
    ("导航", re.compile(r"(?:^|[-_ ])(?:nav|navbar|menu|breadcrumbs?|crumbs?|toolbar|pagination|pager)(?:$|[-_ ])")),
    ("分享", re.compile(r"(?:^|[-_ ])(?:share|sharebar|social|follow|qrcode)(?:$|[-_ ])")),
    ("版权", re.compile(r"(?:^|[-_ ])(?:copyright|icp|beian)(?:$|[-_ ])")),
    ("网站页脚", re.compile(r"(?:^|[-_ ])(?:footer|foot|site-?foot)(?:$|[-_ ])")),
    ("侧栏", re.compile(r"(?:^|[-_ ])(?:sidebar|related|recommend(?:ed)?|ads?|advert|hot-?list)(?:$|[-_ ])")),
)
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)
_BLOCK_TAGS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li",
    "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "ul",
))  # fmt: skip
_BREAK = "\u2028"
_FOLD = 4  # a heading below those of most pages
_CODE_SHOWN = 160  # characters of a script that the report shows


def read(data: bytes, name: str) -> str:
    decoded = decode(data)
    if decoded is None:
        raise refused(
            "encoding",
            name,
            "的文字编码认不出来",
            "is in an unknown encoding",
            "请另存为 UTF-8 再导入",
            "save it as UTF-8",
        )
    if is_garbled(decoded.text):
        raise garbled(name)
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(decoded.text.replace("\x00", "").encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise damaged(name, "html") from error
    if any("depth" in entry.message for entry in parser.error_log):  # the parser leaves out what is deeper
        raise too_much(name, "的标签嵌套太深", "nests its tags too deeply")
    return _Page(root, name).text()


class _Page:
    def __init__(self, root: HtmlElement, name: str) -> None:
        self._root = root
        self._name = name
        self._half = _length(root) / 2
        self._rows = 0
        self._later: list[str] = []  # blocks met within a line, for after it

    def text(self) -> str:
        title = " ".join((self._root.findtext(".//title") or "").split())
        lines: list[str] = []
        if title and self._root.find(".//h1") is None:
            lines.append(f"# {marks.plain(title)}")
        body = self._root.find("body")
        lines.extend(self._block(body if body is not None else self._root))
        return "\n".join(lines) + "\n"

    def _block(self, element: HtmlElement, prefix: str = "") -> Iterator[str]:
        """The lines of a block element; runs of inline text and its child blocks in order."""
        held: list[str] = [prefix, element.text or ""]
        for child in element:
            aside = self._set_aside(child)
            if aside is not None:
                self._later.extend(aside)
            elif isinstance(child.tag, str) and (child.tag in _BLOCK_TAGS or _holds_blocks(child)):
                lead = prefix if "".join(held).strip() == prefix.strip() else ""
                if lead and child.tag in ("p", "div"):  # the paragraph of an item is the item
                    held.clear()
                    yield from self._block(child, lead)
                else:
                    yield from self._flush(held)
                    yield from self._inner(child, element)
            elif isinstance(child.tag, str):
                held.append(self._inline(child))
            held.append(child.tail or "")
        yield from self._flush(held)

    def _flush(self, held: list[str]) -> Iterator[str]:
        """The lines of the inline text held so far; the source's own line ends are blanks, only <br> breaks."""
        text = re.sub(r"[ \t\r\n]+", " ", "".join(held))
        held.clear()
        for line in text.split(_BREAK):
            if line.strip(" -"):
                yield marks.plain(line.strip())
        yield from self._later
        self._later.clear()

    def _inner(self, child: HtmlElement, parent: HtmlElement) -> Iterator[str]:
        tag = str(child.tag)
        if re.fullmatch("h[1-6]", tag):
            words = " ".join(_words(child).split())
            yield from (("", f"{'#' * int(tag[1])} {marks.plain(words)}") if words else ())
        elif tag == "summary":  # what a fold is called heads what lies in it
            words = " ".join(_words(child).split())
            yield from (("", f"{'#' * _FOLD} {marks.plain(words)}") if words else ())
        elif tag == "table" and _is_table(child):
            yield ""
            yield from self._table(child)
            yield ""
        elif tag == "li":
            number = 1 + sum(1 for _ in child.itersiblings("li", preceding=True)) if parent.tag == "ol" else 0
            yield from self._block(child, f"{number}. " if 0 < number < 100 else "- ")
        elif tag == "pre":
            yield from (marks.plain(line) for line in _words(child).split("\n"))
        else:
            spaced = tag in ("p", "div", "section", "article", "blockquote", "ul", "ol", "dl") and parent.tag != "li"
            yield from ([""] if spaced else [])
            yield from self._block(child)
            yield from ([""] if spaced else [])

    def _inline(self, element: HtmlElement) -> str:
        """Text of an inline element: <br> breaks the line, a reading in <ruby> goes behind its character."""
        if element.tag == "br":
            return _BREAK
        if element.tag == "rp":
            return ""
        inside = element.text or ""
        for child in element:
            aside = self._set_aside(child)
            if aside is not None:
                self._later.extend(aside)
            elif isinstance(child.tag, str):
                inside += self._inline(child)
            inside += child.tail or ""
        return f"({inside.strip()})" if element.tag == "rt" else inside

    def _set_aside(self, element: HtmlElement) -> tuple[str, ...] | None:
        """The element as a block under its reason; None when it belongs to the matter."""
        if not isinstance(element.tag, str):
            return None
        tag = str(element.tag)
        name = _SKIPPED.get(tag) or _ROLES.get(element.get("role") or "")
        if _is_hidden(element):
            name = name or "隐藏"
        if name is None and tag in ("div", "ul", "section", "p", "header", "table", "ol"):
            tokens = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
            name = next((found for found, pattern in _CLASSES if pattern.search(tokens)), None)
        if name is None or (name not in ("脚本", "隐藏") and _length(element) > self._half):
            return None
        words = _words(element)
        if name == "脚本":
            words = " ".join(words.split())[:_CODE_SHOWN]
        return marks.block(name, (" ".join(marks.plain(line).split()) for line in words.split("\n")))

    def _table(self, table: HtmlElement) -> Iterator[str]:
        """Rows of cells; what spans several rows is said in each, what spans columns in the first."""
        rows: list[list[str]] = []
        above: dict[int, tuple[int, str]] = {}  # column -> (rows it goes on for, what it says)
        for tr in table.iter("tr"):
            row: list[str] = []
            for cell in tr.iterchildren("td", "th"):
                while len(row) in above:
                    row.append(_taken_down(above, len(row)))
                down = _number(cell.get("rowspan"))
                if down > 1:
                    above[len(row)] = (down - 1, _words(cell))
                row.extend([_words(cell), *[""] * (min(_number(cell.get("colspan")), limits.COLUMNS) - 1)])
            while len(row) in above:
                row.append(_taken_down(above, len(row)))
            if any(cell.strip() for cell in row):
                rows.append(within(row, self._name, spans=True))
            self._rows += 1
            if self._rows > limits.ROWS:
                raise too_much(
                    self._name, f"的表格超过 {limits.ROWS} 行", f"has tables of more than {limits.ROWS} rows"
                )
        yield from marks.table(rows, header=len(rows) > 1)


def _taken_down(above: dict[int, tuple[int, str]], column: int) -> str:
    left, words = above.pop(column)
    if left > 1:
        above[column] = (left - 1, words)
    return words


def _is_table(table: HtmlElement) -> bool:
    """Whether a table holds data: two columns and no table inside; else it only lays out the page."""
    if next(table.iterdescendants("table"), None) is not None:
        return False
    widths = [sum(1 for _ in tr.iterchildren("td", "th")) for tr in table.iter("tr")]
    return len(widths) > 1 and sorted(widths)[len(widths) // 2] >= 2


def _holds_blocks(element: HtmlElement) -> bool:
    return any(child.tag in _BLOCK_TAGS for child in element.iterdescendants())


def _is_hidden(element: HtmlElement) -> bool:
    return element.get("hidden") is not None or _UNSEEN.search(element.get("style") or "") is not None


def _words(element: HtmlElement) -> str:
    return "".join(element.itertext())


def _length(element: HtmlElement) -> int:
    return sum(len(words.strip()) for words in element.itertext())


def _number(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 4 and int(value) else 1
