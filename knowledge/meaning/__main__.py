"""`python -m knowledge.meaning`: teach the reader anew from exemplars, authored turns, points and sentences.

Writes weights.npz beside this file. With --fold N of --folds M one part of the texts is left out. On the sentences among
them it is measured how sure a point is; the turns among them go to --left-out: what the evidence weighs is fitted on
those (`python -m assistant.situation`), never on turns learnt from.
With --further WEIGHTS it goes on from there instead of from nothing: all sentences of points and all turns, but only a
share of the other single sentences, at a lower rate. What an earlier course left out (same --folds, --fold) stays left out.
--points teaches the reader of sentences (points.npz), --cases that of turns as cases (cases.npz), both from the reader of turns.
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

from knowledge.cases import CaseBook
from knowledge.embedding import Embedder
from knowledge.meaning.encoder import Encoder
from knowledge.meaning.network import Network
from knowledge.meaning.point_head import Bearings, Told, mark, sureness, unit
from knowledge.meaning.reading import CASE_WEIGHTS, POINT_WEIGHTS, WEIGHTS
from knowledge.meaning.sentences import load_sentences
from knowledge.meaning.sources import case_lessons, composed, labels_for, lessons, shortened
from knowledge.meaning.training import Course, Lesson, taught, vectors
from knowledge.meaning.turns import load_turns
from knowledge.points import PointBook
from knowledge.situations import SituationCatalogue

COMPOSED = 0.2
"""Turns put together from others, for each text."""
FURTHER = Course(epochs=3, rate=6e-4, head_rate=2e-3, seed=11)
CASES = Course(epochs=8, rate=2e-3, head_rate=1e-2, seed=11)
SENTENCES = Course(epochs=3, rate=1.5e-3, head_rate=6e-3, seed=11)
KEPT = 3
"""Of the single sentences learnt before, every third is told again, so that they are not forgotten."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--points", action="store_true", help="teach the reader of sentences, from the reader of turns"
    )
    options.add_argument("--cases", action="store_true", help="teach the reader of cases, from the reader of turns")
    options.add_argument("--epochs", type=int, default=None)
    options.add_argument("--further", type=Path, help="the weights to go on from")
    options.add_argument("--folds", type=int, default=0)
    options.add_argument("--fold", type=int, default=0)
    options.add_argument("--left-out", type=Path, help="where the turns left out go")
    options.add_argument("--out", type=Path)
    options.add_argument("--home", type=Path, default=Path(os.environ.get("KEFU_HOME", "~/.kefu")).expanduser())
    given = options.parse_args()
    torch.set_num_threads(1)  # sums in one order: the same weights every time
    catalogue, turns, book = SituationCatalogue.load(), load_turns(), PointBook.load()
    told: Sequence[Told] = CaseBook.load().cases if given.cases else book.points if given.points else ()
    if given.cases:
        every = case_lessons(CaseBook.load().cases)
    else:
        sentences = load_sentences(book.by_id) if given.points else ()
        every = lessons(catalogue, turns, book.points, sentences)
    learn, left = split([x for x in every if x.point] if told else every, given.folds, given.fold)
    course, further, out = Course(), given.further, WEIGHTS
    if given.cases:
        course, further, out = CASES, further or WEIGHTS, CASE_WEIGHTS
        learn = (*learn, *shortened(learn, seed=1))
    elif given.points:
        course, further, out = SENTENCES, further or WEIGHTS, POINT_WEIGHTS
    else:
        if further:
            course = FURTHER
            learn = tuple(x for x in learn if x.group == "turn" or zlib.crc32(x.text.encode()) % KEPT == 0)
        learn = (
            *learn,
            *(x for x in learn if x.group == "turn" and not further),  # few beside so many single sentences
            *(x for x in learn if x.signs),  # dangers are few
            *composed(learn, COMPOSED, seed=1),
        )
    _tell(f"{len(learn)} texts to learn from, {len(left)} left out")
    encoder = Encoder(Embedder.open(given.home).model)
    course = replace(course, epochs=given.epochs or course.epochs)
    network = taught(encoder, learn, labels_for(catalogue, told), course, _tell, further)
    if told:
        network.seen = frozenset(mark(text) for p in told for text in (*p.exemplars, *p.unlike))
        measure(encoder, network, left)
    network.save(given.out or out)
    if given.left_out:
        apart = {lesson.text for lesson in left}
        rows = [turn.model_dump_json(exclude_defaults=True) + "\n" for turn in turns if turn.text in apart]
        given.left_out.write_text("".join(rows), encoding="utf-8")


def measure(encoder: Encoder, network: Network, left: Sequence[Lesson]) -> None:
    """How sure a point or a case is, from texts that taught nothing."""
    if not left:
        return
    points = network.labels.points
    rows = unit(network.points.detach().numpy())
    bearings = Bearings(rows[: len(points)], rows[len(points) :])
    seen = vectors(encoder, network, [x.text for x in left])
    made = [points.index(x.point) if x.point in points else -1 for x in left]
    network.sure = sureness(bearings, seen, made)
    right = bearings.odds(seen).argmax(axis=1)
    first = [row == best for row, best in zip(made, right.tolist(), strict=True) if row >= 0]
    _tell(f"{len(first)} texts left out: {sum(first) / max(1, len(first)):.1%} first right")


def split(found: Sequence[Lesson], folds: int, fold: int) -> tuple[tuple[Lesson, ...], tuple[Lesson, ...]]:
    """What to learn from and what to leave out, by a hash of the text: the same on every machine."""
    apart = {x.text for x in found if folds and zlib.crc32(x.text.encode()) % folds == fold}
    return tuple(x for x in found if x.text not in apart), tuple(x for x in found if x.text in apart)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
