"""The conversations that people read: each holds, they can be drafted, and a wrong row is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.readings import READINGS, load_readings
from knowledge.errors import DataFileError


def test_every_row_is_a_conversation_with_what_its_reply_must_say() -> None:
    cases = load_readings()
    assert len({case.id for case in cases}) == len(cases) == 260
    for case in cases:
        assert case.conversation().last_customer_turn
        assert case.read is None or case.read.musts_met <= len(case.must)


def test_a_row_without_what_its_reply_must_say_is_refused_with_its_line(tmp_path: Path) -> None:
    first, *_ = (READINGS / "first.jsonl").read_text(encoding="utf-8").splitlines()
    row = json.loads(first)
    del row["must"]
    path = tmp_path / "wrong.jsonl"
    path.write_text(first + "\n" + json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    with pytest.raises(DataFileError, match="2"):
        load_readings(path)
