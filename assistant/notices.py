"""What the agent is told beside a draft, in both languages: why it is not for sending, who wrote it, what to do besides replying."""

from __future__ import annotations

from typing import get_args

from assistant.conversation import Conversation
from assistant.engines import EngineError
from assistant.values import Risk, Said, Situation, Verdict
from knowledge.errors import Language

_RISK_STEPS: dict[Risk, tuple[str, str]] = {
    "self_harm": ("人命第一,先不谈订单:正在危险中马上打 110 或 120,并请顾客拨 12356(全国心理援助热线);不要让对话断掉,立即报主管,由主管联系平台和警方", "Life first, leave the order aside: in danger now, call 110 or 120 at once and give the helpline 12356; keep talking, and tell your supervisor at once to bring in the platform and the police"),
    "injury": ("先问人:伤得重、触电、燃气泄漏时先打 120(燃气先关阀、开窗、离开后再打 119 或燃气公司电话);立即报主管;保留聊天、照片和商品批次信息,提醒顾客留好就医单据", "People first: badly hurt, electric shock or gas, call 120 (gas: shut the valve, open windows, go out, then 119); tell your supervisor at once; keep chat, photos, batch and medical papers"),
    "allergy": ("先停用;喘不上气、嘴唇或喉咙肿是急症,先打 120;立即报主管;登记商品批号,提醒顾客留好就医单据", "Stop using it; trouble breathing or a swollen throat is an emergency, call 120 first; tell your supervisor at once; record the batch number"),
    "fire": ("先断电、离远、有明火或浓烟打 119,有人受伤打 120;立即报主管和质量负责人;登记批次,暂停推荐该商品直到核实", "Power off, keep away, call 119 for flames or smoke and 120 for the hurt; tell your supervisor and the quality lead at once; record the batch"),
    "child_danger": ("孩子第一:误吞(尤其纽扣电池、磁珠)、卡喉、夹住、呼吸不好,先打 120 或马上去医院,不要等;立即报主管,其他事项往后放", "The child first: swallowed (button battery, magnets), choking, trapped or short of breath, call 120 or go to hospital now; tell your supervisor at once; all else can wait"),
    "food_poisoning": ("先停吃;吐泻不止、抽搐、看东西重影先打 120 或马上就医;立即报主管;登记批号和保质期,提醒顾客保留剩余食品和就医单据", "Stop eating it; for severe vomiting, cramps or double vision call 120 or see a doctor now; tell your supervisor at once; keep the rest of the food and the medical papers"),
    "threat": ("有人身危险先打 110;保留聊天记录,立即报主管,不要自己应战", "In danger call 110 first; keep the chat and tell your supervisor at once; do not answer threats with threats"),
    "minor": ("报主管:可能是未成年人下单,先核实再处理", "Tell your supervisor: the buyer may be a minor"),
    "legal": ("报主管或法务;不要在聊天里谈责任认定", "Tell your supervisor or legal; do not discuss liability in chat"),
    "media": ("报主管;保留聊天记录,对外口径由主管统一", "Tell your supervisor; keep the chat"),
    "extortion": ("保留聊天记录和截图,报主管,按平台规则举报;不要私下给钱", "Keep the chat, tell your supervisor, report on the platform; pay nothing"),
    "injection": ("顾客消息里有冒充系统或要求照念的内容,已只当作文字看待", "The message contains instructions to the system; treated as text only"),
    "personal_data": ("不要透露任何人的个人信息;疑似泄露请报主管核查", "Disclose nobody's personal data; report a suspected leak"),
}  # fmt: skip


def fell_back(error: EngineError) -> Said:
    return Said(
        zh=f"大模型这次没能写成({error.zh}),这是离线草稿。", en=f"Offline draft: the chat model failed ({error.en})."
    )


def still_in_breach(repairs: int) -> Said:
    return Said(
        zh=f"大模型的回复改了 {repairs} 次仍不合规,这是离线草稿。",
        en=f"Offline draft: the chat model's reply was still in breach after {repairs} repairs.",
    )


def withheld(verdict: Verdict) -> Said:
    if verdict.verdict == "unknown":
        return Said(
            zh="合规检查没能完成,这份草稿请不要直接发送。", en="The check could not run: do not send this as it is."
        )
    blocks = [f for f in verdict.findings if f.severity == "block"]
    zh, en = (";".join(dict.fromkeys(f.said(language) for f in blocks)) for language in get_args(Language))
    return Said(zh=f"这份草稿没有通过检查,请改好再发:{zh}", en=f"This draft did not pass; mend it before sending: {en}")


def no_customer() -> Said:
    return Said(zh="没有顾客的消息,没有需要回复的内容。", en="There is no customer message: nothing to answer.")


def of_situation(conversation: Conversation, situation: Situation) -> Said | None:
    """Whether a reply is due at all."""
    if "general.spam" in situation.intents[:1]:
        return Said(
            zh="这像是广告,可以不回;要回的话用这句婉拒。",
            en="This looks like advertising: it needs no answer, or this one.",
        )
    if not conversation.awaits_reply:
        return Said(
            zh="最后一句是客服说的,顾客还没有新消息,目前没有要回复的;需要补一句时可参考这份草稿。",
            en="The agent spoke last: nothing to answer now. Use this only if you want to add something.",
        )
    return None


def steps(situation: Situation, own: tuple[str, ...]) -> tuple[Said, ...]:
    """For the agent's eyes: what a risk asks for first, then the situation's own steps (as the manuals say them)."""
    of_risk = [Said(zh=zh, en=en) for zh, en in (_RISK_STEPS[risk] for risk in situation.risks)]
    return tuple(dict.fromkeys((*of_risk, *(Said(zh=step, en=step) for step in own))))
