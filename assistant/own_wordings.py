"""Wordings a shop adds itself: a phrasebook of its own under KEFU_HOME/phrasebook, said by the offline engine at once."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import yaml
from pydantic import Field, field_validator, model_validator

from assistant.engines.own import OwnMove
from knowledge import datafile
from knowledge.errors import DataFileError, KefuError
from knowledge.phrasebook import Move, MoveKind, Wording
from knowledge.values import AuthorityKind, Value

FILE = "own.yaml"
_HEAD = "# 店铺自己的话术:在知识台「每周改稿」里采用的。可以手改,存盘即生效;写错了会指出行号。\n"

log = logging.getLogger(__name__)


class WordingError(KefuError):
    """A wording that can't be taken, with the reason."""


class OwnWording(Value):
    """One wording of the shop's own: in which situation (an id of the catalogue) it is said, as which move, and what must
    be authorised. `by` and `at` (UTC) say who added it when, `source` where it comes from, in a person's words.
    """

    id: str = Field(pattern=r"^[0-9a-f]{8}$")
    situation: str = Field(min_length=1)
    move: MoveKind
    zh: str
    authority: tuple[AuthorityKind, ...] = ()
    by: str = Field(min_length=1, max_length=64)
    at: datetime
    source: str = ""

    @field_validator("move")
    @classmethod
    def _not_where_people_are_at_risk(cls, value: MoveKind) -> MoveKind:
        if value == "safety":
            raise ValueError("safety moves ship with the product and are not added by a shop")
        return value

    @model_validator(mode="after")
    def _reads_as_a_wording(self) -> OwnWording:
        Wording(zh=self.zh)
        return self

    @property
    def as_move(self) -> OwnMove:
        """What the offline engine says."""
        needs = tuple(sorted(Wording(zh=self.zh).zh_slots - {"said"}))
        data = {"move": self.move, "authority": self.authority, "needs": needs, "wordings": [{"zh": self.zh}]}
        return OwnMove(self.situation, Move.model_validate(data))


class _File(Value):
    title: str
    wordings: tuple[OwnWording, ...]

    @model_validator(mode="after")
    def _ids_differ(self) -> _File:
        ids = [w.id for w in self.wordings]
        if twice := next((i for i in ids if ids.count(i) > 1), None):
            raise ValueError(f"two wordings have the id {twice}")
        return self


def id_of(situation: str, zh: str) -> str:
    """The same for the same words in the same situation."""
    return hashlib.sha256(f"{situation}|{zh}".encode()).hexdigest()[:8]


class OwnWordings:
    """The shop's own phrasebook in one file. `adopt` brings it into force. Safe between threads."""

    def __init__(self, folder: Path, adopt: Callable[[Sequence[OwnMove]], None]) -> None:
        self._path = folder / FILE
        self._adopt = adopt
        self._lock = threading.RLock()
        self._stamp: tuple[int, int] | None = None
        self._wordings: tuple[OwnWording, ...] = ()
        self.problem: KefuError | None = None
        """Why what stands in the file now is not in force; None where it is."""

    def load(self) -> None:
        """Bring the file into force. DataFileError names file and line of the first mistake."""
        with self._lock:
            self._stamp = self._stamp_now()
            try:
                self._wordings = datafile.load(self._path, _File).wordings if self._stamp else ()
            except DataFileError as error:
                self.problem = error
                raise
            self.problem = None
            self._adopt([w.as_move for w in self._wordings])

    def follow(self) -> None:
        """Bring in what changed in the file since; a file that was spoiled by hand leaves things as they were, and the log
        says so.
        """
        if self._stamp_now() == self._stamp:
            return  # nothing changed, or nothing is there yet
        try:
            self.load()
        except (DataFileError, OSError) as error:
            log.warning("the shop's own wordings stay as they were: %s", error)

    def listed(self) -> tuple[OwnWording, ...]:
        """All of them, the newest first."""
        self.follow()
        return tuple(sorted(self._wordings, key=lambda w: (w.at, w.id), reverse=True))

    def add(self, wording: OwnWording) -> None:
        """Keep it and say it from now on. WordingError when it is there already."""
        with self._lock:
            self.load()
            if any(w.id == wording.id for w in self._wordings):
                raise WordingError(
                    "wording.known",
                    f"「{wording.zh}」已经在店铺自己的话术里了,不用再采用。",
                    f"{wording.zh!r} is one of the shop's own wordings already.",
                )
            self._keep((*self._wordings, wording))

    def remove(self, wording_id: str) -> OwnWording:
        """Take it out; drafts no longer say it. WordingError "wording.unknown"."""
        with self._lock:
            self.load()
            gone = next((w for w in self._wordings if w.id == wording_id), None)
            if gone is None:
                raise WordingError(
                    "wording.unknown",
                    f"店铺自己的话术里没有 {wording_id}:用 kefu wordings list 查看。",
                    f"There is no own wording {wording_id}: see `kefu wordings list`.",
                )
            self._keep(tuple(w for w in self._wordings if w.id != wording_id))
            return gone

    def _keep(self, wordings: Sequence[OwnWording]) -> None:
        """The file whole or as it was."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        rows = [w.model_dump(mode="json", exclude_defaults=True) for w in wordings]
        data = {"title": "店铺自己的话术", "wordings": rows}
        half = self._path.with_suffix(".half")
        half.write_text(_HEAD + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000), encoding="utf-8")
        Path(half).replace(self._path)
        self.load()

    def _stamp_now(self) -> tuple[int, int] | None:
        """Time and size of the file: what tells that something changed; None where there is none."""
        try:
            seen = self._path.stat()
        except FileNotFoundError:
            return None
        return seen.st_mtime_ns, seen.st_size
