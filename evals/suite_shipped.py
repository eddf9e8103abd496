"""What ships as data, read as it stands: every wording of the phrasebooks may be said, every prompt says what it must.

A draft uses one wording of many, so a bad one may not show for weeks; here each is checked by itself.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import re2
from pydantic import Field, field_validator

from assistant.authority import Authority
from assistant.conversation import Message, Order
from assistant.guardrails import CheckContext, Guardrails
from evals.registry import Suite, register
from evals.values import CaseResult, CaseTrace, CheckedReply, CheckResult
from evals.ways import checked
from knowledge import datafile
from knowledge.phrasebook import Phrasebook, Slot
from knowledge.points import PointBook
from knowledge.values import AuthorityKind, Value
from prompts import PROMPTS, Prompt

if TYPE_CHECKING:
    from assistant.application import Kefu

PROMPT_CASES = Path(__file__).parent / "suites" / "prompts.yaml"

_SAMPLES: dict[Slot, tuple[str, str]] = {
    "item": ("蓝牙耳机", "earphones"), "price_yuan": ("99", "99"), "order_tail": ("6789", "6789"), "courier": ("中通", "ZTO"),
    "tracking_status": ("11-19 08:30 到达武汉转运中心", "arrived at a sorting centre"), "paid_at": ("11-15 10:00", "11-15 10:00"),
    "shipped_at": ("11-16 18:00", "11-16 18:00"), "signed_at": ("11-18 12:00", "11-18 12:00"), "days_since_paid": ("5", "5"),
    "price_protection_over": ("36", "36"), "days_since_signed": ("2", "2"), "return_window_over": ("9", "9"),
    "shop": ("暖食记", "the shop"), "compensation_limit": ("20", "20"), "free_shipping_over": ("99", "99"), "free_shipping_met": ("128", "128"), "gift_name": ("帆布袋", "tote bag"),
    "coupon_yuan": ("5", "5"), "refund_yuan": ("99", "99"), "answer_by": ("今天下午4点前", "by 4 pm today"),
    "customer_amount": ("80", "80"), "customer_measure": ("身高165", "165 cm"), "customer_quote": ("等了好几天", "waited for days"),
    "customer_choice": ("白色", "white"), "said": ("白色", "white"), "ship_overdue": ("5", "5"),
}  # fmt: skip
"""What slots are filled with: facts of `_ORDER`, amounts that `_GRANTS` cover."""
_ORDER = Order.model_validate({
    "order_id": "202611150006789", "item": "蓝牙耳机", "price_yuan": 99, "paid_at": "2026-11-15 10:00", "shipped_at": "2026-11-16 18:00",
    "courier": "中通", "tracking_status": "11-19 08:30 到达武汉转运中心", "signed_at": "2026-11-18 12:00",
})  # fmt: skip
_GRANTS = {
    "compensation_up_to": ":20",
    "free_shipping_over": ":99",
    "gift": ":帆布袋",
    "coupon": ":5",
    "refund_approved": ":99",
}
_SAID = (Message(role="customer", text="80行不行?我身高165,要白色,等了好几天,5天前付的,36天前那单,收了2天,9天了"),)


class WordingCase(Value):
    """One wording of a phrasebook's (or a point's) move, and what must be authorised before it is said. Its id moves with its words."""

    id: str
    situation: str
    move: str
    zh: str
    en: str
    authority: tuple[AuthorityKind, ...]
    lacks: tuple[Slot, ...] = ()


def wordings(folder: Path | None = None) -> tuple[WordingCase, ...]:
    """Every wording of the shipped phrasebooks and points, or of a folder of phrasebooks."""
    book = Phrasebook.load(folder) if folder else Phrasebook.load()
    said = [(entry.situation, move) for entry in book.entries for move in entry.moves]
    if folder is None:
        said += [(point.id, move) for point in PointBook.load().points for move in point.moves]
    found: dict[str, WordingCase] = {}
    for situation, move in said:
        for wording in move.wordings:
            key = f"{wording.zh}|{wording.en}|{sorted(move.authority)}|{sorted(move.lacks)}"
            case = f"{situation}.{move.move}.{hashlib.sha256(key.encode()).hexdigest()[:8]}"
            found[case] = WordingCase(
                id=case,
                situation=situation,
                move=move.move,
                zh=wording.zh,
                en=wording.en,
                authority=move.authority,
                lacks=move.lacks,
            )
    return tuple(found.values())


@cache
def _rules() -> Guardrails:
    return Guardrails.load()


def run_wordings(_: Kefu, cases: Sequence[WordingCase]) -> Iterator[CaseTrace]:
    """Fill each wording, Chinese and English, and have it checked where all that its move asks for is authorised.

    By the rules alone: the semantic layer reads replies, and a wording is a piece of one (of the shipped ones it would
    block 8%, nearly all of them harmless).
    """
    from evals.tracing import found_in

    for case in cases:
        started = time.perf_counter()
        authorities = tuple(Authority.parse(kind + _GRANTS.get(kind, "")) for kind in case.authority)
        order = _ORDER.model_copy(update=dict.fromkeys(set(case.lacks) & set(Order.model_fields)))
        context = CheckContext(authorities=authorities, order=order, messages=_SAID)
        texts = [text for text in (_filled(case.zh, 0), _filled(case.en, 1)) if text]
        checks = [(text, _rules().check(text, context)) for text in texts]
        reasons = [
            f"话术「{text}」({case.situation})不能说:{'、'.join(f'{f.category}「{f.text}」' for f in verdict.findings if f.severity == 'block')}"
            for text, verdict in checks
            if verdict.verdict == "block"
        ]
        unknown = any(verdict.verdict == "unknown" for _, verdict in checks)
        result = CaseResult(
            id=case.id,
            outcome="error" if unknown else "failed" if reasons else "passed",
            reasons=("护栏没能检查",) if unknown else tuple(reasons),
            tags=(case.situation, case.move),
            reply=texts[0],
            cluster=f"{case.situation}.{case.move}",
            marks={} if unknown else {"pass_rate": float(not reasons)},
            seconds=round(time.perf_counter() - started, 4),
        )
        seen = tuple(
            CheckedReply(reply=text, verdict=verdict.verdict, findings=found_in(verdict.findings))
            for text, verdict in checks
        )
        yield CaseTrace(suite="phrasebook", result=result, checked=seen)


def _filled(wording: str, language: Literal[0, 1]) -> str:
    text = wording
    for slot, samples in _SAMPLES.items():
        text = text.replace(f"{{{slot}}}", samples[language])
    return text


class PromptCase(Value):
    """Something that a prompt must say: `any` of these patterns in its text, in which each variable stands as `$name`."""

    id: str
    prompt: str
    meaning: str
    any: tuple[str, ...] = Field(min_length=1)
    why: str

    @field_validator("any")
    @classmethod
    def _patterns_compile(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(checked, value))


class _PromptFile(Value):
    cases: tuple[PromptCase, ...]


def prompt_cases() -> tuple[PromptCase, ...]:
    return datafile.load(PROMPT_CASES, _PromptFile).cases


def run_prompts(_: Kefu, cases: Sequence[PromptCase], folder: Path = PROMPTS) -> Iterator[CaseTrace]:
    """Read each prompt and look for what it must say. A prompt that can't be loaded is an error."""
    for case in cases:
        prompt = datafile.load(folder / f"{case.prompt}.yaml", Prompt)
        text = f"{prompt.system}\n{prompt.user}"
        said = any(re2.search(pattern, text) for pattern in case.any)
        reason = f"提示词 {case.prompt} 没有说「{case.meaning}」({case.why})"
        result = CaseResult(
            id=case.id,
            outcome="passed" if said else "failed",
            reasons=() if said else (reason,),
            tags=(case.prompt,),
            shown=case.meaning,
            cluster=case.prompt,
            marks={"pass_rate": float(said)},
            checks=(CheckResult(check="says", passed=said, reason=case.meaning),),
        )
        yield CaseTrace(suite="prompts", result=result)


register(
    Suite("phrasebook", wordings, run_wordings, frozenset({"guardrails"}), code=("suite_shipped.py",), shipped=True)
)
register(Suite("prompts", prompt_cases, run_prompts, frozenset({"prompts"}), code=("suite_shipped.py", "ways.py")))
