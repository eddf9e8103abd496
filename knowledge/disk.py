"""A full disk, told apart from other failures wherever it shows up."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import KefuError

_SAYINGS = ("database or disk is full", "no space left on device", "disk quota exceeded", "disk full")


def is_full_disk(error: BaseException | None) -> bool:
    """Whether a full disk is behind an error of the system, SQLite, SQLAlchemy or Chroma."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if any(saying in str(error).lower() for saying in _SAYINGS):
            return True
        error = error.__cause__ or error.__context__
    return False


def full_disk_error(folder: Path) -> KefuError:
    return KefuError(
        "disk.full",
        f"磁盘已满,{folder} 写不下了。没有留下半成品;请腾出空间后再试一次。",
        f"The disk that holds {folder} is full. Nothing was left half done; free some space and try again.",
    )


@contextmanager
def full_disk_explained(folder: Path) -> Iterator[None]:
    """Turn whatever a full disk raises in the block into KefuError "disk.full"; other errors pass unchanged."""
    try:
        yield
    except KefuError:
        raise
    except Exception as error:
        if is_full_disk(error):
            raise full_disk_error(folder) from error
        raise
