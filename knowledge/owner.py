"""One process at a time owns a KEFU_HOME: a second writer would corrupt the index, a second reader see a stale one."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from knowledge.errors import KefuError
from knowledge.values import Value

LOCK = "kefu.lock"
OWNER = "kefu.lock.json"


class Owner(Value):
    """Who holds a home: process id, the command it runs, since when (ISO 8601, UTC)."""

    pid: int
    what: str
    since: str


class HomeLock:
    """Held from `acquire` to `release`. The kernel lets go of it when the process dies, however it dies."""

    def __init__(self, home: Path, lock: FileLock) -> None:
        self._home = home
        self._lock = lock

    @classmethod
    def acquire(cls, home: Path, what: str = "") -> HomeLock:
        """Own `home`, making it where it is missing. Raises KefuError "home.in_use" or "home.not_writable"."""
        make_writable(home)
        lock = FileLock(home / LOCK, is_singleton=False)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise _in_use(home, owner_of(home)) from error
        except OSError as error:
            raise _not_writable(home) from error
        owner = Owner(pid=os.getpid(), what=what or _command(), since=datetime.now(UTC).isoformat(timespec="seconds"))
        try:
            (home / OWNER).write_text(owner.model_dump_json(), encoding="utf-8")
        except OSError as error:
            lock.release()
            raise _not_writable(home) from error
        return cls(home, lock)

    def release(self) -> None:
        """Let the next process in. Safe to call twice."""
        if self._lock.is_locked:
            (self._home / OWNER).unlink(missing_ok=True)
            self._lock.release()


def owner_of(home: Path) -> Owner | None:
    """Who last said that it owns `home`; None when nobody did or what it wrote cannot be read."""
    try:
        return Owner.model_validate(json.loads((home / OWNER).read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return None


def make_writable(home: Path) -> None:
    """Make the folder `home` and prove that files can be written in it; KefuError "home.not_writable" otherwise."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise _not_writable(home) from error


def _command() -> str:
    """The program and its subcommand; no further arguments, for those may be a customer's words."""
    return " ".join([Path(sys.argv[0]).name or "python", *sys.argv[1:2]])


def _in_use(home: Path, owner: Owner | None) -> KefuError:
    if owner is None:
        who_zh, who_en = "另一个进程", "another process"
        remedy_zh, remedy_en = "请先关闭它", "close it first"
    else:
        who_zh = f"进程 {owner.pid}({owner.what},{owner.since} 起)"
        who_en = f"process {owner.pid} ({owner.what}, since {owner.since})"
        remedy_zh, remedy_en = f"请先关闭它(或 kill {owner.pid})", f"close it first (or kill {owner.pid})"
    return KefuError(
        "home.in_use",
        f"数据文件夹 {home} 正被{who_zh}使用。{remedy_zh},或在它的网页上操作,或用 KEFU_HOME 换一个文件夹。",
        f"{home} is in use by {who_en}. {remedy_en.capitalize()}, work in its desk, or set KEFU_HOME to another folder.",
    )


def _not_writable(home: Path) -> KefuError:
    return KefuError(
        "home.not_writable",
        f"数据文件夹 {home} 不能写入。请检查它的权限和磁盘,或用 KEFU_HOME 指定一个可写的文件夹。",
        f"{home} cannot be written. Check its permissions and disk, or set KEFU_HOME to a folder that can.",
    )
