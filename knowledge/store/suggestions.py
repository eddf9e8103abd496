"""What a chat model's imagined questions speak for, waiting for a person's word. Goes with its document."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa

from knowledge.store.database import Database
from knowledge.store.rows import INDEXED
from knowledge.tables import documents, passages, suggestions
from knowledge.values import Value

SuggestionState = Literal["pending", "approved", "declined", "nothing"]
"""`nothing`: the questions spoke for no situation, so that nobody need be asked and no model again."""


class Suggestion(Value):
    """A passage may serve a situation: `questions` were imagined by `model`, `score` in [0, 1] is how surely they mean it."""

    passage_id: str
    situation: str
    questions: tuple[str, ...]
    score: float
    model: str
    state: SuggestionState = "pending"


class Suggestions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, suggestion: Suggestion) -> None:
        """Keep it with the live edition that holds the passage; one that went away meanwhile leaves nothing."""
        with self._database.writing() as connection:
            holds = documents.c.state == "live", passages.c.passage_id == suggestion.passage_id, INDEXED
            row = connection.execute(sa.select(documents.c.row).join(passages).where(*holds)).scalar()
            if row is not None:
                values = suggestion.model_dump() | {"questions": list(suggestion.questions), "row": row}
                values |= {"at": datetime.now(UTC).isoformat(timespec="seconds"), "who": ""}
                connection.execute(sa.insert(suggestions).prefix_with("OR REPLACE").values(**values))

    def known(self) -> frozenset[str]:
        """Passages that were asked about, whatever came of it."""
        with self._database.reading() as connection:
            return frozenset(connection.execute(sa.select(suggestions.c.passage_id)).scalars())

    def questions(self) -> dict[str, tuple[str, ...]]:
        """What was imagined for each passage, but for those of which a person said that it leads astray."""
        wanted = sa.select(suggestions.c.passage_id, suggestions.c.questions)
        wanted = wanted.where(suggestions.c.state != "declined").order_by(suggestions.c.row, suggestions.c.passage_id)
        with self._database.reading() as connection:
            return {passage: tuple(questions) for passage, questions in connection.execute(wanted)}

    def pending(self) -> tuple[Suggestion, ...]:
        """Surest first."""
        names = [suggestions.c[name] for name in Suggestion.model_fields]
        wanted = sa.select(*names).where(suggestions.c.state == "pending").order_by(suggestions.c.score.desc())
        with self._database.reading() as connection:
            return tuple(Suggestion.model_validate(dict(row)) for row in connection.execute(wanted).mappings())

    def questions_of(self, passage_id: str) -> tuple[str, ...]:
        """What one passage is searched by."""
        wanted = sa.select(suggestions.c.questions).where(
            suggestions.c.passage_id == passage_id, suggestions.c.state != "declined"
        )
        with self._database.reading() as connection:
            return tuple(connection.execute(wanted).scalar() or ())

    def drop(self, passage_id: str, who: str) -> bool:
        """Search by none of a passage's questions any more; False when there are none (any more)."""
        own = suggestions.c.passage_id == passage_id, suggestions.c.state != "declined"
        with self._database.writing() as connection:
            done = connection.execute(suggestions.update().where(*own).values(state="declined", who=who))
            return bool(done.rowcount)

    def settle(self, passage_id: str, state: SuggestionState, who: str) -> bool:
        """Say what became of a pending one; False when it is not there (any more)."""
        own = suggestions.c.passage_id == passage_id, suggestions.c.state == "pending"
        with self._database.writing() as connection:
            done = connection.execute(suggestions.update().where(*own).values(state=state, who=who))
            return bool(done.rowcount)
