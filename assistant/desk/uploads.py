"""Uploaded files on their way into the knowledge base."""

from __future__ import annotations

import re
import shutil
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import KefuError

FOLDER = "uploads"
"""Inside KEFU_HOME. A file's place there is its identity: the same name again replaces the document."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]+')

_one_at_a_time = threading.Lock()


def safe_name(name: str) -> str:
    """The last part of `name` as a file name that leads nowhere else; KefuError when nothing is left of it."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = _UNSAFE.sub("_", last).strip(" .")
    if not clean.strip("_"):
        raise KefuError(
            "document.bad_name",
            f"文件名 {name!r} 不能用:请改名后再上传。",
            f"The file name {name!r} can't be used: rename the file and upload it again.",
        )
    stem, dot, suffix = clean.rpartition(".")
    return f"{stem[:120]}{dot}{suffix[:10]}" if dot else clean[:120]


@contextmanager
def held(home: Path, files: Sequence[tuple[str, Path]]) -> Iterator[list[Path]]:
    """Uploaded files (name, where it lies now) under their own names in KEFU_HOME; gone again afterwards.

    One upload at a time: two of the same name must not meet in the folder.
    """
    folder = home / FOLDER
    placed = [(folder / safe_name(name), path) for name, path in files]
    with _one_at_a_time:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for target, path in placed:
                shutil.copyfile(path, target)
            yield [target for target, _ in placed]
        except OSError as error:
            raise KefuError(
                "document.not_stored",
                f"上传的文件没能存到 {folder}({error.strerror}):请检查磁盘空间和权限,然后再传一次。",
                f"The upload could not be stored in {folder} ({error.strerror}): check disk space and rights, then upload again.",
            ) from error
        finally:
            for target, path in placed:
                target.unlink(missing_ok=True)
                path.unlink(missing_ok=True)
