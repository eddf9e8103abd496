"""Files come in whatever encoding and state they are in: read right, or refused with a reason and a remedy."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.errors import KefuError
from knowledge.ingest.read import LIMIT_BYTES, named, read, walk
from tests.knowledge.tiny import write

SIMPLIFIED = "客服遇到退货,先安抚顾客的情绪,再核对订单和照片,然后给出明确的时限。\n"
TRADITIONAL = "客服遇到退貨,先安撫顧客的情緒,再核對訂單和照片,然後給出明確的時限。\n"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", SIMPLIFIED),
        ("utf-8-sig", SIMPLIFIED),
        ("gbk", SIMPLIFIED),
        ("gb18030", SIMPLIFIED),
        ("big5", TRADITIONAL),
        ("utf-16", SIMPLIFIED),
        ("utf-16-le", SIMPLIFIED),
        ("utf-16-be", TRADITIONAL),
        ("utf-32", SIMPLIFIED),
    ],
)
def test_every_encoding_that_chinese_files_come_in_is_read_right(tmp_path: Path, encoding: str, text: str) -> None:
    assert read(write(tmp_path, "手册.txt", text * 3, encoding)).text == text * 3


@pytest.mark.parametrize("text", ["退货流程", "您好,请稍等", "亲,这款有货的"])
def test_a_short_gbk_file_is_not_taken_for_big5(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path, "短.txt", text, "gbk")).text == text


def windows(data: bytes) -> str:
    """Bytes as a Western Windows shows them: code page 1252, and what that leaves open as it is."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in data)


@pytest.mark.parametrize(
    ("really", "read_as"),
    [
        ("utf-8", lambda data: data.decode("latin-1")),
        ("utf-8", windows),
        ("gb18030", lambda data: data.decode("latin-1")),
        ("utf-8", lambda data: data.decode("gb18030")),
    ],
    ids=["latin-1", "windows", "gbk as latin-1", "utf-8 as gbk"],
)
def test_a_text_that_was_saved_in_the_wrong_encoding_is_put_right(
    tmp_path: Path, really: str, read_as: Callable[[bytes], str]
) -> None:
    text = "先核对订单再给时限吗\n" * 3
    source = read(write(tmp_path, "a.txt", read_as(text.encode(really))))
    assert source.text == text and source.encoding == f"{really} (utf-8)"


@pytest.mark.parametrize(
    "text",
    [
        "先核对订单,再给您时限。".encode().decode("gb18030", "replace") * 3,
        "锟斤拷锟斤拷您好锟斤拷锟斤拷锟斤拷" * 3,
        "退\ufffd\ufffd流程\ufffd\ufffd\ufffd" * 3,
    ],
    ids=["misread", "twice", "lost"],
)
def test_a_text_whose_characters_are_lost_is_refused_with_the_remedy(tmp_path: Path, text: str) -> None:
    with pytest.raises(KefuError) as refusal:
        read(write(tmp_path, "a.txt", text))
    assert refusal.value.code == "document.garbled"


@pytest.mark.parametrize("text", ["Café: naïve façade – 100 € déjà vu\n", "Привет, как дела?\n", "售後服務\n"])
def test_what_is_no_misread_chinese_stays(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path, "a.txt", text * 3)).text == text * 3


def test_windows_line_ends_become_plain_ones(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.txt", "甲\r\n乙\r丙")).text == "甲\n乙\n丙"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.txt", b"", "document.empty"),
        ("blank.md", b" \n\t\n", "document.empty"),
        ("image.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00" * 20, "document.binary"),
        ("noise.txt", bytes(range(1, 32)) * 40, "document.binary"),
        ("manual.exe", b"MZ", "document.unsupported"),
        ("README", "说明".encode(), "document.unsupported"),
        ("broken.txt", b"\x81\xff\xfe\xfd\x80\x80\xff\xfe" * 40, "document.encoding"),
    ],
)
def test_what_is_no_manual_is_refused_with_its_name(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(KefuError) as refusal:
        read(tmp_path / name)
    assert refusal.value.code == code
    assert name in refusal.value.zh and name in refusal.value.en


def test_a_file_beyond_the_limit_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert path.stat().st_size > LIMIT_BYTES
    with pytest.raises(KefuError) as refusal:
        read(path)
    assert refusal.value.code == "document.too_large" and "20 MB" in refusal.value.zh


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KefuError) as refusal:
        read(tmp_path / "没有.txt")
    assert refusal.value.code == "document.missing"


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "secret.txt", SIMPLIFIED)

    def denied(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(KefuError) as refusal:
        read(path)
    assert refusal.value.code == "document.unreadable"


def test_folders_are_walked_in_order_and_links_and_hidden_files_are_passed_over_aloud(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "inner/c.txt", ".hidden.txt"):
        write(tmp_path / "manuals" / Path(name).parent, Path(name).name, SIMPLIFIED)
    outside = write(tmp_path, "outside.txt", SIMPLIFIED)
    Path(tmp_path / "manuals" / "link.txt").symlink_to(outside)
    Path(tmp_path / "manuals" / "loop").symlink_to(tmp_path)

    files, skipped = walk([tmp_path / "manuals"])

    assert [path.relative_to(tmp_path / "manuals").as_posix() for path in files] == ["a.md", "b.txt", "inner/c.txt"]
    assert {Path(s.path).name: s.error["code"] for s in skipped} == {
        ".hidden.txt": "document.hidden",
        "link.txt": "document.symlink",
        "loop": "document.symlink",
    }


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", SIMPLIFIED)
    assert walk([path, tmp_path])[0] == (path,)


def test_a_device_is_no_manual() -> None:
    with pytest.raises(KefuError) as refusal:
        read(Path("/dev/null"))
    assert refusal.value.code == "document.unsupported"


def test_a_name_that_is_no_text_is_read_as_windows_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode("售后手册.txt".encode("gb18030"))
    path.write_text("顾客要退货时,先核对订单,再给出一个做得到的时限。", encoding="utf-8")
    (found,), _ = walk([tmp_path])
    assert read(found).path == named(found) == str(tmp_path / "售后手册.txt")


def test_bytes_that_are_no_name_in_any_encoding_are_spelled_out(tmp_path: Path) -> None:
    assert named(Path(os.fsdecode(b"/a/\xff\xff.txt"))) == r"/a/\xff\xff.txt"


def test_more_words_than_are_read_of_one_file_are_refused_whatever_the_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.ingest.readers.limits.CHARACTERS", 50)
    for name in ("a.txt", "a.md", "a.csv"):
        path = write(tmp_path, name, SIMPLIFIED * 20)
        with pytest.raises(KefuError) as refusal:
            read(path)
        assert refusal.value.code == "document.too_large" and "50" in refusal.value.zh
