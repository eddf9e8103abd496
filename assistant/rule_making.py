"""How a rule goes live: written in the form, tried on what was drafted and labelled, and only then in force."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

from assistant.guardrails import Guardrails
from assistant.guardrails.rulefile import RuleFile
from assistant.own_rules import OwnRule, OwnRules, RuleError
from assistant.records import Records
from assistant.rule_form import RuleForm
from assistant.rule_trial import Trial, fingerprint, samples, try_out
from knowledge.values import Progress

_KEPT = 64
"""Dry runs that are remembered: each lets one rule go live."""


class RuleMaking:
    """The shop's own rules as people change them. `audit(who, action, **detail)` keeps who did what and when."""

    def __init__(self, own: OwnRules, guardrails: Guardrails, records: Records, audit: Callable[..., None]) -> None:
        self._own = own
        self._guardrails = guardrails
        self._records = records
        self._audit = audit
        self._tried: OrderedDict[str, Trial] = OrderedDict()
        self._lock = threading.Lock()

    def rules(self) -> tuple[OwnRule, ...]:
        """Every file of the shop's own, with what is in it."""
        self._own.follow()
        return self._own.listed()

    def form(self, name: str) -> RuleForm:
        """The form filled in from a file. RuleError where there is none, or it says more than the form can."""
        own = next((o for o in self.rules() if o.name == name), None)
        if own is None:
            raise RuleError("rule.unknown", f"没有规则文件 {name}。", f"There is no rule file {name}.")
        form = RuleForm.of(own.file, name) if own.file else None
        if form is None:
            raise RuleError(
                "rule.by_hand",
                f"{name} 是手写的规则文件,表单装不下:请改文件,再用 kefu rules check 检查。",
                f"{name} says more than the form can: edit the file, then run `kefu rules check`.",
            )
        return form

    def dry_run(self, form: RuleForm, who: str, progress: Progress = lambda *_: None) -> Trial:
        """What the rule would newly find; this very rule may go live afterwards. RuleError names the field to mend."""
        file = self.vetted(form)
        trial = try_out(self._guardrails, file, samples(self._records), progress)
        with self._lock:
            self._tried[self._key(form)] = trial
            while len(self._tried) > _KEPT:
                self._tried.popitem(last=False)
        self._audit(who, "rule.tried", rule=form.stem(), found=trial.within, wrong=len(trial.wrong))
        return trial

    def vetted(self, form: RuleForm) -> RuleFile:
        """The rule file, if it could go live. RuleError names the field to mend."""
        self._own.follow()
        file = form.file(self._guardrails.shipped)
        self._named(form)
        return self._own.vet(file, f"{form.stem()}.yaml")

    def trial_of(self, form: RuleForm) -> Trial | None:
        """The dry run of exactly this rule; None where there was none."""
        with self._lock:
            return self._tried.get(self._key(form))

    def go_live(self, form: RuleForm, who: str) -> OwnRule:
        """Put it in force at once. RuleError unless exactly this rule had its dry run."""
        file = form.file(self._guardrails.shipped)
        trial = self.trial_of(form)
        if trial is None or trial.fingerprint != fingerprint(file):
            raise RuleError(
                "rule.not_tried",
                "这条规则还没有试运行过(试运行后又改了也算):请先试运行,看过会拦什么,再上线。",
                "This very rule has had no dry run: try it, look at what it would find, then put it in force.",
            )
        self._named(form)
        when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        self._own.put(file, form.stem(), f"{file.title}:{who} {when}")
        self._audit(
            who,
            "rule.live",
            rule=form.stem(),
            fingerprint=trial.fingerprint,
            found=trial.within,
            wrong=len(trial.wrong),
        )
        return OwnRule(name=f"{form.stem()}.yaml", on=True, file=file)

    def switch(self, name: str, who: str, *, on: bool) -> None:
        """Off or on again, at once."""
        self._own.switch(name, on)
        self._audit(who, "rule.on" if on else "rule.off", rule=name)

    def _named(self, form: RuleForm) -> None:
        """A new rule does not take another's place unseen."""
        name = f"{form.stem()}.yaml"
        if not form.name and any(own.name == name for own in self._own.listed()):
            raise RuleError(
                "rule.field.title",
                f"「规则名称」已有同名规则「{form.title.strip()}」:请换一个名称,或在列表里点「修改」。",
                f"Name: there is a rule {form.title.strip()!r} already: choose another name, or change that one.",
            )

    @staticmethod
    def _key(form: RuleForm) -> str:
        return form.model_dump_json()
