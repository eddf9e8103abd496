"""`make bench`, the knowledge part: searching and adding beside few and many passages, and reading manuals in."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from assistant.application import LIBRARY, cautioner_of
from assistant.guardrails import Guardrails
from assistant.terminal import say
from evals.many import fill
from evals.retrieval import RetrievalCase, load_cases, measure
from evals.suite_retrieval import RETRIEVAL
from knowledge.base import INDEX, STORE, KnowledgeBase
from knowledge.embedding import Embedder
from knowledge.embedding.embedder import Vectors
from knowledge.fold import fold
from knowledge.index import PassageIndex, embedded_text
from knowledge.store import KnowledgeStore
from knowledge.values import Passage

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
ASKED = SEEDS.parent / "data" / "retrieval_dev.jsonl"
FEW = 1_000
QUERIES = 40
ADDED = 15
"""Documents added to each index, in turn, so that what else runs on the machine weighs on both alike."""


def time_knowledge(home: Path, scratch: Path, many: int) -> None:
    """From an initialised `home`; `many` passages are made in `scratch`."""
    embedder = Embedder.open(home)
    embedder.queries(["在吗"])
    sample, vectors = _sample(home, embedder)
    _time_ingest(home, scratch / "ingest", embedder)
    _time_precision(home, scratch / "precision", embedder, sample)
    homes = {count: scratch / f"many-{count}" for count in (0, FEW, many)}
    for count, made in homes.items():
        _copy(home, made)
        fill(made, embedder, sample, vectors, count)
    time_sizes(homes, embedder, sample)


def time_sizes(homes: dict[int, Path], embedder: Embedder, sample: Sequence[Passage]) -> None:
    """Searching and adding in homes that hold so many passages."""
    searching: dict[int, float] = {}
    open_now: dict[int, KnowledgeBase] = {}
    for count, made in homes.items():
        before = _resident()
        started = time.perf_counter()
        base = open_now[count] = KnowledgeBase.open(made, embedder=embedder)
        base.prepare()
        opened, grown = time.perf_counter() - started, _resident() - before
        queries = [p.text[:20] for p in random.Random(3).sample(list(sample), QUERIES)]
        searching[count] = _median([_seconds(partial(base.search, [q], 5)) for q in queries])
        if count > FEW:
            on_disk = sum(f.stat().st_size for f in made.rglob("*") if _ours(f, made))
            say(
                f"{count} passages: opened in {opened:.0f} s; memory {grown / count:.1f} KiB and disk "
                f"{on_disk / count / 1024:.1f} KiB a passage"
            )
    few, many = sorted(homes)[1], sorted(homes)[-1]
    adding = _time_adding({count: (open_now[count], homes[count]) for count in (0, many)})
    for base in open_now.values():
        base.close()
    say(
        f"search with its embedding: {searching[few] * 1e3:.0f} ms at {few}, {searching[many] * 1e3:.0f} ms at {many} passages; "
        f"ratio {searching[many] / searching[few]:.2f} (at most 2)"
    )
    say(
        f"adding one document: {adding[0] * 1e3:.0f} ms of processor to an empty index, {adding[many] * 1e3:.0f} ms to {many} passages; "
        f"ratio {adding[many] / adding[0]:.2f}"
    )


def _time_adding(bases: dict[int, tuple[KnowledgeBase, Path]]) -> dict[int, float]:
    """Seconds of processor for one more document, each of its own words: what was embedded once is quicker again."""
    spent: dict[int, list[float]] = {count: [] for count in bases}
    for number in range(2 * ADDED):
        for place, (count, (base, made)) in enumerate(bases.items()):
            began = time.process_time()
            _add(base, made, number * len(bases) + place)
            spent[count].append(time.process_time() - began)
    return {count: _median(seconds[-ADDED:]) for count, seconds in spent.items()}


def _time_ingest(home: Path, made: Path, embedder: Embedder) -> None:
    """Manuals read in end to end, cautions and all, against the bare model over the same passages: the real manuals beside
    a developer's checkout where they are, else the library. What ships embedded is embedded here like any other text.
    """
    manuals, _ = _manuals()
    _copy(home, made)
    plain = Embedder(lambda: embedder.model, embedder.identity.model_copy(update={"revision": "measured"}))
    base = KnowledgeBase.open(made, embedder=plain, cautioner=cautioner_of(Guardrails.load()))
    whole = _seconds(lambda: base.ingest([manuals]))
    texts = [fold(embedded_text(p)) for p in base.passages()]
    base.close()
    bare = _seconds(
        lambda: embedder.model.encode(texts, prompt=embedder.identity.passage_prompt, show_progress_bar=False)
    )
    say(
        f"ingest of {len(texts)} passages of {manuals.name} end to end {whole:.1f} s, the bare model {bare:.1f} s; "
        f"throughput ratio {bare / whole:.2f} (at least 0.7)"
    )


def _manuals() -> tuple[Path, tuple[RetrievalCase, ...]]:
    """What is read in, and questions to it."""
    if SEEDS.is_dir() and ASKED.is_file():
        return SEEDS, load_cases(ASKED)
    return LIBRARY, load_cases(RETRIEVAL)


def _time_precision(home: Path, made: Path, embedder: Embedder, sample: Sequence[Passage]) -> None:
    """Half precision: how much faster, and what search loses when passages, exemplars and queries are all read in it."""
    coarse = Embedder.open(home, precision="bf16")
    some = [embedded_text(p) for p in sample[::4]]
    folded = [fold(text) for text in some]
    coarse.passages(some[:1])
    fine_s, coarse_s = _seconds(lambda: embedder.passages(some)), _seconds(lambda: coarse.passages(some))
    bare_s = _seconds(
        lambda: embedder.model.encode(folded, prompt=embedder.identity.passage_prompt, show_progress_bar=False)
    )
    manuals, cases = _manuals()
    hits = []
    for each, folder in ((embedder, made / "fine"), (coarse, made / "coarse")):
        _copy(home, folder)
        base = KnowledgeBase.open(folder, embedder=each, cautioner=cautioner_of(Guardrails.load()))
        base.ingest([manuals])
        hits.append(measure(base, cases).hits())
        base.close()
    exact, found = hits
    say(
        f"bf16 against fp32 (KEFU_EMBEDDING_PRECISION): {bare_s / coarse_s:.2f} times as fast as sentence-transformers in "
        f"fp32 (at least 2 where the processor has bf16), {fine_s / coarse_s:.2f} times as fast as fp32 here; retrieval on "
        f"{manuals.name} {exact:.1%} and {found:.1%}, {100 * (found - exact):+.1f} points (at least -1)"
    )


def _sample(home: Path, embedder: Embedder) -> tuple[tuple[Passage, ...], Vectors]:
    """The passages of the shipped library with their vectors."""
    store = KnowledgeStore.open(home / STORE)
    index = PassageIndex.open(home / INDEX, embedder.identity)
    index.synchronise(store.live_passages(), embedder.passages)
    found = index.snapshot.passages, index.snapshot.vectors.copy()
    index.close()
    store.close()
    return found


def _copy(home: Path, made: Path) -> None:
    """A home with nothing but the model and what was learnt of the situations."""
    shutil.copytree(home / "model", made / "model", copy_function=os.link)
    shutil.copytree(home / "cache", made / "cache")


def _add(base: KnowledgeBase, made: Path, number: int) -> None:
    path = made / f"new-{number}-{time.monotonic_ns()}.md"
    path.write_text(
        f"# 新手册{number}\n\n## 第{number}节\n\n顾客问到第{number}号柜台的事,先答有没有货,再说怎么去。\n", "utf-8"
    )
    base.ingest([path])


def _ours(file: Path, made: Path) -> bool:
    return file.is_file() and (made / INDEX in file.parents or file == made / STORE)


def _resident() -> float:
    """KiB of memory that this process has now."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("VmRSS")))


def _seconds(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)
