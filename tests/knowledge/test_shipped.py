"""The vectors that ship with the project are the model's own, and a text that changed is embedded as before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge import shipping
from knowledge.embedding import Embedder
from knowledge.embedding.embedder import Vectors
from knowledge.embedding.shipped import SHIPPED, ShippedVectors, recalled, shipped_vectors
from knowledge.kept import read_kept

MOST_STALE = 0.1
"""Of the project's texts: so many may be newer than the file before this test asks for a new one."""


@pytest.fixture(scope="module")
def embedder(offline_model: Path) -> Embedder:
    return Embedder.open(offline_model.parent)


def test_the_file_is_up_to_date(embedder: Embedder) -> None:
    lacking, total = shipping.missing(embedder.identity, shipped_vectors())
    assert lacking <= MOST_STALE * total, "run: python -m knowledge.shipping KEFU_HOME"
    assert SHIPPED.stat().st_size < 5_000_000


def test_what_ships_is_what_the_model_says(embedder: Embedder) -> None:
    shipped = shipped_vectors()
    assert shipped is not None
    asked, told = shipping.own_texts()
    for texts, embed, prompt in (
        (asked[::500], embedder.queries, embedder.identity.query_prompt),
        (told[::50], embedder.passages, embedder.identity.passage_prompt),
    ):
        known = [(text, row) for text, row in zip(texts, shipped.find(texts, prompt), strict=True) if row >= 0]
        exact = embed([text for text, _ in known])
        assert min(float(shipped.vector(row) @ v) for (_, row), v in zip(known, exact, strict=True)) > 0.9998


class Watched:
    """Stands for a model, and remembers what it was asked to embed."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return np.ones((len(texts), 384), dtype=np.float32)


def test_only_new_words_are_embedded(embedder: Embedder) -> None:
    identity, model = embedder.identity, Watched()
    told = shipping.own_texts()[0][0]
    vectors = recalled([told, "这句话哪本手册里都没有", told], model, identity, identity.query_prompt)
    assert model.asked == ["这句话哪本手册里都没有"]
    assert vectors[0] == pytest.approx(vectors[2])
    assert vectors[1] == pytest.approx(1)


def test_another_models_vectors_are_never_used(embedder: Embedder) -> None:
    other, model = embedder.identity.model_copy(update={"revision": "another"}), Watched()
    told = shipping.own_texts()[0][:3]
    recalled(told, model, other, other.query_prompt)
    assert model.asked == told


def test_making_the_file_again_keeps_what_is_in_it(
    embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors.npz"
    monkeypatch.setattr(shipping, "own_texts", lambda: (["太贵了", "便宜點", "便宜点"], ["议价要守住底线。"]))
    assert shipping.make(embedder, path) == 3  # two spellings of one thing are one
    monkeypatch.setattr(shipping, "own_texts", lambda: (["太贵了", "什么时候发货"], ["议价要守住底线。"]))
    assert shipping.make(embedder, path) == 1
    made = ShippedVectors(read_kept(path) or {})
    assert len(made.rows) == 3
    (row,) = made.find(["什么时候发货"], embedder.identity.query_prompt)
    assert float(made.vector(row) @ embedder.queries(["什么时候发货"])[0]) > 0.999


@pytest.mark.parametrize("spoilt", [b"", b"not a file of arrays", None])
def test_a_spoilt_or_missing_file_fails_no_start(embedder: Embedder, tmp_path: Path, spoilt: bytes | None) -> None:
    path = tmp_path / "vectors.npz"
    if spoilt is not None:
        path.write_bytes(spoilt)
    assert shipped_vectors.__wrapped__(path) is None
