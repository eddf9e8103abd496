"""What a manager's buttons do. Each is one call; every change has its who."""

from __future__ import annotations

import getpass
import logging
import re
from collections.abc import Callable
from typing import Any

from assistant.application import Kefu
from assistant.chat_knowledge import imagining
from assistant.desk.knowledge_view import NOTHING, View
from assistant.guardrails.cautions import without
from assistant.records import RecordsError
from knowledge.curation import PassageEdit
from knowledge.enrichment import Enriched
from knowledge.errors import KefuError
from knowledge.values import Progress, Value

LONGEST_NAME = 40
log = logging.getLogger(__name__)


class Asked(Value):
    """A button or form of the page: what to do (`act`), with which thing (`value`), what was filled in; by whom, and from
    which view.
    """

    act: str
    value: str
    fields: dict[str, str]
    who: str
    view: View

    @classmethod
    def of(cls, event: Any, who: str | None = None, view: View = NOTHING) -> Asked:
        """From what the page sent; a name that was not filled in is the operating system's user."""
        fields = {str(k): str(v) for k, v in (getattr(event, "fields", None) or {}).items()}
        return cls(act=str(event.act), value=str(event.value or ""), fields=fields, who=signed(who), view=view)

    @property
    def numbers(self) -> tuple[str, tuple[int, ...]]:
        """`value` as an id and the numbers behind it."""
        first, *rest = self.value.split()
        return first, tuple(int(number) for number in rest)


def signed(who: str | None) -> str:
    """The name that a change is kept under: as filled in, or the operating system's user."""
    return " ".join((who or "").split())[:LONGEST_NAME] or getpass.getuser()


class Acts:
    """Does what was asked and says where to look next."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu
        self._knowledge = kefu.knowledge
        self._do: dict[str, Callable[[Asked], View | None]] = {
            "preview": lambda asked: View(kind="preview", document_id=asked.value),
            "view": lambda asked: View(kind="document", document_id=asked.value),
            "history": lambda asked: View(kind="history", document_id=asked.value),
            "difference": self._difference,
            "page": lambda asked: asked.view.model_copy(update={"page": int(asked.value)}),
            "show": lambda asked: asked.view.model_copy(update={"show": asked.value, "page": 0}),
            "discard": self._discard,
            "remove": self._remove,
            "take_out": lambda asked: self._use(asked, searched=False),
            "put_in": lambda asked: self._use(asked, searched=True),
            "roll_back": self._roll_back,
            "edit": self._edit,
            "retire": self._retire,
            "restore": self._restore,
            "flag": lambda asked: self._flag(asked, asked.fields.get("note", "")),
            "unflag": lambda asked: self._flag(asked, ""),
            "keep_apart": self._keep_apart,
            "keep_block": self._keep_block,
            "assign": self._assign,
            "assign_to": lambda asked: self._serve(asked, *asked.value.split(), serves=True),
            "take_suggestion": self._take,
            "drop_suggestion": self._drop,
            "drop_questions": self._drop_questions,
            "lift_caution": self._lift,
            "recheck": self._recheck,
            "cut_quote": self._cut,
            "deny": self._deny,
            "unassign": lambda asked: self._serve(asked, *asked.value.split(), serves=False),
        }

    def perform(self, asked: Asked) -> View:
        """Do it; the view to show now. Raises KefuError for what cannot be done."""
        if asked.act not in self._do:
            raise KefuError("desk.unknown_act", f"没有「{asked.act}」这个操作。", f"There is no action {asked.act}.")
        return self._do[asked.act](asked) or asked.view

    def approve(self, asked: Asked, progress: Progress) -> None:
        self._knowledge.review.approve(asked.value, asked.who, progress)
        self._note(asked, "document.approved", document=asked.value)

    def imagine(self, asked: Asked, progress: Progress) -> Enriched:
        """Have the chat model imagine what customers say of one document's passages. Raises KefuError without a model."""
        imagine, model = imagining(self._kefu.settings), self._kefu.settings.chat_model
        enrichment = self._knowledge.enrichment
        done = enrichment.run(imagine, model, len(enrichment.todo({asked.value})), progress, {asked.value})
        self._note(asked, "questions.imagined", document=asked.value, calls=done.calls, characters=done.characters)
        return done

    # --- documents ---

    def _difference(self, asked: Asked) -> View:
        document_id, (older, newer) = asked.numbers
        return View(kind="difference", document_id=document_id, older=older, newer=newer)

    def _discard(self, asked: Asked) -> View:
        self._knowledge.review.discard(asked.value)
        self._note(asked, "document.discarded", document=asked.value)
        return NOTHING

    def _remove(self, asked: Asked) -> View | None:
        self._knowledge.remove(asked.value)
        self._note(asked, "document.removed", document=asked.value)
        return NOTHING if asked.view.document_id == asked.value else None

    def _use(self, asked: Asked, *, searched: bool) -> None:
        self._knowledge.set_in_use(asked.value, asked.who, searched=searched)
        self._note(asked, "document.put_in" if searched else "document.taken_out", document=asked.value)

    def _roll_back(self, asked: Asked) -> View:
        document_id, (number,) = asked.numbers
        self._knowledge.versions.roll_back(document_id, number, asked.who)
        self._note(asked, "document.rolled_back", document=document_id, version=number)
        return View(kind="history", document_id=document_id)

    # --- passages ---

    def _edit(self, asked: Asked) -> None:
        filled: dict[str, object] = dict(asked.fields)
        if "techniques" in asked.fields:
            filled["techniques"] = listed(asked.fields["techniques"])
        edit = PassageEdit.model_validate({k: v for k, v in filled.items() if k in PassageEdit.model_fields})
        self._knowledge.curation.edit(asked.value, edit, asked.who, staged=asked.view.staged)
        self._note(asked, "passage.edited", passage=asked.value)

    def _retire(self, asked: Asked) -> None:
        self._knowledge.curation.retire([asked.value], asked.who, staged=asked.view.staged)
        self._note(asked, "passage.retired", passage=asked.value)

    def _restore(self, asked: Asked) -> None:
        self._knowledge.curation.restore([asked.value], asked.who, staged=asked.view.staged)
        self._note(asked, "passage.restored", passage=asked.value)

    def _flag(self, asked: Asked, note: str) -> None:
        self._knowledge.curation.flag(asked.value, note, asked.who, staged=asked.view.staged)
        self._note(asked, "passage.flagged" if note else "passage.unflagged", passage=asked.value)

    def _take(self, asked: Asked) -> None:
        self._knowledge.enrichment.approve(asked.value, asked.who)
        self._note(asked, "suggestion.approved", passage=asked.value)

    def _drop(self, asked: Asked) -> None:
        self._knowledge.enrichment.decline(asked.value, asked.who)
        self._note(asked, "suggestion.declined", passage=asked.value)

    def _drop_questions(self, asked: Asked) -> None:
        self._knowledge.enrichment.drop(asked.value, asked.who)
        self._note(asked, "questions.dropped", passage=asked.value)

    def _lift(self, asked: Asked) -> None:
        reason = asked.fields.get("reason", "")
        self._knowledge.curation.lift_cautions(asked.value, reason, asked.who, staged=asked.view.staged)
        self._note(asked, "caution.lifted", passage=asked.value, reason=reason)

    def _recheck(self, asked: Asked) -> None:
        self._knowledge.curation.recheck(asked.value, asked.who, staged=asked.view.staged)
        self._note(asked, "caution.rechecked", passage=asked.value)

    def _cut(self, asked: Asked) -> None:
        """Leave the sentence out that a caution was given for; what is left is checked anew."""
        passage_id, number = asked.value.split()
        passage = self._knowledge.curation.passage(passage_id, staged=asked.view.staged).passage
        quote = passage.cautions[int(number)].quote if int(number) < len(passage.cautions) else ""
        left = without(passage.text, quote)
        if left == passage.text:
            raise KefuError(
                "caution.gone",
                "这条警示已经变了,或者要去掉的话不在这一段里:请刷新后再看,也可以直接修改这一段。",
                "This caution changed, or its words are not in the passage: refresh, or edit the passage.",
            )
        self._knowledge.curation.edit(passage_id, PassageEdit(text=left), asked.who, staged=asked.view.staged)
        self._note(asked, "passage.edited", passage=passage_id)

    def _keep_apart(self, asked: Asked) -> None:
        self._knowledge.curation.keep_apart(asked.value, asked.who, staged=asked.view.staged)
        self._note(asked, "passage.kept", passage=asked.value)

    def _keep_block(self, asked: Asked) -> None:
        document_id, start = asked.view.document_id, int(asked.value)
        self._knowledge.curation.keep_block(document_id, start, asked.who, staged=asked.view.staged)
        self._note(asked, "passage.kept", document=document_id, start=start)

    def _assign(self, asked: Asked) -> None:
        said = asked.fields.get("situation", "").strip()
        known = {name: e.id for e in self._knowledge.catalogue.entries for name in (e.id, e.name)}
        if said:
            self._serve(asked, asked.value, known.get(said, said), serves=True)

    def _serve(self, asked: Asked, passage_id: str, situation: str, *, serves: bool) -> None:
        curation = self._knowledge.curation
        curation.assign(passage_id, situation, asked.who, serves=serves, staged=asked.view.staged)
        action = "passage.assigned" if serves else "passage.unassigned"
        self._note(asked, action, passage=passage_id, situation=situation)

    def _deny(self, asked: Asked) -> None:
        passage_id, situation = asked.value.split()
        self._knowledge.curation.deny(passage_id, situation, asked.who, staged=asked.view.staged)
        self._note(asked, "passage.denied", passage=passage_id, situation=situation)

    def _note(self, asked: Asked, action: str, **detail: object) -> None:
        """The knowledge base keeps who and when itself; the audit beside it must not undo what is done."""
        try:
            self._kefu.records.audit(asked.who, action, **detail)
        except RecordsError as error:
            log.warning("%s", error.message(self._kefu.settings.language))


def listed(text: str) -> tuple[str, ...]:
    """Names with commas or 、 between them."""
    return tuple(name for name in (part.strip() for part in re.split(r"[、,,;;\n]", text)) if name)
