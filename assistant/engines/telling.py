"""What a customer tells of their need before they buy, said back in their own words: so that it was plainly read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove, usable
from assistant.situation.material import told_of
from assistant.situation.questions import is_question
from assistant.situation.script import folded
from knowledge.phrasebook import Phrasebook, Slot

CONSULTED = frozenset(
    {
        "pre.size_advice", "pre.product_question", "pre.fit_check", "pre.safety_question", "pre.recommend", "pre.accessory",
        "pre.compare", "pre.stock", "pre.ship_time", "pre.arrival_time", "pre.freight_question", "pre.bulk",
        "pre.custom", "pre.effect_question", "pre.invoice_question", "pre.gift_request", "in.note_request",
        "general.unfamiliar",
    }
)  # fmt: skip
"""Wishes for which it matters what somebody needs. Who bargains or is cross is not answered with their own words."""
TOLD = "rest.told"
"""What the situations of its wordings begin with; what it is told for follows, where that is known."""
_TOLD_FOR: Mapping[str, str] = {
    "pre.size_advice": "size", "pre.fit_check": "size", "pre.recommend": "choice", "pre.compare": "choice",
    "pre.accessory": "choice", "pre.gift_request": "choice", "pre.safety_question": "care", "pre.bulk": "quote",
    "pre.custom": "quote", "pre.ship_time": "day", "pre.arrival_time": "day",
}  # fmt: skip
LONGEST = 28
"""Characters said back in all: what is longer reads like a form."""
_MOST = 3
_SHORTEST, _LONGEST_CLAUSE = 2, 18
_BARE = re2.compile(r"^[\d.\s]+(?:元|块|块钱)?$")
_CLAUSE = re2.compile(r"(?:\s?\d\.\d|\s\d|[^,\x{FF0C}。.!\x{FF01}?\x{FF1F};\x{FF1B}:\x{FF1A}、~\x{FF5E}…\s])+")
_QUESTION_AHEAD = re2.compile(r"^\s*[?\x{FF1F}]")
_LISTED = re2.compile(r"^\s?[.、\x{FF0E})\x{FF09}]\s?\D")
_UNIT = (
    r"(?:cm|mm|kg|ml|gb|hz|[mglwvk]|公分|厘米|毫米|米|平|寸|吋|斤|公斤|千克|克|毫升|升|码|瓦|匹|岁|个?月|天|周|年|度|口|楼|层|"
    r"件|条|个|套|箱|台|份|双|盒|瓶|支|把|只|袋|包|罐|本|张|桌|人|位|元|块|以内|左右|上下|预算|出头|点|号|尺|卡|折)"
)
_TELLS = re2.compile(
    rf"\d\s*{_UNIT}|\d{{3}}|\d的?[那这][款个种件双只]|[一二两三四五六七八九十百几]{_UNIT}|"
    r"[给送帮替](?:我?[妈爸爷奶公婆娃孩儿女老]|男|女|对象|宝|朋友|领导|客户|同事|长辈|老师|学生|员工)|"
    r"^[她他它]\s?\d{1,3}$|耳朵?背|眼花|手抖|腿脚不|刚学|初学|学[美音体舞医][术乐育蹈]?|老师说|学校|单位|幼儿园|运动会|比赛|演出|坐飞机|自驾|爬山|健身|"
    r"\d{2}了$|牙口|行动不便|剪视频|剪片|修图|画图|建模|[打玩]游戏|写代码|编程|码字|网课|追剧|看剧|拍视频|煲汤|钓鱼|骑行|^[她他]在|姥[姥爷]|外[婆公]|[奶爷]{2}|上学|上班|通勤|一个人|带娃|[左右]开|木门|防盗门|家里|家有|客厅|卧室|厨房|浴室|阳台|办公|宿舍|车上|车型|地毯|地砖|木地板|西晒|朝[东南西北]|老房|出租|露营|出差|旅行|旅游|"
    r"过敏|敏感|湿疹|鼻炎|哮喘|便秘|怀孕|孕妇|哺乳|关节|血糖|血压|糖尿|驼背|偏[胖瘦高矮]|有点[胖瘦高矮驼]|微胖|腿[粗细]|胳膊粗|肚子|脚[宽背]|扁平|"
    r"[爱喜]喝|[爱喜]吃|喜欢|不爱|怕[热冷吵脏水晒油]|耐[脏用磨]|里面(?:要|想|得)?[套穿]|轻便|宽松|修身|静音|"
    r"零下|漠河|去[^,]{1,5}(?:穿|用|玩)|打孔|定制|定做|刻字|开业|婚礼|结婚|求婚|满月|百日|周岁|生日|过寿|大寿|乔迁|搬家|开学|毕业|年会|团建|端午|中秋|过年|春节|国庆|"
    r"[要买送换选]的?.{0,4}(?:色|款)|^[米奶深浅藏酒天墨雾灰]?[黑白红蓝绿黄灰粉紫棕咖橙]色|"
    r"(?:周|星期|礼拜)[一二三四五六日天末]|下[周月]|月底|月初|初[一二三四五六七八九十]"
)
_ASKS = re2.compile(
    r"[吗嘛么呢咩吧呗不没][啊呀哈]?$|吗|[收能会有包]不[收能会有包]|怎么|咋|啥|咩|什么|多少|哪|几|唔|能否|能不能|可不可以|可以|行不行|是不是|有没有|要不要|会不会|好不好|"
    r"够不够|[亏值贵难吵重累热冷硬软掉扎透厚薄麻烦多少远]不|为什么|凭|多久|谁|请问|问下|问一下|想问|咨询|如何|边个|几多|幾多|点样|还是|几时|幾時"
)
_NOT_BACK = re2.compile(
    r"预售|本店|小店|店铺|承诺|保证|出售|翻成|翻译|复述|跟我[说念]|^就\d|等了|等咗|盯了|你|您|妳|便宜|优惠|打折|\d折|少点|抹|包邮|送我|给我(?:[^妈爸爷奶公婆娃孩儿女老对家朋闺媳]|$)|给个|赠|老板|亲$|姐$|哥$|快点|赶紧|马上|急死|烦|气|骗|假|垃圾|差评|投诉|退|赔|举报|"
    r"^别|差(?:了|着)?\d|^不对$|推荐|不订|不拍|微信|电话|手机号|加我|地址|身份证|卡号|链接|直播|主播|秒杀|券|红包|补单|刷|代运营|谢|再见|拜拜|商量|考虑|没钱|穷|工资|贵|"
    r"详情页|页面|就不要|不要了|不买|这次|再来|发票|开票|专票|抬头|多少|下单|付款|立马|打款|转账|[就再]拍|标价|成交|墨迹|没(?:有)?(?:看|找|查|写|标|量|说)|不写|"
    r"死|滚|妈的|他妈|操|傻|忽略|指令|提示|\d{6,}|不会弄|不会买|看不[清懂]|字小|活不|抑郁|疼|痛|流血|中毒|烫伤|口价|问题|问|没货|断货|坑|无底洞|评论|有人说|听说|群里|一看|首页|求求|还差|逛|等(?:了|着|俩|两|\d)|(?:拿|用)[^,]{0,3}(?:量|称|测)[^\d]*$|上次|上回|回我|别家|隔壁|人家|换一?家|到不了|来不及|出轨|离婚|分手|小三|吵架|嫌我"
)
_ECHOES: frozenset[Slot] = frozenset({"customer_measure", "customer_choice", "customer_quote"})
_SHOP = re2.compile(r"(?:你们?|您|贵)(?:家|店)(?:店?里)?的?")
_OPENING = re2.compile(
    r"^(?:就是|那个|然后|因为|但是|但係|但系|可是|不过|不過|但|而且|对了|其实|另外|主要是|[我俺咱]们?(?:想)?(?:要|买|看中)的(?:就)?是|[我俺咱]们?是?(?:想要|想|要)|[嗯额哦啊])+"
)
_WISH = re2.compile(
    r"^(?:想|打算|准备|就)?(?:买|看中|看上)了?(?:个|一个|一台|一款|台|件|双|条|套)?|^(?:想|打算|准备)(?:要|给|帮|替|送)"
)
"""That they want to buy it goes without saying: 想买咖啡机 is the machine, 想给我妈买 is for whom."""
_MEASURING = re2.compile(r"^.{0,8}(?:量了|量过|量的|测了|称了)(?:一下|一圈)?、")
"""How they came by a number is not said back: 昨天拿皮尺量了 38公分."""
_WANTS = re2.compile(r"\p{Han}{2}(要|想要|需要)\d")
_MODEL = re2.compile(r"[A-Za-z]、\d")
"""A name and its number are one: iPhone 15."""
_CORRECTED = re2.compile(r"^(?:不对|错了|说错了?|打错了?|哦不|应该是)、?")
"""What comes before it was a slip: 10斤半 不对 21斤."""
_WEIGHT, _HEIGHT = re2.compile("斤|(?i:kg)"), re2.compile(r"1[3-9]\d")
"""A bare number beside a weight that is how tall they are: 我163 108斤."""
_NUMBERED = re2.compile(
    r"\d|预算|大寿|[一二两三四五六七八九十百几半](?:个|口|人|岁|斤|米|平|楼|层|家|台|件|条|只|月|周|年|码)"
)
_NEEDED = re2.compile(
    r"过敏|敏感|湿疹|鼻炎|哮喘|怀孕|孕|哺乳|血糖|血压|糖尿|关节|颈椎|生日|大寿|婚|满月|开学|粗|胖|有了|买了|已有|不[喜爱吃喝要]|怕|没有"
)
"""What a good answer turns on, though it is no number."""
_SLIP = 4
"""Characters of a clause that only takes back what was said."""
_SPACE = re2.compile(r"\s+")
_MARKS = re2.compile("[“”\"'()()「」]")
_CLOSING = re2.compile(r"[啊哈哦哟呀啦喔嘞哒]+$")
_TURNED: tuple[tuple[re2._Regexp, str], ...] = (
    (re2.compile(r"[我俺咱](?:们|們)?(?:公司|司|单位)"), "贵公司"),
    (re2.compile(r"[我俺咱](?:妈妈?|媽媽?)"), "您妈妈"),
    (re2.compile(r"[我俺咱]爸爸?"), "您爸爸"),
    (re2.compile(r"[我俺咱](?:老公|老婆|媳妇|太太)"), "您爱人"),
    (re2.compile(r"[我俺咱](?:娃|宝宝|宝)"), "您家宝宝"),
    (re2.compile(r"[我俺咱](?:们|們)?"), "您"),
)


def told(brief: Brief) -> tuple[tuple[int, int, int], ...]:
    """Where the customer tells something of what they need, since they came: (message, start, end), in their order.

    Statements only: never a question, a wish for a better price, a complaint, or what must not be repeated.
    """
    found: list[tuple[int, int, int]] = []
    material = {(t.message, t.start) for t in told_of(brief.conversation)}
    for index, message in enumerate(brief.conversation.messages):
        if message.role != "customer":
            continue
        text = folded(message.text)
        for match in _CLAUSE.finditer(text):
            clause = _SHOP.sub("", match.group(0))
            if _CORRECTED.match(clause) and len(clause) <= _SLIP and found and found[-1][0] == index:
                found.pop()  # what they take back: 18号 不对 26号
            asked = _ASKS.search(clause) or is_question(clause) or _QUESTION_AHEAD.match(text[match.end() :])
            tells = _TELLS.search(clause) or (index, match.start()) in material
            if not asked and not _BARE.search(clause) and tells and not _NOT_BACK.search(clause):
                found.append((index, match.start(), match.end()))
    return tuple(found)


def said_back(brief: Brief) -> str:
    """What was told, as an agent says it: 给您妈妈买羽绒服、160、150斤. "" when nothing was, in English, and where the
    talk holds orders to the model: those are never repeated.
    """
    if brief.situation.language == "en" or "injection" in brief.situation.risks:
        return ""
    clauses: list[str] = []
    for index, start, end in told(brief):
        text = brief.conversation.messages[index].text
        clause = _MEASURING.split(_without_the_wish(_without_want(turned(text[start:end]))))[-1]
        if model := _MODEL.search(clause):
            clause = f"{clause[: model.start() + 1]} {clause[model.end() - 1 :]}"
        if _CORRECTED.match(clause):
            clauses, clause = clauses[:-1], clause[_end(clause) :]
        if _LISTED.match(text[end:]):
            clause = clause.rstrip("0123456789").rstrip("、 ")  # the number of what comes next
        if _SHORTEST <= len(clause) <= _LONGEST_CLAUSE and not any(clause in c for c in clauses):
            clauses = [c for c in clauses if c not in clause] + [clause]
    while clauses and (_too_many(clauses) or sum(len(c) + 1 for c in clauses) > LONGEST + 1):
        clauses.pop(_least(clauses))
    return "、".join(_parts((*map(_after_your, clauses[:1]), *clauses[1:])))


def _parts(clauses: Sequence[str]) -> list[str]:
    """What was told, part by part: none that another holds (卡罗拉, 21款 beside 21款卡罗拉), and no bare number but a height."""
    parts = [p.removeprefix("可") if p.startswith("可另") else p for clause in clauses for p in clause.split("、") if p]
    weighed = any(_WEIGHT.search(p) for p in parts)
    named = [f"身高{p}" if weighed and _HEIGHT.fullmatch(p) else p for p in parts]
    whole = [p for p in named if not any(p != q and p in q for q in named if not p.isdigit())]
    return list(dict.fromkeys(p for p in whole if not (p.isdigit() and len(whole) > 1)))


def with_told(
    moves: Sequence[PlannedMove], brief: Brief, intents: Sequence[str], slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """`moves` that begin with what the customer told of their need; the general openings and echoes give way to it.

    An echo also gives way to a move that names the same on its way to something (您要的42.5还有没有,我现在问仓库).
    """
    named = {need for m in moves if not _is_echo(m) for need in m.move.needs}
    moves = [m for m in moves if not (_is_echo(m) and named.issuperset(m.move.needs))]
    consults = not intents or bool(CONSULTED & set(intents[:1]))
    if "customer_choice" in named and "pre.stock" in intents[:1]:
        return tuple(moves)
    if "customer_told" not in slots or not consults or any(m.move.move == "safety" for m in moves):
        return tuple(moves)
    if any(m.situation.startswith("suggest.") for m in moves):  # it is what the choice was made by
        return tuple(m for m in moves if not _is_echo(m))
    told_for = _TOLD_FOR.get(intents[0]) if intents else None
    (entry, *_) = fallback.by_situation[f"{TOLD}.{told_for}" if told_for else TOLD]
    echo = [m for m in usable(entry.moves, brief, slots, entry.situation) if m.move.move == "fact"]
    kept = [m for m in moves if (m.move.move != "acknowledge" or m.point or m.move.mentions) and not _is_echo(m)]
    meets = ("greet", "thank", "acknowledge", "apologise")
    at = next((i for i, m in enumerate(kept) if m.move.move not in meets), len(kept))
    return (*kept[:at], *echo, *kept[at:])


def _is_echo(move: PlannedMove) -> bool:
    """Whether a move only says back a number or a choice: that is among what was told."""
    return move.move.move == "fact" and bool(move.move.needs) and _ECHOES.issuperset(move.move.needs)


def _too_many(clauses: list[str]) -> bool:
    """Three numbers (height, weight, age) are one thing; of what has no number one is said beside numbers, else two."""
    numbered = sum(bool(_NUMBERED.search(c)) for c in clauses)
    return numbered > _MOST or len(clauses) - numbered > (1 if numbered else 2)


def _least(clauses: list[str]) -> int:
    """The clause that can best be spared: one without a number, then one that nothing turns on, the longest of those."""

    def worth(i: int) -> tuple[bool, bool, int, int]:
        return (bool(_NUMBERED.search(clauses[i])), bool(_NEEDED.search(clauses[i])), -len(clauses[i]), i)

    return min(range(len(clauses)), key=worth)


def _end(clause: str) -> int:
    found = _CORRECTED.match(clause)
    return found.end() if found else 0


def _after_your(clause: str) -> str:
    """The clause as it follows on 您说的: 您老伴胳膊粗 is 老伴胳膊粗, 您家客厅 is 家里客厅."""
    return "家里" + clause[2:] if clause.startswith("您家") else clause.removeprefix("您")


def _without_the_wish(clause: str) -> str:
    found = _WISH.match(folded(clause))
    if not found:
        return clause.removesuffix("的")
    left = clause[found.end() :].removesuffix("的")
    return found.group(0)[-1] + left if found.group(0)[-1] in "给帮替送" else left


def _without_want(clause: str) -> str:
    """How many they want, of which the want goes without saying: 幼儿园要60套 is 幼儿园60套."""
    found = _WANTS.search(clause)
    return clause[: found.start(1)] + clause[found.end(1) :] if found else clause


def turned(clause: str) -> str:
    """The clause as said to the customer: theirs is yours, and nothing of how they addressed the shop."""
    out = clause
    for pattern, instead in ((_MARKS, ""), (_SPACE, "、"), (_SHOP, ""), (_CLOSING, ""), (_OPENING, ""), *_TURNED):
        out = _replaced(pattern, instead, out)
    return out[1:] if out[:1] == "您" and out[1:2].isdigit() else out  # 168, not 您168


def _replaced(pattern: re2._Regexp, instead: str, text: str) -> str:
    """`text` with every match replaced; RE2's own way of replacing does not take characters beyond Latin-1."""
    out, at = "", 0
    for match in pattern.finditer(text):
        out += text[at : match.start()] + instead
        at = match.end()
    return out + text[at:]
