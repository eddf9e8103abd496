"""Rules a shop adds itself: files under KEFU_HOME/rules, beside the shipped ones, in the same form and by the same loader."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.rulefile import RuleFile, load_rules
from knowledge import datafile
from knowledge.errors import DataFileError, KefuError
from knowledge.values import Value

OFF = ".off"
"""What a switched-off rule file's name ends with."""


class RuleError(KefuError):
    """A rule file that can't be taken, with the reason."""


class NewlyBlocked(Value):
    """A text that passes today and that the new rules would block; `words` are what they found in it."""

    text: str
    words: str
    rule: str
    expected: bool | None = None


class OwnRules:
    """The folder of a shop's own rules, and the guardrails they are added to."""

    def __init__(self, folder: Path, guardrails: Guardrails) -> None:
        self._folder = folder
        self._guardrails = guardrails

    def load(self) -> None:
        """Bring the files that are switched on into force. DataFileError names file and line of the first mistake."""
        self._guardrails.adopt(load_rules(self._folder) if self._folder.is_dir() else ())

    def names(self) -> tuple[tuple[str, bool], ...]:
        """Each file's name and whether it is switched on."""
        files = sorted(self._folder.glob("*.yaml*")) if self._folder.is_dir() else []
        return tuple((f.name.removesuffix(OFF), not f.name.endswith(OFF)) for f in files)

    def check(self, path: Path) -> RuleFile:
        """The file, if it could go live: right in form, with ids of its own, and its own examples hold."""
        file = datafile.load(path, RuleFile)
        taken = self._guardrails.rule_ids(shipped_only=True)
        if clash := sorted({rule.id for rule in file.rules} & taken):
            raise RuleError(
                "rule.id_taken",
                f"规则编号 {clash[0]} 已被随附规则使用:请换一个。",
                f"Rule id {clash[0]} is taken: choose another.",
            )
        trial = Guardrails.of((file,))
        for examples, should in ((file.block, True), (file.passes, False)):
            for example in examples:
                context = CheckContext(authorities=example.authorities, order=example.order)
                if (trial.check(example.reply, context).verdict == "block") != should:
                    zh, en = ("应拦却没拦", "is not blocked") if should else ("不该拦却拦了", "is blocked")
                    raise RuleError(
                        "rule.example",
                        f"{path.name}:例句「{example.reply}」{zh},请改例句或规则。",
                        f"{path.name}: the example {example.reply!r} {en}: mend the example or the rule.",
                    )
        return file

    def dry_run(self, path: Path, texts: Iterable[tuple[str, CheckContext, bool | None]]) -> tuple[NewlyBlocked, ...]:
        """What the file would newly block among texts that pass today; the third part says whether a block is wanted."""
        trial = Guardrails.of((self.check(path),))
        found = []
        for text, context, wanted in texts:
            blocks = [f for f in trial.check(text, context).findings if f.severity == "block"]
            if blocks and self._guardrails.check(text, context).verdict != "block":
                found.append(NewlyBlocked(text=text, words=blocks[0].text, rule=blocks[0].rule, expected=wanted))
        return tuple(found)

    def add(self, path: Path) -> RuleFile:
        """Check it, keep a copy whole or not at all, and bring it into force at once."""
        file = self.check(path)
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / f"{path.stem}.yaml"
        half = target.with_suffix(".half")
        half.write_bytes(path.read_bytes())
        Path(half).replace(target)
        (self._folder / f"{target.name}{OFF}").unlink(missing_ok=True)
        self.load()
        return file

    def switch(self, name: str, on: bool) -> None:
        """Switch a file off or on again, effective at once."""
        live = self._folder / Path(name).name
        off = live.with_name(live.name + OFF)
        source, target = (off, live) if on else (live, off)
        if not source.exists():
            raise RuleError(
                "rule.unknown", f"没有可切换的规则文件 {name}。", f"There is no rule file {name} to switch."
            )
        Path(source).replace(target)
        try:
            self.load()
        except DataFileError:
            Path(target).replace(source)
            raise
