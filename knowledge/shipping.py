"""Makes the file of vectors that ships with the project: `python -m knowledge.shipping HOME`, after a change of the
shipped manuals or situations. HOME is a KEFU_HOME; its offline model is built when it has none.

Cheap to run again: what the file holds already is kept as it is, only new texts are embedded, and what nobody says any
more is left out. With `--check` nothing is written: exit status 1 tells that the file is not up to date.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from knowledge.bridge import names_of
from knowledge.embedding import Embedder, EmbeddingIdentity
from knowledge.embedding.embedder import Vectors
from knowledge.embedding.shipped import SHIPPED, ShippedVectors, mark_of
from knowledge.index import embedded_text
from knowledge.ingest.ingestion import LIBRARY
from knowledge.ingest.prepare import prepare
from knowledge.ingest.read import read, walk
from knowledge.kept import Arrays, packed_strings, read_kept, write_kept
from knowledge.situations import SituationCatalogue
from knowledge.values import Progress

KINDS = ("query", "passage")
CHUNK = 256


def own_texts() -> tuple[list[str], list[str]]:
    """What the project embeds of its own at a first start: as queries, and as passages."""
    catalogue = SituationCatalogue.load()
    asked = [exemplar for entry in catalogue.everything for exemplar in entry.exemplars]
    return [*dict.fromkeys((*asked, *names_of(catalogue)))], [*dict.fromkeys(_passages())]


def _passages() -> Iterator[str]:
    files, _ = walk([LIBRARY / "manuals"])
    for path in files:
        document = prepare(read(path), name=path.name, shipped=True, cautioner=None)
        yield from (embedded_text(placed.passage) for placed in document.passages if placed.duplicate_of is None)


def missing(identity: EmbeddingIdentity, shipped: ShippedVectors | None) -> tuple[int, int]:
    """How many of the project's own texts have no shipped vector, and how many there are."""
    asked, told = own_texts()
    total = len(asked) + len(told)
    if shipped is None or shipped.identity != identity.key:
        return total, total
    rows = (*shipped.find(asked, identity.query_prompt), *shipped.find(told, identity.passage_prompt))
    return sum(row < 0 for row in rows), total


def make(embedder: Embedder, path: Path = SHIPPED, progress: Progress | None = None) -> int:
    """Bring the file up to date; how many texts were embedded for it."""
    identity, old = embedder.identity, _old(embedder, path)
    means, parts, made = [], [], 0
    for kind, said in enumerate(own_texts()):
        prompt = (identity.query_prompt, identity.passage_prompt)[kind]
        texts = list({mark_of(text, prompt): text for text in said}.values())  # two spellings may fold to one
        rows = old.find(texts, prompt) if old else [-1] * len(texts)
        new = [text for text, row in zip(texts, rows, strict=True) if row < 0]
        embed = embedder.passages if kind else embedder.queries
        vectors = _embedded(new, embed, progress, embedder.identity.dimension)
        mean = old.means[kind] if old else vectors.mean(axis=0)
        codes, scales = quantised(vectors - mean)
        kept = [row for row in rows if row >= 0]
        if old and kept:
            codes, scales = np.concatenate((old.codes[kept], codes)), np.concatenate((old.scales[kept], scales))
        order = [text for text, row in zip(texts, rows, strict=True) if row >= 0] + new
        marks = np.array([mark_of(text, prompt) for text in order], dtype=np.uint64)
        means.append(mean)
        parts.append((marks, codes, scales, np.full(len(order), kind, dtype=np.uint8)))
        made += len(new)
    marks, codes, scales, kinds = (np.concatenate(column) for column in zip(*parts, strict=True))
    arrays: Arrays = {
        "identity": packed_strings([identity.key]), "means": np.stack(means),
        "marks": marks, "codes": codes, "scales": scales, "kinds": kinds,
    }  # fmt: skip
    write_kept(path, arrays)
    return made


def _old(embedder: Embedder, path: Path) -> ShippedVectors | None:
    """What may be used again of the file that is there."""
    arrays = read_kept(path)
    try:
        old = ShippedVectors(arrays) if arrays else None
    except (KeyError, ValueError, IndexError):
        return None
    return old if old and old.identity == embedder.identity.key else None


def _embedded(
    texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors], progress: Progress | None, dimension: int
) -> Vectors:
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # texts of like length together: little is padded
    out = np.empty((len(texts), dimension), dtype=np.float32)
    for at in range(0, len(order), CHUNK):
        part = order[at : at + CHUNK]
        out[part] = embed([texts[i] for i in part])
        if progress:
            progress("计算向量 / Embedding", min(at + CHUNK, len(order)), len(order))
    return out


def quantised(residuals: Vectors) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int8]], Vectors]:
    """int8 [n, dimension], and a float32 scale [n, 1] for each row."""
    scales = np.maximum(np.abs(residuals).max(axis=1, keepdims=True, initial=0), 1e-9) / 127
    return np.rint(residuals / scales).astype(np.int8), np.asarray(scales, dtype=np.float32)


def main() -> int:
    parser = argparse.ArgumentParser(description="the vectors that ship with the project")
    parser.add_argument("home", type=Path)
    parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")
    wanted = parser.parse_args()
    embedder = Embedder.open(wanted.home)

    def tell(what: str, done: int, total: int) -> None:
        sys.stderr.write(f"\r{what} {done}/{total}")

    if not wanted.check:
        made = make(embedder, progress=tell)
        sys.stdout.write(f"{SHIPPED}: {made} texts embedded, {SHIPPED.stat().st_size / 1e6:.1f} MB\n")
        return 0
    arrays = read_kept(SHIPPED)
    lacking, total = missing(embedder.identity, ShippedVectors(arrays) if arrays else None)
    sys.stdout.write(f"{SHIPPED}: {lacking} of {total} texts are not in it\n")
    return int(lacking > 0)


if __name__ == "__main__":
    sys.exit(main())
