"""How many of the processor's cores compute: one for what somebody waits for, all for what is done in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache


@contextmanager
def one_thread() -> Iterator[None]:
    """What is computed meanwhile, by this thread, keeps to one core.

    Products of a few dozen tokens gain half from a second idle core, and lose tenfold to one that has other work: every
    product then waits for the thread that is not let in (docs/decisions/scale.md).
    """
    import torch

    usual = _usual()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(usual)


@lru_cache(maxsize=1)
def _usual() -> int:
    """As many as this process was given; asked before any is taken away, since a thread new to torch begins with the number
    that was set last.
    """
    import torch

    return torch.get_num_threads()
