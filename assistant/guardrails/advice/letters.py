"""Which sentences of a manual sound like prohibited advice: a linear reading of their letters, one to three at a time.

No embedding model is asked, so that a manual is read as fast as before. docs/decisions/cautions.md says what it finds.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.guardrails.fold import fold
from knowledge import datafile
from knowledge.fold import half
from knowledge.values import Value

IDEAS = Path(__file__).parent / "ideas.yaml"
WEIGHTS = Path(__file__).parent / "weights.npz"
WIDTH = 1 << 16
"""Places that letters are hashed to."""
THRESHOLD = 0.4
"""Of the score. Measured with ideas and manuals left out (see `__main__`): about one in 100 sentences of sound manuals is above."""
NEAR = 0.15
"""How alike (cosine of their letters) the nearest authored line must be: what no line stands for is no caution that a manager could
follow. Letters of manuals in plain language are like nothing that was authored (这个时候,客服就显得尤为重要了。).
"""
LEAST, MOST = 8, 160
"""Characters of a sentence that is learnt from: a heading says too little, a run-on paragraph too much at once."""
SHORTEST = 12
"""Characters of a sentence that is read: of shorter ones too few letters decide (真对不起,让您着急了。)."""
_SENTENCE = re.compile(r"[^。!?!?;;\n]+[。!?!?;;]*[”」』\")）]*")


_CUSTOMERS = re.compile("客户|买家|用户|客人|消费者|会员|粉丝|家长|学员|业主|租客|旅客|游客|对方")
_STAFF = re.compile("业务员|店员|营业员|坐席|专员|小二|导购|主播|老师|顾问|前台")
"""Who is spoken of counts as one word each: the same trick is taught about customers, members and parents."""


class Idea(Value):
    """One thing that manuals teach wrongly, in several voices, and what they say soundly on the same matter. `kind` is a
    rule of cautions.yaml.
    """

    id: str
    kind: str
    bad: tuple[str, ...]
    good: tuple[str, ...]


class _File(Value):
    """`ordinary` are lines that teach nothing wrong, on no idea in particular."""

    ideas: tuple[Idea, ...]
    ordinary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """Characters [start, end) of the text sound like `example`, an authored line of the caution `kind`."""

    start: int
    end: int
    kind: str
    example: str


def load_ideas(path: Path = IDEAS) -> tuple[Idea, ...]:
    """Raises DataFileError with file and line of a mistake."""
    return datafile.load(path, _File).ideas


def load_ordinary(path: Path = IDEAS) -> tuple[str, ...]:
    """As `load_ideas`."""
    return datafile.load(path, _File).ordinary


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text stand."""
    return (m.span() for m in _SENTENCE.finditer(half(text)))


def places(sentence: str) -> NDArray[np.int64]:
    """Sorted places of a sentence's letters, alone, in pairs and in threes, each once."""
    text = f" {_STAFF.sub('客服', _CUSTOMERS.sub('顾客', fold(sentence.strip()).text))} "
    parts = {text[a : a + n] for n in (1, 2, 3) for a in range(len(text) - n + 1)}
    return np.array(sorted({zlib.crc32(p.encode()) % WIDTH for p in parts}), dtype=np.int64)


def _alike(one: frozenset[int], other: frozenset[int]) -> float:
    """Cosine of two sentences' letters."""
    return len(one & other) / max(1.0, math.sqrt(len(one) * len(other)))


class AdviceReader:
    """Reads with learnt weights; DataFileError or OSError when ideas or weights cannot be read."""

    def __init__(self, ideas: Path = IDEAS, weights: Path = WEIGHTS) -> None:
        with np.load(weights) as stored:
            self._bias = float(stored["bias"])
            self._weights = np.zeros(WIDTH, dtype=np.float32)
            self._weights[stored["places"]] = stored["values"]
        self._known = [(i.kind, line, frozenset(places(line).tolist())) for i in load_ideas(ideas) for line in i.bad]

    def score(self, sentence: str) -> float:
        """How much a sentence sounds like prohibited advice; above THRESHOLD it does."""
        found = places(sentence)
        return float(self._weights[found].sum() / np.sqrt(len(found))) + self._bias

    def read(self, line: str) -> list[Heard]:
        """What of a manual's line sounds like prohibited advice, and which authored line is nearest."""
        heard = []
        for start, end in sentences(line):
            sentence = line[start:end]
            if SHORTEST <= len(sentence.strip()) <= MOST and self.score(sentence) > THRESHOLD:
                own = frozenset(places(sentence).tolist())
                alike, place = max((_alike(own, known), -i) for i, (_, _, known) in enumerate(self._known))
                if alike >= NEAR:
                    kind, example, _ = self._known[-place]
                    heard.append(Heard(start, end, kind, example))
        return heard
