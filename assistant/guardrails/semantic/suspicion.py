"""What the layer suspects of a clause, and what the clause does all the same: ask, refuse, tell a price, speak of an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.guardrails import amounts
from assistant.guardrails.clauses import Clause, Reading, still_to_be_asked
from assistant.guardrails.context import CheckContext
from assistant.guardrails.semantic.decisions import allowances
from assistant.guardrails.semantic.discharge import Said
from assistant.guardrails.semantic.encoded import Encoded
from assistant.values import Category

_COURTESY = re.compile(
    r"\s*(?:您好|你好|亲亲?|哎呀?|嗯|好的|好嘞|收到|hi|hello|thanks?(?: you)?(?: so much| very much)?(?: for (?:telling|letting) (?:me|us)(?: know)?)?|(?:i'm|i am|we're|we are)?\s?(?:really|so|very|truly|terribly)?\s?sorry(?: (?:about|for) (?:that|this|the (?:trouble|wait|mess|hassle)))?"
    r"|(?:真(?:的|是)?|实在|非常|十分|很|特别|太|先|跟您|给您|向您|您)*(?:抱歉|对不起|不好意思|道(?:个)?(?:歉|不是)|谢谢|多谢|感谢|辛苦|难为|让?您?受累|见谅|体谅|理解)(?:您|你|了|的|啊|哦|哈|呀|亲|体谅|理解|支持|等|耐心|告诉|提醒|久等)*)[\s.~!。]*"
)
"""A clause that is nothing but courtesy: whatever stands around it, it promises and admits nothing."""

_OWN_ANSWER = re.compile(
    r"回您|[复覆]您|回复|答复|准信|准话|回话|告诉您|告知|联系您|找(?:得)?到我|给您(?:个)?(?:消息|信|结果|说法|电话)|call you|write (?:to )?you|get back|reply|let you know|update you"
)
"""When the agent answers, which is no delivery time."""
_THEIR_PARCEL = re.compile(
    r"退货|退件|寄回|退回|(?:您|你)[^,。]{0,6}寄|寄(?:都|就|也)来得及|超时|逾期|return window|send(?:ing)? it back"
)
"""When the customer is to send something."""
_ARRIVES = re.compile(
    r"送到|到货|送达|收到货|到手|到账|到家|发货|发出|寄出|钱|款|\b(?:ship|deliver|arriv|refund)|您(?:就)?(?:能|会)(?:收|拿)"
)
_UNABLE = re.compile(
    r"没(?:有)?(?:权限|空间|办法|法)|无法|不能(?!让|叫|亏)|不敢|做不了主|[改动给定应做]不(?:了|到|起|下来)|can't|cannot|not able|unable"
)
"""Says what can't be done, in a clause that speaks of what it would be a breach to promise."""

_IF = re.compile(r"的话$|^(?:如果|要是|若|假如)")
"""Says what is so if the customer chooses it: 不退的话."""

_EXEMPT = re.compile(
    r"定制|订制|定做|定作|量身|刻字|鲜活|活体|生鲜|易腐|下载|激活|充值|兑换过|在线交付|数字|一次性密封|贴身|交付的报纸|\b(?:custom|engraved|made to order|personali[sz]ed|perishable|live plants?|download(?:ed|able)?|activated)\b"
)
"""Goods that the law takes out of returning without a reason (Consumer Rights Law, art. 25)."""
_FAULTY = re.compile(r"质量|坏|破|裂|漏|故障|瑕疵|毛病|发票|\b(?:fault|defect|broken|damaged|invoice|quality)")
"""What the law gives for all goods."""
_WHAT_WAS_PAID = re.compile(
    r"(?:这|那|您)(?:一|的)?(?:单|笔)|实付|订单|付(?:了|的|款)|一共|总共|\b(?:order|paid|total)\b"
)
_GIVING = re.compile(r"退|补|赔|返|给|减|免|送|让|打折|折|refund|back|off|free|credit")


_TOLD_ELSEWHERE: tuple[tuple[tuple[str, ...], re.Pattern[str], re.Pattern[str] | None], ...] = (
    (
        ("admission.defect", "admission.fault"),
        re.compile(
            r"换(?:了)?(?:谁|我|哪个)|谁(?:都|也)(?:会|要|得)|任谁|搁谁|(?:心里|心情|滋味)[^,。]{0,6}(?:不好受|难受|不是滋味|我懂)"
        ),
        re.compile(
            r"确实|的确|就是因为|质量|没(?:做|检|装|缝|焊|粘)|(?:我们|店里|仓库|厂里)的?[^,。]{0,4}(?:错|漏|问题|责任|疏)|次品"
        ),
    ),
    (
        ("review_manipulation",),
        re.compile(
            r"(?:评论|评价|追评|买家秀|留言)(?:区|里|下面|底下|那位|那条)*[^,。]{0,6}(?:有人|说|写|问|提到|反映|讲)"
        ),
        re.compile(r"改|删|撤|返|送|红包|好评|五星|钱|元|块|抄|券|退"),
    ),
    (
        ("privacy",),
        re.compile(
            r"(?:谁|任何人|哪个)(?:都|也)?(?:别|不要|不能)|(?:别|不要|勿)[^,。]{0,6}(?:给|发|告诉|报|说|念|转)|(?:不会|从不|绝不|不)(?:问|要|找)(?:您|你|别人)?"
            r"|\b(?:never|won't|don't|not) (?:ask|need|send|share|give|want)|自己(?:来)?(?:输|填|改|点|设|保管)"
        ),
        None,
    ),
    (
        ("promise.price",),
        re.compile(
            r"(?:还|再|只|就)?(?:差|缺)(?:您|个|了)?(?:\d|[零一二两三四五六七八九十百])|凑(?:单|满|够|到|齐)|(?:short of|away from)"
        ),
        re.compile(r"[给送让]您|我(?:给|送|补|出|来)|算(?:您|我)|补您"),
    ),
    (
        ("promise.compensation", "promise.third_party", "promise.delivery_time", "promise.price"),
        re.compile(
            r"(?:上个?月|上周|上个?(?:星期|礼拜)|昨[天晚]|前[天几]|月初|(?:\d|[一二三四五六七八九十])[日号])[^,。]{0,8}(?:已经|就)?[^,。]{0,12}(?:退|到|打|赔|返|付|划)(?:回|到|了|给|进|过)"
            r"|(?:运费险|保险(?:公司)?)[^,。]{0,8}(?:赔|打|退|付)(?:了|给|到|过)"
        ),
        re.compile(r"答应|同意|保证|会|批|再|另"),
    ),
    (
        ("promise.outcome", "promise.compensation", "promise.delivery_time", "promise.third_party"),
        re.compile(
            r"打(?:给)?(?:120|119|110|96110|急救)|^(?:您|这单|包裹)*(?:是)?(?:在)?(?:\d+月)?\d+[日号](?:已经|就)?(?:签收|下单|付款|拍下?|买|收到)的?$"
        ),
        re.compile(r"[赔退补包]|保证|会|我们(?:出|付|负责)"),
    ),
    (
        ("promise.compensation", "promise.price", "promise.delivery_time", "promise.third_party", "promise.outcome"),
        re.compile(
            r"没(?:有)?(?:见着|见到|加上|收到|到账|拿到|补上|给上|赔到|发下来)(?:[,。了呢的]|$)"
            r"|^(?:换|搁|任)谁|^谁(?:都|也)(?:不)?(?:会|想|愿|乐意|受不了|急|烦|慌|气)|^换(?:了)?我(?:也|都)(?!给|会给)"
        ),
        re.compile(r"(?:照|就|也|都|包|给您)[^,。]{0,2}[赔退补]|[赔补]您|我们(?:出|来|承担)|免"),
    ),
)
"""For some categories: words that tell of what others feel, wrote, need or got already, of calling for help, or of a day gone by in
the order; and words that speak against it."""

_ALL_THE_SAME = re.compile(
    r"(?:错|坏|破|碎|漏|裂|少|毛病|问题|瑕疵|\bfault)(?:了|的话|来时)*,?(?:我们|店里|我|咱)?(?:这边)?(?:来|照样?|一样|还|也|都|归)*(?:能|可以)?(?:重|换|补|管|修|改|处理|认|照|找|归|be|would)"
)
"""What stands all the same, beside a right that the law excepts: 绣错了我们重绣."""
_ASKS_FOR_PROOF = re.compile(
    r"(?:凭证|单据|截图|照片|底单|单号|视频|小票|记录)[^,。]{0,3}(?:发|拍|传|给)(?:给)?我(?:一[张下份个])?(?:看看?|核一?下)?(?:就行|就好|吧)?$"
)
_NO_REASON = re.compile(r"无理由|change[- ]of[- ]mind|鉴赏期|七天鉴赏")
_EVEN_THEN = re.compile(r"[也都](?:概|一律|是|还)?不(?:给|能|让|可以)?(?:退|换|修|管)|照样不|even if|no matter")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A category that a piece of a reply may breach: how likely, and at which clause it speaks clearest."""

    category: Category
    probability: float
    clause: Clause
    window: tuple[int, int]
    encoded: Encoded


def is_courtesy(clause: str) -> bool:
    """Whether a clause of folded text says nothing but sorry, thanks or hello."""
    return bool(_COURTESY.fullmatch(clause))


def is_softened(suspicion: Suspicion, reading: Reading) -> bool:
    """Whether the clause only asks, or says it can't be done, what it would be a breach to say; or speaks of the
    agent's own answer or the customer's own parcel where a delivery is suspected; or shows personal data masked; or
    only says if, where a denial is suspected.
    """
    clause = suspicion.clause
    if _is_told_elsewhere(suspicion, reading):
        return True
    if suspicion.category == "statutory.denial":
        return bool(_IF.search(reading.clause_text(clause)))
    if suspicion.category == "privacy":
        return "*" in reading.text[clause.sentence[0] : clause.sentence[1]]
    if not suspicion.category.startswith(("promise.", "admission.")):
        return False
    said = reading.clause_text(clause)
    nothing_arrives = suspicion.category == "promise.delivery_time" and not _ARRIVES.search(said)
    if nothing_arrives and (_OWN_ANSWER.search(said) or _THEIR_PARCEL.search(said)):
        return True
    if suspicion.category.startswith("promise.") and (_UNABLE.search(said) or still_to_be_asked(said)):
        return True
    return "asked" in reading.stances(clause.start, clause.end)


def _is_told_elsewhere(suspicion: Suspicion, reading: Reading) -> bool:
    """Whether the sentence tells what others feel, wrote, need or got already, or what is so all the same beside a right that
    the law excepts.
    """
    said, told = reading.clause_text(suspicion.clause), reading.text[slice(*suspicion.clause.sentence)]
    for categories, shown, against in _TOLD_ELSEWHERE:
        if suspicion.category in categories:
            where = told if suspicion.category.startswith("admission.") else said
            if shown.search(where) and not (against and against.search(where)):
                return True
    if suspicion.category.startswith(("admission.", "statutory.")):
        return bool(_ALL_THE_SAME.search(said) and (_NO_REASON.search(told) or _EXEMPT.search(told))) and not (
            _EVEN_THEN.search(told)
        )
    return False


def promises_of(suspicion: Suspicion, reading: Reading) -> tuple[Said, Said]:
    """The suspicion's clause and its sentence, with what kinds of promise they are taken for."""
    first, last = suspicion.window
    clause, encoded = suspicion.clause, suspicion.encoded
    start, end = max(clause.sentence[0], first), min(clause.sentence[1], last)
    return (
        Said(reading.clause_text(clause), allowances(encoded.logits(clause.start - first, clause.end - first))),
        Said(reading.text[start:end], allowances(encoded.logits(start - first, end - first))),
    )


def is_excepted(suspicion: Suspicion, reading: Reading) -> bool:
    """Whether what is refused is only returning without a reason, of goods that the law excepts; or what sounds like a payment
    is the customer's proof of one, which they are asked for.
    """
    if suspicion.category in ("promise.compensation", "promise.price"):
        return bool(_ASKS_FOR_PROOF.search(reading.clause_text(suspicion.clause)))
    if suspicion.category != "statutory.denial":
        return False
    told = reading.text[slice(*suspicion.clause.sentence)]
    return bool(_EXEMPT.search(told)) and not _FAULTY.search(told) and not _EVEN_THEN.search(told)


def tells_the_price(clause: str, context: CheckContext) -> bool:
    """Whether a clause only says what the order cost: 这单488元."""
    price = context.order.price_yuan if context.order else None
    if price is None or _GIVING.search(clause) or not _WHAT_WAS_PAID.search(clause):
        return False
    return (amounts.yuans(clause) or amounts.bare(clause)) == (price,)


def spans_a_season(clause: str) -> bool:
    """Whether a clause tells a length of three months and more, in which nothing is delivered: 往后数三百六十五天."""
    return max(amounts.months(clause), default=0.0) >= 3 and not _ARRIVES.search(clause)
