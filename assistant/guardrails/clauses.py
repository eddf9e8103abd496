"""Clauses and their stance: what a piece of a reply does with what it says.

A clause ends at a comma or stronger; a sentence at a full stop or stronger. Whether the words of a match are asserted,
or negated, asked, quoted, told as another's words, made to wait for a check, or told as what a page says, is read from
the clause around them. All of it works on folded text, in one script, Chinese and English mixed.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Stance = Literal[
    "asserted", "negated", "asked", "quoted", "attributed", "conditional", "supposed", "reported", "requested"
]
"""`conditional` waits for a check (核实属质量问题的话); `supposed` stands under any other 如果, which frees a customer's
condition of nothing: 您下单我就送 is an offer. `requested` is what the customer is asked to do: 请在包裹里放一张纸条."""

_CLAUSE_END = re.compile(r"[,。!?;\n:]|\.(?= |$)|(?<![\d~])~(?!\d)")
_SENTENCE_END = re.compile(r"[。!?;\n]|\.(?= |$)")

_NOT_NEGATIVE = re.compile(
    r"不好意思|不止|不仅|不但|不管|不论|不光|不只|不过|不少|差不多|不用|不必|不错|不如|不同|不客气|对不起|要不|不妨|不久|不一会"
    r"|没事|没关系|没问题|没错|没什么大|别的|别人|别家|特别|分别|区别|告别|类别|级别|个别|性别|识别"
    r"|(?:不要|别|不用)(?:着急|担心|生气|客气|急(?!着)|紧张|误会|多想|见怪|介意|往心里)|不着急|不耽误|不影响|没有之一|没有例外|没二话|不含糊"
    r"|(?:好不好|行不行|可不可以|能不能|是不是|会不会|要不要|有没有|对不对)|不然|否则|不喜欢|不满意|不想要|不合适|不合身|no matter|no need|no problem|no worries|no doubt|no question"
    r"|没(?:收到|到|坏|剪|洗|拆|下水|用过|穿)[^,。]{0,6}|未(?:拆|使用|下水)"
)
_NEGATOR = re.compile(
    r"不能|不可以|不可能|不可|不会|不敢|不便|不支持|不提供|不允许|不准|不许|不让|不得|不保证|不承诺|不答应|不代表|不等于|不属于|不算|不是|不为"
    r"|不存在|不一定|不见得|不好说|不好直接|不随便|不想|不愿|不做|不搞|不参与|不接受|不开|不办|不送|不包|不收|不发|不加|不要|不适用|不含|不涉及|不退|不给|不予"
    r"|不好(?:跟|给|向)|不清楚|不知道|不确定|不掌握|不了解|不方便|不轻易|不作|不打|不带|不说|不认|不打算|不主动|不涉"
    r"|没(?:有)?人(?:敢|能|会|肯|可以)|谁(?:都|也)(?:不|没)|不走|不跟|不拿|唔(?!會|会)|冇|无法|无权|无需|没法|没办法|没有|没权限|没资格|没说|没答应|没承诺|没敢|没能力|没收|没在|没让|没做|没给|没把|没见|没参加|并非|并不|并没|绝非|从不|从未|从没|还没|尚未|未能|未必|未经|未曾|未"
    r"|忘(?:了|记)(?:给|帮|替|为|把|发|补|改|放)|漏了(?:给|帮|发|放)|谈不上|算不上|说不上|说不准|说不好|做不了主|做不到|办不到|左右不了|替不了|定不了|保证不了|给不了|难以|很难|难保|谢绝|拒绝|禁止|严禁|避免|防止|防范|谨防|小心|当心|警惕|勿"
    r"|别(?:猜|以为|自责|信|相信|理|去|点|加|给|把|再|跟|随便|转|按|发|添加|扫|用)|不叫|免得|以免|省得|哪敢|哪能|岂能|怎么能|怎敢|不建议|不推荐|不鼓励|无关|没关"
    r"|\bcannot\b|\bcan'?t\b|\bcan not\b|\bwon'?t\b|\bunable\b|\bnot\b|\bdon'?t\b|\bdoesn'?t\b|\bisn'?t\b|\bnever\b|\bno\b|\bneither\b|\bnor\b|\bwithout\b|\bdidn'?t\b|\bwouldn'?t\b|\bhaven'?t\b|n't\b|\brather than\b|\binstead of\b|\brefuse"
)
_NEGATOR_AT_END = re.compile(rf"(?:{_NEGATOR.pattern})$")
_DOUBLE_NEGATIVE = re.compile(
    r"(?:不是|没有|并非|并不是|不能|不会|不可能|无人|没人|哪能|怎能|岂能|不得|从不|绝非)不|不是没|没有没"
)
"""Says yes: 不是不保证."""
_NOT_FROM_WILL = re.compile(r"(?:不是|并非|并不是)(?:我们?|店里)?(?:舍不得|不愿意?|不想|不肯|小气|抠)")
"""Says no all the same: 不是不愿意给您便宜 tells why it is not done."""
_NEGATED_RIGHT_BEFORE = re.compile(r"(?:不|没|别|未|勿|甭|不用|不必|无需|不需要|不要)(?:再|去|着|用|想|来|能|急着)?$")
_NEGATION_ENDS = re.compile(
    r"这事儿?|的事|这件事|的话|才(?!能)|所以|因此|但|不过|而是|反正|既然|都怪|就是(?=[明后今])|则|便"
)
"""After one of these a negation earlier in the clause no longer reaches the words that follow."""
_NEGATED_AFTER = re.compile(
    r"^[^,。!?;\n]{0,8}(?:平台|规则|店里|我们|公司|上面|官方|国家)?(?:是|都|也|可)*(?:不让|不许|不准|不允许|禁止)(?:做|搞|弄|干|这么|这样|碰|放|发|玩|有|的)"
    r"|^[^,。!?;\n]{0,16}(?:说法|消息|短信|话|事|要求|做法|链接|活动)(?:请|都|一概|您|你|可|千万|一定)*(?:别|勿|不要|不用|不必|甭)(?:再|去)?(?:信|相信|理|接|回|点|扫|当真|上当|答应)"
    r"|^[^,。!?;\n]{0,8}(?:一概|一律|统统|通通|都)不(?:能)?(?:加|收|做|接|搞|玩|发|留)|^(?:们|家|咱)?(?:这边|这儿)?都?不(?:加|收|做|接|搞|参加|玩|建|进)(?:,|。|!|$|的|哈|哦|您)|^(?:不|得)(?:掉|去|下|动|起|出来|成|来)|^[^,。!?;]{0,12}(?:没有?人|无人)(?:能|会|肯|敢|给|替){0,2}[^,。!?;]{0,4}(?:担保|保障|负责|兜底|管)"
    r"|^[^,。!?;]{0,10}(?:(?:别|勿|不用|不要|不必|甭)(?:再|往|给)?(?:拍|念|说|报|发|给|告诉|露|填|理|点|扫|信|加|转|去)|答应不了|收不了|不能收|抹不|动不了)"
    r"|^[^,。!?;]{0,10}(?:(?:我|我们|咱们?)(?:这边|这儿|这里|店里?|真|也|可|都)?(?:不收|不接|不能|没法|无法|不可以|不敢|做不|办不|开不|改不|不做|不会|没有|不办|不搞|不提供)|(?:就)?(?:没有?|不受|失去|得不到)[^,。!?;]{0,6}(?:保障|保护|担保|凭据|记录可查)|(?:是)?(?:有|存在)[^,。!?;]{0,4}(?:风险|隐患)|容易(?:被骗|上当|吃亏)|不了|不行|不可以|不允许|不支持|不合规|不成立|不属实|做不到|办不到|是骗|是假的消息|是违规|违规|违反|是禁止|是空话|空话|说了不算|不是我们|的活动没有"
    r"|^[^,.!?]{0,16}\b(?:(?:does|do|did)(?:n't| not)|no longer) apply\b"
    r"|(?:是|属于)(?:平台|店铺|官方|页面)?的?(?:一种|一项)?(?:服务)?(?:标识|标志|规则|说法|功能)|没有哦|没有的|不能保证|无法保证|没法保证|不好说|说不准|不敢|不清楚|不好判断|不能判断|无法判断|判断不了|定不了|不归我们|不由我们|由.{1,8}(?:决定|核定|审核|判断)|要看|得看|看情况|为准|不需要|并不)"
)
_NEXT_DENIES = re.compile(
    r"^,[^,。!?;]{0,4}(?:我|我们|店里|咱们?|小店|本店|这儿|这里)(?:这边|这儿|这里|店里?|家)?(?:真|可|也|都|是|从来|一向)*(?:不(?:参与|做|搞|碰|接这|干|让|许|准|允许|玩)|干不了|做不了|做不来)"
    r"|^,[^,。!?;]{0,10}(?:没有?人|无人)(?:能|会|肯|敢|给|替){0,2}[^,。!?;]{0,4}(?:担保|保障|负责|兜底)|^,[^,。!?;]{0,8}(?:不清楚|不知道|不确定|没法确定|说不准|不好说|没法说|没听说|没收到(?:通知|消息)|还没(?:定|公布|通知)|没有这(?:回事|么说)|没这么(?:说|宣传|写)|没说过|没讲过|没答应)|^,(?:我|我们)?(?:真|可|实在|确实)?(?:没把握|没有把握|答应不了|说不准|做不了主|那?不是我们发的)"
    r"|^[,:。](?:那|这|这些|这种话?|这话)?(?:都)?(?:是|属于)?(?:空话|假话|骗人|骗子|谣言|我不敢|我不能|我没法|这个我|做不到)|^,(?:我|我们)?(?:真|可|实在)?(?:不敢|不能|没法|无法|没办法)(?:保证|答应|承诺|打包票|说)"
    r"|^,[^,。!?;]{0,3}(?:我|这边|我们)(?:可|真|也|实在|是)?[一-龥]{1,2}不(?:了|来|起|出口|下来)(?:[,。!?;]|$)"
)
_QUESTION_WORD = re.compile(
    r"请问|是不是|有没有|是否|会不会|能不能|可不可以|要不要|想问|问下|问一下|确认下是|还是.{1,10}呢|哪|什么时候|多少|几点|吗$|么$|呢$|^(?:do|does|did|is|are|was|were|could|would|have|has|may|can) "
)
_OFFER_TAG = re.compile(
    r"(?:可以|行|好|成|可|ok|中|同意|您看|怎么样|如何|好不好|行不行|可好|成不成|愿意)(?:吗|么|吧|呢|不|嘛|哈)?$|您看|你看|好不好|行不行|how about|would you like|is that ok|sound"
)
_OPEN_QUESTION = re.compile(
    r"请问|是否|是不是|有没有|能不能|能否|会不会|可不可以|要不要|行不行|成不成|(?:怎么|如何|怎样|哪(?:天|一|种|个|款|张|里|家)|(?<![这那前近好头过])几(?:号|点|天)|什么时候|多久|多少)[^,]{0,4}$|\b(?:whether|which|what|how)\b[^.!?,]{0,24}$"
)
"""Before the words of a match: they are asked, not said."""
_GOES_ON = re.compile(
    r"(?:还(?!是)|正|在|着)[^,。!?;\n]{0,14}呢$|(?:着|了|的|到|达|出|走|给您|没问题|最[^,。]{1,4})呢$"
)
_HOW_COME = re.compile(r"怎么|为什么|为啥|咋|哪|谁|几|多少|什么")
"""还没发货呢 and 明天就到呢 tell; 怎么还没发货呢 asks."""
_EITHER_OR = re.compile(
    r"还是(?!给|帮|我|让|先|得|要|建议|请|麻烦|会|应|挺|很|比较|希望|想|非常|可以|能|不|没|有|直接|为|把|补|赔|退|送|按|照|一样|那)"
)
"""是漏放还是后寄: neither is said. 还是给您补吧 is no question."""
_ONE_SIDE = re.compile(r"是不是|是否|有没有|会不会|\bwhether\b")
_WHATEVER = re.compile(r"不管|无论|不论|甭管")
_ATTRIBUTED = re.compile(
    r"(?:(?:您|你)的?(?:闺蜜|朋友|邻居|同事|家人|老公|老婆|妈妈?|爸爸?|亲戚|同学|孩子)|您|你|顾客|客户|买家|对方|有人|别人|别家|骗子|网上|他|她|(?:之前|前面|前一?[位个]|上一?[位个]|先前|刚才|[早中晚夜]班|昨天|那位)的?那?[位个]?(?:同事|客服)|视频里|截图里?|短信里?|那边|那个人)(?:刚刚?|之前|刚才|上面|前面|一直|是|也|在|可能|的)?"
    r"(?:说|讲|问|提到|提的|记的|记得|记着|反馈|反映|担心|怀疑|觉得|认为|感觉|听说|看到|发的|打的|写的|描述|自称|怕|提出|希望|想要|要我|让我|想让|叫我|要求|指出|质疑|申请|选的|收到的那条|转述|留言|理解为|打来|评价里|截图)"
    r"|(?:让|叫|要|逼)我们?(?:现在|就|来|直接)*(?:认定|承认|答应|保证|担保|签字|写下)"
    r"|(?:别家|别的店|其他店|人家店|隔壁店)(?:里|那边)?(?:写|标|宣传|吹|挂|说)|(?:您|你)的(?:诉求|要求|意思|想法|意见|说法)(?:是|就是|为)"
    r"|\byou (?:said|mentioned|say|asked|wrote|are worried|worry|feel|think|believe|suspect|reported|described|told)\b|your (?:concern|worry|question|suspicion)|someone (?:said|told|claim)"
    r"|(?:理解|明白|知道|了解|体谅)(?:您|你)(?:的|会|是|对|想|希望|担心|着急|要|说)?|所谓的?|原话|^(?:还|也|又|并)?提出|^(?:还|也|又|并|就是)?(?:希望|想|要求|问|提到|担心|怕)(?:先|能|我们|是|加|要)"
)
_AGREES = re.compile(
    r"(?:您|你)?(?:说|讲|提|看|判断|怀疑|担心)[的得]?(?:很|都|完全|非常|没|是)?(?:对|没错|有道理|是真|属实|正确|准)|确实|没错|的确|您懂|承认|you are right|you're right|indeed"
)
_TOLD = re.compile(
    r"别人(?:要是|如果|再)?(?:让|叫|要|请|劝|喊)(?:您|你)[^。!?;\n]{0,60}$|(?:您|你)(?:一共|刚才)?(?:提|说|列)(?:了|的)(?:这|那)?[一两二三四五六七八九十\d几](?:样|条|点|件)[^。!?;\n]{0,40}$|(?:有人|对方|骗子|自称|冒充|陌生(?:人|号码|电话)|诈骗|假客服)[^。!?;\n]{0,80}$|\b(?:someone|scammers?|fraudsters?)\b[^.!?\n]{0,80}$|(?:您|你)(?:说|提到|讲)(?:的)?[^。!?;\n]{0,20}(?:有人|接到|电话|短信)[^。!?;\n]{0,60}$"
)
"""Earlier in the sentence: what follows is what somebody else did or said."""
_PROVEN_TO_BE = re.compile(
    r"(?:核实|查实|查明|核查|确认|检测|鉴定|认定|判定|如|若|凡|确)(?:后|下来|确)?(?:属|属于|为|是|系|因)(?:于)?$"
)
_VERIFY = re.compile(
    r"(?:如果?|若|要是|假如|假使|倘若|万一|一旦|等|待|只要|只有|凡|(?<![已曾])经|届时|要真|真要|if|once|after|when|unless|should)[^。!?;]{0,24}?"
    r"(?:核实|核查|查实|查明|查证|查下来|查出|查到|确认(?!收货|了?收货)|检测|检验|鉴定|判定|判断|认定|核定|审核|属实|验|检查|质检|排查|情况|符合|verif|confirm|inspect|check|review|prove|found|turns? out)"
    r"|(?:核实|核查|查实|确认(?!收货|了?收货)|检测|鉴定|审核|判定|检验|质检|核定|查明)[^,。!?;已过]{0,4}?(?:之?后(?!台)|以后|通过后|完再|有结果|了再|才能|清楚了?再|属实)"
    r"|(?:核实|核查|查实|查明|查清|核对|确认(?!收货|了?收货)|检测|鉴定|检验|质检|验货|证实|判定|认定|鉴定出来|查出来?|查下来|看下来|验下来|测下来)(?!了|过|报告(?!出来)|书|员)[^,。!?;已了]{0,14}(?:的话|的)(?:,|。|$)"
    r"|以[^,。!?;]{0,12}(?:结果|审核|核定|检测|鉴定|核实|规则)为准|(?:按|依|根据)[^,。!?;]{0,10}(?:检测|鉴定|审核|核实|核定)[^,。!?;]{0,4}(?:结果|结论|情况)"
)
_IF = re.compile(
    r"如果|若|要是|假如|倘若|万一|一旦|的话|如(?:有|是|属|果|确)|假设|哪怕|\bif\b|\bin case\b|\bunless\b|\bwhether\b"
)
_POLITE = re.compile(
    r"(?:如果|要是|若)?(?:您|你|妳)?(?:也|这边|那边)?(?:方便|不介意|不嫌弃|不嫌麻烦|信得过我们?|有空|有时间)的话"
)
"""A condition in form alone: 如果方便的话,这是我们的错 admits it."""
_SUPPOSED = re.compile(r".[^,。!?;\n]{0,4}的话|的话")
"""Right after a match: its words are what is supposed (没装好的话门会有缝)."""
_REQUEST = re.compile(
    r"(?:(?:您|你)(?:得|需要?|必须)|请|麻烦|劳烦|辛苦|烦请|记得|\bplease\b)(?:您|你)?[^,。!?;\n]{0,24}$"
)
_REQUEST_ENDS = re.compile(r"我们?|店里|请(?:问|放心|稍等|收|笑纳|查收|您?放)|放心")
_A_NOT_A = re.compile(r"(会|能|是|可|要|有|行|好|给|让|用|肯|管|包|退|换|送|赔|补|发|到)[不没]\1")
_WINDOW = re.compile(
    r"(?:头|第)一年里?头?[^,。!?;]{0,6}$|(?:年|个月|天|小时|期|日)(?:之内|以内|内|里头?|期间)[^,。!?;]{0,10}$|(?:以后|之后|日后|将来|万一)[^,。!?;]{0,10}$"
)
"""Before words for what may come: 一年之内主机出故障."""
_IN_A_WINDOW = re.compile(r"[年月天期](?:之内|以内|内|里头?)(?=[^,。!?;\n])")
_REPORTED = re.compile(
    r"预计|预估|大概|大约|一般|通常|正常情况|正常|估计|左右|estimated|expected|usually|normally|typically|according to"
)
_SUBJECT_TO = re.compile(r"为准")
_OUR_DOING = re.compile(
    r"我|咱|(?:给|帮|替|送|赔|退|补|返|让|免)(?:您|你|妳)|就会|就能|都会|\b(?:i|we)(?:'ll| will|'d)\b|\bgive you|\bfor you\b"
)
"""What the agent does or vouches for: 「我给您打八折,具体以页面为准」 is no policy that is reported."""
_ON_A_PAGE = re.compile(
    r"(?:保修卡|保固卡|保卡|吊牌|包装|面单|规则|banner|homepage|home page)(?:上|里|背面|底下)?(?:有|印|写|标|注)|\bon the (?:banner|page|site|label|box)\b|(?:page|list(?:ing)?|网页|官网|链接里|页面|活动|海报|详情页?|活动页|商品页|规则页?|公告|系统|物流|平台|保修卡|说明书|条款|规定|标题|店铺首页|参数表)(?:上|里|中|这边)?(?:的|也|是|都)?(?:写|显示|标|注明|承诺|说明|有写|规定|公布|提示|约定|有|更新)"
    r"|(?:是|上面|上头|那儿)(?:有)?(?:写|标)(?:着|的是|了)|显示|根据(?:平台)?规则|按(?:平台)?规定|shows?\b|page says|listed|tracking"
)
_VOWED = re.compile(
    r"保证|担保|包的|打包票|拍胸脯|一定|肯定|绝对|必定|必须|铁定|妥妥|稳稳|准能|准到|准时|必到|必达|百分百|100%|放一?百个心|踏实|跑不了|错不了|没跑|误不了|guarantee|promise|definitely|for sure|certainly|absolutely|100 ?%"
)


_BEFORE_A_QUOTE = re.compile(
    r"(?:(?<!我跟您)(?<!我给您)(?<!我)(?:说|问|讲|喊|称|回复|评论|报|弹出|跳出)|提示|显示|选的是|写的?是?|写着|标着|标了|标有|标明|注明|写明|印着|标题|书名|这句|那句|这个词|关于|点击?|按|选|叫|里的?|入口|功能|备注|留言|所谓)(?:的|了|过|着)?:?$"
    r"|(?:say|says|saying|said|wrote|writes|called|reads?|asked|quoted|titled|word|phrase|button|option|prints?|shows?|displays?|with)[ :]?$"
)
_AFTER_A_QUOTE = re.compile(
    r",?(?:您|你)这(?:么|样)?(?:说|讲|话|句)|(?:确实|真|就|是|的确|本来|也)*(?:不该|不应该?|不对|说错|欠妥|不妥|没道理|不合适|说得太)|(?:这|这个|那)?(?:我|我们)(?:这边)?(?:没(?:有)?权|不能|没法|不敢|可不敢)(?:限)?(?:答应|应|答|说|保证|写|承诺)?|(?:这|那)(?:种|句|个|几个|一?栏|一?项|样)?(?:话|句|词|说法|字|标语|东西|事)?|怎么(?:算|理解|用)|的?(?:意思|说法|话术|情况|问题|图标|字样|标题|按钮|入口|模式|功能|选项|几个字|提示|链接|标识)"
    r"|说的是|指的?是|就是[^,。!?]{1,12}(?:的意思|$|,|。)|是(?:这|旧|书|指|平台|商家|面料|成分|骗|买家|顾客|别人)|我?们?(?:这边)?没有|不是|并不|别信|的灯| ?(?:is|was|are|means|refers|notice|sign|label|line|wording)\b|(?:标|写|印)在|是[^,。!?]{0,12}(?:说法|规定|公告|条文|字样|原话|标语|活动名|规格|名称)"
)

_NAME_OF = re.compile(
    r"^[^,。!?;\n]{0,8}(?:是|为|叫)[^,。!?;\n]{0,12}(?:型号|名字|名称|菜名|书名|歌名|品牌|牌子|外号|别名|图案|系列|款名|台词|笔记本|贴纸|海报|卡牌)|^(?:这|那)(?:一)?(?:节|章|本|张|款游戏|首歌|个词)"
)
"""Right after: the words are what something is called."""

_TO_BE_ASKED = re.compile(
    r"(?:得|要|去|再|先|就|需要?|帮您|替您)(?:跟|向|找|给)?(?:请示|申请|报(?:给|到)?(?=主管|店长|经理|领导|上)|问(?:一下|问)?(?=主管|店长|经理|领导|财务|上))"
)
"""What a superior has yet to say yes to; not 请示过, which tells of an answer."""
_WAS_ASKED = re.compile(r"请示(?:过|了|下来|到)|申请(?:过|了|下来|到|好)|批了|同意|点头|问(?:过|好)|答应")

_NEAR = 90
"""How far stance is looked for on either side of a match: keeps the work on a text without marks linear."""


@dataclass(frozen=True, slots=True)
class Clause:
    """folded[start:end), its closing mark excluded; `mark` is that mark. `sentence` is the span of its sentence."""

    start: int
    end: int
    mark: str
    sentence: tuple[int, int]


class Reading:
    """A folded text cut into clauses, that can tell the stance of any span."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.clauses = _cut(text)
        self._starts = [c.start for c in self.clauses]

    def clause_at(self, position: int) -> Clause:
        return self.clauses[max(0, bisect.bisect_right(self._starts, position) - 1)]

    def clause_text(self, clause: Clause) -> str:
        return self.text[clause.start : clause.end]

    def sentence_text(self, position: int) -> str:
        a, b = self.clause_at(position).sentence
        return self.text[a:b]

    @cached_property
    def quotes(self) -> tuple[tuple[int, int], ...]:
        """Spans between quotation marks, marks excluded; titles 《》 count."""
        return tuple(_quotes(self.text))

    def stances(self, start: int, end: int) -> frozenset[Stance]:
        """Every stance that the words [start, end) are put in; {"asserted"} when none is."""
        first, last = self.clause_at(start), self.clause_at(max(start, end - 1))
        before = self.text[max(first.start, start - _NEAR) : start]
        inside = self.text[start : min(end, start + _NEAR)]
        after = self.text[end : min(max(end, last.end), end + _NEAR)]
        found: set[Stance] = set()
        if self._negated(first, before, after):
            found.add("negated")
        if self._asked(last, before, inside, inside + after):
            found.add("asked")
        if self._quoted(start, end, first) or _NAME_OF.search(after):
            found.add("quoted")
        if _ATTRIBUTED.search(before) and not _AGREES.search(before):
            found.add("attributed")
        if _TOLD.search(self.text[max(first.sentence[0], start - _NEAR) : start]):
            found.add("attributed")
        if _PROVEN_TO_BE.search(before) and after.startswith(("的", "导致的", "造成的")) and after[1:2] not in ",。":
            found.add("conditional")
        if _REQUEST.search(before) and not _REQUEST_ENDS.search(before):
            found.add("requested")
        sentence = self.text[max(first.sentence[0], start - _NEAR) : min(last.sentence[1], end + _NEAR)]
        ahead = self.text[max(first.sentence[0], start - _NEAR) : min(max(end, last.end) + 1, end + _NEAR)]
        if _VERIFY.search(ahead) or _VERIFY.search(after) or _SUPPOSED.match(self.text[end - 1 : end + 8]):
            found.add("conditional")
        if (
            _supposes(self.text[max(first.sentence[0], start - _NEAR) : start + 1])  # 要|是质量问题
            or _WINDOW.search(before)
            or _IN_A_WINDOW.search(inside)
        ):
            found.add("supposed")
        told = _ON_A_PAGE.search(self.text[max(first.sentence[0], first.start - 14) : max(end, last.end)][:200])
        reserved = _SUBJECT_TO.search(sentence) and not _OUR_DOING.search(sentence)
        if (told or _REPORTED.search(sentence) or reserved) and not _VOWED.search(before + inside + after):
            found.add("reported")
        return frozenset(found) if found else frozenset({"asserted"})

    def _negated(self, clause: Clause, before: str, after: str) -> bool:
        near = before[-60:] if before[-30:].isascii() else before[-30:]
        near = _NEGATION_ENDS.split(near)[-1]
        cleaned = _NOT_NEGATIVE.sub(lambda m: "\x00" * len(m.group()), near)
        count = len(_NEGATOR.findall(cleaned))
        if _NEGATED_RIGHT_BEFORE.search(near) and not _NEGATOR_AT_END.search(cleaned):
            count += 1
        if count > 2 * len(_DOUBLE_NEGATIVE.findall(near)) or _NOT_FROM_WILL.search(near):
            return True
        if _NEGATED_AFTER.search(after):
            return True
        return bool(_NEXT_DENIES.search(self.text[clause.end : clause.end + 24]))

    def _asked(self, clause: Clause, before: str, inside: str, rest: str) -> bool:
        whole = before + rest
        following = self.text[clause.end : clause.end + 3] if clause.mark == "," else ""
        question = (
            clause.mark == "?"
            or whole.endswith(("吗", "么"))
            or (whole.endswith("呢") and (not _GOES_ON.search(whole) or bool(_HOW_COME.search(whole))))
            or (
                bool(_OPEN_QUESTION.search(before))
                and not _WHATEVER.search(before)
                and not rest.startswith(("都", "就", "也"))
            )
            or bool(_A_NOT_A.search(before[-2:] + inside))
            or (bool(_EITHER_OR.search(whole + following)) and not _WHATEVER.search(before))
            or self._other_side(clause)
        )
        return question and not _OFFER_TAG.search(whole)

    def _other_side(self, clause: Clause) -> bool:
        """Whether the clause goes on with a question that the sentence began: 您看看是不是另有一单,或者那天只是拍下."""
        if not self.text.startswith(("或者", "或是", "又或"), clause.start):
            return False
        return bool(_ONE_SIDE.search(self.text[max(clause.sentence[0], clause.start - _NEAR) : clause.start]))

    def _quoted(self, start: int, end: int, clause: Clause) -> bool:
        for a, b in self.quotes:
            if (a <= start and end <= b) or 2 * (min(end, b) - max(start, a)) > end - start:
                if a > 0 and self.text[a - 1] == "《":
                    return True
                if self._of_another(a, b, clause):
                    return True
        return False

    def _of_another(self, a: int, b: int, clause: Clause) -> bool:
        """Whether the words around the quotation [a, b) give it to somebody else, a page, or a name."""
        lead = self.text[max(clause.sentence[0], a - 17) : a - 1]
        tail = self.text[b + 1 : b + 15]
        return bool(_ATTRIBUTED.search(lead) or _BEFORE_A_QUOTE.search(lead) or _AFTER_A_QUOTE.match(tail))

    def told_by_others(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """Quotations that reach into [start, end) and are somebody else's words or a name, their marks included."""
        return tuple(
            (max(0, a - 1), b + 1)
            for a, b in self.quotes
            if a < end and start < b and self._of_another(a, b, self.clause_at(a))
        )

    def conditional_at_all(self, start: int) -> bool:
        """Whether the clause or one before it in the sentence starts a condition."""
        clause = self.clause_at(start)
        return _supposes(self.text[max(clause.sentence[0], start - _NEAR) : min(clause.end, start + _NEAR)])

    def vowed(self, start: int, end: int) -> bool:
        """Whether the clause around says so with certainty."""
        first, last = self.clause_at(start), self.clause_at(max(start, end - 1))
        return bool(_VOWED.search(self.text[max(first.start, start - _NEAR) : min(last.end, end + _NEAR)]))


def still_to_be_asked(text: str) -> bool:
    """Whether the first clause of `text` takes the matter to somebody who has not answered yet."""
    clause = _CLAUSE_END.split(text, 1)[0]
    return bool(_TO_BE_ASKED.search(clause)) and not _WAS_ASKED.search(clause)


def _supposes(text: str) -> bool:
    return bool(_IF.search(_POLITE.sub("", text)))


def _cut(text: str) -> list[Clause]:
    sentence_ends = [m.end() for m in _SENTENCE_END.finditer(text)] + [len(text)]
    clauses: list[Clause] = []
    start = 0
    sentence_start, k = 0, 0
    marks = [(m.start(), m.end()) for m in _CLAUSE_END.finditer(text)] + [(len(text), len(text))]
    for a, b in marks:
        while k < len(sentence_ends) - 1 and start >= sentence_ends[k]:
            sentence_start = sentence_ends[k]
            k += 1
        if a > start or b == len(text):
            clauses.append(Clause(start, a, text[a:b], (sentence_start, sentence_ends[k])))
        start = b
    return clauses or [Clause(0, len(text), "", (0, len(text)))]


def _quotes(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    pairs = {"“": "”", "《": "》"}
    opened: tuple[int, str] | None = None
    for i, c in enumerate(text):
        if opened and c == opened[1]:
            found.append((opened[0] + 1, i))
            opened = None
        elif not opened and c in pairs:
            opened = (i, pairs[c])
        elif not opened and c == '"':
            opened = (i, '"')
    return found
