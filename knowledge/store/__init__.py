"""The canonical knowledge store, in SQLite: documents with their source text, passages, what was cut, who changed what.

A document is written as "pending", indexed, then made "live" in one transaction that also makes its older version past; a
process that dies in between leaves a pending version that the next start finishes. What waits for a manager's approval is
"staged": no search sees it. Deleted text is overwritten on disk (`secure_delete`, then VACUUM), so that an erased document
is gone from the file too.
"""

from knowledge.store.store import KnowledgeStore
from knowledge.store.suggestions import Suggestion, Suggestions
from knowledge.store.values import (
    Change,
    Copy,
    Cut,
    Edition,
    PassageStatus,
    Place,
    PlacedPassage,
    PreparedDocument,
    Version,
)

__all__ = [
    "Change",
    "Copy",
    "Cut",
    "Edition",
    "KnowledgeStore",
    "PassageStatus",
    "Place",
    "PlacedPassage",
    "PreparedDocument",
    "Suggestion",
    "Suggestions",
    "Version",
]
