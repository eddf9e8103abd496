"""What is worked out of a brief many times while one reply is planned: once is enough."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from assistant.engines import Brief

T = TypeVar("T")


def remembered(work_out: Callable[[Brief], T]) -> Callable[[Brief], T]:
    """`work_out`, its last answer kept for the very brief it was given; each thread plans its own replies. What it returns is not
    to be changed.
    """
    last = threading.local()

    @wraps(work_out)
    def once(brief: Brief) -> T:
        if getattr(last, "brief", None) is not brief:
            last.answer = work_out(brief)
            last.brief = brief
        answer: T = last.answer
        return answer

    return once
