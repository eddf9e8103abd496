"""Long work is watched: its progress, then its result or its fault."""

from __future__ import annotations

import pytest

from assistant.desk.background import Finished, Step, watched
from knowledge.errors import KefuError
from knowledge.values import Progress


def test_progress_then_the_result() -> None:
    def work(progress: Progress) -> str:
        progress("读", 1, 2)
        return "好"

    events = list(watched(work, every_s=0))
    assert events[-1] == Finished("好")
    assert all(isinstance(e, Step) for e in events[:-1])


def test_what_fails_fails_where_it_is_watched() -> None:
    def work(progress: Progress) -> str:
        raise KefuError("document.empty", "空的", "empty")

    with pytest.raises(KefuError, match="empty"):
        list(watched(work))
