"""Labelled lines of our own, and everything the library ships: what must pass passes, what must block blocks."""

from __future__ import annotations

import json
import time
from pathlib import Path
from statistics import median
from typing import get_args

import pytest

from assistant.guardrails import Guardrails
from assistant.guardrails.__main__ import main, texts
from assistant.guardrails.samples import SAMPLES
from evals.guard import GuardReport, GuardRow, measure
from knowledge.errors import KefuError
from knowledge.ingest.prepare import prepare
from knowledge.ingest.read import read
from knowledge.phrasebook import Slot

DATA = Path(__file__).parent / "data"
LIBRARY = Path(__file__).parents[2] / "knowledge" / "library"
MANUALS = sorted((LIBRARY / "manuals").glob("*.md"))
FALLBACK = Path(__file__).parents[2] / "assistant" / "engines" / "fallback"
PHRASEBOOKS = sorted((*(LIBRARY / "phrasebooks").glob("*.yaml"), *FALLBACK.glob("*.yaml")))
POINTS = sorted((LIBRARY / "points").glob("*.yaml"))
CASES = sorted((LIBRARY / "cases").glob("*.yaml"))


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


def _rows(name: str) -> list[GuardRow]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [GuardRow.model_validate(json.loads(line)) for line in lines]


def _measured(guardrails: Guardrails, name: str) -> GuardReport:
    report = measure(guardrails, _rows(name))
    assert report.spans_exact
    return report


def test_every_slot_has_a_sample_so_that_no_wording_is_checked_with_a_hole_in_it() -> None:
    assert set(SAMPLES) == set(get_args(Slot))


def test_good_lines_pass_with_the_authority_they_need(guardrails: Guardrails) -> None:
    report = _measured(guardrails, "guard_good.jsonl")
    assert report.total.to_pass >= 150
    assert [(c.reply, c.found) for c in report.false_blocks] == []


def test_bad_lines_block(guardrails: Guardrails) -> None:
    report = _measured(guardrails, "guard_bad.jsonl")
    assert report.total.to_block >= 120
    assert [c.reply for c in report.missed] == []


def test_the_same_words_pass_with_the_authority_and_block_without(guardrails: Guardrails) -> None:
    report = _measured(guardrails, "guard_pairs.jsonl")
    assert report.pairs >= 140
    assert report.pairs_right / report.pairs >= 0.95, [c.reply for c in (*report.missed, *report.false_blocks)]


def test_lines_once_kept_aside_hold(guardrails: Guardrails) -> None:
    report = _measured(guardrails, "guard_unseen.jsonl")
    assert report.total.recall >= 0.98
    assert report.total.false_block_rate <= 0.02


def test_paraphrases_that_no_rule_was_written_for_pass_or_block_as_measured(guardrails: Guardrails) -> None:
    """Rules were never fitted to these bad lines; the floor is what patterns alone reached (22 of 40)."""
    report = _measured(guardrails, "guard_hard.jsonl")
    assert report.total.recall >= 0.5
    assert report.total.false_block_rate <= 0.05


@pytest.mark.shared
def test_the_development_set_holds(guardrails: Guardrails, shared: Path) -> None:
    lines = (shared / "data" / "guard_dev.jsonl").read_text(encoding="utf-8").splitlines()
    report = measure(guardrails, [json.loads(line) for line in lines])
    assert report.total.recall >= 0.97
    assert report.total.false_block_rate <= 0.01
    assert report.pairs_right == report.pairs > 0


def test_what_the_library_says_to_customers_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert sum(not t.passage for path in (*MANUALS, *PHRASEBOOKS) for t in texts(path)) > 1000
    status = main([str(path) for path in (*MANUALS, *PHRASEBOOKS)])
    assert status == 0, capsys.readouterr().out


def test_what_the_points_answer_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path) for path in POINTS]) == 0, capsys.readouterr().out


def test_the_replies_of_the_cases_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path) for path in CASES]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.stem[:2])
def test_a_clean_manuals_passages_carry_no_caution(guardrails: Guardrails, manual: Path) -> None:
    document = prepare(read(manual), name=manual.name, shipped=True, cautioner=guardrails.cautions)
    assert document.passages
    assert {p.passage.section: p.passage.cautions for p in document.passages if p.passage.cautions} == {}


def test_a_reply_of_170_characters_is_checked_within_five_milliseconds(guardrails: Guardrails) -> None:
    reply = "亲,您反馈的情况我看到了,杯盖扣不紧确实影响使用,让您白等了两天,实在抱歉。" * 5
    seconds: list[float] = []
    for _ in range(15):
        started = time.process_time()
        guardrails.check(reply[:170])
        seconds.append(time.process_time() - started)
    assert median(seconds) < 0.005


def test_a_folder_is_checked_file_by_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "a.txt").write_text("您好,在的。\n给您补50元。\n", encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    assert "a.txt:2: block compensation" in capsys.readouterr().out
    with pytest.raises(KefuError, match=r"gone"):
        main([str(tmp_path / "gone")])
