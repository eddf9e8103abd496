"""A file to its text. A further format is one converter registered under its suffixes."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

from knowledge.errors import KefuError
from knowledge.ingest import marks
from knowledge.ingest.decode import Decoded, decode, is_binary, is_garbled
from knowledge.ingest.readers import apart, csvfile, limits
from knowledge.ingest.readers.package import kind_of, macros
from knowledge.ingest.refusals import garbled, printable, refused, too_many_characters
from knowledge.values import Value

__all__ = [
    "CONVERTERS",
    "LIMIT_BYTES",
    "Layout",
    "Skipped",
    "Source",
    "layout_of",
    "named",
    "printable",
    "read",
    "suffixes",
    "walk",
]

LIMIT_BYTES = 20 * 1024 * 1024

Converter = Callable[[bytes, str], Decoded]
"""(content, file name) -> text; raises KefuError "document.…" for what it cannot read."""

Layout = Literal["markdown", "plain", "pages", "document"]
"""How a text shows its structure. "markdown": headings and lists of a person's own; "plain": nothing but lines, some
broken by the page's width; "pages": the same, with a note at each page; "document": what a converter made of a formatted
file: its headings, whole paragraphs, tables, notes."""


class Source(Value):
    """A file as read: where it lies, what it says, and a hash of its bytes."""

    path: str
    text: str
    encoding: str
    content_hash: str
    layout: Layout


class Skipped(Value):
    """Something in a folder that is not read, or not readable, and why."""

    path: str
    error: dict[str, str]


def _plain(data: bytes, name: str) -> Decoded:
    if is_binary(data):
        raise refused(
            "binary", name, "不是文本文件", "is not text", "请导出为 UTF-8 文本再导入", "export it as UTF-8 text"
        )
    decoded = decode(data)
    if decoded is None:
        raise refused(
            "encoding", name, "的文字编码认不出来", "is in an unknown encoding",
            "请另存为 UTF-8 再导入", "save it as UTF-8",
        )  # fmt: skip
    if is_garbled(decoded.text):
        raise garbled(name)
    return decoded


def _csv(data: bytes, name: str) -> Decoded:
    decoded = _plain(data, name)
    return Decoded(csvfile.read(decoded.text, name), decoded.encoding)


def _apart(kind: str) -> Converter:
    return lambda data, name: Decoded(apart.convert(kind, data, name), kind)


CONVERTERS: dict[str, tuple[Converter, Layout]] = {
    ".txt": (_plain, "plain"),
    ".md": (_plain, "markdown"),
    ".markdown": (_plain, "markdown"),
    ".html": (_apart("html"), "document"),
    ".htm": (_apart("html"), "document"),
    ".docx": (_apart("docx"), "document"),
    ".pptx": (_apart("pptx"), "document"),
    ".pdf": (_apart("pdf"), "pages"),
    ".xlsx": (_apart("xlsx"), "document"),
    ".csv": (_csv, "document"),
    ".tsv": (_csv, "document"),
}

_ALSO = {".htm": ".html"}
_WITH_MACROS = frozenset((".docm", ".dotm", ".pptm", ".potm", ".ppsm", ".xlsm", ".xltm", ".xlsb"))
_OLD_OFFICE = {
    ".doc": "docx",
    ".wps": "docx",
    ".rtf": "docx",
    ".ppt": "pptx",
    ".xls": "xlsx",
    ".et": "xlsx",
    ".dps": "pptx",
}


def walk(paths: Sequence[Path]) -> tuple[tuple[Path, ...], tuple[Skipped, ...]]:
    """The files to read, folders walked in order; and what was passed over: symbolic links and hidden files."""
    files: dict[Path, None] = {}
    skipped: list[Skipped] = []

    def visit(path: Path, *, asked_for: bool) -> None:
        if not asked_for and path.name.startswith("."):
            skipped.append(_skip(path, "hidden", "是隐藏文件,没有导入", "is hidden and was skipped"))
        elif path.is_symlink():
            skipped.append(_skip(path, "symlink", "是符号链接,没有导入", "is a symbolic link and was skipped"))
        elif path.is_dir():
            try:
                inside = sorted(path.iterdir())
            except OSError:
                skipped.append(Skipped(path=named(path), error=_unreadable(printable(path.name)).as_json()))
                return
            for child in inside:
                visit(child, asked_for=False)
        else:
            files[path] = None

    for path in paths:
        visit(Path(os.path.abspath(path)), asked_for=True)  # noqa: PTH100  takes .. out, leaves links alone
    return tuple(files), tuple(skipped)


def read(path: Path) -> Source:
    """Read one file. Raises KefuError: document.missing, unsupported, macros, unreadable, too_large, too_costly, empty,
    misnamed, binary, encoding, damaged, password, archive, no_text, garbled.
    """
    name = printable(Path(named(path)).name)
    converter = CONVERTERS.get(path.suffix.lower())
    data = _bytes(path, name, supported=converter is not None)
    if converter is None:
        raise _unsupported(path, name)
    really = kind_of(data)
    if really and _ALSO.get(path.suffix.lower(), path.suffix.lower()) != f".{really}":
        raise refused(
            "misnamed", name, f"的后缀是 {path.suffix},内容却是 {really}", f"is called {path.suffix} but is {really} inside",
            f"请把后缀改成 .{really} 再导入", f"rename it to .{really}",
        )  # fmt: skip
    convert, layout = converter
    decoded = convert(data, name)
    if len(decoded.text) > limits.CHARACTERS:
        raise too_many_characters(name, len(decoded.text))
    said = marks.without_notes(decoded.text) if layout in ("pages", "document") else decoded.text
    if not any(c.isalnum() for c in said):
        raise refused("empty", name, "里没有文字", "has no text", "请检查文件内容", "check what is in it")
    return Source(
        path=named(path),
        text=decoded.text,
        encoding=decoded.encoding,
        content_hash=hashlib.sha256(data).hexdigest(),
        layout=layout,
    )


def named(path: Path) -> str:
    """The path as text that can be stored. A name that is not in the system's encoding is one of Windows, most likely
    (unpacked from an archive made there): it is read as GB18030, or its bytes are spelled out.
    """
    try:
        str(path).encode("utf-8")
        return str(path)
    except UnicodeEncodeError:
        return str(Path(*(_part_named(os.fsencode(part)) for part in path.parts)))


def _part_named(part: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return part.decode(encoding)
        except UnicodeDecodeError:
            continue
    return part.decode("utf-8", "backslashreplace")


def layout_of(path: Path) -> Layout:
    """The layout that a file of this name is read in: by its suffix alone, so that stored text needs no more."""
    return CONVERTERS.get(path.suffix.lower(), CONVERTERS[".txt"])[1]


def _unsupported(path: Path, name: str) -> KefuError:
    suffix = path.suffix.lower()
    if suffix in _WITH_MACROS:
        return macros(name)
    if suffix in _OLD_OFFICE:
        newer = _OLD_OFFICE[suffix]
        return refused(
            "unsupported", name, f"是旧格式({suffix})", f"is of an old format ({suffix})",
            f"请用 WPS 或 Office 另存为 {newer} 再导入", f"save it as {newer}",
        )  # fmt: skip
    known = "、".join(sorted(known[1:] for known in CONVERTERS))
    return refused(
        "unsupported", name, f"的格式({suffix or '无后缀'})还不支持", "is of an unsupported format",
        f"请转成 {known} 再导入", f"convert it to one of {known}",
    )  # fmt: skip


def _bytes(path: Path, name: str, *, supported: bool) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise refused("unsupported", name, "不是普通文件", "is not a regular file", "请换一个文件", "pick another")
        if status.st_size > LIMIT_BYTES:
            raise refused(
                "too_large", name, f"有 {status.st_size / 1e6:.0f} MB,超过 20 MB 的上限",
                f"has {status.st_size / 1e6:.0f} MB; the limit is 20 MB", "请拆成几个文件再导入", "split it",
            )  # fmt: skip
        if status.st_size == 0:
            raise refused("empty", name, "是空文件", "is empty", "请检查文件内容", "check what is in it")
        return path.read_bytes() if supported else b""
    except FileNotFoundError as error:
        raise refused("missing", name, "不存在", "does not exist", "请检查路径", "check the path") from error
    except OSError as error:
        raise _unreadable(name) from error


def _unreadable(name: str) -> KefuError:
    return refused("unreadable", name, "读不了", "cannot be read", "请检查文件权限", "check its permissions")


def _skip(path: Path, code: str, zh: str, en: str) -> Skipped:
    name = printable(Path(named(path)).name)
    return Skipped(
        path=named(path), error=KefuError(f"document.{code}", f"「{name}」{zh}。", f"{name} {en}.").as_json()
    )


def suffixes() -> Iterable[str]:
    """What can be read, for file pickers."""
    return tuple(CONVERTERS)
