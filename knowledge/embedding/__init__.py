"""Texts to vectors: the offline model that is built at set-up, or any other sentence-transformers model by setting.

Importing this package is light; torch is loaded when a model is.
"""

from __future__ import annotations

from knowledge.embedding.embedder import OFFLINE, Embedder, EmbeddingIdentity
from knowledge.embedding.offline import build_offline_model

__all__ = ["OFFLINE", "Embedder", "EmbeddingIdentity", "build_offline_model"]
