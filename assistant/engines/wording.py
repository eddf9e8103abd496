"""From a plan to words: one wording of each move, chosen by the conversation, filled, in the customer's script."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

import re2

from assistant.engines import Brief
from assistant.engines.fitting import least_needed, longest
from assistant.engines.moves import PlannedMove
from assistant.engines.planning import Plan
from assistant.situation.script import folded, traditional
from assistant.values import Tone
from knowledge.phrasebook import MoveKind, Slot, Wording

_RUN = {"zh": 7, "en": 20}
"""Characters in a row that a reply does not say twice where it can be said otherwise."""
_ENDS = "。!?！？…~～)）」"
_WIDE = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_CJK = re2.compile(r"[\x{3400}-\x{9fff}」）]")
_EMOJI = re2.compile(r"[\x{1f300}-\x{1faff}\x{2600}-\x{27bf}\x{2190}-\x{21ff}\x{fe0f}\x{200d}]+")
_PARTICLES = re2.compile(r"(?:哦|呢|呀|啦|哈|嘛|哟|喔|噢)([,,。.!!;;~~]|$)")
_TILDE = re2.compile(r"[~~]+")
_HEAD: tuple[MoveKind, ...] = ("greet", "thank", "acknowledge", "apologise", "safety")
_TAIL: tuple[MoveKind, ...] = ("ask", "next_step", "close")


_PIECE = re2.compile(r"(?s).+?(?:[;\x{ff1b}。!?！？]+\s*|\.\s+|$)")
_WORTH = 6
"""Letters and figures from which a piece is worth leaving out the second time."""
_LEADS = re2.compile(r"^([^,，。!?！？\x{ff1b};]*\p{Han})[,，]\s*")
_ASPECT = re2.compile("已经|[已了就还]")


@dataclass(frozen=True)
class SaidMove:
    """A move in words."""

    planned: PlannedMove
    text: str
    wording: Wording


def say(plan: Plan, brief: Brief, slots: Mapping[Slot, str]) -> tuple[SaidMove, ...]:
    """The plan in words, no longer than a chat reply; the least needed moves give way first."""
    limit = longest(brief)
    moves = list(plan.moves)
    while True:
        said = without_repeats(_say_all(moves, brief, slots, shortest=brief.tone == "shorter"))
        if _length(said) <= limit:
            return said
        said = without_repeats(_say_all(moves, brief, slots, shortest=True))
        if _length(said) <= limit:
            return said
        out = least_needed(moves)
        if out is None:
            return said
        del moves[out]


def without_repeats(said: Sequence[SaidMove]) -> tuple[SaidMove, ...]:
    """`said` without a piece that stood before in the same words (It left on Nov 22; …), nor one's first clause that did
    (12月5日已经寄出了，最新到…); a move of nothing else is left out.
    """
    heard: set[str] = set()
    kept: list[SaidMove] = []
    for move in said:
        pieces = [m.group() for m in _PIECE.finditer(move.text)]
        new = [p for p in (_led_otherwise(p, heard) for p in pieces) if _core(p) not in heard or len(_core(p)) < _WORTH]
        heard.update(map(_core, pieces))
        heard.update(_core(led.group(1)) for led in map(_LEADS.match, pieces) if led)
        if new and new != pieces:
            text = "".join(new)
            move = replace(move, text=text[0].upper() + text[1:])
        if new:
            kept.append(move)
    return tuple(kept)


def _led_otherwise(piece: str, heard: Set[str]) -> str:
    """`piece` without a first clause that was said already."""
    led = _LEADS.match(piece)
    said = led is not None and len(_core(led.group(1))) >= _WORTH and _core(led.group(1)) in heard
    return piece[led.end() :] if led is not None and said and len(_core(piece[led.end() :])) >= _WORTH else piece


def _core(piece: str) -> str:
    """The letters and figures of a piece, without what only says that something is done already."""
    return "".join(c for c in _ASPECT.sub("", piece) if c.isalnum()).lower()


def gloss_of(said: Sequence[SaidMove], slots: Mapping[Slot, str]) -> str:
    """In Chinese what was said in another language; `slots` are the Chinese ones. A move that needs more is left out."""
    lines = []
    for move in said:
        known = {**slots, "said": move.planned.said} if move.planned.said else slots
        if all(name in known for name in move.wording.zh_slots):
            text = move.wording.zh
            for name, value in known.items():
                text = text.replace("{" + name + "}", value)
            lines.append(_ended(text.strip()))
    return "".join(lines)


def in_bubbles(said: Sequence[SaidMove], english: bool) -> tuple[tuple[SaidMove, ...], ...]:
    """One to three bubbles: how the customer is met, what is said, what comes next."""
    groups: list[list[SaidMove]] = [[], [], []]
    at = 0
    for move in said:
        kind = move.planned.move.move
        at = max(at, 0 if kind in _HEAD else 2 if kind in _TAIL else 1)
        groups[at].append(move)
    filled = [tuple(g) for g in groups if g]
    least = 40 if english else 16
    while len(filled) > 1:
        small = next((i for i, g in enumerate(filled) if _length(g) < least), None)
        if small is None:
            break
        i = max(small, 1)
        filled[i - 1 : i + 1] = [filled[i - 1] + filled[i]]
    return tuple(filled)


def _length(said: Sequence[SaidMove]) -> int:
    return sum(len(s.text) for s in said)


def _say_all(
    moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str], shortest: bool
) -> tuple[SaidMove, ...]:
    """Each move in a wording; what the agent said before, and openings just used, are passed over where possible."""
    agent_said = " ".join(folded(m.text) for m in brief.conversation.messages if m.role == "agent")
    seed = brief.conversation.fingerprint()
    english = brief.situation.language == "en"
    run = _RUN["en" if english else "zh"]
    openings: set[str] = set()
    said: list[SaidMove] = []
    for number, planned in enumerate(moves):
        filled = {**slots, "said": planned.said} if planned.said else slots
        texts = [_fill(w, brief, filled) for w in planned.wordings]
        new = [t for t in texts if folded(t) not in agent_said and t[:3] not in openings] or texts
        telling = _telling(planned, new, texts, english)
        telling = _saying_more(telling, said, run) or _saying_more(new, said, run) or telling
        text = min(telling, key=len) if shortest else telling[_pick(seed, planned, number) % len(telling)]
        openings.add(text[:3])
        said.append(SaidMove(planned, planned.label + text, planned.wordings[texts.index(text)]))
    return tuple(said)


def _saying_more(texts: Sequence[str], said: Sequence[SaidMove], run: int) -> list[str]:
    """The texts that repeat no `run` characters of what the reply says already."""
    before = {s.text[i : i + run] for s in said for i in range(len(s.text) - run + 1)}
    return [t for t in texts if not any(t[i : i + run] in before for i in range(len(t) - run + 1))]


def _telling(planned: PlannedMove, new: list[str], texts: list[str], english: bool) -> list[str]:
    """Wordings that use what is known of this customer come before those that could be said to anyone."""
    generic: frozenset[str] = frozenset({"answer_by", "shop"})
    known = [
        text
        for wording, text in zip(planned.wordings, texts, strict=True)
        if (wording.en_slots if english else wording.zh_slots) - generic and text in new
    ]
    return known or new


def _pick(seed: str, planned: PlannedMove, number: int) -> int:
    """The same for the same conversation, spread over wordings for different ones."""
    key = f"{seed}|{planned.situation}|{planned.move.move}|{number}"
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8"), digest_size=4).digest(), "big")


def _fill(wording: Wording, brief: Brief, slots: Mapping[Slot, str]) -> str:
    english = brief.situation.language == "en"
    text = wording.en if english else wording.zh
    for name, value in slots.items():
        text = text.replace("{" + name + "}", value)
    text = _in_tone(text.strip(), brief.tone)
    if brief.situation.language == "zh-Hant":
        text = traditional(text, " ".join(m.text for m in brief.conversation.last_customer_turn))
    if english:
        return text + " "
    return _ended(text)


def _ended(text: str) -> str:
    return _full_width(text if text[-1:] in _ENDS or _EMOJI.search(text[-1:]) else text + "。")


def _full_width(text: str) -> str:
    """Punctuation as Chinese is written, whichever way the wording was typed; 06:50 and 1,000 stay as they are."""
    out = []
    for i, c in enumerate(text):
        wide = _WIDE.get(c)
        neighbours = text[max(0, i - 1) : i] + text[i + 1 : i + 2]
        out.append(wide if wide and _CJK.search(neighbours) else c)
    return "".join(out)


def _in_tone(text: str, tone: Tone) -> str:
    if tone != "formal":
        return text
    text = _TILDE.sub("", _EMOJI.sub("", text))
    return str(_PARTICLES.sub(r"\1", text)).replace("亲,", "您好,").strip()
