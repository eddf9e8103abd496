"""Teaches the layer's network. One thread, fixed seeds: the same lines give the same weights on the same processor.

It learns what a text breaches from the whole of it, and where from its clauses: no clause of a harmless piece may speak of
a breach, whatever stands beside it, and of a bad piece at least one must.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from assistant.guardrails.clauses import Reading
from assistant.guardrails.semantic.classes import BREACHES, CLASSES
from assistant.guardrails.semantic.encoder import Encoder
from assistant.guardrails.semantic.network import Network
from assistant.guardrails.semantic.sources import Line
from assistant.values import Category
from knowledge.embedding.adapting import batches, padded
from knowledge.values import AuthorityKind

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Course:
    """How the network is taught. Rates are for AdamW; `smooth` is how far a label is from sure."""

    epochs: int = 3
    batch: int = 32
    rate: float = 1e-3
    head_rate: float = 3e-3
    decay: float = 0.01
    warm_up: float = 0.06
    smooth: float = 0.02
    any_weight: float = 3.0
    clauses_weight: float = 1.0
    hidden_tokens: float = 0.05
    seed: int = 7


UNTOLD = -1.0
"""Instead of 0 and 1 where nobody has said: learnt from neither way."""


def target(acts: Sequence[Category], allows: Sequence[AuthorityKind] | None) -> torch.Tensor:
    """[classes] of 0, 1 and UNTOLD: what a text breaches, whether anything, and what would allow it."""
    wanted = torch.zeros(len(CLASSES))
    for act in acts:
        wanted[CLASSES.index(act)] = 1
        wanted[CLASSES.index("any")] = 1
    if allows is None:
        wanted[len(BREACHES) :] = UNTOLD
    for kind in allows or ():
        wanted[CLASSES.index(kind)] = 1
    return wanted


def targets(lines: Sequence[Line]) -> torch.Tensor:
    """[lines, classes]: see `target`."""
    return torch.stack([target(line.acts, line.allows) for line in lines])


def loss_of(logits: torch.Tensor, wanted: torch.Tensor, smooth: float, emphasis: torch.Tensor) -> torch.Tensor:
    """The mean over texts of the classes' cross entropies, weighed by `emphasis` [classes]; UNTOLD counts for nothing."""
    told = wanted != UNTOLD
    soft = wanted.clamp(min=0) * (1 - 2 * smooth) + smooth
    losses = nn.functional.binary_cross_entropy_with_logits(logits, soft, reduction="none")
    return (losses * told * emphasis).sum(1).mean()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line: the tokens of each of its clauses (indexes), and 0 or 1 for each class."""

    clauses: tuple[NDArray[np.int64], ...]
    wanted: torch.Tensor


def pieces(line: Line, spans: NDArray[np.int64]) -> tuple[Piece, ...]:
    """The pieces of a line; `spans` [tokens, 2] are the characters that its tokens stand for."""
    found = []
    clauses = Reading(line.text).clauses
    for start, end, acts, allows in line.parts or ((0, len(line.text), line.acts, line.allows),):
        inside = [
            np.flatnonzero((spans[:, 0] < min(c.end, end)) & (spans[:, 1] > max(c.start, start)))
            for c in clauses
            if c.start < end and start < c.end
        ]
        if kept := tuple(tokens for tokens in inside if len(tokens)):
            found.append(Piece(kept, target(acts, allows)))
    return tuple(found)


@torch.no_grad()
def below(encoder: Encoder, lines: Sequence[Line], layers: int) -> list[torch.Tensor]:
    """Each line's states [tokens, width] that enter the network: computed once, kept in half precision."""
    found: dict[int, torch.Tensor] = {}
    batches, spans = encoder.batches([line.text for line in lines])
    for batch in batches:
        with torch.autocast("cpu", torch.bfloat16):
            states = encoder.below(batch, layers)
        for row, i in enumerate(batch.places):
            found[i] = states[row, : len(spans[i])].half()
    return [found[i] for i in range(len(lines))]


def taught(
    encoder: Encoder,
    lines: Sequence[Line],
    course: Course = Course(),
    tell: Tell | None = None,
    start: Path | None = None,
) -> Network:
    """A network that has learnt from `lines`, from nothing or from the weights in `start`; `tell` hears of the progress."""
    torch.manual_seed(course.seed)
    network = encoder.network()
    if start is not None:
        network.resume(start)
    for module in network.modules():
        if isinstance(module, nn.Linear):
            module.to(torch.bfloat16)  # frozen: half the time, and what is learnt stays in full precision
    inputs = below(encoder, lines, len(network.layers))
    wanted = targets(lines)
    _, spans = encoder.batches([line.text for line in lines])
    apart = [pieces(line, own) for line, own in zip(lines, spans, strict=True)]
    head = [network.where, network.what, network.bias]
    adapters = [p for _, p in network.learnt() if not any(p is h for h in head)]
    optimiser = torch.optim.AdamW(
        [{"params": adapters, "lr": course.rate}, {"params": head, "lr": course.head_rate}], weight_decay=course.decay
    )
    steps = course.epochs * math.ceil(len(lines) / course.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(1.0, (s + 1) / max(1.0, course.warm_up * steps)) * max(0.0, 1 - s / steps)
    )
    emphasis = torch.ones(len(CLASSES))
    emphasis[CLASSES.index("any")] = course.any_weight
    rng = random.Random(course.seed)
    network.train()
    for epoch in range(course.epochs):
        total = 0.0
        for places in batches(inputs, course.batch, rng):
            states, mask = padded([inputs[i] for i in places])
            hidden = torch.rand(mask.shape) < course.hidden_tokens
            hidden[:, :3] = False  # the prompt and the first token always show
            mask = mask * ~hidden
            with torch.autocast("cpu", torch.bfloat16):
                last = network.above(states, mask)
            logits = network.read(last.float(), mask)
            loss = loss_of(logits, wanted[places], course.smooth, emphasis)
            loss = loss + course.clauses_weight * _of_clauses(
                network, last.float(), mask, [apart[i] for i in places], course.smooth, emphasis
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([*adapters, *head], 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item() * len(places)
        if tell:
            tell(f"epoch {epoch + 1} of {course.epochs}: loss {total / len(lines):.4f}")
    for module in network.modules():
        if isinstance(module, nn.Linear):
            module.to(torch.float32)
    return network.eval()


def _of_clauses(
    network: Network,
    last: torch.Tensor,
    mask: torch.Tensor,
    lines: Sequence[Sequence[Piece]],
    smooth: float,
    emphasis: torch.Tensor,
) -> torch.Tensor:
    """The mean loss over the lines' pieces, each read from the clause that speaks loudest of a class."""
    rows: list[int] = []
    owners: list[int] = []
    tokens: list[NDArray[np.int64]] = []
    wanted: list[torch.Tensor] = []
    for row, line in enumerate(lines):
        for piece in line:
            for clause in piece.clauses:
                rows.append(row)
                owners.append(len(wanted))
                tokens.append(clause)
            wanted.append(piece.wanted)
    inside = torch.zeros(len(rows), mask.shape[1], dtype=torch.bool)
    for at, clause in enumerate(tokens):
        inside[at, torch.from_numpy(clause)] = True
    logits = network.read_pieces(last, torch.tensor(rows), inside)
    owner = torch.tensor(owners)[:, None].expand_as(logits)
    loudest = torch.full((len(wanted), logits.shape[1]), -1e4).scatter_reduce(0, owner, logits, "amax")
    return loss_of(loudest, torch.stack(wanted), smooth, emphasis)
