"""What a short answer says with its question: 「可以的亲」 after 「赔我200行不行」 promises 200, 「两天」 after 「几天能到」 a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.conversation import Message
from assistant.guardrails.clauses import Clause, Reading
from assistant.guardrails.fold import Folded, fold
from assistant.values import Category
from assistant.waiting import waiting

_LONGEST_ANSWER = 24
_LONGEST_ASKED = 80
"""Characters of a short answer, and of one thing that is asked: what is longer is neither."""
_LOOKED_AT = 20
"""Characters after an "all right" in which it is acted on."""
_MOST = 4
"""Of what the customer asked the latest so many are weighed."""

_SOFT = r"(?:的|了|嘞|啦|哦|喔|哈|呀|啊|呢|滴|唷|吧|亲|您|当然)*"
_VERB = r"(?:退|换|补|赔|开|发|送|包|修|便宜|少|减|免|到|用|办|改|加|给|保证|做)"
_YES = re.compile(
    rf"(?:亲|嗯|哦|是的|对的|好的?|当然|完全|必须|肯定|绝对|都|也)*(?:可以|能|行|成交|成|中|会|有|是|对|得|妥|(?:没|冇)问题|没毛病|必须|ok|okay){_VERB}?{_SOFT}"
    r"|(?:那|就)*(?:按|照|依|听)(?:您|你)(?:说|讲)?的?(?:办|来|做|价|数)?(?:吧|了|啦|哈)*|(?:那|就)*(?:按)?(?:这|那)个(?:价|数)(?:给您|可以|行|成|吧|了|卖您|没问题)*|(?:我|店里|这边)*(?:答应|同意|批准|通过)(?:您|你)?(?:了|啦|的|吧)*"
    rf"|(?:亲|嗯|对|是的|您|你)*(?:没错|(?:理解|记|说|想|讲)得?(?:没错|对|没毛病|是)|(?:这|那)么(?:说|讲|理解)也?(?:没毛病|没错|对|行|可以)|是这(?:么个|个)?(?:回事|理|意思|样)|就是(?:这样|这么回事)|准){_SOFT}"
    rf"|(?:嗯|好|行|可以|没问题)*(?:马上|这就|现在)?(?:给您|帮您)(?:安排|办|弄|搞定|处理|解决)(?:上|好)?{_SOFT}"
    r"|(?:yes|yep|yeah|yup|sure|of course|certainly|absolutely|definitely|no problem|no worries|deal|will do|consider it done|you got it|leave (?:it|that) (?:to|with) (?:us|me))(?: (?:thing|it|we|i|you|that|will|can|do|is|are|does))*"
)
"""A clause that says yes and nothing else."""
_HUM = re.compile(r"(?:亲|嗯|恩)*嗯(?:呢|啊|呐|哪)?")
"""Agrees with what is asked of it, unless the rest leaves the matter open."""
_SAID_TRUE = re.compile(
    r"(?:他|她|同事|客服|小\w)(?:们)?(?:说|讲|答应)的?(?:都|是)?(?:没错|对|准|算数|作数|真的)|说(?:了|过)的?(?:都)?算"
)
"""Stands by what somebody of the shop said before."""
_NOT = re.compile(rf"(?:放心|肯定|绝对|一定|您)*(?:不会|绝不|唔会){_SOFT}")
"""Says that what was feared won't be."""
_CONFIRMS = re.compile(r"是|对|有|嗯|没错|没毛病|准|\b(?:yes|yep|yeah)\b")
_ALL_RIGHT = re.compile(
    r"(?:亲|嗯)*(?:好|好的|好嘞|好滴|好呀|得嘞|嗯|收到|依您|听您的|说定了?|ok|okay|all right)" + _SOFT
)
"""Says yes or only that it was read: yes if what follows acts on it."""
_ACTS = re.compile(
    r"^(?:您|那|就|直接|放心|马上|现在|这就|立马)*(?:拍(?:吧|下|了)|下单|付款|听您的|依您|按您说的|就这么(?:定|办|说)|说定|没问题|放心|安排|给您(?:办|安排|弄|搞定|处理好)|包在我身上)|\b(?:go ahead|done|place the order)\b"
)
_DAY = (
    r"(?:今天|今日|今晚|明天|明早|明晚|明日|大?后天|上午|下午|晚上|早上|中午|傍晚|下班|饭点|周末|月底|月初|年底|(?:本|这|下)?(?:周|星期|礼拜)[一二三四五六日天末]"
    r"|(?:\d{1,2}月)?[\d一二两三四五六七八九十半]{1,3}个?(?:天|日|号|小时|分钟|周|星期|礼拜|月|年|点)半?|马上|很快|立刻|[到至~]|之?前|之?内|以内)+"
)
_SUM = r"¥?(?:\d{1,6}(?:\.\d)?|[一二两三四五六七八九十百千]{1,5})(?:元|块|毛|折|%|个点)?"
_BIT = re.compile(
    rf"(?:大概|差不多|应该|估计|也就|那?就|最多|最快|最晚|一般|预计|给您)*(?:{_DAY}|{_SUM})(?:左右|就行|就好|可以|没问题|给您)*{_SOFT}"
    r"|(?:today|tomorrow|tonight|(?:in )?\d+(?: to \d+)? (?:days?|hours?)|(?:by |on )?\w+day|\d+ (?:yuan|rmb))"
)
"""A clause that is nothing but a time or a sum."""
_YES_AND_BIT = re.compile(rf"(?:亲|嗯|对|是|能|会|可以|没错|好)+的?(?:哦|呀|哈)*(?:{_BIT.pattern})")
"""Both in one breath: 对 明天."""
_DEFERS = re.compile(
    r"问(?!题)|核|查|看一?看|看下|看一下|确认|请示|申请|主管|经理|店长|财务|仓库|审|为准|权限|不(?:能|了|敢|是|会|到)|无法|没法|没(?:有)?办法|抱歉|对不起|可惜|不过|但|回您|答复|告诉您|稍等|如果|要是|的话|得看|要看"
    r"|\b(?:check|ask|manager|confirm|but|however|can't|cannot|not|unable|if|let you know|get back|sorry)\b"
)
"""Beside the answer: the matter is still open, or is denied."""

_ASKED = re.compile(r"[^\s,。!?;、]+")
_ASKED_EN = re.compile(r"[^.!?;\n]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TAIL = re.compile(
    r"(?:行不行|行不|行吗|行吧|好不好|好吗|好不|可不可以|可以吗|可以不|可以吧|成不成|成不|成吗|中不中|中不|对吧|对吗|对不对|是吧|是吗|可好|得唔得|得不得|好唔好|得了|怎么样|咋样|如何|(?<!是)不|[吗嘛么呗吧呢啊呀哈])+$"
)
_ASKS = re.compile(
    r"能不能|可不可以|会不会|是不是|有没有|要不|(?:给|帮)我[^了过]+$"
    r"|^(?:你们?|您|那|就|快|赶紧|必须|得|要|再|直接)*(?:赔|退|补|送|便宜|少|免|减|降|抹|加|换|包)(?:我|点|个|一|半|全|差|运|邮|零|微|[\d二两三四五六七八九十百])[^了过着没不也]*$"
)
_TAG = re.compile(
    r"(?:那|这|我)*(?:对不对|对[吧吗么]|是不是|是[吧吗么]|没错[吧吗]|(?:没|没有)?(?:理解|记|看|听|搞)(?:错|岔)[吧了吗]*|行不行|行[吧吗]|好不好|好[吧吗]|可以[吧吗]|成不成|成[吧吗]|没问题[吧吗]|还有[吗么])"
)
"""Asks whether what stands before it is so."""
_BEFORE_TAG = 2
"""Clauses before such a question that it is about."""
_EMPHATIC = re.compile(
    r"^(?:那|就|也)*(?:是(?=退|补|赔|送|发|包|免|减|返|给|买)|[我您]?(?:记得|听说|印象中?|看到)(?:的)?(?:好像)?是?)"
)
"""What a statement is the same without: 是退我109, 我记得是买一送一."""
_REPORTED = re.compile(
    r"(?:客服|小姐姐|小哥|同事|店里|[你您]们(?:家)?(?:的)?(?:人|客服|店员)?|(?<!我)[他她])[^,。!?]{0,6}(?:说|讲|答应|承诺|保证)(?:过|了|的|好)*[,，:：\s]*(?P<said>[^,。!?]{3,30})"
)
"""What the customer says that somebody of the shop said."""
_OF_USE = re.compile(r"(?:跟|和|放|用|洗|泡|晒|穿|戴|吃|喝|涂|拿|碰|下水|进)[^,。!?]{1,14}$")
"""What is done with the goods when something is feared of them: 跟白衬衫一起穿,会掉色吗."""
_OF_GOODS = re.compile("掉|褪|缩|起|变|坏|漏|裂|敏|疼|痛|伤|断|松|锈|黑|黄|味|磨|勒|烫|响|吵|堵|脱|化|碎|降")
"""What goods are feared to do: who says that they won't assures it."""
_ASKS_OF_SAID = re.compile(r"(?:说|讲|答应)的[^,。!?]{0,4}(?:准|算|真|对|靠谱|作数)")
_FEARED = re.compile(r"会不会|还会|会")
_OFFERED = re.compile(
    r"(?:我|俺|咱)(?:就|立马|马上|现在|立刻)+(?:拍|买|下单|付|拿|要)|一口价|^(?:我)?(?:就|只|最多)(?:给|出|付)"
)
"""What the customer would do at their price."""
_PRICED = re.compile(r"\d|[一二两三四五六七八九]?[十百千]")
_PRICE = re.compile(r"\d+(?:\.\d+)?|[一二两三四五六七八九]?[十百千][一二三四五六七八九十百]*")
_HOW_MUCH = re.compile(
    r"多少(?:钱|块|元)?|多久|多长时间|什么时候|啥时候?|何时|几(?:号|点钟?|天|折|块|时|日)|哪一?天|(?:周|星期)几"
)
_ONLY_TOLD = re.compile(
    r"[的了过]$|^(?!.*(?:最低|便宜|优惠|赔|补|退|减|返|少给|让利)).*(?:多少钱|多少(?:一|块|元)|[运邮快递]费)"
)
"""Asks what has happened, or what something costs: to tell that promises nothing."""
_OPEN = re.compile(
    r"几个|哪|谁|什么|怎么|咋|为啥|啥|到底|凭|难道|活该|\b(?:what|where|who|why)\b",
)
"""Asks for more than yes, no, a time or a sum, or only scolds."""
_PLAIN = {"能不能": "能", "可不可以": "可以", "会不会": "会", "是不是": "是", "有没有": "有", "要不": ""}
_TURNED = {
    **{"你们": "我们", "您们": "我们", "你": "我们", "您": "我们"},
    **{"我们": "您", "我": "您", "咱们": "您", "咱": "您"},
}
_WORDS = re.compile("|".join((*_PLAIN, *_TURNED)))
_ASKS_EN = re.compile(
    r"(?P<much>how much |how many |when )?(?:(?:can|could|will|would|may) (?:you|u|we|i)(?: guys)?(?: please| pls)? (?P<do>.+)"
    r"|i (?:want|need|expect|demand) (?P<want>.+)|(?P<aux>will|can|does|do|is|are|would) (?P<it>it|this|that|they|these|(?:my|the|your|our) [a-z]+(?: [a-z]+)??) (?P<is>.+)"
    r"|who(?:'s| is| will| would| should)? (?:pays?|paying|covers?|covering) (?:for )?(?P<fee>.+))"
)
_TURNED_EN = {"me": "you", "my": "your", "i": "you", "we": "you", "your": "our", "you": "us", "us": "you"}
_WORDS_EN = re.compile(r"\b(?:" + "|".join(_TURNED_EN) + r")\b")
_NEXT = re.compile(r"[,。!?~\n]")
_HERE = "{}"
"""Where a time or a sum belongs in a statement."""

_GRANTED = ("promise.", "off_platform", "review_manipulation", "privacy")
_CONFIRMED = ("admission.", "superlative")


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """A clause at folded[start:end) that answers what the customer `asked`, and the statement that both make together.

    It is `sure` unless the whole reply only says that it was read (好的), which the customer may take for a yes. It
    `confirms` what is so (是的) rather than grants what is wanted (可以). Where it is told `elsewhere`, the rest of the reply
    speaks of the very thing, or leaves it open, and is weighed itself.
    """

    start: int
    end: int
    asked: str
    statement: str
    sure: bool = True
    confirms: bool = False
    elsewhere: bool = False

    def may_breach(self, category: Category) -> bool:
        """Whether such an answer can be a breach of the category: who grants a wish admits nothing, and no yes is rude."""
        return category.startswith(_GRANTED) or (self.confirms and category.startswith(_CONFIRMED))


def short_answers(reading: Reading, messages: Sequence[Message]) -> tuple[ShortAnswer, ...]:
    """What the short answers of a reply say to what waits for one, the latest question first. Time is linear in reply and
    messages.
    """
    if not messages:
        return ()
    clauses = [c for c in reading.clauses if reading.clause_text(c).strip()]
    yes = [c for c in clauses if _says_yes(reading, c) or _SAID_TRUE.search(reading.clause_text(c))]
    no = [c for c in clauses if _only(_NOT, reading.clause_text(c))]
    bits = [c for c in clauses if c not in yes + no and _only(_BIT, reading.clause_text(c))]
    sure = bool(yes or no)
    if not sure and not bits and all(_only(_ALL_RIGHT, reading.clause_text(c)) for c in clauses):
        yes = clauses
    rest = "。".join(reading.clause_text(c) for c in clauses if c not in yes + no + bits)
    left_open = bool(_DEFERS.search(rest))
    if not yes and not left_open and _only(_HUM, reading.clause_text(clauses[0])):
        yes, sure = clauses[:1], True
    if not (yes or no or bits):
        return ()
    last = max((at for at, m in enumerate(messages) if m.role == "agent"), default=-1)
    asked = _asked(messages[last + 1 :]) or _asked([messages[at] for at in waiting(messages)])
    stands_by = any(_SAID_TRUE.search(reading.clause_text(c)) for c in yes)
    if stands_by or (yes and any(_ASKS_OF_SAID.search(fold(m.text).text) for m in messages[last + 1 :])):
        asked = [*_reported(messages), *asked]
    found = []
    for ask, said in reversed(asked[-_MOST:]):
        feared = _FEARED.search(ask)
        if no and feared:
            assured = ",您放心" if _OF_GOODS.search(said) else ""
            said = f"{_FEARED.sub('不会', said, count=1)}{assured}"
        for clause in (bits if _HERE in said else no if feared and no else yes)[:1]:
            if not _asks_back(reading, clause):
                words = reading.clause_text(clause).strip()
                found.append(
                    ShortAnswer(
                        clause.start,
                        clause.end,
                        asked=ask,
                        statement=said.replace(_HERE, words),
                        sure=sure or _HERE in said,
                        confirms=bool(_CONFIRMS.search(words)),
                        elsewhere=left_open or _speaks_of(rest, said),
                    )
                )
    return tuple(found)


def _says_yes(reading: Reading, clause: Clause) -> bool:
    said = reading.clause_text(clause)
    after = reading.text[clause.end : clause.end + _LOOKED_AT].lstrip(" ,。!~\n")
    first, _, more = said.strip().partition(" ")
    if more and _HAN.search(said) and _only(_YES, first) and (_only(_YES, more) or _only(_BIT, more)):
        return True  # 对 明天
    acted_on = _ACTS.search(after) or _only(_BIT, _NEXT.split(after)[0])
    return _only(_YES, said) or _only(_YES_AND_BIT, said) or (_only(_ALL_RIGHT, said) and bool(acted_on))


def _asks_back(reading: Reading, clause: Clause) -> bool:
    """Whether a clause asks; 能呢 only says yes."""
    asks = "asked" in reading.stances(clause.start, clause.end)
    return asks and (
        not reading.clause_text(clause).strip().endswith("呢") or reading.text[clause.end : clause.end + 1] == "?"
    )


def _only(words: re.Pattern[str], clause: str) -> bool:
    """Whether a clause is made of these words alone, said once or again (能到能到)."""
    said = clause.strip()
    if len(said) > _LONGEST_ANSWER:
        return False
    half, again = said[: len(said) // 2], said[len(said) // 2 :]
    return bool(words.fullmatch(said)) or (half == again and bool(words.fullmatch(half)))


def _asked(messages: Sequence[Message]) -> list[tuple[str, str]]:
    return [ask for m in messages if m.role == "customer" for ask in _asks(m.text)]


def _asks(message: str) -> Iterator[tuple[str, str]]:
    """What a customer's message asks or demands, and what is so when it is granted or the time or sum stands at _HERE."""
    folded = fold(message)
    text = folded.text
    if not _HAN.search(text):
        yield from _asks_in_english(message, folded)
        return
    offered = _OFFERED.search(text)
    told: list[tuple[int, int]] = []
    for m in _ASKED.finditer(text):
        words = m.group()
        if len(words) > _LONGEST_ASKED:
            continue
        bare = _TAIL.sub("", words)
        if offered and _PRICED.search(words):
            price = _PRICE.search(words)
            yield message[slice(*folded.span(*m.span()))], f"{price.group() if price else words}给您"
            continue
        if _TAG.fullmatch(words):
            for start, end in told[-_BEFORE_TAG:]:
                yield message[slice(*folded.span(start, end))], _stated(text[start:end])
            continue
        told.append(m.span())
        how_much = _HOW_MUCH.search(bare)
        if how_much and _ONLY_TOLD.search(bare):
            continue
        if how_much:
            bare = bare[: how_much.start()] + _HERE + bare[how_much.end() :]
        elif _OPEN.search(words) or len(bare) < 2:
            continue
        if how_much or bare != words or _ASKS.search(words) or text[m.end() : m.end() + 1] == "?":
            at = told[-2] if len(told) > 1 else (0, 0)
            use = text[slice(*at)] if _OF_USE.match(text[slice(*at)]) and _FEARED.search(bare) else ""
            yield message[slice(*folded.span(*m.span()))], f"{use},{_stated(bare)}" if use else _stated(bare)


def _asks_in_english(message: str, folded: Folded) -> Iterator[tuple[str, str]]:
    for m in _ASKED_EN.finditer(folded.text):
        wanted = _ASKS_EN.search(m.group())
        if wanted and (wanted["fee"] or not _OPEN.search(m.group())) and len(m.group()) <= 2 * _LONGEST_ASKED:
            given = f"give you {wanted['want']}" if wanted["want"] else wanted["do"]
            given = f"pay for {wanted['fee']}" if wanted["fee"] else given
            granted = f"we will {given}" if given else f"{wanted['it']} {wanted['aux']} {wanted['is']}"
            turned = _WORDS_EN.sub(lambda w: _TURNED_EN[w.group()], granted).replace("you will", "we will", 1)
            yield message[slice(*folded.span(*m.span()))].strip(), f"{turned} {_HERE}" if wanted["much"] else turned


def _stated(words: str) -> str:
    """What is asked, as the agent who says yes to it states it: 是退我109 is 退您109."""
    return _EMPHATIC.sub("", _WORDS.sub(lambda w: {**_PLAIN, **_TURNED}[w.group()], words))


def _reported(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """What the customer says that somebody of the shop said, as the agent who stands by it states it."""
    found = []
    for message in messages:
        folded = fold(message.text)
        for m in _REPORTED.finditer(folded.text) if message.role == "customer" else ():
            found.append((message.text[slice(*folded.span(*m.span("said")))], _stated(m["said"])))
    return found


def _speaks_of(rest: str, statement: str) -> bool:
    """Whether the rest of the reply names what was asked, so that it is weighed there."""
    pairs = {statement[i : i + 2] for i in range(len(statement) - 1)} - {"您的", "我们", "可以", "一下", "这个", _HERE}
    return sum(pair in rest for pair in pairs) >= max(1, len(pairs) // 3)
