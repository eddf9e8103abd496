"""The index is derived: whatever happens to it, it can be made again; what searches read is whole at any moment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from knowledge import index as index_module
from knowledge.index import CURRENT, PassageIndex
from knowledge.values import Passage
from tests.knowledge.tiny import DIMENSION, TinyEmbedder

TEXTS = ("先听顾客说完再回答", "七天内可以申请退货", "发货以后给您单号", "价格改不了请谅解")


def passage(text: str) -> Passage:
    return Passage(
        passage_id=f"id-{text}", document_id="d", document="手册", section="一、节", text=text, kind="technique",
        stage="general", start=0, end=len(text),
    )  # fmt: skip


PASSAGES = tuple(passage(text) for text in TEXTS)


def opened(folder: Path, embedder: TinyEmbedder, passages: tuple[Passage, ...] = PASSAGES) -> PassageIndex:
    index = PassageIndex.open(folder, embedder.identity)
    index.synchronise(passages, embedder.passages)
    return index


def test_the_snapshot_holds_the_passages_with_their_vectors_row_by_row(tmp_path: Path) -> None:
    embedder = TinyEmbedder()
    index = opened(tmp_path, embedder)
    snapshot = index.snapshot
    assert snapshot.passages == PASSAGES
    assert snapshot.vectors.shape == (len(TEXTS), DIMENSION) and snapshot.vectors.dtype == np.float32
    assert np.allclose(snapshot.vectors, TinyEmbedder().passages(TEXTS), atol=1e-6)
    index.close()


def test_chroma_finds_the_passage_itself_first_and_measures_by_cosine(tmp_path: Path) -> None:
    embedder = TinyEmbedder()
    index = opened(tmp_path, embedder)
    for text, vector in zip(TEXTS, embedder.queries(TEXTS), strict=True):
        (first, similarity), *_ = index.nearest(vector, 3)
        assert first == f"id-{text}" and similarity == pytest.approx(1.0, abs=1e-5)
    index.close()


def test_opening_again_embeds_nothing(tmp_path: Path) -> None:
    opened(tmp_path, TinyEmbedder()).close()
    embedder = TinyEmbedder()
    again = opened(tmp_path, embedder)
    assert embedder.embedded == [] and again.snapshot.passages == PASSAGES
    again.close()


def test_only_what_is_new_is_embedded_and_what_is_gone_is_deleted(tmp_path: Path) -> None:
    embedder = TinyEmbedder()
    index = opened(tmp_path, embedder, PASSAGES[:3])
    embedder.embedded.clear()
    done = index.synchronise(PASSAGES[1:], embedder.passages)
    assert (done.added, done.deleted, embedder.embedded) == (1, 1, [TEXTS[3]])
    assert {i for i, _ in index.nearest(embedder.queries(["顾客"])[0], 10)} == {p.passage_id for p in PASSAGES[1:]}
    index.close()


def test_more_passages_than_one_batch_takes_all_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "PAGE", 3)
    many = tuple(passage(f"第{i}条:{'退货' * (i % 5)}") for i in range(10))
    opened(tmp_path, TinyEmbedder(), many).close()
    embedder = TinyEmbedder()
    again = opened(tmp_path, embedder, many)
    assert embedder.embedded == [] and len(again.snapshot.passages) == 10
    again.close()


def test_embedding_in_chunks_keeps_the_order_and_tells_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "CHUNK", 3)
    texts = [f"{'长' * (7 - i)}短{i}" for i in range(7)]
    told: list[tuple[int, int]] = []
    vectors = index_module.embed_in_chunks(
        TinyEmbedder().passages, texts, lambda _what, done, total: told.append((done, total))
    )
    assert np.array_equal(vectors, TinyEmbedder().passages(texts))
    assert told == [(0, 7), (3, 7), (6, 7), (7, 7)]


def test_another_model_gets_an_index_of_its_own_and_the_old_one_is_swapped_out(tmp_path: Path) -> None:
    opened(tmp_path, TinyEmbedder()).close()
    before = json.loads((tmp_path / CURRENT).read_text(encoding="utf-8"))
    embedder = TinyEmbedder(revision="2", dimension=16)
    index = PassageIndex.open(tmp_path, embedder.identity)
    assert json.loads((tmp_path / CURRENT).read_text(encoding="utf-8")) == before  # until the new one is whole
    done = index.synchronise(PASSAGES, embedder.passages)
    after = json.loads((tmp_path / CURRENT).read_text(encoding="utf-8"))
    assert done.rebuilt == "model_changed" and done.added == len(PASSAGES)
    assert index.snapshot.vectors.shape == (len(TEXTS), 16)
    assert after["folder"] != before["folder"] and after["identity"]["revision"] == "2"
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [after["folder"]]
    index.close()


@pytest.mark.parametrize("damage", ["garbage", "missing folder", "missing manifest", "broken manifest"])
def test_a_damaged_index_is_made_again(tmp_path: Path, damage: str) -> None:
    opened(tmp_path, TinyEmbedder()).close()
    generation = tmp_path / json.loads((tmp_path / CURRENT).read_text(encoding="utf-8"))["folder"]
    if damage == "garbage":
        (generation / "chroma.sqlite3").write_bytes(b"not a database" * 500)
    elif damage == "missing folder":
        shutil.rmtree(generation)
    elif damage == "missing manifest":
        (tmp_path / CURRENT).unlink()
    else:
        (tmp_path / CURRENT).write_text("{", encoding="utf-8")
    index = PassageIndex.open(tmp_path, TinyEmbedder().identity)
    done = index.synchronise(PASSAGES, TinyEmbedder().passages)
    assert done.rebuilt == "unreadable" and index.snapshot.passages == PASSAGES
    index.close()


def test_readers_keep_the_old_snapshot_until_they_ask_again(tmp_path: Path) -> None:
    embedder = TinyEmbedder()
    index = opened(tmp_path, embedder, PASSAGES[:2])
    old = index.snapshot
    index.add(PASSAGES[2:], embedder.passages(TEXTS[2:]))
    assert index.snapshot is old
    index.synchronise(PASSAGES, embedder.passages)
    assert old.passages == PASSAGES[:2] and len(index.snapshot.passages) == 4
    assert index.snapshot.number > old.number
    with pytest.raises(ValueError, match="read-only"):
        old.vectors[0, 0] = 1.0
    index.close()


def test_the_index_keeps_no_text_on_disk(tmp_path: Path) -> None:
    opened(
        tmp_path, TinyEmbedder(), (passage("绝不该留在索引里的一句话").model_copy(update={"passage_id": "p1"}),)
    ).close()
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"p1" in on_disk and "绝不该留在索引里".encode() not in on_disk
