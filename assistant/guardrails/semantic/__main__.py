"""`python -m assistant.guardrails.semantic`: teach the layer anew from the authored examples.

Writes weights.npz and exemplars.npz beside this file; with `--weights weights2.npz` one more network, whose readings are
averaged with the others'. `--start` goes on from weights that were taught before. With --fold N of --folds M, one part of the
lines is left out and written to --left-out: thresholds are set on those (see `calibration`), never on lines learnt from.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from assistant.guardrails.semantic.encoder import Encoder, ReadyEncoder
from assistant.guardrails.semantic.exemplars import Exemplars
from assistant.guardrails.semantic.networks import EXEMPLARS
from assistant.guardrails.semantic.sources import WORDINGS, Line, composed, fragments, gather
from assistant.guardrails.semantic.training import Course, taught
from assistant.settings import home_from_environment
from assistant.terminal import errors, say
from knowledge.embedding import Embedder

OUT = Path(__file__).parent
WEIGHTS = "weights.npz"
COMPOSED = 0.5
FRAGMENTS = 4000
COMPOSED_HELP = "longer replies put together from lines, for each line"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--also", type=Path, nargs="*", default=[], help="files of labelled replies to learn from too")
    options.add_argument("--apart", type=Path, nargs="*", default=[], help="labelled replies to leave out whole")
    options.add_argument("--epochs", type=int, default=Course().epochs)
    options.add_argument("--start", type=Path, help="weights to go on from, at half the rates; default: from nothing")
    options.add_argument(
        "--news", nargs="*", default=[], help="example files (or phrasebooks, points) that --start has not seen"
    )
    options.add_argument(
        "--blend", type=float, default=1.0, help="of the weights learnt, the share; the rest are those of --start"
    )
    options.add_argument("--again", type=float, default=1.0, help="of the other lines, the share to learn again")
    options.add_argument("--library", type=float, default=1.0, help="of what the library says, the share to learn")
    options.add_argument("--seed", type=int, default=Course().seed)
    options.add_argument("--composed", type=float, default=COMPOSED, help=COMPOSED_HELP)
    options.add_argument("--fragments", type=int, default=FRAGMENTS, help="clauses of harmless lines to learn as lines")
    options.add_argument("--folds", type=int, default=0)
    options.add_argument("--fold", type=int, default=0)
    options.add_argument("--left-out", type=Path, help="where the lines left out go")
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--weights", default=WEIGHTS, help="name of the weights' file; all weights*.npz read together")
    given = options.parse_args()
    torch.set_num_threads(1)  # sums in one order: the same weights every time
    learn, left = split(
        gather([*given.also, *given.apart]), {path.stem for path in given.apart}, given.folds, given.fold
    )
    known = [line for line in learn if line.acts and line.source.startswith("examples/")]
    news = {name if name in WORDINGS else f"examples/{name}" for name in given.news}
    learn = tuple(x for x in learn if sampled(x, 1.0 if x.source in news else again(x, given.again, given.library)))
    pieces = fragments(learn, given.fragments, seed=given.seed)
    learn = (*learn, *composed(learn, int(given.composed * len(learn)), seed=1), *pieces)
    say(f"{len(learn)} lines to learn from, {len(left)} left out")
    model = Embedder.open(home_from_environment()).model
    encoder = Encoder(model)
    course = Course(epochs=given.epochs, seed=given.seed)
    if given.start:
        course = replace(course, rate=course.rate / 2, head_rate=course.head_rate / 2)
    network = taught(encoder, learn, course, errors.print, given.start)
    network.save(given.out / given.weights)
    if given.start and given.blend < 1:
        blended(given.start, given.out / given.weights, given.blend)
        network.load(given.out / given.weights)
    if given.left_out:
        rows = [{"text": x.text, "acts": x.acts, "voice": x.voice, "source": x.source} for x in left]
        given.left_out.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    if given.weights != WEIGHTS:
        return  # the examples lie where the first network sees them
    ready = ReadyEncoder(model, network)
    states = np.stack([e.states for e in ready.encode([line.text for line in known])])
    Exemplars.of([line.said for line in known], [line.acts for line in known], states).save(given.out / EXEMPLARS.name)


def again(line: Line, share: float, of_library: float) -> float:
    """Of a line that is no news, how likely it is learnt: the library says much, and much alike."""
    return share * (of_library if line.source in WORDINGS else 1.0)


def sampled(line: Line, share: float) -> bool:
    """Whether a line is among `share` of them: the same lines every time."""
    return zlib.crc32(line.text.encode()) % 1000 < 1000 * share


def blended(start: Path, learnt: Path, share: float) -> None:
    """Put the mean of two courses' weights in `learnt`'s place: what the second taught, without all that it cost the first
    (the weights lie close enough for that: the second went on from the first).
    """
    with np.load(start) as one, np.load(learnt) as other:
        mean = {name: other[name].astype(np.float32) for name in other.files}
        for name, values in mean.items():
            known = one[name].astype(np.float32)  # may know fewer classes
            values[: len(known)] = (1 - share) * known + share * values[: len(known)]
        mean = {name: values.astype(other[name].dtype) for name, values in mean.items()}
    np.savez_compressed(learnt, allow_pickle=False, **mean)


def split(lines: Sequence[Line], apart: set[str], folds: int, fold: int) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """What to learn from and what to leave out. Lines of one group, and lines like those kept apart, are never parted."""
    taboo = {line.group for line in lines if line.source in apart}
    learn: list[Line] = []
    left: list[Line] = []
    for line in lines:
        if line.source in apart:
            left.append(line)
        elif line.group in taboo:
            continue
        elif folds and zlib.crc32(str(line.group).encode()) % folds == fold:
            left.append(line)
        else:
            learn.append(line)
    return tuple(learn), tuple(left)


if __name__ == "__main__":
    main()
