"""The questions of the turn that waits for an answer: where each stands, and what it asks, put so that a reply can take it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import re2

from assistant.conversation import Conversation
from assistant.situation.indirect import indirect
from assistant.situation.script import folded

_SENTENCE = re2.compile(r"(?:[^。!?;…\n~.]|\.\S)+")
_CLAUSE = re2.compile(r"[^,、\s①-⑩]+")
_INLINE = re2.compile(r"(?:^|[^\d.])(\d{1,2}[.、)):])\p{Han}")
"""The number of a point in a list written in one run: 续航多久2.防水吗3.几天到."""
_ENGLISH_CLAUSE = re2.compile(r"(?:[^,:\n]|:\S)+")
_CJK = re2.compile(r"\p{Han}")
BREATHS = re2.compile(
    r"然后|就是|那个|而且|但是|不过|所以|结果|因为|还有|以后|之后|对了|顺便|它(?:是|就)|你看看?|你再|我要给|[呃嗯哎诶]+"
)
"""Where someone who speaks into the phone takes breath."""
_RUNS_ON, _BREATH_LEAST = 24, 5
"""Characters from which a clause without a mark runs on, and that each part of it has at least."""
_NEXT_ENGLISH = re2.compile(
    r"[\s,]+(?:and|or|also|plus)(?:,? also)?[\s,]+((?:can|do|does|is|are|how|when|what|where|who|which|will|would|could|should)\b)"
)
_TELLS_FIRST = re2.compile(
    r"^(?:and |so |but |also |btw |hi |hello )*(?:i am|i'?m|im|i|my|we|it'?s|its|the|this|our)\b"
)
_THEN_ASKS = re2.compile(
    r"(?:^|[^,])\b(\w+)[\s,]+((?:can|could|will|would|should|do|does|is) (?:i|you|u|it|we|they|this|that)\b)"
)
_GOES_ON = frozenset(
    ("what", "how", "when", "where", "which", "who", "why", "if", "whether", "that", "as", "than", "and", "or")
)
"""Words after which a modal and its subject begin no sentence of their own."""
_NUMBERED = re2.compile(r"^[((]?(?:\d{1,2}[.、)):]|\d[\s\p{Han}])")
_DECIMAL = re2.compile(r"^(\d{1,2})\.\d")
_COUNTED = re2.compile(
    r"^\d{1,2}\s?[元块个件条天号点月年岁公斤米瓶盒箱折周码寸人张片只支包袋克套分双台份本次升层匹度格档瓦伏毫厘平代口座]"
)
_SHORTEST = 2
_BOTH_WAYS_AHEAD = 4
"""Characters from a number on in which a thing and its opposite stand side by side: 4包不包."""

_ASKS = re2.compile(
    r"[吗嘛么咩]$|[^干]吗\p{Han}|[^好错有没对要哦噢]不$|\p{Han}{2}有不$|.没$|^[^没才正都不着了]{1,6}呢$|(?:^|[^着了算])(?:是|能|有|可以|包|在|算|会|还|出|行|够|带).{0,8}吧$|(?:来得及|赶得上|赶得及)吧$|"
    r"怎么(?:样|办|算|弄|走|退|开|用|装|安装|选|买|拍|洗|寄|领|查|付|收|换|给|养|煮|做|调|连|存|赔|验|处理|解决|设|区分|喂|种|浇|冲|打|折|拆)|怎么[^了样说会这那还又都能可是没不个么]$|咋(?:样|办|算|弄|退|用|装|选|洗|寄|换|整|开|吃|喂|养|充|连|调|查|付|拆|修)|如何|"
    r"多少|(?:^|[^十好这前头])几(?:个|天(?:$|[^了没])|天|点|号|年|时|钱|成|岁|斤|层|件|多|粒|片|勺|瓦|寸|张|块|包|人|度|次|楼|公斤|码|支|股|升|瓶|盒|套|款|种|匹|档|节|圈|根|条|米|克|j)|能不能|可不可以|可以.{0,6}吗|是不是|有没有|行不行|要不要|会不会|"
    r"什么时候|什么(?:价|条件|流程|步骤|时间|要求|手续|材质|料|面料|颜色|色|牌子|尺寸|规格|味|口味|码|快递|配件|区别|意思|原因|木|东西|型号)|啥(?:价|条件|流程|时候|材质|料|颜色|色|牌子|味|快递|区别|原因|木|型号)|(?:是|算|用|有|送|发|给|带|配|戴|穿|吃|喝|写|填|选|买)(?:的|点|些|个)?(?:什么|啥)|"
    r"哪(?:个|款|种|张|条|单|台|位|家|里|儿|天|边|一|年|些|修|能|发|到|了|去|国)|(?:算|归|是|找|由|让|请|退|给|联系)谁|有冇|系咪|定系|(?:寄|去|在|放|找|送|填|退|发|打)到?哪(?:$|(?:修|鉴|检|取|拿|查|看|领|换))|对[吧吗]$|有.{1,4}没有$|[^们你您说]{2}没(?:事|问题|毒|害|影响)吧$|谁(?:报|认|出|付|给|来|装|负责|承担|管|掏|赔|帮|送|签|收)|"
    r"多(?:久|大|重|长|高|宽|厚|远|快|粗|细|深|亮|沉)|[smlx\d]定(?:系)?[smlx\d]|边个|边度|点样|点解|幾時|几时|何时|为什么|为啥|几多|(?:^|[^\d一二两三四五六七八九十半早晚整几])点(?:计|算|收|揸|用|装|洗|退|换|买|拣|寄)|"
    r"^.{0,10}[^我那都就]还是(?:[^不没要想坏会老这那一算决很]|一[^样直点])(?:.{0,9})$|"
    r"^(?:and |also |so |but |hi |hello |plus |then )*(?:any (?:chance|way|discount)|can|do|does|is|are|am|how|when|what|whats|wheres|hows|where|who|whose|which|will|would|could|should|did|was|has|have|may)\b"
)
_NO_QUESTION = re2.compile(
    r"(?:天天|总|老|一直|孩子|娃|闺女|儿子|女儿|[他她]|老公|老婆|妈|爸|领导|同事|人家)[^,。]{0,4}问我|^(?:还|人)?在(?:吗|不|么|不在)$|有人吗|人呢|是人吗|死人|哑巴|聋子|木头|骗|坑|死了$|听(?:得)?(?:见|懂|到)|看(?:得)?(?:见|懂|到)[没了吗]|知道(?:吧|吗|不)|你(?:懂|说)(?:吗|呢|是不是)|"
    r"什么(?:态度|意思|玩意|东西$|破|垃圾)|怎么(?:说|办|回事)$|^(?:这|那)?(?:行|好|对|可以)(?:不行|不好|不对|吗|么|不)$|摆设|干什么吃|吃干饭|要脸|有意思吗|有没有良心|管不管|讲不讲|凭什么|凭啥|"
    r"[天次遍回周月年晚]还是[^\d一二两三四五六七八九十半今明后周]|"
    r"^(?:有冇|有没有|系咪|是不是)?搞错|^系咪(?:坏|整蛊|玩|呃)|^(?:可以)?(?:快|早)(?:[啲点些])?(?:得唔得|得不得|行不行|好唔好|好不好)|是不是(?:也|我)|(?:那个|这个|买的).{0,10}嘛$|不是.{1,14}[吗嘛么]$|卖不卖|你说.{0,4}[气是对]|气不气|没多久|没几(?:天|个)|(?:这|这么|那)?(?:才|就)(?:几|多少)(?:天|个?小时|个?月|钱|块)$|自己(?:数一?数|算一?算)|会不会亏|亏不亏|都(?:几|多少)(?:天|点|次|个|遍|年|回)|(?:没|不|未)多(?:少|久|大|远)|多(?:少|久)(?:次|遍|回)了|"
    r"谁(?:知道|信|敢|还敢)|多大(?:点|个)|瞎的吗|^(?:要|想)?(?:请问|问)(?:一?下)?$|算什么|(?:无论|不管|随便|随)(?:什么|谁|哪|怎)|没什么|不怎么|什么都|啥都|说什么|怎么(?:还|又|都|这么|那么|会)|"
    r"(?:什么|啥)(?:都|也)|[几多]天了$|多久了$|还想怎|不(?:该|应该|应当|得|会是?).{0,10}[吗嘛么]$|(?:能|可以|可不可以|能不能|可否)(?:再|给我|给)?(?:便宜|优惠|少点|少一?些|减|打折|让点|抹)|能给我(?:减|便宜|少|优惠|算)|"
    r"痛快话|准话$|^算了|(?:退款|退钱|取消|退货)吧$|多少(?:就)?是多少|不要不要|(?:脑子?|良心|耳朵|心|眼睛?).{0,4}(?:捐|聋|驴|门(?:夹|挤)|进水|被(?:狗|猪)|喂狗|残)|教过?你|会不会(?:说|讲)(?:人)?话|(?:懂|说|会)不(?:懂|说|会)人话|听不?懂|我该(?:给|说|夸|谢)|"
    r"看人下菜|哈哈|(?:特意|专门|当时|之前|上次|那会儿?|买(?:之)?前|(?:买|拍|下单)的时候)(?:还|都|就|我)*(?:特意|专门)?(?:还)?问(?:了|过)|(?:到|等)[^,。]{0,5}(?:估计|怕是|怕不是|恐怕|就差)[^,。]{0,12}了吧$|行不行给|给句话|冤大头|没过说|不行(?:的话)?就.{0,8}吧$|退了吧$|说(?:明)?为什么|有(?:好)?几(?:张|个|片|颗|处|条|件|本|只)[^,]{0,2}(?:还|都|是|坏|破|烂|碎|裂|带|没)|(?:你|你们)(?:跟|和|给)我(?:说|讲)|说句?人话|给句?人话|都(?:行|可以|成|好|中|得)$|冤种|(?:当|拿)我(?:是)?(?:傻|猴|好欺)|到哪(?:儿|里)?去了|赖账|(?:打算|是想|是要|准备|想)(?:赖|拖|糊弄|敷衍|耍|坑|不管|不认)|欺负|糊弄|忽悠|敷衍|耍(?:我|人|赖)|故意|良心|负责任|讲理|(?:你们|你家|恁)(?:家|店)?(?:到底)?(?:还)?(?:行|能|管|靠谱)不(?:行|能|管|靠谱)$|^(?:那)?(?:我)?(?:现在|接下来|这个?|那|今天)?(?:该|要|应该)?(?:怎么|咋)(?:办|弄|处理|搞|整)$|"
    # asked of the shop as people: whether they can do business, keep their word, look at what they do
    r"(?:你|您|恁)(?:们)?自己(?:用|吃|喝|穿|敢|看|试|拿|收|信|觉得|会)|^自己(?:用|吃|喝|穿)不|会不会做生意|做不做生意|(?:这么|这样)做生意|做生意的[吗嘛么吧]|说话[^,]{0,4}(?:算|信|作数)|话[^,]{0,3}(?:能|可)(?:不能|不可)?信|眼睛?[^,]{0,4}(?:长(?:哪|在|后|头|屁)|瞎)|长(?:没长)?(?:眼睛|脑子|心眼|良心)|长(?:后脑|头顶|屁股)|"
    r"哪来的|有(?:毛)?病(?:啊|吧|吗)?$|骑(?:驴|马|牛|骆驼|乌龟|蜗牛)|(?:是不是|比|跟|像|坐)(?:蜗牛|乌龟|驴|牛)|(?:蜗牛|乌龟)(?:快递|速度|物流|爬)|(?:走|爬|游|扛)(?:着|路)?[送来](?:的|货)|倒闭|逗我|救救|有什么(?:关系|用处?|意义)$|能说明(?:什么|啥)|[关管](?:我|你|他)?(?:什么|啥|屁)事|^[^,]{0,2}电话呢$|what (?:are|will) you (?:going to |gonna )?do about|are (?:you|u) (?:kidding|serious|joking|deaf|blind|stupid|even|there|real|a (?:bot|robot))|what the (?:hell|heck|f)|is this (?:a|some) (?:joke|scam)|^(?:and |so |but )*do(?:es)? not (?:say|offer|tell|send|give|call|ask|want|even|talk|mention)|how (?:dare|hard is|hard can)|who do you think|do you (?:even|think|care|hear)|what kind of (?:shop|service|joke|company)|what (?:do|should|can|am) i (?:supposed to )?do(?: now)?$|are you listening|^(?:and |but |so )*(?:ca|do|does|is|wo|did|was|has|have|would|could)n.t (?:even|really|work|find|get|see|open|close|use|want|like|need|understand|figure|believe|stand|wait|be|turn|charge|fit|know|come|look|match|think|care)|is (?:anyone|anybody|somebody|someone) (?:there|here)|有(?:毛)?病(?:吧|啊)?$|玩(?:我|呢)|当(?:儿戏|笑话)|好意思|像话|寒碜|(?:拖|骗|耍|磨|这样|这么)[^,]{0,6}有意思|"
    r"(?:你们|发货|仓库|出货|打包)[^,]{0,6}(?:不|没人?)(?:会)?(?:看|检查|核对|验|长)[^,]{0,6}[吗嘛么呢]$|(?:就|是)(?:这么|这样)(?:对|送|做|卖|发|打发|糊弄|服务|当|办|包装)[^,]{0,5}的[吗嘛么]?$|怎么(?:拿得出手|送得出手|见人|好意思)|"
    r"^(?:[你您](?:们)?|我)(?:看|说|觉得|倒是说)(?:说|看)?(?:该|要|应该)?(?:怎么|咋)(?:办|弄|处理|搞|整|解决)|^(?:帮我)?(?:看|查|问|弄|办|核|处理|登记|申请)(?:好|完|到)(?:了)?(?:没|没有|吗)$|^(?:so )?what(?:'s)? (?:now|next)$|^那?(?:结果|所以)呢$|然后呢?$|(?:完|好)了(?:之后)?呢$|(?:^|[^是])不是什么|"
    # what they mean to take, what they would do with it, and years that nobody counts
    r"^(?:先|就|我)?(?:准备|打算|计划|想|要)(?:先|再|多)?(?:囤|屯|买|拿|入|拍|带|订|备)(?:个|上)?几\p{Han}$|(?:要|留|拿)(?:它|这|这个|来|着)?[^,]{0,3}干(?:嘛|吗|啥|什么)$|(?:等|拖|调|排|弄|查|修|发|送|处理)到?(?:哪一?年|哪辈子|猴年|驴年|明年|下辈子)(?:马月|去|才|啊|$)|说好的[^,]{0,6}呢$|^(?:你|您)们(?:到底|究竟)?(?:还)?会不会(?:发货|打包|包装|发快递|看单|办事|做事|干活|卖东西)$|"
    # whether we have looked at what was sent: the reply shows it, nobody has to find it out
    r"^(?:[你您]们?)?(?:到底)?看(?:好|完|清楚?|过)?了?(?:没有?|吗|么)$|(?:照片?|图片?|视频|截图)(?:[你您]们?)?(?:到底)?都?(?:看|收)(?:好|完|到|清楚?|过)?了?(?:没有?|吗|么)$|"
    # still so, which tells: what comes after is a state, with nothing to choose from before it
    r"(?:[换修发寄补送][^,0-9]{0,4}(?:的|了|完|后)|来的?)还是(?:[smlx]+|[0-9]+[码号]?|一样|原样)$|[^的好新]还是(?:歪|瘪|破|坏|湿|脏|皱|裂|漏|空|臭|烂|断)[^的]{0,2}的?$|还是(?:打不|没|那么|响|漏|老样子|黑屏)"
)
"""Asked without waiting for an answer, or a wish for a better price, which is answered as that."""
_LEAD = re2.compile(
    r"^(?:(?:[大小老]?(?:姐|哥|妹|弟)|[大小]?姑娘|老板娘?|亲|亲亲|客服|同志|小伙子|师傅|闺女|阿姨|你好|您好|哈喽|在吗|请问(?:一?下)?|(?:我)?想?(?:咨询|问)(?:一)?下|(?:我)?想问|哎|诶|欸|喂|[你妳]们(?:家|店)?(?:里)?(?:的)?|[你您]家|麻烦问(?:一)?下|顺便(?:问)?(?:一)?下?|对了|那个?|另外|还有|然后|就是|以及|到底|所以|嗯|额|哦|你看看?|换的话|退的话|(?:我|俺)?不(?:知道|晓得|清楚|确定))[,,\s]*)+"
)
_ENDS = re2.compile(r"[??!!。.~~…\s\x{1f300}-\x{1faff}\x{2600}-\x{27bf}\x{fe0f}\x{200d}]+$")
"""Marks and pictures after the words: 稅是誰付呢🥺 asks who pays the tax."""
_PARTICLE = re2.compile(r"(?:[啊呀哦喔哈哒啦嘞哟的]?[啊呀哦喔哈啦嘞哟嘎]|亲)+$")
_YES_NO = re2.compile(r"[吗嗎嘛么麽咩不没沒吧]$")
_MODALS: tuple[tuple[re2._Regexp, str], ...] = (
    (re2.compile(r"(^|[^不只才功性可就都])(能)([^不])"), "能不能"),
    (re2.compile(r"(^|[^不都])(可以|可)([^不以])"), "可不可以"),
    (re2.compile(r"(^|[^不机社误才])(会)([^不员])"), "会不会"),
)
_BOTH_WAYS: tuple[tuple[re2._Regexp, str], ...] = (
    (re2.compile(r"(^|[^不还但就要总可])(是)([^不])"), "是不是"),
    (re2.compile(r"(^|[^没只所])(有)([^没机点冇])"), "有没有"),
    (re2.compile(r"(^|[^不])(需要)()"), "需不需要"),
    (re2.compile(r"(^|[^不只主需])(要)([^不])"), "要不要"),
    (re2.compile(r"(^|[^不])(支持)()"), "支不支持"),
    (re2.compile(r"(^|.)(算)(数)"), "算不算"),
    (re2.compile(r"(^|.)(算)([^不数])"), "是不是算"),
    (re2.compile(r"(^)(带|含|送|包|配)([^不的])"), "{0}不{0}"),
)
_VERB = re2.compile(r"^.*(补发|补寄|保修|免|返|退|赔|补|取|扣|换|掉|缩|漏|褪|给|发货)[^的]{0,4}$")
"""What is done or not, at the end of a question without another verb: 差价退, 掉色, 扣运费."""
_DEGREE = re2.compile(r"(\p{Han})得(\p{Han}{1,2})$")
_ADVERBS, _INTENSIVES = "还還也都真很", "真很"
_WORD = re2.compile(r"^(?:\p{Han}{1,2}|好\p{Han}{2}|容易\p{Han}{1,2})$")
_BARE = frozenset("有能会要是行好对在")
"""Said alone these hang on what was said before."""
_NOUN = re2.compile(r"货|品|款|皮|棉|木|毛|[^好]装|版|的|产|口|店|方|码|盒|票|发$|^(?:先|再|就|只|光|全|必须|自己)")
"""Words that are not doubled: what a thing is, or how something is done."""
_VERB_AND_OBJECT = 3
_LONGEST_PUT = 18
_SHORTEST_QUOTED, _LONGEST_QUOTED = 4, 22
_TURNED: dict[str, str] = {
    "我妈妈": "您妈妈", "我妈": "您妈妈", "我爸": "您爸爸", "我们公司": "贵公司", "你们家": "", "你家": "", "你们": "我们",
    "我们": "您", "我": "您", "妳": "我们", "你": "我",
}  # fmt: skip
_PERSON = re2.compile("|".join(_TURNED))
_BOTH = "不唔没冇沒"


@dataclass(frozen=True)
class Asked:
    """A question: [start, end) of message `message`, and its words as written."""

    message: int
    start: int
    end: int
    text: str

    @property
    def put(self) -> str:
        """The question as an agent takes it up, without 「」 where it can be said as part of a sentence: 能不能机洗."""
        return put(self.text)


def asks_both_ways(text: str) -> bool:
    """Whether a thing and its opposite are put side by side, which asks: 够不够, 收唔收."""
    return any(
        text[i] in _BOTH and text[i - 1] == text[i + 1] and text[i - 1].isalpha() for i in range(1, len(text) - 1)
    )


@lru_cache(maxsize=4096)
def is_question(text: str, marked: bool = False) -> bool:
    """Whether words in normal form ask something that waits for an answer; `marked`: a question mark follows them."""
    bare = str(_ENDS.sub("", text))
    if _NO_QUESTION.search(bare):
        return False
    bare = _without_particles(bare)
    if _NO_QUESTION.search(bare):
        return False
    return asks_both_ways(bare) or _ASKS.search(bare) is not None or (marked and len(bare) >= _SHORTEST)


@lru_cache(maxsize=2048)
def clauses(text: str) -> tuple[tuple[int, int, tuple[tuple[int, int], ...]], ...]:
    """Sentences of `text` in normal form, (start, end), each with its clauses; one that is whole has itself."""
    return tuple(_clauses(_unnumbered(text)))


def _unnumbered(text: str) -> str:
    """`text`, as long, with a list's numbers parting it where it has several."""
    numbers = [m.span(1) for m in _INLINE.finditer(text)]
    run_on = [(a, b) for a, b in numbers if _CJK.search(text[max(0, a - 1) : a])]
    for start, end in run_on if len(numbers) > 1 else ():
        text = text[:start] + "、" * (end - start) + text[end:]
    return text


def _clauses(text: str) -> Iterator[tuple[int, int, tuple[tuple[int, int], ...]]]:
    for start, end in spans(_SENTENCE, text, 0, len(text)):
        chinese = _CJK.search(text[start:end]) is not None
        parts = tuple(spans(_CLAUSE if chinese else _ENGLISH_CLAUSE, text, start, end))
        cut = _in_breaths if chinese else _coordinated
        parts = tuple(p for part in parts for p in cut(text, *part))
        yield start, end, parts or ((start, end),)


def _in_breaths(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A clause that runs on, as who speaks into the phone sends it, cut where they take breath: 嗯那个我家鱼刚养的 / 然后水老是浑."""
    cuts = [start]
    if end - start > _RUNS_ON:
        for match in BREATHS.finditer(text[start:end]):
            at = start + match.start()
            if at - cuts[-1] >= _BREATH_LEAST and end - at >= _BREATH_LEAST:
                cuts.append(at)
    yield from zip(cuts, [*cuts[1:], end], strict=True)


_HAIL = re2.compile(
    r"(?:(?:你|您)好|亲亲?|老板|客服|(?:有)?人(?:呢|在)?|在(?:不在|吗|嘛|么|线)?|有(?:没有?)?人(?:在)?(?:吗|嘛|么)?|急{1,4}|hello|hi|are you (?:there|here)|anyone there|[\s,.!?~])+"
)
"""Whether somebody is there is no question where more is asked."""


def questions_of(conversation: Conversation) -> tuple[Asked, ...]:
    """The questions that wait for an answer, in the order in which they were asked; none twice."""
    waiting = {id(m) for m in conversation.last_customer_turn}
    found: list[Asked] = []
    for index, message in enumerate(conversation.messages):
        if id(message) not in waiting:
            continue
        text = folded(message.text)
        for _, end, parts in clauses(text):
            for number, (a, b) in enumerate(parts):
                last = number == len(parts) - 1
                marked = last and text[end : end + 1] == "?"
                if b - a >= _SHORTEST and is_question(text[a:b], marked):
                    found.append(Asked(index, a, b, message.text[a:b]))
    more = [q for q in found if not _HAIL.fullmatch(folded(q.text))]
    return tuple({q.text: q for q in reversed(more or found)}.values())[::-1]


def put(text: str) -> str:
    """`text`, a question, as part of a sentence; in 「」 where it does not turn into one, "" where it is too long to say back.

    English is put as an indirect question: whether it shrinks.
    """
    if not _CJK.search(folded(text)):
        asked = indirect(text)
        return asked if len(asked) <= 4 * _LONGEST_QUOTED else ""
    bare = _bare(text)
    turned = _as_fear(bare) or _as_part(bare)
    if turned and len(turned) <= _LONGEST_PUT:
        return _turned(turned)
    return f"「{bare}」" if _SHORTEST_QUOTED <= len(bare) <= _LONGEST_QUOTED else ""


def spans(pattern: re2._Regexp, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the pattern matches, without white space around and numbering in front (1. or 2 before a question)."""
    for match in pattern.finditer(text[start:end]):
        a, b = start + match.start(), start + match.end()
        a += len(text[a:b]) - len(text[a:b].lstrip())
        number = None if counts_something(text[a:b]) else _NUMBERED.match(text[a:b])
        if number and not _is_decimal(text, a):
            a += number.end() - int(number.group(0)[-1] not in ".、)):")
            a += len(text[a:b]) - len(text[a:b].lstrip())
        b -= len(text[a:b]) - len(text[a:b].rstrip())
        if a < b:
            yield a, b


def counts_something(text: str) -> bool:
    """Whether words in normal form begin with a number of things: 4包 counts, 4包不包 is the fourth question."""
    return _COUNTED.match(text) is not None and not asks_both_ways(text[:_BOTH_WAYS_AHEAD])


def _is_decimal(text: str, at: int) -> bool:
    """Whether the words at `at` begin with a figure like 1.67, rather than with a number in a list: 1.… 2.…"""
    figure = _DECIMAL.match(text[at:])
    if not figure:
        return False
    number = int(figure.group(1))
    return f"{number - 1}." not in text[:at] and f"{number + 1}." not in text[at + 1 :]


def _coordinated(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """An English clause cut before each further question in it: how do I return it / and who pays, im 190cm / can i lie straight."""
    at = start
    then = _THEN_ASKS.search(text[start:end]) if _TELLS_FIRST.match(text[start:end]) else None
    if then and then.group(1) not in _GOES_ON:
        yield start, start + then.end(1)
        at = start + then.start(2)
    for match in _NEXT_ENGLISH.finditer(text[start:end]):
        if start + match.start() < at:
            continue
        if start + match.start() > at:
            yield at, start + match.start()
        at = start + match.start(1)
    if at < end:
        yield at, end


def _bare(text: str) -> str:
    """Without how somebody was addressed before it, the marks and particles behind it."""
    out = str(_ENDS.sub("", text.strip()))
    lead = _LEAD.match(folded(out))
    if lead and lead.end() < len(out) - 1:
        out = out[lead.end() :]
    return _without_particles(out)


def _without_particles(text: str) -> str:
    cut = _PARTICLE.search(text)
    return text[: cut.start()] if cut and cut.start() >= _SHORTEST and text[cut.start() - 1] not in "吗嘛么" else text


def _as_fear(bare: str) -> str:
    """不会取消了吧 as 会不会取消了, 没事吧 as 有没有事: said against what is feared; "" where nothing is."""
    plain = folded(bare)
    if plain.endswith("没事吧"):
        return f"{bare[:-3]}有没有事"
    return f"会{bare[:-1]}" if plain.startswith("不会") and plain.endswith("吧") else ""


def _as_part(bare: str) -> str:
    """能机洗吗 as 能不能机洗; "" where it is no question of yes and no, nor one with a word that asks."""
    plain = folded(bare)
    if asks_both_ways(plain):
        return bare.rstrip("吗嗎")
    if len(plain) == _VERB_AND_OBJECT and plain[-1] == "不":
        return f"{bare[0]}{plain[-1]}{bare[:-1]}"  # 起球不: 起不起球
    if plain.startswith("已经"):
        return f"是不是{bare}"
    if plain.endswith(("了没", "过没")):
        return bare
    ending = None if plain.endswith(("什么", "怎么")) else _YES_NO.search(plain)
    if not ending:
        asking = _ASKS.search(plain)
        return bare.removesuffix("呢") if asking else ""
    body = bare[: ending.start()]
    if len(body) > _SHORTEST and body.endswith("行"):
        return f"{body}不行"
    degree = _DEGREE.search(folded(body))
    if degree:
        verb = body[degree.start(1) : degree.end(1)]
        return f"{body[: degree.start()]}{verb}不{body[degree.start() :]}"
    for group in (_MODALS, _BOTH_WAYS):
        found = [
            (m.start(2), m.end(2), form) for ask, form in group if (m := ask.search(folded(body) + " ")) is not None
        ]
        if found:
            start, end, form = min(found)
            return f"{body[:start]}{form.format(body[start:end])}{body[end:]}"
    if _ASKS.search(folded(body)):
        return body
    done = _VERB.search(folded(body))
    if done and plain[-1] != "吧":
        return f"{body[: done.start(1)]}{body[done.start(1)]}不{body[done.start(1) :]}"
    return f"是不是{body}" if body.endswith("的") or plain[-1] == "吧" else _doubled(body)


def _doubled(body: str) -> str:
    """甜 as 甜不甜, 起球 as 起不起球, 好洗 as 好不好洗, 正品 as 是不是正品; "" for what is longer than a word or two."""
    if _NOUN.search(folded(body)) and _WORD.search(folded(body)):
        return f"是不是{body}"
    adverb = body[0] if len(body) > 1 and body[0] in _ADVERBS else ""
    word = body.removeprefix(adverb)
    if not _WORD.search(folded(word)) or folded(word) in _BARE:
        return ""
    return f"{'' if adverb in _INTENSIVES else adverb}{word[0]}不{word}"


def _turned(text: str) -> str:
    """Said to the customer: theirs is yours, and ours is ours."""
    out, at = "", 0
    for match in _PERSON.finditer(text):
        out += text[at : match.start()] + _TURNED[match.group(0)]
        at = match.end()
    return out + text[at:]
