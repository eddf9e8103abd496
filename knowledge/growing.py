"""Arrays that grow at their end, so that one more passage costs the same whether there are ten or a hundred thousand."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

S = TypeVar("S", bound=np.generic)

ROOM = 1024


class Growing(Generic[S]):
    """Appending is amortised constant; a view that was handed out never changes. One thread appends, any number read."""

    def __init__(self, first: NDArray[S], axis: int = 0) -> None:
        self._axis = axis
        self._size = 0
        self._data = np.empty(self._shape(first.shape, first.shape[axis]), dtype=first.dtype)
        self.append(first)

    @property
    def view(self) -> NDArray[S]:
        """All of it as it is now, read-only."""
        out: NDArray[S] = self._data[self._part(0, self._size)]
        out.setflags(write=False)
        return out

    def append(self, more: NDArray[S]) -> None:
        """`more` has the same shape but along the axis that grows."""
        size = self._size + more.shape[self._axis]
        if size > self._data.shape[self._axis]:
            larger = np.empty(self._shape(self._data.shape, size), dtype=self._data.dtype)
            larger[self._part(0, self._size)] = self._data[self._part(0, self._size)]
            self._data = larger
        self._data[self._part(self._size, size)] = more
        self._size = size

    def _shape(self, shape: tuple[int, ...], size: int) -> tuple[int, ...]:
        """Room for half as much again: memory that is never written to is never taken from the machine."""
        return (*shape[: self._axis], size + max(ROOM, size // 2), *shape[self._axis + 1 :])

    def _part(self, first: int, last: int) -> tuple[Any, ...]:
        return (*(slice(None),) * self._axis, slice(first, last))
