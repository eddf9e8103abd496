"""What the agent is told beside a draft: why it is not for sending, who wrote it, what to do besides replying."""

from __future__ import annotations

from assistant.conversation import Conversation
from assistant.engines import EngineError
from assistant.values import Risk, Situation, Verdict
from knowledge.errors import Language

_RISK_STEPS: dict[Risk, tuple[str, str]] = {
    "self_harm": ("立即报主管并按店铺的紧急流程处理;必要时联系平台和警方", "Tell your supervisor at once; follow the emergency procedure"),
    "injury": ("立即报主管;保留聊天、照片和商品批次信息,提醒顾客留好就医单据", "Tell your supervisor at once; keep chat, photos and batch details"),
    "allergy": ("立即报主管;登记商品批号,提醒顾客停用并留好就医单据", "Tell your supervisor at once; record the batch number"),
    "fire": ("立即报主管和质量负责人;登记批次,暂停推荐该商品直到核实", "Tell your supervisor and the quality lead at once"),
    "child_danger": ("立即报主管;优先跟进孩子情况,其他事项往后放", "Tell your supervisor at once; follow up on the child first"),
    "food_poisoning": ("立即报主管;登记批号和保质期,提醒顾客保留剩余食品和就医单据", "Tell your supervisor at once; record the batch"),
    "threat": ("保留聊天记录并报主管;涉及人身威胁时由店铺报警", "Keep the chat and tell your supervisor; threats go to the police"),
    "minor": ("报主管:可能是未成年人下单,先核实再处理", "Tell your supervisor: the buyer may be a minor"),
    "legal": ("报主管或法务;不要在聊天里谈责任认定", "Tell your supervisor or legal; do not discuss liability in chat"),
    "media": ("报主管;保留聊天记录,对外口径由主管统一", "Tell your supervisor; keep the chat"),
    "extortion": ("保留聊天记录和截图,报主管,按平台规则举报;不要私下给钱", "Keep the chat, tell your supervisor, report on the platform; pay nothing"),
    "injection": ("顾客消息里有冒充系统或要求照念的内容,已只当作文字看待", "The message contains instructions to the system; treated as text only"),
    "personal_data": ("不要透露任何人的个人信息;疑似泄露请报主管核查", "Disclose nobody's personal data; report a suspected leak"),
}  # fmt: skip


class Notices:
    """In the agent's language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def _in(self, zh: str, en: str) -> str:
        return zh if self._language == "zh" else en

    def fell_back(self, error: EngineError) -> str:
        why = error.message(self._language)
        return self._in(f"大模型这次没能写成({why}),这是离线草稿。", f"Offline draft: the chat model failed ({why}).")

    def still_in_breach(self, repairs: int) -> str:
        return self._in(
            f"大模型的回复改了 {repairs} 次仍不合规,这是离线草稿。",
            f"Offline draft: the chat model's reply was still in breach after {repairs} repairs.",
        )

    def withheld(self, verdict: Verdict) -> str:
        reasons = ";".join(dict.fromkeys(f.message for f in verdict.findings if f.severity == "block"))
        if verdict.verdict == "unknown":
            return self._in(
                "合规检查没能完成,这份草稿请不要直接发送。", "The check could not run: do not send this as it is."
            )
        return self._in(
            f"这份草稿没有通过检查,请改好再发:{reasons}", f"This draft did not pass; mend it before sending: {reasons}"
        )

    def no_customer(self) -> str:
        return self._in("没有顾客的消息,没有需要回复的内容。", "There is no customer message: nothing to answer.")

    def of_situation(self, conversation: Conversation, situation: Situation) -> str | None:
        """Whether a reply is due at all."""
        if "general.spam" in situation.intents[:1]:
            return self._in(
                "这像是广告,可以不回;要回的话用这句婉拒。",
                "This looks like advertising: it needs no answer, or this one.",
            )
        if not conversation.awaits_reply:
            return self._in(
                "最后一句是客服说的,顾客还没有新消息,目前没有要回复的;需要补一句时可参考这份草稿。",
                "The agent spoke last: nothing to answer now. Use this only if you want to add something.",
            )
        return None

    def steps(self, situation: Situation, steps: tuple[str, ...]) -> tuple[str, ...]:
        """For the agent's eyes: what a risk asks for first, then the situation's own steps."""
        of_risk = [self._in(*_RISK_STEPS[risk]) for risk in situation.risks]
        return tuple(dict.fromkeys((*of_risk, *steps)))
