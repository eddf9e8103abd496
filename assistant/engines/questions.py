"""Several questions in one turn: each is answered by a move of the plan, by what the shop allows, or named as one to check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.helping import shipped_helps
from assistant.engines.moves import PlannedMove, pattern
from assistant.situation.questions import Asked
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.phrasebook import Slot

SEVERAL = 2
"""Questions in a turn from which a reply is a list of answers more than a talk."""
_ASKED_OF = (
    ("exchange", re2.compile(r"换|exchange|replace|swap")),
    ("refund_7day_no_reason", re2.compile(r"退|return|refund")),
    ("refund_approved", re2.compile(r"退|赔|refund")),
    ("warranty_1y", re2.compile(r"保修|保养|质保|保几年|保多久|warranty")),
    ("return_freight_by_seller", re2.compile(r"运费|邮费|freight|postage|shipping")),
    ("compensation_up_to", re2.compile(r"赔|补偿")),
    ("invoice", re2.compile(r"能.{0,4}票|开票|有.{0,2}票|invoice")),
    ("coupon", re2.compile(r"优惠|券|便宜|折|coupon|discount")),
    ("free_shipping_over", re2.compile(r"包邮|运费|邮费|freight|shipping")),
    ("ship_within_24h", re2.compile(r"发货|发出|时候发|能发|几天发|ship")),
    ("ship_within_48h", re2.compile(r"发货|发出|时候发|能发|几天发|ship")),
    ("price_protection_30d", re2.compile(r"差价|价保|保价")),
    (
        "defect_confirmed_by_inspection",
        re2.compile(r"(?:是不是|是否).{0,8}(?:问题|毛病|坏|质量)|(?:检|鉴定).{0,6}(?:结果|出来)|结果"),
    ),
    ("gift", re2.compile(r"送(?:啥|什么|点|个|不|吗)|赠|gift")),
)
"""A question about what the shop allows is answered where that is offered."""
_WHETHER = frozenset({"exchange", "refund_7day_no_reason", "refund_approved", "price_protection_30d"})
"""What is granted here says whether, not how, when or how much: a question after those is not answered by it."""
_NOT_WHETHER = re2.compile(
    r"多久|几天|几时|什么时候|啥时候|何时|怎么|咋|如何|谁|多少|哪|要不要|\bhow\b|\bwhen\b|\bwho\b|\bwhere\b|\bwhich\b"
)
_TOLD_OF: tuple[tuple[Slot, re2._Regexp], ...] = (
    (
        "tracking_status",
        re2.compile(
            r"到哪|哪了|边度|走到|(?:包裹|快递|东西|货|件)[^,。]{0,6}在哪|(?:今天|今日)?(?:派|送)(?:送|件)?[吗不没]|where is|where.s"
        ),
    ),
    ("shipped_at", re2.compile(r"(?:发|寄)(?:货|出)?了?(?:没|吗|不)|发货了")),
    ("waiting_status", re2.compile(r"(?:发|寄)(?:货|出)?了?(?:没|吗|不)|没(?:有)?(?:发|寄)")),
    ("ship_overdue", re2.compile(r"超没超|晚没晚|超时|\d+\s?(?:个)?小时")),
    ("shipped_in_time", re2.compile(r"超没超|晚没晚|超时|\d+\s?(?:个)?小时")),
    ("shipped_late", re2.compile(r"超没超|晚没晚|超时|\d+\s?(?:个)?小时")),
    ("gift_name", re2.compile(r"送|赠|gift")),
    ("sum_within_limit", re2.compile(r"(?:退|赔|补|返|给|拿|要)[^,。!?]{0,10}(?:行|成|可以|好|吧|吗|不)|过分|够不够")),
    ("sum_asked", re2.compile(r"(?:退|赔|补|返|给|拿|要)[^,。!?]{0,10}(?:行|成|可以|好|吧|吗|不)|过分|够不够")),
    ("protection_ends", re2.compile(r"降|便宜|跌|[补退]")),
    ("sale_ahead", re2.compile(r"降|便宜|跌|[补退]|现在买|等")),
    ("share_within_limit", re2.compile(r"怎么(?:办|弄|处理|算|解决)|咋(?:办|弄|整)|[退赔补]")),
    (
        "price_protection_over",
        re2.compile(r"差几天|通融|都不行|补差|退差|差价|[补退](?:吗|不|么|得了)|[能给]不[能给][补退]"),
    ),
    (
        "price_gap",
        re2.compile(r"差价|退我|重拍|再拍|重新拍|补我|补差|退差|[补退](?:吗|不|么|得了)|[能给]不[能给][补退]"),
    ),
)
"""A question about a fact is answered where that is stated."""
_SAFETY = "pre.safety_question"
"""What is to be minded by who told of an allergy or sensitive skin is said, however many things they ask."""
_TOLD_IN: tuple[tuple[re2._Regexp, re2._Regexp], ...] = (
    (
        re2.compile(r"还没(?:有)?(?:寄出|发出|发货|寄|发)|没(?:离开|出)仓库|hasn.t (?:been sent|left)"),
        re2.compile(r"没(?:有)?(?:发|寄)(?:货|出)?(?:吧|吗|$)|(?:发|寄)(?:货|出)?了?(?:没|吗|不)$|has it shipped"),
    ),
    (
        re2.compile(
            r"(?:不敢|不能)[^,。]{0,6}(?:保证|打包票|说死|定死|应您)|要看(?:快递|网点|派件)|can.t (?:promise|fix)"
        ),
        re2.compile(
            r"(?:什么时候|几时|哪天|几号|啥时候|何时|几点|最迟)[^,。]{0,6}(?:到|来|送|$)|(?:还有|还要|要)几天|来不来|能到[吗不么]|(?:能不能|能否|可不可以|会不会)[^,。]{0,4}到|[前点][^,。]{0,3}(?:能)?到|到不到得?了|when.{0,24}(?:arrive|come|get)"
        ),
    ),
    (
        re2.compile(r"原路|原来付款|已经批了|审核通过|goes back the way"),
        re2.compile(r"(?:走|跑|飞|去|退|到|回)(?:到|去|了)*哪|批(?:了)?(?:没|吗|不)|哪去了|approved"),
    ),
    (
        re2.compile(
            r"(?:成不成|改没改成|拦没拦住|拦不拦得住|能不能(?:拦|改|换)|[改换取合][不]了|合不到)|whether (?:it|they) can be"
        ),
        re2.compile(
            r"来得?及|来不来得及|(?:还)?(?:能|可以|可不可以|能不能)(?:再)?(?:改|换|拦|取消)(?:一下|掉|吗|不|么|嘛|$)|(?:改|换|拦)得(?:了|到)|too late|can (?:you|i|it)[^,.]{0,8} (?:change|stop)"
        ),
    ),
    (
        re2.compile(r"能不能用|适不适配|对不对得上"),
        re2.compile(r"对不对$|对[吧吗]$|用哪[个款]$|(?:能|可以)用[吗不么]?$"),
    ),
    (re2.compile(r"放了款|货款由平台|照样能申请退款"), re2.compile(r"钱[^,。]{0,6}(?:没了|丢|要不回|拿不回|白)")),
    (
        re2.compile(r"卡在|为什么|原因|漏了|查(?:一下)?打包|why"),
        re2.compile(
            r"^(?:为(?:啥|什么)|怎么)[^,。]{0,8}(?:还没|还不|不)[^,。]{0,4}(?:发|寄|动|到|送|派)|why.{0,20}(?:not|hasn)"
        ),
    ),
)
"""What a move says that answers a question of just that: no day is promised, the cause is looked for."""
AT_HOME = (
    ("pre.effect_question", re2.compile(r"管用|有用|效果|见效|有效|work|effective")),
    (_SAFETY, re2.compile(r"有没有|有.{1,6}[吗不]|做不做|含|会不会|能不能|能[用吃喝穿擦]|安全|伤不伤|contain|safe")),
    (
        "pre.size_advice",
        re2.compile(
            r"(?:拍|穿|选|买|要)(?:多大|几码|哪个?码|什么码)|大一?码|定[smlx]\b|[smlx]码?还是[x\d]*[smlx]|\d{2,3}(?:码|号)?还是\d{2,3}|够得着|太大|太小|会不会(?:大|小|紧|松|长|短)|which size|size.{0,12}(?:take|order|get)"
        ),
    ),
    ("suggest.pick", re2.compile(r"选|哪(?:个|款|种|一)|区别|差别|不同|推荐|差多少|差在|买(?:啥|什么)|好")),
    ("suggest.ask", re2.compile(r"选|哪(?:个|款|种|一)|区别|差别|不同|推荐|差在|好")),
    ("pre.compare", re2.compile(r"选哪|哪(?:个|款|种|一)|区别|差别|不同|怎么选|difference|which")),
    ("pre.recommend", re2.compile(r"推荐|哪(?:个|款|种)|买(?:啥|什么)|送(?:啥|什么)|怎么选|recommend|which")),
    (
        "pre.accessory",
        re2.compile(r"(?:还|另外|要|需)[^,。!?]{0,4}(?:配|买|备|搭|添)|配(?:点|些|个)?(?:啥|什么)|什么配|also need"),
    ),
    (
        "pre.fit_check",
        re2.compile(
            r"[能可][^,。!?]{0,4}(?:戴|穿|箍|装|放|进|用|套|配|塞|插)|合适|适合|进得|装得|放得|套得|配得|does it fit|will it (?:fit|work)"
        ),
    ),
    (
        "pre.authenticity",
        re2.compile(
            r"正品|真货|真品|保真|是真|单据|授权|凭证|证书|怎么证明|真(?:金|皮|银|的)|假(?:货|的)(?:吗|吧|不)|genuine|authentic|real"
        ),
    ),
    ("pre.price_drop_worry", re2.compile(r"降|便宜了|跌价|保价|价保|保多久|保几天|price")),
    ("pre.return_policy", re2.compile(r"[能可给包][^,。!?]{0,4}退|退得|退不退|无理由|试过|不合适|return")),
    ("pre.restock", re2.compile(r"补货|有货|到货|上架|还有(?:吗|没)|再进|restock|back in")),
    ("pre.stock", re2.compile(r"有(?:现)?货|现货|有没有|还有(?:吗|没)|库存|in stock|available")),
    (
        "pre.arrival_time",
        re2.compile(r"[能会][^,。!?]{0,10}(?:到|收到|送到)|来得及|赶得?上|到得了|几天到|arrive|in time"),
    ),
)
"""A question that is all a situation is about is answered by whatever is done in it."""
_FILLING = frozenset(
    "能不吗的了是有没我你您们家这那个款一下可以会要怎么多少什啊呢吧呀在去到给还就都也和跟请问想买用好行几"
)
"""Characters that say nothing of what a question is about."""
_TELLING = frozenset("拦洗改")
_SLOT = re2.compile(r"\{[a-z_]+\}")
_BESIDE = re2.compile(r"顺便|另外|对了|还有(?:就是|一|个|,|\s)|再问|\balso\b|by the way")
"""A question that is asked beside another matter, though it is the only one."""
_BESIDE_LEAST = 6
"""Characters written besides a question, from which it is one thing of several."""
_SHARED = 0.25
"""Share of its telling pairs of characters from which a long question is taken up."""
UPSET = frozenset({"angry", "furious", "disappointed", "sarcastic"})


def several(asked: Sequence[Asked]) -> bool:
    """Whether a turn asks more than one thing."""
    return len(asked) >= SEVERAL


def open_questions(
    asked: Sequence[Asked], brief: Brief, points: Sequence[PointMade], moves: Sequence[PlannedMove]
) -> tuple[Asked, ...]:
    """The questions that no move takes up; none where they asked but one that is what all their words are about."""
    unknown = any(m.situation.startswith("fallback.") for m in moves)
    if not several(asked) and not unknown and _is_the_matter(asked, brief, moves):
        return ()
    return unanswered(asked, brief, points, moves)


def unanswered(
    asked: Sequence[Asked], brief: Brief, points: Sequence[PointMade], moves: Sequence[PlannedMove]
) -> tuple[Asked, ...]:
    """Of `asked`, what no move answers by its words."""
    answered = {m.point for m in moves if m.is_substance or m.move.move == "next_step"}
    granted = {a for m in moves for a in m.move.authority}
    settled = [p for kind, p in _ASKED_OF if kind in granted - _WHETHER]
    whether = [p for kind, p in _ASKED_OF if kind in granted & _WHETHER]
    settled += [pattern(h.asks) for h in shipped_helps().helps if h.asks and any(m.situation == h.say for m in moves)]
    gifts = [a.name for a in brief.conversation.policy.authorities if a.kind in granted and a.name]
    settled += [pattern(re2.escape(folded(name)[-2:])) for name in gifts]
    settled += [p for slot, p in _TOLD_OF if any(_tells(slot, m) for m in moves)]
    settled += [
        asks
        for says, asks in _TOLD_IN
        if any(all(says.search(folded(w.zh)) for w in m.wordings) for m in moves if m.move.move != "acknowledge")
    ]
    settled += [p for home, p in AT_HOME if any(m.situation == home and m.move.move != "fact" for m in moves)]
    spans = [(p.message, p.start, p.end) for p in points if p.point in answered]
    spans += list(_of_the_frame(brief, moves))
    return tuple(
        q
        for q in asked
        if not any(p.search(folded(q.text)) for p in settled)
        and not (
            whether and _NOT_WHETHER.search(folded(q.text)) is None and any(p.search(folded(q.text)) for p in whether)
        )
        and not any(m == q.message and a < q.end and q.start < b for m, a, b in spans)
        and not any(m.is_substance and not m.point and _names(m, q.text) for m in moves)
        and not taken_up(q.text, moves)
    )


def to_the_point(
    moves: Sequence[PlannedMove], asked: Sequence[Asked], brief: Brief, points: Sequence[PointMade]
) -> tuple[PlannedMove, ...]:
    """`moves` without what answers none of several questions asked before buying: openings (from three on), general remarks, and what is
    explained of something they only told, in a bubble without a question.
    """
    if brief.situation.stage != "pre_sale" or brief.situation.emotion not in ("calm", "pleased"):
        return tuple(moves)
    bubbles = {q.message for q in asked}
    questions = {p.point for p in points if is_asked(p, asked) or p.message in bubbles}
    kept = []
    for move in moves:
        kind = move.move.move
        told = bool(move.point) and move.point not in questions and not move.move.authority
        opening = kind in ("greet", "thank", "acknowledge", "close") and len(asked) > SEVERAL
        if opening or (kind == "ask" and told):
            continue
        general = not (move.point or move.move.mentions or move.move.authority or move.move.needs) and not any(
            taken_up(q.text, (move,)) for q in asked
        )
        careful = kind == "advise" and move.situation == _SAFETY
        if (kind in ("explain", "advise") and (general or told) and not careful) or (kind == "decline" and told):
            continue
        kept.append(move)
    return tuple(kept or moves)


def is_asked(point: PointMade, asked: Sequence[Asked]) -> bool:
    """Whether a point is made by a question, rather than told."""
    return any(q.message == point.message and q.start < point.end and point.start < q.end for q in asked)


def is_again(question: Asked, brief: Brief) -> bool:
    """Whether the customer said the very words before: 打孔呢, of what was asked with other things and left."""
    before = brief.conversation.messages[: question.message]
    return len(question.put) > 1 and any(folded(question.put) in folded(m.text) for m in before if m.role == "customer")


def _of_the_frame(brief: Brief, moves: Sequence[PlannedMove]) -> Iterator[tuple[int, int, int]]:
    """Words that name the wish which the frame answers in its own particulars."""
    met = [m for m in moves if not m.point and is_particular(m)]
    for evidence in brief.situation.evidence:
        wish = evidence.what.removeprefix("intent:")
        text = brief.conversation.messages[evidence.message].text
        # what is said because of other words answers those: 周五就走 does not tell how heavy it is
        if any(m.situation == wish and (not m.move.mentions or _names(m, text)) for m in met):
            yield evidence.message, evidence.start, evidence.end


def is_particular(move: PlannedMove) -> bool:
    """Whether a move of substance answers something that this customer said, or tells what the shop allows."""
    return move.is_substance and bool(move.point or move.move.mentions or move.move.authority)


def _tells(slot: Slot, move: PlannedMove) -> bool:
    return slot in move.move.needs or all(slot in w.zh_slots for w in move.wordings)


def _names(move: PlannedMove, text: str) -> bool:
    """Whether a move is made because of words as in `text`: more than one character of them."""
    found = pattern(move.move.mentions).search(folded(text)) if move.move.mentions else None
    return found is not None and found.end() - found.start() > 1


def taken_up(text: str, moves: Sequence[PlannedMove]) -> bool:
    """Whether a planned move speaks of what the question is about: every wording of it has a pair of its telling characters
    (of a long question a quarter of them), or a verb that is told by itself.
    """
    bare = folded(text)
    pairs = [bare[i : i + 2] for i in range(len(bare) - 1) if not _FILLING.intersection(bare[i : i + 2])]
    telling = {p for p in pairs if not p.isascii()} | (_TELLING & set(bare))
    least = max(1.0, _SHARED * len(telling))
    return any(
        all(sum(p in _SLOT.sub("", w.zh) for p in telling) >= least for w in m.wordings)
        for m in moves
        if m.move.move != "acknowledge"
    )


def _is_the_matter(asked: Sequence[Asked], brief: Brief, moves: Sequence[PlannedMove]) -> bool:
    """Whether the one question is what was written about, rather than asked beside a matter: nothing else was said, it came
    before buying, or its words named a wish that `moves` answer.
    """
    for question in asked:
        if _BESIDE.search(folded(_clause(question, brief))) or is_again(question, brief):
            return False
        beside = sum(c.isalnum() for m in brief.conversation.last_customer_turn for c in m.text)
        if brief.conversation.order is None or beside - len(question.text) < _BESIDE_LEAST:
            continue
        wishes = {f"intent:{m.situation}" for m in moves if not m.point}
        if not any(
            e.what in wishes and e.message == question.message and e.start < question.end and question.start < e.end
            for e in brief.situation.evidence
        ):
            return False
    return True


def _clause(question: Asked, brief: Brief) -> str:
    """The words of a question and those right before it."""
    return brief.conversation.messages[question.message].text[max(0, question.start - 8) : question.end]
