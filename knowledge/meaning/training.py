"""Teaches the reader's network. One thread, fixed seeds: the same texts give the same weights on the same processor."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from knowledge.embedding.adapting import batches, padded
from knowledge.meaning.encoder import Encoder
from knowledge.meaning.labels import Labels
from knowledge.meaning.network import NOTHINGS, Network

Floats = NDArray[np.float32]
Tell = Callable[[str], None]
NOTHING = "none"
"""Said of a text that makes none of the points."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One text to learn from. `wants` are situations with their shares, adding up to 1, or nothing; what is None is not
    taught. `point` is the point that it makes, or NOTHING.
    """

    text: str
    wants: tuple[tuple[str, float], ...]
    signs: frozenset[str] | None = None
    mood: str | None = None
    group: str = ""
    point: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How the network is taught. Rates are for AdamW; `smooth` is how far a label is from sure."""

    epochs: int = 4
    batch: int = 48
    rate: float = 1e-3
    head_rate: float = 3e-3
    decay: float = 0.01
    warm_up: float = 0.06
    smooth: float = 0.05
    sign_weight: float = 3.0
    mood_weight: float = 0.3
    point_weight: float = 1.0
    hidden_tokens: float = 0.08
    seed: int = 7


@torch.no_grad()
def below(encoder: Encoder, texts: Sequence[str], layers: int) -> list[torch.Tensor]:
    """Each text's states [tokens, width] that enter the network: computed once, kept in half precision."""
    found: dict[int, torch.Tensor] = {}
    for batch in encoder.batches(texts):
        with torch.autocast("cpu", torch.bfloat16):
            states = encoder.below(batch, layers)
        for row, i in enumerate(batch.places):
            found[i] = states[row, : int(batch.mask[row].sum())].half()
    return [found[i] for i in range(len(texts))]


class Targets:
    """What each lesson should yield, as tensors; a row of zero weight is not taught."""

    def __init__(self, lessons: Sequence[Lesson], labels: Labels, smooth: float) -> None:
        count = len(labels.situations)
        point_at = {point: at for at, point in enumerate((*labels.points, NOTHING))} if labels.points else {}
        self.situations = torch.zeros(len(lessons), count)
        self.signs = torch.zeros(len(lessons), len(labels.signs))
        self.sign_rows = torch.tensor([float(x.signs is not None) for x in lessons])
        self.moods = torch.full((len(lessons),), -100)
        self.points = torch.full((len(lessons),), -100)
        for row, lesson in enumerate(lessons):
            for name, share in lesson.wants:
                self.situations[row, labels.situations.index(name)] = share
            for sign in lesson.signs or ():
                self.signs[row, labels.signs.index(sign)] = 1
            if lesson.mood is not None:
                self.moods[row] = labels.moods.index(lesson.mood)
            if lesson.point is not None:
                self.points[row] = point_at.get(lesson.point, -100)
        self.situation_rows = self.situations.sum(1)
        self.situations = self.situations * (1 - smooth) + smooth / count


def taught(
    encoder: Encoder,
    lessons: Sequence[Lesson],
    labels: Labels,
    course: Course = Course(),
    tell: Tell | None = None,
    further: Path | None = None,
) -> Network:
    """A network that has learnt from `lessons`; `tell` hears of the progress. `further` are weights for the same labels
    that it goes on from; KeyError, ValueError or OSError when they are not.
    """
    torch.manual_seed(course.seed)
    network = encoder.network(labels)
    known = network.start_from(further) if further is not None else frozenset[str]()
    for module in network.layers.modules():
        if isinstance(module, nn.Linear):
            module.to(torch.bfloat16)  # frozen: half the time, and what is learnt stays in full precision
    inputs = below(encoder, [x.text for x in lessons], len(network.layers))
    wanted = Targets(lessons, labels, course.smooth)
    if further is not None:
        _place_points(network, inputs, lessons, known)
    adapters = [p for name, p in network.learnt() if name.startswith("layers.")]
    heads = [p for name, p in network.learnt() if not name.startswith("layers.")]
    optimiser = torch.optim.AdamW(
        [{"params": adapters, "lr": course.rate}, {"params": heads, "lr": course.head_rate}],
        weight_decay=course.decay,
    )
    steps = course.epochs * math.ceil(len(lessons) / course.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(1.0, (s + 1) / max(1.0, course.warm_up * steps)) * max(0.0, 1 - s / steps)
    )
    rng = random.Random(course.seed)
    network.train()
    for epoch in range(course.epochs):
        total = 0.0
        for places in batches(inputs, course.batch, rng):
            states, mask = padded([inputs[i] for i in places])
            hidden = torch.rand(mask.shape) < course.hidden_tokens
            hidden[:, :3] = False  # the prompt and the first token always show
            loss = _loss(network, states, mask * ~hidden, wanted, places, course)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([*adapters, *heads], 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item() * len(places)
        if tell:
            tell(f"epoch {epoch + 1} of {course.epochs}: loss {total / len(lessons):.4f}")
    for module in network.modules():
        if isinstance(module, nn.Linear):
            module.to(torch.float32)
    return network.eval()


@torch.no_grad()
def vectors(encoder: Encoder, network: Network, texts: Sequence[str]) -> Floats:
    """float32 [texts, width], each of length 1, as `network` has them that was just taught."""
    rows: list[Floats] = []
    for state in below(encoder, texts, len(network.layers)):
        states, mask = padded([state])
        with torch.autocast("cpu", torch.bfloat16):
            rows.append(network(states, mask).vectors[0].float().numpy())
    return np.stack(rows)


@torch.no_grad()
def _place_points(
    network: Network, inputs: Sequence[torch.Tensor], lessons: Sequence[Lesson], known: Collection[str]
) -> None:
    """Points that were not learnt before begin where their sentences are."""
    network.eval()
    count = len(network.labels.points)
    rows: dict[int, list[int]] = {}
    for row, lesson in enumerate(lessons):
        if lesson.point in network.labels.points and lesson.point not in known:
            rows.setdefault(network.labels.points.index(lesson.point), []).append(row)
        elif lesson.point == NOTHING and not known:
            rows.setdefault(count + row % NOTHINGS, []).append(row)
    for at, own in rows.items():
        states, mask = padded([inputs[i] for i in own])
        with torch.autocast("cpu", torch.bfloat16):
            vectors = network(states, mask).vectors.float()
        network.points.data[at] = network.scale(vectors).mean(0)


def _loss(
    network: Network, states: torch.Tensor, mask: torch.Tensor, wanted: Targets, places: list[int], course: Course
) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        seen = network(states, mask)
    situations = nn.functional.cross_entropy(seen.situations.float(), wanted.situations[places], reduction="none")
    signs = nn.functional.binary_cross_entropy_with_logits(
        seen.signs.float(), wanted.signs[places] * 0.96 + 0.01, reduction="none"
    ).sum(1)
    loss = (situations * wanted.situation_rows[places]).mean()
    loss = loss + course.sign_weight * (signs * wanted.sign_rows[places]).mean()
    if bool((wanted.moods[places] >= 0).any()):
        loss = loss + course.mood_weight * nn.functional.cross_entropy(seen.moods.float(), wanted.moods[places])
    taught = wanted.points[places] >= 0
    if bool(taught.any()):
        points = nn.functional.cross_entropy(
            seen.points.float(), wanted.points[places], label_smoothing=course.smooth, reduction="sum"
        )
        loss = loss + course.point_weight * points / len(places)
    return loss
