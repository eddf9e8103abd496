"""How a file is refused: its name, the reason and the remedy, in both languages."""

from __future__ import annotations

from knowledge.errors import KefuError
from knowledge.ingest.readers import limits


def refused(code: str, name: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> KefuError:
    return KefuError(f"document.{code}", f"「{name}」{zh}。{remedy_zh}。", f"{name} {en}; {remedy_en}.")


def printable(name: str) -> str:
    """A file name that is safe to show: control characters and lone surrogates made visible."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)[:200]


def damaged(name: str, kind: str) -> KefuError:
    return refused(
        "damaged", name, f"打不开,文件已损坏,或不是真正的 {kind} 文件", f"is damaged or no {kind} file",
        "请用原来的软件打开,另存一份再导入", "open it in the program it comes from and save it anew",
    )  # fmt: skip


def protected(name: str) -> KefuError:
    return refused(
        "password", name, "设有密码,读不了", "is protected by a password",
        "请先去掉打开密码,另存一份再导入", "take the password off and save it anew",
    )  # fmt: skip


def too_much(name: str, zh: str, en: str) -> KefuError:
    """More than is read of one file: pages, rows, characters, unpacked bytes."""
    return refused("too_large", name, zh, en, "请拆成几个文件再导入", "split it into several files")


def too_many_characters(name: str, count: int) -> KefuError:
    limit = limits.CHARACTERS
    return too_much(name, f"有 {count} 个字,超过 {limit} 的上限", f"has {count} characters; the limit is {limit}")


def garbled(name: str) -> KefuError:
    return refused(
        "garbled", name, "在保存时用错了编码,文字已经丢失", "was once saved in a wrong encoding; its text is lost",
        "请找原始文件再导入", "take the original file",
    )  # fmt: skip
