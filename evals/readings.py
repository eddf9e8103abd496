"""Conversations for a person to read drafts of: `python -m evals.readings [FILE...]` drafts them and prints them for reading.

What a supervisor would send as it is no pattern decides. So these rows hold, in words, what a good reply says and must not say,
and beside it how a strict reader who knew nothing of the program rated the draft of the release named in README.md.
"""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from assistant.application import Kefu
from assistant.conversation import Conversation
from assistant.settings import Settings
from assistant.terminal import say
from knowledge.datafile import load_rows
from knowledge.values import Stage, Value

READINGS = Path(__file__).parent / "strangers"
Rating = Literal["as_is", "small_edit", "not_usable"]


class Read(Value):
    """A reader's verdict on one draft: how it may be sent, how many of the musts it met, and why."""

    rating: Rating
    musts_met: int = Field(ge=0)
    why: str


class ReadingCase(Value):
    """One conversation with what its reply must and must not say, in words; `read` is the last verdict on a draft of it, if it was read."""

    id: str
    stage: Stage
    situation: str
    messages: tuple[dict[str, Any], ...] = Field(min_length=1)
    order: dict[str, Any] | None = None
    policy: dict[str, Any] = Field(default_factory=dict)
    must: tuple[str, ...] = Field(min_length=1)
    must_not: tuple[str, ...] = ()
    trap: str = ""
    reference: str = ""
    read: Read | None = None

    def conversation(self) -> Conversation:
        data = {"id": self.id, "messages": list(self.messages), "order": self.order, "policy": self.policy}
        return Conversation.read(data)


def load_readings(*paths: Path) -> tuple[ReadingCase, ...]:
    """The cases of `paths` (all that ship when none is given). DataFileError names file and line of the first mistake."""
    return tuple(case for path in paths or sorted(READINGS.glob("*.jsonl")) for case in load_rows(path, ReadingCase))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("files", type=Path, nargs="*", help="default: all that ship")
    given = options.parse_args()
    with closing(Kefu.open(Settings.read())) as kefu:
        for case in load_readings(*given.files):
            draft = kefu.drafting.draft(case.conversation())
            said = [f"   {'客' if m['role'] == 'agent' else '顾'} {m['text']}" for m in case.messages]
            facts = [f"   {name} {value}" for name, value in (("order", case.order), ("policy", case.policy)) if value]
            wanted = [f"   + {must}" for must in case.must] + [f"   - {never}" for never in case.must_not]
            say("\n".join([f"## {case.id} {case.situation}", *said, *facts, *wanted, f"=> {draft.reply}", ""]))


if __name__ == "__main__":
    main()
