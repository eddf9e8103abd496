"""Rules a shop adds itself: files under KEFU_HOME/rules, beside the shipped ones, in the same form and by the same loader."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import yaml

from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.rulefile import Example, RuleFile
from knowledge import datafile
from knowledge.errors import DataFileError, KefuError
from knowledge.values import Value

OFF = ".off"
"""What a switched-off rule file's name ends with."""

_Stamp = tuple[tuple[str, int, int], ...]
log = logging.getLogger(__name__)


class RuleError(KefuError):
    """A rule that can't be taken, with the reason."""


class OwnRule(Value):
    """A file of the shop's own; `file` is None where it can't be read, `problem` then says why (Chinese, English)."""

    name: str
    on: bool
    file: RuleFile | None = None
    problem: tuple[str, str] | None = None


class OwnRules:
    """The folder of a shop's own rules, and the guardrails they are added to. Safe between threads."""

    def __init__(self, folder: Path, guardrails: Guardrails) -> None:
        self._folder = folder
        self._guardrails = guardrails
        self._lock = threading.RLock()
        self._stamp: _Stamp | None = None

    def load(self) -> None:
        """Bring the files that are switched on into force. DataFileError names file and line of the first mistake."""
        with self._lock:
            self._stamp = self._files_now()
            self._guardrails.adopt([datafile.load(path, RuleFile) for path in self._live()])

    def follow(self) -> None:
        """Bring in what changed in the folder since; cheap where nothing did. A file that was spoiled by hand leaves the
        rules as they were: the log and the list say so.
        """
        if self._files_now() == self._stamp:
            return
        try:
            self.load()
        except (DataFileError, OSError) as error:
            log.warning("shop's own rules stay as they were: %s", error)

    def names(self) -> tuple[tuple[str, bool], ...]:
        """Each file's name and whether it is switched on."""
        files = sorted(self._folder.glob("*.yaml*")) if self._folder.is_dir() else []
        return tuple((f.name.removesuffix(OFF), not f.name.endswith(OFF)) for f in files if f.suffix in (".yaml", OFF))

    def listed(self) -> tuple[OwnRule, ...]:
        """Every file with what it says."""
        return tuple(self._read(name, on) for name, on in self.names())

    def check(self, path: Path) -> RuleFile:
        """The file, if it could go live: right in form, with ids of its own, and its own examples hold."""
        return self.vet(datafile.load(path, RuleFile), path.name)

    def vet(self, file: RuleFile, name: str) -> RuleFile:
        """The rules, if they could go live as the file `name`. RuleError says what is in the way."""
        others = {r.id for own in self.listed() if own.file and Path(own.name).stem != Path(name).stem
                  for r in own.file.rules}  # fmt: skip
        taken = self._guardrails.rule_ids(shipped_only=True) | others
        if clash := sorted({rule.id for rule in file.rules} & taken):
            raise RuleError(
                "rule.id_taken",
                f"规则编号 {clash[0]} 已被别的规则使用:请换一个。",
                f"Rule id {clash[0]} is taken: choose another.",
            )
        for examples, should in ((file.block, True), (file.passes, False)):
            if wrong := self.first_wrong(file, examples, fires=should):
                zh, en = ("应拦却没拦", "is not found") if should else ("不该拦却拦了", "is found")
                raise RuleError(
                    "rule.example",
                    f"{name}:例句「{wrong.reply}」{zh},请改例句或规则。",
                    f"{name}: the example {wrong.reply!r} {en}: mend the example or the rule.",
                )
        return file

    @staticmethod
    def first_wrong(file: RuleFile, examples: Sequence[Example], *, fires: bool) -> Example | None:
        """The first example at which the rules alone do not do what they should."""
        trial = Guardrails.of((file,))
        for example in examples:
            context = CheckContext(authorities=example.authorities, order=example.order)
            if bool(trial.check(example.reply, context).findings) != fires:
                return example
        return None

    def add(self, path: Path) -> RuleFile:
        """Check a file, keep a copy whole or not at all, and bring it into force at once."""
        file = self.check(path)
        self._keep(path.stem, path.read_text(encoding="utf-8"))
        return file

    def put(self, file: RuleFile, stem: str, note: str = "") -> None:
        """Check the rules, keep them as the file `stem`.yaml with `note` on top, and bring them into force at once."""
        self.vet(file, f"{stem}.yaml")
        data = file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        head = "".join(f"# {line}\n" for line in note.splitlines())
        self._keep(stem, head + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000))

    def switch(self, name: str, on: bool) -> None:
        """Switch a file off or on again, effective at once."""
        live = self._folder / Path(name).name
        off = live.with_name(live.name + OFF)
        source, target = (off, live) if on else (live, off)
        with self._lock:
            if not source.exists() or live.suffix != ".yaml":
                raise RuleError(
                    "rule.unknown", f"没有可切换的规则文件 {name}。", f"There is no rule file {name} to switch."
                )
            Path(source).replace(target)
            try:
                self.load()
            except DataFileError:
                Path(target).replace(source)
                self._stamp = self._files_now()
                raise

    def _keep(self, stem: str, text: str) -> None:
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            target = self._folder / f"{stem}.yaml"
            before = target.read_bytes() if target.exists() else None
            half = target.with_suffix(".half")
            half.write_text(text, encoding="utf-8")
            Path(half).replace(target)
            try:
                self.load()
            except DataFileError:  # of another file, spoiled by hand
                _put_back(target, before)
                raise
            (self._folder / f"{target.name}{OFF}").unlink(missing_ok=True)

    def _read(self, name: str, on: bool) -> OwnRule:
        path = self._folder / (name if on else name + OFF)
        try:
            return OwnRule(name=name, on=on, file=datafile.load(path, RuleFile))
        except DataFileError as error:
            return OwnRule(name=name, on=on, problem=(error.zh, error.en))

    def _live(self) -> list[Path]:
        return sorted(self._folder.glob("*.yaml")) if self._folder.is_dir() else []

    def _files_now(self) -> _Stamp:
        """Name, time and size of every file in force: what tells that something changed."""
        stamps = []
        for path in self._live():
            try:
                seen = path.stat()
            except FileNotFoundError:  # switched off this very moment
                continue
            stamps.append((path.name, seen.st_mtime_ns, seen.st_size))
        return tuple(stamps)


def _put_back(target: Path, before: bytes | None) -> None:
    if before is None:
        target.unlink()
    else:
        target.write_bytes(before)
