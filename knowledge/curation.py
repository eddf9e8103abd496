"""A manager's changes to passages, of documents in use and of staged ones: in search at once, each with who and when."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from knowledge.blocks import left_out, passage_of_block
from knowledge.errors import KefuError
from knowledge.ingest.deduplicate import marks_of
from knowledge.situations import SituationCatalogue
from knowledge.store import KnowledgeStore, PlacedPassage, Version
from knowledge.store.values import Action
from knowledge.values import DENIED, Caution, Cautioner, Passage, PassageKind, Progress, Stage, Value

LONGEST_TEXT = 20_000
LONGEST_NOTE = 500


class Publish(Protocol):
    """Makes `new` findable: embeds what the index has not, lets `commit` write to the store, then shows it to searches."""

    def __call__(
        self, new: Sequence[Passage], commit: Callable[[], None], progress: Progress | None = None
    ) -> None: ...


class PassageEdit(Value):
    """What should be different; None leaves it as it is."""

    text: str | None = None
    kind: PassageKind | None = None
    stage: Stage | None = None
    techniques: tuple[str, ...] | None = None
    situations: tuple[str, ...] | None = None


class Curation:
    """`staged` chooses the edition that waits for approval instead of the one in use. `who` is kept with each change.

    Raises KefuError "passage.unknown" for an id that is not there (any more).
    """

    def __init__(
        self,
        store: KnowledgeStore,
        writing: AbstractContextManager[object],
        publish: Publish,
        cautioner: Cautioner | None,
        catalogue: SituationCatalogue,
    ) -> None:
        """`writing` is the lock of whoever changes the store."""
        self._store = store
        self._writing = writing
        self._publish = publish
        self._cautioner = cautioner
        self._catalogue = catalogue

    def passage(self, passage_id: str, *, staged: bool = False) -> PlacedPassage:
        """A passage as it reads now, retired ones too."""
        return self._find(passage_id, staged)[1]

    def edit(self, passage_id: str, edit: PassageEdit, who: str, *, staged: bool = False) -> Passage:
        """Change text or description; a new text has a new id, under which it is embedded and checked for cautions.

        Raises KefuError "passage.empty", "passage.too_long", "situation.unknown".
        """
        with self._writing:
            version, placed = self._find(passage_id, staged)
            reading = self._edited(placed, edit)
            if reading.passage != placed.passage:
                self._write(version, {passage_id: reading}, who, "edited")
        return reading.passage

    def assign(
        self, passage_id: str, situation: str, who: str, *, serves: bool = True, staged: bool = False
    ) -> Passage:
        """Say that a passage serves a situation, first of all, or that it does not."""
        with self._writing:
            own = self._find(passage_id, staged)[1].passage.situations
            rest = tuple(other for other in own if other not in (situation, DENIED + situation))
            edit = PassageEdit(situations=(situation, *rest) if serves else rest)
            return self.edit(passage_id, edit, who, staged=staged)

    def deny(self, passage_id: str, situation: str, who: str, *, staged: bool = False) -> Passage:
        """Say that a passage does not serve a situation though search takes it to; `assign` either way takes it back."""
        with self._writing:
            own = self._find(passage_id, staged)[1].passage.situations
            rest = tuple(other for other in own if other not in (situation, DENIED + situation))
            return self.edit(passage_id, PassageEdit(situations=(*rest, DENIED + situation)), who, staged=staged)

    def retire(self, passage_ids: Sequence[str], who: str, note: str = "", *, staged: bool = False) -> None:
        """Take passages out of search; they stay in their document and can be restored."""
        self._set(passage_ids, {"status": "retired"}, who, "retired", note, staged=staged)

    def restore(self, passage_ids: Sequence[str], who: str, *, staged: bool = False) -> None:
        self._set(passage_ids, {"status": "live"}, who, "restored", "", staged=staged)

    def flag(self, passage_id: str, note: str, who: str, *, staged: bool = False) -> None:
        """Leave a note that the passage is to be looked at again; an empty note takes the flag away."""
        note = note.strip()[:LONGEST_NOTE]
        self._set([passage_id], {"flag": note}, who, "flagged" if note else "unflagged", note, staged=staged)

    def lift_cautions(self, passage_id: str, reason: str, who: str, *, staged: bool = False) -> None:
        """Say that a passage may be used though it was cautioned: it then grounds drafts and ranks like any other. The reason
        stays in the document's history; `recheck` takes it back. Raises KefuError "caution.no_reason".
        """
        reason = reason.strip()[:LONGEST_NOTE]
        if len(reason) < 4:
            raise KefuError(
                "caution.no_reason",
                "请写明为什么这一段可以用(至少 4 个字),以后好查。",
                "Say why the passage may be used (at least 4 characters), so that others can follow.",
            )
        self._recaution(passage_id, (), who, "caution_lifted", reason, staged=staged)

    def recheck(self, passage_id: str, who: str, *, staged: bool = False) -> None:
        """Read a passage for cautions once more, whatever a person said of them."""
        text = self._find(passage_id, staged)[1].passage.text
        found = self._cautioner(text) if self._cautioner else ()
        self._recaution(passage_id, found, who, "caution_restored", "", staged=staged)

    def _recaution(
        self, passage_id: str, cautions: tuple[Caution, ...], who: str, action: Action, note: str, *, staged: bool
    ) -> None:
        with self._writing:
            version, placed = self._find(passage_id, staged)
            if placed.passage.cautions != cautions:
                passage = placed.passage.model_copy(update={"cautions": cautions})
                reading = placed.model_copy(update={"passage": passage, "edited": True})
                self._write(version, {passage_id: reading}, who, action, note)

    def keep_apart(self, passage_id: str, who: str, *, staged: bool = False) -> None:
        """Bring back a passage that was merged with another one."""
        self._set([passage_id], {"duplicate_of": None, "kept": True}, who, "kept", "", staged=staged)

    def keep_block(self, document_id: str, start: int, who: str, *, staged: bool = False) -> Passage:
        """Bring back what was left out at a source offset. Raises KefuError "block.unknown"."""
        with self._writing:
            version = self._edition(document_id, staged)
            placed, starts = self._block(version, start)
            self._commit(version, [placed], lambda: self._store.amendments.keep_block(version.row, starts, placed, who))
        return placed.passage

    # --- how ---------------------------------------------------------------------------------------------------------

    def _set(
        self,
        passage_ids: Sequence[str],
        change: dict[str, object],
        who: str,
        action: Action,
        note: str,
        *,
        staged: bool,
    ) -> None:
        by_row: dict[int, tuple[Version, dict[str, PlacedPassage]]] = {}
        with self._writing:
            for passage_id in passage_ids:
                version, placed = self._find(passage_id, staged)
                reading = placed.model_copy(update=change)
                if reading != placed:
                    by_row.setdefault(version.row, (version, {}))[1][passage_id] = reading
            for version, readings in by_row.values():
                self._write(version, readings, who, action, note)

    def _block(self, version: Version, start: int) -> tuple[PlacedPassage, tuple[int, ...]]:
        edition = self._store.editions.edition(version.row)
        blocks = left_out(edition.text, self._store.editions.cuts(version.row))
        block = next((b for b in blocks if b.start == start and not b.kept), None)
        if block is None:
            raise KefuError(
                "block.unknown",
                "这一处已经找回,或者文档已经换了新版:请刷新后再看。",
                "This block was brought back already, or the document has a newer version: refresh and look again.",
            )
        above = [p.passage for p in self._store.editions.placed(version.row) if p.passage.start <= start]
        before = max(above, key=lambda p: p.start, default=None)
        return passage_of_block(block, version.document_id, version.title, before, self._cautioner), block.starts

    def _edited(self, placed: PlacedPassage, edit: PassageEdit) -> PlacedPassage:
        changed = edit.model_dump(exclude_none=True)
        text = str(changed.get("text", placed.passage.text)).replace("\r\n", "\n").strip()
        if not any(c.isalnum() for c in text):
            raise KefuError(
                "passage.empty",
                "段落不能为空。要拿掉这一段,请点「停用」。",
                "A passage can't be empty. To take it out, retire it.",
            )
        if len(text) > LONGEST_TEXT:
            raise KefuError(
                "passage.too_long",
                f"这一段有 {len(text)} 个字,超过上限 {LONGEST_TEXT}:请分成几段放进文件里再上传。",
                f"The passage has {len(text)} characters, over the limit of {LONGEST_TEXT}: split it in the file and upload that.",
            )
        for situation in set(edit.situations or ()) - set(placed.passage.situations):
            self._known(situation.removeprefix(DENIED))
        update: dict[str, object] = {**changed, "text": text}
        own = placed.passage
        if text != own.text:
            form = f"{placed.first_id}\0{text}".encode("utf-8", "surrogatepass")
            update["passage_id"] = hashlib.sha256(form).hexdigest()[:16]
        kind = edit.kind or own.kind
        if text != own.text or kind != own.kind:  # else what a person said of the cautions stands
            update["cautions"] = self._cautioner(text) if self._cautioner and kind != "bad_example" else ()
        passage = own.model_copy(update=update)
        if passage == own:
            return placed
        reading: dict[str, object] = {"passage": passage, "edited": True}
        if passage.passage_id != own.passage_id:
            reading |= {"origin": placed.first_id, "marks": marks_of(text), "duplicate_of": None}
        return placed.model_copy(update=reading)

    def _known(self, situation: str) -> None:
        if situation not in self._catalogue.by_id:
            raise KefuError(
                "situation.unknown",
                f"没有「{situation}」这个情境:请从列表里选。",
                f"There is no situation {situation}: choose one from the list.",
            )

    def _write(
        self, version: Version, readings: dict[str, PlacedPassage], who: str, action: Action, note: str = ""
    ) -> None:
        self._commit(
            version,
            list(readings.values()),
            lambda: self._store.amendments.replace(version.row, readings, who, action, note),
            quiet=action in ("flagged", "unflagged"),
        )

    def _commit(
        self, version: Version, readings: Sequence[PlacedPassage], commit: Callable[[], None], *, quiet: bool = False
    ) -> None:
        """`quiet`: nothing changes for searches."""
        shown = [p.passage for p in readings if p.status == "live" and p.duplicate_of is None]
        if version.state == "live" and not quiet:
            self._publish(shown, commit)
        else:
            commit()

    def _edition(self, document_id: str, staged: bool) -> Version:
        found = self._store.editions.in_state(("staged",) if staged else ("live", "retired"), document_id)
        if not found:
            raise KefuError(
                "document.unknown",
                "这份文档已经不在了:可能刚被批准、放弃或移除,请刷新。",
                "This document is not there any more: it may just have been approved, discarded or removed; refresh.",
            )
        return found[0]

    def _find(self, passage_id: str, staged: bool) -> tuple[Version, PlacedPassage]:
        states = ("staged",) if staged else ("live", "retired")
        found = self._store.editions.holding(passage_id, states)  # type: ignore[arg-type]
        if found is None:
            raise KefuError(
                "passage.unknown",
                "这一段已经不是这个样子了:可能刚被改过,或文档已更新,请刷新后再操作。",
                "The passage no longer reads like this: it may just have been changed, or its document updated. Refresh and try again.",
            )
        return found
