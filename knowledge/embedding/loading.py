"""Loads a sentence-transformers model, quietly, and from the network only when it was asked for by its id."""

from __future__ import annotations

import os
from typing import Any, Literal

Precision = Literal["fp32", "bf16"]
"""bf16 takes under half the time where the processor has avx512_bf16 or amx; its vectors are fp32's to a cosine of 0.9999."""


def load_model(name: str, *, local: bool, precision: Precision = "fp32") -> Any:
    """The SentenceTransformer `name` on the CPU, computing in `precision`. With `local`, nothing is looked for on any network."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # forking servers otherwise warn at every request
    # Threads that spin while they wait slow one another down: with a busy processor one query took 900 ms, so 40.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if local:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    return SentenceTransformer(
        name, device="cpu", local_files_only=local, trust_remote_code=False, model_kwargs={"dtype": dtype}
    )
