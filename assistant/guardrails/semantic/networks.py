"""The trained networks of the layer: loaded when a reply is first read, one leading, the others asked where it is unsure."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.guardrails.clauses import Reading
from assistant.guardrails.semantic.decisions import Decisions
from assistant.guardrails.semantic.encoded import Encoded
from assistant.guardrails.semantic.exemplars import Exemplars
from assistant.guardrails.semantic.windows import read_apart, texts_of, windows

if TYPE_CHECKING:  # torch is loaded at the first reading
    from assistant.guardrails.semantic.encoder import ReadyEncoder

WEIGHTS = tuple(sorted(Path(__file__).parent.glob("weights*.npz")))
"""Of networks taught apart, whose readings are averaged: what one of them is surely wrong about, another seldom is."""
EXEMPLARS = Path(__file__).parent / "exemplars.npz"
LEADING = 1
"""Which of the networks reads first, and alone what it is sure of. Of 24,320 replies and wordings that it is (`leads_past`), the
mean of the three would have warned of none; with the first leading of 28, with the third of 57."""
_KEPT = 1024
"""Readings that are remembered: a draft is checked again as it grows and is mended."""
_AT_ONCE = 64
"""Replies that the leading network reads ahead before the others read what it is unsure of."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    encoder: ReadyEncoder
    exemplars: Exemplars


class Networks:
    """`model` gives the offline SentenceTransformer; it is asked for at the first reading. Safe between threads."""

    def __init__(
        self, model: Callable[[], Any], decisions: Decisions, weights: Sequence[Path], exemplars: Path
    ) -> None:
        self._model = model
        self._decisions = decisions
        self._weights = tuple(weights)
        self._exemplars = exemplars
        self._loaded: _Loaded | None = None
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[str, bool], Encoded] = OrderedDict()

    @property
    def exemplars(self) -> Exemplars:
        """Authored examples, as the first network sees them."""
        return self._ready().exemplars

    def unsure(self, reading: Reading) -> bool:
        """Whether the leading network leaves anything of a reply to the others."""
        spans = windows(reading)
        for (start, end), encoded in zip(spans, self._read(texts_of(reading), leading=True), strict=True):
            _, logits = read_apart(reading, encoded, start, end)
            if self._decisions.probabilities(logits).max() >= self._decisions.leads_past:
                return True
        return False

    def all_read(self, texts: Sequence[str]) -> list[Encoded]:
        """What all networks read in each text."""
        first, rest = self._read(texts, leading=True), self._read(texts, leading=False)
        return [others.with_network(one, LEADING) for one, others in zip(first, rest, strict=True)]

    def pieces(self, reading: Reading) -> list[tuple[int, int, Encoded]]:
        """A reply's windows, [start, end), each with what all networks read in it."""
        encoded = self.all_read(texts_of(reading))
        return [(start, end, e) for (start, end), e in zip(windows(reading), encoded, strict=True)]

    def read_ahead(self, readings: Sequence[Reading]) -> None:
        """Read replies side by side, so that reading each of them finds it done."""
        for at in range(0, len(readings), _AT_ONCE):
            some = readings[at : at + _AT_ONCE]
            self._read([text for reading in some for text in texts_of(reading)], leading=True)
            self._read([t for reading in some if self.unsure(reading) for t in texts_of(reading)], leading=False)

    def _read(self, texts: Sequence[str], *, leading: bool) -> list[Encoded]:
        """What the leading network reads, or the others; only what was not read lately is read."""
        loaded = self._ready()
        with self._lock:
            known = {t: self._cache[t, leading] for t in texts if (t, leading) in self._cache}
        new = list(dict.fromkeys(t for t in texts if t not in known))
        if new:
            others = [n for n in range(len(self._weights)) if n != LEADING]
            known.update(zip(new, loaded.encoder.encode(new, [LEADING] if leading else others), strict=True))
            with self._lock:
                for text in new:
                    self._cache[text, leading] = known[text]
                while len(self._cache) > _KEPT:
                    self._cache.popitem(last=False)
        return [known[t] for t in texts]

    def _ready(self) -> _Loaded:
        with self._lock:
            if self._loaded is None:
                from assistant.guardrails.semantic.encoder import Encoder, ReadyEncoder

                model = self._model()
                networks = [Encoder(model).network() for _ in self._weights]
                for network, path in zip(networks, self._weights, strict=True):
                    network.load(path)
                self._loaded = _Loaded(ReadyEncoder(model, *networks), Exemplars.load(self._exemplars))
            return self._loaded
