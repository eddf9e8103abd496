"""A rule as somebody writes it who knows no regular expressions, and as the rule file it becomes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import get_args

import re2
from pydantic import ConfigDict, Field, ValidationError

from assistant.guardrails.fold import fold
from assistant.guardrails.rulefile import Example, Rewrite, Rule, RuleFile, compile_pattern
from assistant.own_rules import OwnRules, RuleError
from assistant.values import Category
from knowledge.values import AuthorityKind, Value

GAP = "[^。!?;\\n]{0,12}"
"""What … between two words stands for: a few other words within one sentence."""
SHORTEST = 2
"""Characters of a trigger: a single one would be found everywhere."""
MOST_LINES, LONGEST = 200, 200
_ELLIPSIS = re.compile(r"…+|\.{3,}|。{3,}|\*+")
_UNSAFE = re.compile(r"[^\w一-鿿-]+")
_STEM = 40
_FIELDS = {
    "title": ("规则名称", "Name"),
    "category": ("类别", "Category"),
    "forbids": ("禁止的意思", "Forbidden meaning"),
    "phrases": ("触发说法", "Trigger words"),
    "patterns": ("高级写法", "Patterns"),
    "unless": ("不算违规的说法", "Words that make it harmless"),
    "reason": ("提示理由", "Reason shown"),
    "severity": ("严重程度", "Severity"),
    "block": ("必须拦下的例句", "Lines that must be found"),
    "passes": ("必须放行的例句", "Lines that must pass"),
    "instead": ("可以改说成", "Say instead"),
    "authorities": ("有授权时可以说", "Fine with these authorities"),
}


def _wrong(field: str, zh: str, en: str, line: int | None = None) -> RuleError:
    """An error that names the field (and its line) and what to do."""
    name_zh, name_en = _FIELDS[field]
    where_zh, where_en = (f"第 {line} 行", f", line {line}") if line else ("", "")
    return RuleError(f"rule.field.{field}", f"「{name_zh}」{where_zh}{zh}", f"{name_en}{where_en}: {en}")


class RuleForm(Value):
    """The form's fields as filled in; those of several lines have one entry a line. `name` is the file that is changed,
    empty for a new rule. `always`: questions, negations and quotations count too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    title: str = Field(default="", description="the rule's name | 规则名称")
    category: str = ""
    forbids: str = Field(default="", description="the forbidden meaning, in a sentence")
    phrases: str = Field(default="", description="plain words, one a line; … stands for a few other words")
    patterns: str = Field(default="", description="RE2 patterns over folded text, one a line; for experts")
    unless: str = Field(default="", description="plain words, one a line, that make the sentence harmless")
    reason: str = Field(default="", description="what the agent reads; {text} stands for the words found")
    severity: str = "block"
    block: str = Field(default="", description="example replies that must be found, one a line")
    passes: str = Field(default="", description="example replies that must pass, one a line")
    instead: str = Field(default="", description="what may be said instead")
    authorities: tuple[str, ...] = Field(default=(), description="authority kinds with which it may be said")
    always: bool = False

    def stem(self) -> str:
        """The name of its file, without the ending."""
        given = Path(self.name).stem if self.name else ""
        return given or _UNSAFE.sub("_", self.title.strip())[:_STEM].strip("_")

    def file(self, shipped: Iterable[RuleFile]) -> RuleFile:
        """The rule file. RuleError names the field and what is wrong with it; examples that do not hold included."""
        if not 2 <= len(self.title.strip()) <= _STEM or not self.stem():
            raise _wrong("title", f"要写 2 到 {_STEM} 个字。", f"needs 2 to {_STEM} characters.")
        if self.category not in get_args(Category):
            raise _wrong("category", "还没有选:请选一个最接近的类别。", "choose the closest one.")
        if len(self.forbids.strip()) < 4:
            raise _wrong(
                "forbids", "太短:请用一句话说清不许表达什么。", "too short: say in a sentence what may not be said."
            )
        if len(self.reason.strip()) < 4:
            raise _wrong("reason", "太短:客服要看得懂为什么不能说。", "too short: the agent must see why.")
        if self.severity not in ("block", "warn"):
            raise _wrong("severity", "请选「违规」或「提醒」。", 'choose "block" or "warn".')
        patterns = (*_each("phrases", self.phrases, _phrase), *_each("patterns", self.patterns, _pattern))
        if not patterns:
            raise _wrong("phrases", "还没有写:至少写一种说法,一行一种。", "write at least one, one a line.")
        home = next((f for f in shipped if f.category == self.category), None)
        try:
            made = self._made(patterns, home)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise RuleError("rule.invalid", f"规则有误:{first['msg']}", f"The rule is wrong: {first['msg']}") from error
        for field, fires, zh, en in (
            ("block", True, "没有被这条规则认出来:请补一种触发说法,或改例句。", "is not found: add words, or mend it."),
            ("passes", False, "会被这条规则拦下:请在「不算违规的说法」里加一种,或改例句。", "is found: add harmless words, or mend it."),
        ):  # fmt: skip
            examples = made.block if fires else made.passes
            if wrong := OwnRules.first_wrong(made, examples, fires=fires):
                line = 1 + examples.index(wrong)
                raise _wrong(field, f"「{wrong.reply}」{zh}", f"{wrong.reply!r} {en}", line)
        return made

    def _made(self, patterns: tuple[str, ...], home: RuleFile | None) -> RuleFile:
        block, passes = _lines("block", self.block), _lines("passes", self.passes)
        for field, lines in (("block", block), ("passes", passes)):
            if not lines:
                raise _wrong(field, "至少写一句,一行一句。", "write at least one, one a line.")
        unknown = [a for a in self.authorities if a not in get_args(AuthorityKind)]
        if unknown:
            raise _wrong("authorities", f"没有「{unknown[0]}」这种授权。", f"there is no authority {unknown[0]!r}.")
        reason = self.reason.strip()
        instead = self.instead.strip()
        rewrite = home.rewrite if home else Rewrite(zh="这个我核实一下再回复您", en="let me check that for you")
        stem = self.stem()
        rule = Rule.model_validate(
            {
                "id": "own." + hashlib.sha256(stem.encode("utf-8")).hexdigest()[:10],
                "patterns": patterns,
                "unless": tuple(_each("unless", self.unless, _phrase)),
                "lifted_by": () if self.always else None,
                "authority": self.authorities,
                "message": reason if "{text}" in reason else f"「{{text}}」:{reason}",
                "suggestion": instead or rewrite.zh,
            }
        )
        return RuleFile.model_validate(
            {
                "category": self.category,
                "title": self.title.strip(),
                "forbids": self.forbids.strip(),
                "reason_en": f'"{{text}}" breaks a rule of this shop: {self.title.strip()}',
                "severity": self.severity,
                "basis": ({"clause": "店铺自己的规定", "certainty": "unverified"},),
                "rewrite": {"zh": instead, "en": rewrite.en} if len(instead) > 1 else rewrite,
                "rules": (rule,),
                "block": tuple(Example(reply=line) for line in block),
                "pass": tuple(Example(reply=line) for line in passes),
            }
        )

    @classmethod
    def of(cls, file: RuleFile, name: str) -> RuleForm | None:
        """The form that makes this file; None where it says more than the form can (write it by hand, `kefu rules`)."""
        if len(file.rules) != 1:
            return None
        rule = file.rules[0]
        simple = [plain for p in rule.patterns if (plain := _plain(p)) is not None]
        form = cls(
            name=name,
            title=file.title,
            category=file.category,
            forbids=file.forbids,
            phrases="\n".join(simple),
            patterns="\n".join(p for p in rule.patterns if _plain(p) is None),
            unless="\n".join(_plain(p) or p for p in rule.unless),
            reason=rule.message.removeprefix("「{text}」:"),
            severity=file.severity,
            block="\n".join(e.reply for e in file.block),
            passes="\n".join(e.reply for e in file.passes),
            instead=rule.suggestion,
            authorities=rule.authority,
            always=rule.lifted_by == (),
        )
        try:
            again = form.file([file])
        except RuleError:
            return None
        same = {"rules": (rule.model_copy(update={"id": again.rules[0].id, "patterns": again.rules[0].patterns}),)}
        kept = {"basis": again.basis, "reason_en": again.reason_en}
        return (
            form
            if file.model_copy(update=same | kept) == again and len(rule.patterns) == len(again.rules[0].patterns)
            else None
        )


def _lines(field: str, text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise _wrong(field, f"太多:最多 {MOST_LINES} 行。", f"at most {MOST_LINES} lines.")
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST:
            raise _wrong(field, f"太长:一行最多 {LONGEST} 个字。", f"at most {LONGEST} characters a line.", number)
    return lines


def _each(field: str, text: str, made: Callable[[str], str]) -> Iterable[str]:
    for number, line in enumerate(_lines(field, text), 1):
        try:
            yield made(line)
        except RuleError as error:
            raise _wrong(field, error.zh, error.en, number) from error


def _phrase(line: str) -> str:
    """The pattern of plain words, folded as replies are folded."""
    parts = [fold(part.strip()).text.strip() for part in _ELLIPSIS.split(line)]
    parts = [part for part in parts if part]
    if sum(map(len, parts)) < SHORTEST or any(len(p) < 1 for p in parts):
        raise RuleError(
            "rule.short",
            f"「{line}」太短:一个字到处都会碰到,请写完整的说法。",
            f"{line!r} is too short: it would be found everywhere.",
        )
    return GAP.join(re2.escape(part) for part in parts)


def _pattern(line: str) -> str:
    try:
        compiled = compile_pattern(line)
    except ValueError as error:
        zh, en = _short(error)
        raise RuleError(
            "rule.pattern",
            f"「{line}」不是能用的正则表达式({zh}):请改好,或改写到「触发说法」里。",
            f"{line!r} is not a pattern that can be used ({en}).",
        ) from error
    if compiled.search(""):
        raise RuleError(
            "rule.pattern_empty",
            f"「{line}」连空白都会匹配:请写得具体些。",
            f"{line!r} matches nothing at all: be more specific.",
        )
    return line


_REASONS = {
    "missing )": ("缺少右括号", "missing )"),
    "unexpected )": ("多了右括号", "unexpected )"),
    "missing ]": ("缺少右方括号", "missing ]"),
    "no argument for repetition": ("+ * ? 前面没有可重复的内容", "nothing to repeat"),
    "bad repetition": ("重复次数写错了", "bad repetition"),
    "invalid perl operator": ("不支持 (?=…)、(?!…) 这类写法", "look-around is not supported"),
    "invalid escape": ("反斜杠后面的写法不认识", "unknown escape"),
    "unknown word list": ("没有这个词表", "unknown word list"),
}
"""What RE2 says, as a person would."""


def _short(error: ValueError) -> tuple[str, str]:
    """Why a pattern can't be used, in Chinese and English."""
    cause = error.__cause__
    raw = cause.args[0] if cause is not None and cause.args else str(error)
    said = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    return next((both for start, both in _REASONS.items() if said.startswith(start)), (said, said))


def _plain(pattern: str) -> str | None:
    """The plain words that make this pattern; None where there are none."""
    words = "…".join(re.sub(r"\\(.)", r"\1", part) for part in pattern.split(GAP))
    try:
        return words if _phrase(words) == pattern else None
    except RuleError:
        return None
