"""`python -m knowledge.meaning`: teach the reader anew from exemplars, authored turns and points.

Writes weights.npz beside this file. With --fold N of --folds M one part of the texts is left out; the turns among them go
to --left-out: what the evidence weighs is fitted on those (`python -m assistant.situation`), never on turns learnt from.
With --further WEIGHTS it goes on from there instead of from nothing: all turns, but only a share of the single sentences,
at a lower rate; a fifth of the time. What an earlier course left out (same --folds, --fold) stays left out.
"""

from __future__ import annotations

import argparse
import os
import sys
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from knowledge.embedding import Embedder
from knowledge.meaning.encoder import Encoder
from knowledge.meaning.reading import WEIGHTS
from knowledge.meaning.sources import composed, labels_for, lessons
from knowledge.meaning.training import Course, Lesson, taught
from knowledge.meaning.turns import load_turns
from knowledge.points import PointBook
from knowledge.situations import SituationCatalogue

COMPOSED = 0.2
"""Turns put together from others, for each text."""
FURTHER = Course(epochs=3, rate=6e-4, head_rate=2e-3, seed=11)
KEPT = 3
"""Of the single sentences learnt before, every third is told again, so that they are not forgotten."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--epochs", type=int, default=None)
    options.add_argument("--further", type=Path, help="the weights to go on from")
    options.add_argument("--folds", type=int, default=0)
    options.add_argument("--fold", type=int, default=0)
    options.add_argument("--left-out", type=Path, help="where the turns left out go")
    options.add_argument("--out", type=Path, default=WEIGHTS)
    options.add_argument("--home", type=Path, default=Path(os.environ.get("KEFU_HOME", "~/.kefu")).expanduser())
    given = options.parse_args()
    torch.set_num_threads(1)  # sums in one order: the same weights every time
    catalogue, turns = SituationCatalogue.load(), load_turns()
    learn, left = split(lessons(catalogue, turns, PointBook.load().points), given.folds, given.fold)
    if given.further:
        learn = tuple(x for x in learn if x.group == "turn" or zlib.crc32(x.text.encode()) % KEPT == 0)
    learn = (
        *learn,
        *(x for x in learn if x.group == "turn" and not given.further),  # few beside so many single sentences
        *(x for x in learn if x.signs),  # dangers are few
        *composed(learn, COMPOSED, seed=1),
    )
    _tell(f"{len(learn)} texts to learn from, {len(left)} left out")
    encoder = Encoder(Embedder.open(given.home).model)
    course = FURTHER if given.further else Course()
    course = replace(course, epochs=given.epochs or course.epochs)
    taught(encoder, learn, labels_for(catalogue), course, _tell, given.further).save(given.out)
    if given.left_out:
        apart = {lesson.text for lesson in left}
        rows = [turn.model_dump_json(exclude_defaults=True) + "\n" for turn in turns if turn.text in apart]
        given.left_out.write_text("".join(rows), encoding="utf-8")


def split(found: Sequence[Lesson], folds: int, fold: int) -> tuple[tuple[Lesson, ...], tuple[Lesson, ...]]:
    """What to learn from and what to leave out, by a hash of the text: the same on every machine."""
    apart = {x.text for x in found if folds and zlib.crc32(x.text.encode()) % folds == fold}
    return tuple(x for x in found if x.text not in apart), tuple(x for x in found if x.text in apart)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
