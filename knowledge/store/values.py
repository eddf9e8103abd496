"""What the store takes and gives."""

from __future__ import annotations

from typing import Literal, NamedTuple

from knowledge.values import Passage, Value

DocumentState = Literal["pending", "staged", "live", "retired", "past"]
"""Being written; waiting for approval; searched; taken out of search; replaced by a later one."""

PassageStatus = Literal["live", "retired"]

Action = Literal[
    "ingested", "staged", "approved", "edited", "retired", "restored", "kept", "flagged", "unflagged",
    "caution_lifted", "caution_restored",
    "document_retired", "document_restored", "rolled_back",
]  # fmt: skip


class Cut(Value):
    """Source characters [start, end) that are not shown as they stand: left out, or shown as `replacement`.

    `kept`: a person brought it back; it is a passage of its own now.
    """

    start: int
    end: int
    reason: str
    replacement: str = ""
    kept: bool = False


class Copy(NamedTuple):
    """What a passage of another document says, to be compared with a new one."""

    text: str
    bad_example: bool = False


class PlacedPassage(Value):
    """A passage with every source span it was made of; `duplicate_of` names the indexed passage that says the same.

    `marks` are hashes by which near-duplicates are found (knowledge/ingest/deduplicate.py). What people did to it: `origin`
    is the id that the passage had when it was read in (empty: it still has it), `edited` that its text or description is a
    person's, `kept` that it was brought back though cleaning or deduplication left it out, `flag` a note to look at it again.
    """

    passage: Passage
    segments: tuple[tuple[int, int], ...]
    marks: tuple[int, ...] = ()
    duplicate_of: str | None = None
    status: PassageStatus = "live"
    origin: str = ""
    edited: bool = False
    kept: bool = False
    flag: str = ""

    @property
    def first_id(self) -> str:
        """The id that it had when it was read in, by which it is known again in a later version of the file."""
        return self.origin or self.passage.passage_id

    @property
    def amended(self) -> bool:
        """Whether a person's decision would be lost with it."""
        return self.edited or self.kept or self.status == "retired" or bool(self.flag)


class PreparedDocument(Value):
    """A file, read, cleaned, split and described: all that the store keeps of it."""

    document_id: str
    source: str
    title: str
    shipped: bool
    content_hash: str
    encoding: str
    pipeline: int
    text: str
    passages: tuple[PlacedPassage, ...]
    cuts: tuple[Cut, ...]


class Version(Value):
    """One edition of a document in the store: a reading of its file, or an older version brought back."""

    row: int
    document_id: str
    source: str
    title: str
    content_hash: str
    pipeline: int
    state: DocumentState
    revision: int = 0


class Edition(Value):
    """An edition with what its passages' offsets count in. `revision` counts the changes made to it."""

    version: Version
    shipped: bool
    added_at: str
    text: str


class Counts(Value):
    """An edition's passages: `indexed` ones, those of them `cautioned`, `retired` ones, and `merged` ones that repeat others."""

    indexed: int
    cautioned: int
    retired: int
    merged: int


class Change(Value):
    """Something that happened to a document. `number` is the version of the document that it made; None while the edition
    was only staged. `at` is ISO 8601 in UTC; `who` the name a person gave, or of the operating system's user.
    """

    number: int | None
    row: int
    revision: int
    at: str
    who: str
    action: Action
    passage_id: str = ""
    note: str = ""


class Place(Value):
    """Somewhere a passage stands: its own document, or one that repeats it."""

    document_id: str
    document: str
    section: str
    start: int
    end: int
