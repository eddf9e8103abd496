"""Looks at an Office file's packing before anything of it is unpacked: zip bombs, paths that lead out, macros, DTDs."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from pathlib import PurePosixPath

from knowledge.errors import KefuError
from knowledge.ingest.readers import limits
from knowledge.ingest.refusals import damaged, protected, refused, too_much

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # Office 97-2003, and what wraps an encrypted newer file
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SYMLINK = 0o120000
_HEAD = 4096
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)[\s>]", re.IGNORECASE)
_FOLDERS = {"word": "docx", "ppt": "pptx", "xl": "xlsx"}


def kind_of(data: bytes) -> str:
    """What a formatted file really is, whatever it is called ("docx", "pdf", …); "" for text and what is not known."""
    if data.startswith(b"%PDF-"):
        return "pdf"
    if _PAGE.match(data[:_HEAD]):
        return "html"
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                folders = {PurePosixPath(name).parts[0] for name in package.namelist() if "/" in name.strip("/")}
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, UnicodeDecodeError):
            return ""
        return next((kind for folder, kind in _FOLDERS.items() if folder in folders), "")
    return ""


def open_package(data: bytes, name: str, kind: str) -> io.BytesIO:
    """`data` as a file, when it is a package of `kind` that is safe to unpack; else raises KefuError "document.…"."""
    if data.startswith(_OLE):
        raise protected(name) if _ENCRYPTED in data else damaged(name, kind)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _look_through(package, name, kind)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, UnicodeDecodeError) as error:
        raise damaged(name, kind) from error
    return io.BytesIO(data)


def _look_through(package: zipfile.ZipFile, name: str, kind: str) -> None:
    entries = package.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > limits.PARTS or total > limits.UNPACKED:
        raise _bomb(name, f"解开后有 {total / 1e6:.0f} MB、{len(entries)} 个部件", f"unpacks to {total / 1e6:.0f} MB")
    seen: set[str] = set()
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or stat.S_IFMT(entry.external_attr >> 16) == _SYMLINK:
            raise refused(
                "archive", name, "的压缩包里有指向包外的路径或符号链接", "holds a path or link that leads out of it",
                "这不是正常的办公文档,请核对来源", "no office program makes such a file; check where it comes from",
            )  # fmt: skip
        if entry.filename in seen:
            raise damaged(name, kind)  # two parts under one name: readers disagree on which one counts
        seen.add(entry.filename)
        if entry.flag_bits & 1:
            raise protected(name)
        if path.name.lower() == "vbaproject.bin":
            raise macros(name)
        if entry.file_size > 1_000_000 and entry.file_size > limits.RATIO * max(1, entry.compress_size):
            raise _bomb(name, "的压缩率高得不正常(压缩炸弹)", "is packed beyond reason (a zip bomb)")
        if path.suffix.lower() in (".xml", ".rels", ".vml"):
            _check_xml(package, entry, name)
    if "[Content_Types].xml" not in seen:
        raise damaged(name, kind)


def _check_xml(package: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> None:
    """Office files never declare a document type; one that does is out for entities."""
    if entry.file_size > limits.PART:
        raise _bomb(name, f"里的 {entry.filename[:80]} 解开后有 {entry.file_size / 1e6:.0f} MB", "unpacks to too much")
    with package.open(entry) as part:
        head = part.read(_HEAD).replace(b"\x00", b"").upper()
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise refused(
            "archive", name, "的内部 XML 带有实体定义(XML 炸弹)", "declares XML entities (an XML bomb)",
            "这不是正常的办公文档,请核对来源", "no office program makes such a file; check where it comes from",
        )  # fmt: skip


def macros(name: str) -> KefuError:
    return refused(
        "macros", name, "带有宏", "contains macros", "请另存为不带宏的文档(docx、pptx、xlsx)再导入",
        "save it without macros (docx, pptx, xlsx)",
    )  # fmt: skip


def _bomb(name: str, zh: str, en: str) -> KefuError:
    return too_much(name, zh, en)
