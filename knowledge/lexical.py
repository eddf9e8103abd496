"""Word search: BM25 over folded text, cut into jieba's words and into pairs of characters.

Pairs find what the dictionary does not know (names, typos, two-character words cut otherwise); words weigh what it does.
"""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from knowledge.fold import NORMALISER, fold, letters
from knowledge.growing import Growing
from knowledge.kept import Arrays, packed_strings, unpacked_strings
from knowledge.spun import plain_words

Floats = NDArray[np.float32]

K1, B = 1.5, 0.75
VERSION = 1
"""Of how text is cut into terms: kept terms of another are cut anew."""


class Cutter:
    """Cuts text into the terms that are counted. `cache` keeps jieba's dictionary, which otherwise lands in a folder
    that every user of the machine may write to.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache

    @cached_property
    def _jieba(self) -> Any:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        cutter = jieba.Tokenizer()
        if self._cache is not None:
            self._cache.mkdir(parents=True, exist_ok=True)
            cutter.tmp_dir = str(self._cache)
            cutter.initialize()
        else:
            with tempfile.TemporaryDirectory() as own:
                cutter.tmp_dir = own
                cutter.initialize()
        for word in self._plain:
            cutter.add_word(word)
        return cutter

    @cached_property
    def _plain(self) -> dict[str, str]:
        return plain_words()

    @cached_property
    def key(self) -> str:
        """What the terms of a text come from, 16 hexadecimal characters."""
        said = json.dumps([VERSION, version("jieba"), NORMALISER, self._plain], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def words(self, text: str) -> list[str]:
        """jieba's words of the folded text, without punctuation; spun words as the plain ones they stand for."""
        cut = self._jieba.lcut(fold(text), HMM=False)
        return [self._plain.get(w, w) for w in cut if any(c.isalnum() for c in w)]

    def terms(self, text: str) -> list[str]:
        """Words, then pairs of neighbouring letters."""
        words = self.words(text)
        joined = letters("".join(words))
        return words + [joined[i : i + 2] for i in range(len(joined) - 1)]


Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Segment:
    """Some documents' terms, turned around: term `ids[i]` (ascending) stands in `rows[starts[i]:starts[i + 1]]` (ascending),
    `counts` times in each.
    """

    ids: Ints
    starts: NDArray[np.int64]
    rows: Ints
    counts: Floats
    documents: int

    @classmethod
    def of(cls, ids: Ints, rows: Ints, counts: Floats, documents: int) -> Segment:
        """From one entry per term and document, in any order."""
        order = np.lexsort((rows, ids))
        unique, first = np.unique(ids[order], return_index=True)
        starts = np.append(first, len(ids)).astype(np.int64)
        return cls(unique, starts, rows[order], counts[order], documents)

    def since(self, first: int) -> tuple[Ints, Ints, Floats]:
        """Term, row and count of each entry of the documents from row `first` on."""
        if self.end <= first:
            return self.ids[:0], self.rows[:0], self.counts[:0]
        on = self.rows >= first
        return (self.entries[on], self.rows[on], self.counts[on]) if first else (self.entries, self.rows, self.counts)

    @cached_property
    def end(self) -> int:
        """The row behind the last document."""
        return int(self.rows.max(initial=-1)) + 1

    @property
    def entries(self) -> Ints:
        """The term of each entry of `rows`."""
        return np.repeat(self.ids, np.diff(self.starts))

    def says(self, at: int, row: int) -> bool:
        """Whether the document of a row has the term of a place."""
        rows = self.rows[self.starts[at] : self.starts[at + 1]]
        place = int(np.searchsorted(rows, row))
        return place < len(rows) and int(rows[place]) == row

    def find(self, wanted: Ints) -> NDArray[np.intp]:
        """Where the terms stand in `ids`; -1 for one that does not."""
        if not len(self.ids):
            return np.full(len(wanted), -1, dtype=np.intp)
        at = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        return np.where(self.ids[at] == wanted, at, -1)


_NOTHING = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))


class Asked:
    """Queries that are put again and again while an index grows, counted once."""

    def __init__(self, queries: Sequence[Sequence[str]]) -> None:
        counted = [Counter(query) for query in queries]
        self.columns: dict[str, int] = {}
        terms = [self.columns.setdefault(term, len(self.columns)) for c in counted for term in c]
        times = np.array([n for c in counted for n in c.values()], dtype=np.float32)
        starts = np.cumsum([0, *(len(c) for c in counted)])
        rows = sparse.csr_array(
            (times, np.array(terms, dtype=np.int64), starts), shape=(len(counted), len(self.columns))
        )
        self.counts = sparse.csc_array(rows)  # float32 [queries, terms]

    def __len__(self) -> int:
        return int(self.counts.shape[0])


class LexicalIndex:
    """BM25 (as Lucene computes it) over documents that are given as terms; immutable, but cheap to extend: `extended` makes
    a small segment, and `merged` joins segments of like size, so that there are never more than a few.
    """

    def __init__(self, documents: Sequence[Sequence[str]] = ()) -> None:
        self._vocabulary: dict[str, int] = {}
        self._terms: list[str] = []  # the vocabulary by number
        self._segments: tuple[Segment, ...] = ()
        self._all_lengths: Growing[np.float32] = Growing(np.zeros(0, dtype=np.float32))
        self.size = 0
        if documents:
            self._add(documents)

    # --- between starts ---

    def arrays(self) -> Arrays:
        """What `of` makes the same index from. Terms that no document has any longer are left out."""
        parts = [(s.entries, s.rows, s.counts) for s in self._segments]
        entries, rows, counts = (np.concatenate(column) for column in zip(*parts, strict=True)) if parts else _NOTHING
        used, ids = np.unique(entries, return_inverse=True)
        terms = list(self._vocabulary)
        return {
            "terms": packed_strings(terms[i] for i in used.tolist()),
            "ids": ids.astype(np.int32), "rows": rows, "counts": counts, "lengths": np.array(self._lengths),
        }  # fmt: skip

    @classmethod
    def of(cls, arrays: Arrays) -> LexicalIndex:
        """An index as it was kept. Raises KeyError or ValueError for what is none."""
        new = cls()
        ids, rows, counts, lengths = arrays["ids"], arrays["rows"], arrays["counts"], arrays["lengths"]
        new._terms = list(unpacked_strings(arrays["terms"]))
        new._vocabulary = {term: i for i, term in enumerate(new._terms)}
        if not len(ids) == len(rows) == len(counts) or (len(ids) and ids.max() >= len(new._vocabulary)):
            raise ValueError("not an index of words")
        if len(rows) and rows.max() >= len(lengths):
            raise ValueError("not an index of words")
        new._all_lengths, new.size = Growing(lengths), len(lengths)
        new._segments = (Segment.of(ids, rows, counts, len(lengths)),)
        return new

    # --- changing ---

    def extended(self, documents: Sequence[Sequence[str]]) -> LexicalIndex:
        """With more documents at the end. The old index goes on as it was, but can be extended only once."""
        new = self._copy(self._segments)
        new._add(documents)
        return new

    def merged(self) -> LexicalIndex:
        """The same with the last segments joined where they are of like size: each entry is moved log(size) times in all."""
        segments = list(self._segments)
        while len(segments) > 1 and 2 * segments[-1].documents >= segments[-2].documents:
            last, other = segments.pop(), segments.pop()
            ids, rows = np.concatenate((other.entries, last.entries)), np.concatenate((other.rows, last.rows))
            counts = np.concatenate((other.counts, last.counts))
            segments.append(Segment.of(ids, rows, counts, other.documents + last.documents))
        return self._copy(tuple(segments))

    def rearranged(self, origin: Ints) -> LexicalIndex:
        """Row i is row `origin[i]` of this index, or empty where that is -1."""
        target = np.full(self.size, -1, dtype=np.int32)
        kept = np.flatnonzero(origin >= 0).astype(np.int32)
        target[origin[kept]] = kept
        new = LexicalIndex()
        new._vocabulary, new._terms = self._vocabulary, self._terms
        lengths = np.zeros(len(origin), dtype=np.float32)
        lengths[kept] = self._lengths[origin[kept]]
        new._all_lengths, new.size = Growing(lengths), len(origin)
        parts = [
            (s.entries[on], target[s.rows][on], s.counts[on]) for s in self._segments for on in [target[s.rows] >= 0]
        ]
        if parts:
            ids, rows, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
            new._segments = (Segment.of(ids, rows, counts, len(kept)),)
        return new

    def _copy(self, segments: tuple[Segment, ...]) -> LexicalIndex:
        new = LexicalIndex()
        new._vocabulary, new._terms, new._all_lengths = self._vocabulary, self._terms, self._all_lengths
        new._segments, new.size = segments, self.size
        return new

    def _add(self, documents: Sequence[Sequence[str]]) -> None:
        known = self._vocabulary
        counted = [Counter(known.setdefault(term, len(known)) for term in document) for document in documents]
        self._terms.extend([*islice(reversed(known), len(known) - len(self._terms))][::-1])
        ids = np.fromiter((i for c in counted for i in c), dtype=np.int32)
        rows = np.repeat(np.arange(self.size, self.size + len(counted), dtype=np.int32), [len(c) for c in counted])
        counts = np.fromiter((n for c in counted for n in c.values()), dtype=np.float32)
        self._segments = (*self._segments, Segment.of(ids, rows, counts, len(counted)))
        self._all_lengths.append(np.array([len(d) for d in documents], dtype=np.float32))
        self.size += len(counted)

    # --- reading ---

    def scores(self, terms: Sequence[str]) -> Floats:
        """float32 [size], 0 where nothing is shared."""
        out = np.zeros(self.size, dtype=np.float32)
        wanted = Counter(i for i in map(self._vocabulary.get, terms) if i is not None)
        ids = np.fromiter(wanted, dtype=np.int32)
        if not len(ids):
            return out
        found = [segment.find(ids) for segment in self._segments]
        weights = self._rarity(ids, found) * np.fromiter(wanted.values(), dtype=np.float32)
        for segment, places in zip(self._segments, found, strict=True):
            for at, weight in zip(places.tolist(), weights.tolist(), strict=True):
                if at >= 0:
                    span = slice(segment.starts[at], segment.starts[at + 1])
                    rows, counts = segment.rows[span], segment.counts[span]
                    out[rows] += weight * (counts / (self._damping[rows] + counts))
        return out

    def share(self, terms: Sequence[str], row: int) -> float:
        """How much of what `terms` say document `row` says too, in [0, 1]: rare terms weigh more, unknown ones most."""
        asked = set(terms)
        if not asked:  # only signs and emoji
            return 0.0
        ids = np.array([self._vocabulary.get(term, -1) for term in asked], dtype=np.int32)
        found = [segment.find(ids) for segment in self._segments]
        weights = np.log(1 + (self.size + 0.5) / (self._frequency(ids, found) + 0.5))
        says = np.zeros(len(ids), dtype=np.bool_)
        for segment, places in zip(self._segments, found, strict=True):
            if row < segment.end:
                says |= [at >= 0 and segment.says(at, row) for at in places.tolist()]
        return float(weights[says].sum() / weights.sum())

    def many(self, queries: Asked, first: int = 0) -> Floats:
        """float32 [queries, size - first]: `scores` of each query for the documents from row `first` on. Only terms that these
        documents have are looked at, so that a few more cost the same however many there are.
        """
        out = np.zeros((len(queries), self.size - first), dtype=np.float32)
        found = [segment.since(first) for segment in self._segments]
        said = np.unique(np.concatenate([entries for entries, _, _ in found])) if found else np.zeros(0, dtype=np.int32)
        columns = np.array([queries.columns.get(self._terms[i], -1) for i in said.tolist()], dtype=np.int64)
        ids, columns = said[columns >= 0], columns[columns >= 0]
        if not len(ids) or not out.size:
            return out
        rarity = self._rarity(ids, [segment.find(ids) for segment in self._segments])
        asked = sparse.csr_array(queries.counts[:, columns])
        for entries, rows, counts in found:
            at = np.minimum(np.searchsorted(ids, entries), len(ids) - 1)
            asks = ids[at] == entries
            at, rows, counts = at[asks], rows[asks], counts[asks]
            values = rarity[at] * (counts / (self._damping[rows] + counts))
            held = sparse.csr_array((values, (at, rows - first)), shape=(len(ids), out.shape[1]))
            out += (asked @ held).toarray()
        return out

    @property
    def _lengths(self) -> Floats:
        return self._all_lengths.view[: self.size]

    @cached_property
    def _damping(self) -> Floats:
        """What is added to a term's count under the fraction, by the document's length."""
        mean = max(float(self._lengths.mean()), 1e-9) if self.size else 1.0
        return np.asarray(K1 * (1 - B + B * self._lengths / mean), dtype=np.float32)

    def _rarity(self, ids: Ints, found: Sequence[NDArray[np.intp]]) -> Floats:
        """The inverse document frequency of terms, `found` being their places in each segment."""
        frequency = self._frequency(ids, found)
        return np.asarray(np.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5)), dtype=np.float32)

    def _frequency(self, ids: Ints, found: Sequence[NDArray[np.intp]]) -> NDArray[np.float64]:
        """In how many documents each term stands."""
        frequency = np.zeros(len(ids))
        for segment, places in zip(self._segments, found, strict=True):
            there = places >= 0
            frequency[there] += np.diff(segment.starts)[places[there]]
        return frequency
