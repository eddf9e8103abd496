"""Setting a finding aside: a warning by any agent, a block by a supervisor only, each with a reason that is kept."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import SecretStr

from assistant.guardrails import CheckContext
from assistant.records import Records
from assistant.records.overrules import Overrule, Role, keep
from assistant.values import Finding, Verdict
from knowledge.errors import KefuError

LEAST_REASON = 4
"""Characters of a reason that says something."""


class OverruleError(KefuError):
    """An overrule that is not allowed, or has nothing to act on."""


class SetAside(NamedTuple):
    """A finding that was overruled: its rule, and the words it found."""

    rule: str
    text: str


class Ask(NamedTuple):
    """Who wants which finding (by rule and words) set aside, and why; `passphrase` speaks for the supervisor."""

    rule: str
    text: str
    reason: str
    who: str
    passphrase: str = ""
    draft_id: str | None = None


class Overruling:
    """`check` is the guardrails', with what is set aside; `passphrase` is the setting: empty means that nobody may overrule
    a block.
    """

    def __init__(
        self,
        check: Callable[[str, CheckContext, Sequence[SetAside]], Verdict],
        records: Records,
        passphrase: SecretStr,
    ) -> None:
        self._check = check
        self._records = records
        self._passphrase = passphrase.get_secret_value()

    def overrule(self, reply: str, context: CheckContext, ask: Ask, already: Sequence[SetAside] = ()) -> Verdict:
        """The verdict once the finding is set aside, kept and audited. OverruleError says why not and what to do."""
        verdict = self._check(reply, context, already)
        if verdict.verdict == "unknown":
            raise OverruleError(
                "overrule.unknown", "检查没能完成,没有结论可以推翻:请重试。", "The check did not finish: try again."
            )
        finding = next((f for f in verdict.findings if (f.rule, f.text) == (ask.rule, ask.text)), None)
        if finding is None:
            raise OverruleError(
                "overrule.no_finding",
                "这段话里已没有这条提示:文字可能改过,请看最新的检查结果。",
                "There is no such finding any more: the text may have changed; see the latest check.",
            )
        if len(ask.reason.strip()) < LEAST_REASON:
            raise OverruleError(
                "overrule.no_reason",
                f"请写明理由(至少 {LEAST_REASON} 个字),评测员会看到。",
                f"Give a reason of at least {LEAST_REASON} characters; the evaluator will read it.",
            )
        role = self._role(finding, ask)
        keep(self._records, _overrule(reply, context, finding, ask, role))
        self._records.audit(ask.who, "overrule", rule=finding.rule, severity=finding.severity, role=role)
        return self._check(reply, context, (*already, SetAside(finding.rule, finding.text)))

    def _role(self, finding: Finding, ask: Ask) -> Role:
        """Which role speaks; a block needs the supervisor's passphrase. A refusal is audited too."""
        if finding.severity != "block":
            return "agent"
        if not self._passphrase:
            raise OverruleError(
                "overrule.no_supervisor",
                "拦截只能由主管推翻,这台机器还没有设主管口令:请在设置文件或环境变量里设 KEFU_SUPERVISOR_PASSPHRASE 后重启。",
                "Only a supervisor may overrule a block, and none is set up here: set KEFU_SUPERVISOR_PASSPHRASE and restart.",
            )
        if not hmac.compare_digest(ask.passphrase.encode("utf-8"), self._passphrase.encode("utf-8")):
            self._records.audit(ask.who, "overrule.refused", rule=finding.rule)
            raise OverruleError(
                "overrule.refused",
                "主管口令不对,拦截没有推翻:请让主管来输入,或按改写后的话发。",
                "The supervisor's passphrase is wrong; the block stands: ask a supervisor, or send the rewrite.",
            )
        return "supervisor"


def _overrule(reply: str, context: CheckContext, finding: Finding, ask: Ask, role: Role) -> Overrule:
    return Overrule(
        at=datetime.now(UTC).replace(tzinfo=None),
        who=ask.who[:64],
        role=role,
        reason=ask.reason.strip(),
        reply=reply,
        finding=finding,
        authorised=tuple(str(a) for a in context.authorities),
        order=context.order.model_dump(mode="json", exclude_none=True) if context.order else None,
        messages=tuple(m.model_dump(mode="json", exclude_none=True) for m in context.messages),
        draft_id=ask.draft_id,
    )
