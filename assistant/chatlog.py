"""Chat logs as agents paste them from 千牛, 京麦, 拼多多 and 抖店 workbenches, into messages; no text is lost.

Every line that is not blank ends up in a message, or in the report as a system line or a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, Literal

import re2

from assistant.conversation import Message, Role
from knowledge.fold import half
from knowledge.values import Value

_DATE = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_TIME = r"(\d{1,2})[::](\d{2})(?:[::](\d{2}))?"
_WHEN = rf"(?:{_DATE}[ T\t]*)?(?:星期.|周.)?\s*(?:上午|下午|凌晨|晚上)?{_TIME}"
_PLAIN_NAME = r"([^\s::()()\[\]【】,,。!!??][^\s::()()\[\]【】,,。!!??]{0,29})"
_NAME = r"([^\s::()()\[\]【】,,。!!??][^\s::()()\[\]【】,,。!!??]{0,29}(?:[::][^\s::()()\[\]【】]{1,20})?)"
_AFTER_NAME = re2.compile(rf"^\s*{_NAME}\s*[((\[]\s*{_WHEN}\s*[))\]]\s*[::]?\s*(.*)$")
_BARE = re2.compile(rf"^\s*{_NAME}\s+{_WHEN}\s*[::]?\s*$")
_BEFORE_NAME = re2.compile(rf"^\s*[((\[【]?\s*{_WHEN}\s*[))\]】]?\s*{_PLAIN_NAME}\s*(?:[::]\s*(.*))?$")
_BEFORE_SUB_ACCOUNT = re2.compile(rf"^\s*{_WHEN}\s+([^\s::]*店[^\s::]*[::][^\s::,,。!!??~]{{1,8}})()\s*$")
_ONLY_TIME = re2.compile(rf"^[-—=\s]*{_WHEN}[-—=\s]*$")
_ONLY_DATE = re2.compile(rf"^[-—=\s]*{_DATE}(?:\s*(?:星期.|周.))?[-—=\s]*$")
_HALF_DAY = re2.compile(r"(?:下午|晚上|凌晨)\s*\d")
_SAID = re2.compile(rf"^\s*{_PLAIN_NAME}\s*[::]\s*(.*)$")
_SYSTEM = re2.compile(
    r"^[\[【「((]?\s*(?:已读|未读|已送达|送达|对方已读|对方正在输入.*|.{0,20}撤回了一条消息.*|以[上下](?:是|为).{0,10}消息.*|查看(?:更多|历史)消息"
    r"|系统(?:消息|提示|通知).{0,60}|会话(?:已)?(?:结束|转接|开始).{0,30}|.{0,20}(?:已)?转接(?:给|至).{0,20}|该(?:顾客|用户|买家)正在浏览.{0,60}"
    r"|(?:消息|聊天)(?:记录|对象|分组|类型|导出)(?:\s*[::].{0,40})?|(?:导出|打印)时间\s*[::].{0,40}|[=—-]{6,}"
    r"|.{0,16}(?:进入|离开)(?:了)?(?:会话|店铺)|由.{0,20}(?:为您服务|接待))\s*[\]】」))]?$"
)
_AGENT_NAME = re2.compile(
    r"客服|商家|店铺|卖家|旗舰店|专营店|专卖店|官方|机器人|人工|店小二|小店|agent|seller|service|^店|^我$|[::]"
)
_CUSTOMER_NAME = re2.compile(r"^(?:顾客|客户|买家|用户|消费者|对方|客人|customer|buyer|client)\d*$")
_NOT_A_NAME = re2.compile(
    r"(?:时间|日期|付款|下单|发货|签收|截止|订单|单号|编号|地址|电话|我|到|在|前|后|点)$|^\d+$|^(?:https?|ftp)$"
)

Why = Literal["system", "time", "empty", "unsure"]


class LogLine(Value):
    """A line of the paste that did not simply become a message: its number from 1, the text, and why.

    "unsure" lines are kept in a message too; the agent should look at whose they are. "empty": a name and nothing said.
    """

    number: int
    text: str
    why: Why


class ChatLog(Value):
    """What a paste holds. `report` lists the lines that were left out or that nobody could be found for."""

    messages: tuple[Message, ...]
    report: tuple[LogLine, ...] = ()


@dataclass(frozen=True)
class _Header:
    """The start of a message: who, when, and the words on the same line; `clock` where there is a time and no date."""

    name: str
    at: datetime | None
    rest: str
    clock: time | None = None

    def on(self, day: date | None) -> _Header:
        """With the date that stands on a line of its own above, where the header has a time only."""
        if self.at is not None or self.clock is None or day is None:
            return self
        return replace(self, at=datetime.combine(day, self.clock))


def parse(text: str, shop: str = "") -> ChatLog:
    """Messages of a pasted log. Without any name or time, each line is one message of the customer.

    `shop` is the shop's name when known: whoever bears it is the agent.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    names = _speakers(lines)
    roles = _roles(names, shop)
    messages: list[Message] = []
    report: list[LogLine] = []
    speaker: _Header | None = None
    day: date | None = None
    open_: list[str] = []
    headed = (0, "")

    def close() -> None:
        if speaker is not None and open_:
            messages.append(Message(role=roles[speaker.name], text="\n".join(open_), at=speaker.at, name=speaker.name))
        elif speaker is not None:
            report.append(LogLine(number=headed[0], text=headed[1], why="empty"))
        open_.clear()

    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        header = _header(line, names)
        if header is not None:
            close()
            speaker, headed = header.on(day), (number, line.strip())
            if header.rest.strip():
                open_.append(header.rest.strip())
        elif _SYSTEM.match(half(line.strip())):
            report.append(LogLine(number=number, text=line.strip(), why="system"))
        elif names and (_ONLY_TIME.match(half(line)) or _ONLY_DATE.match(half(line))):
            report.append(LogLine(number=number, text=line.strip(), why="time"))
            day = _day(line) or day
        elif speaker is not None:
            open_.append(line.strip())
        else:
            messages.append(Message(role="customer", text=line.strip()))
            if names:
                report.append(LogLine(number=number, text=line.strip(), why="unsure"))
    close()
    return ChatLog(messages=tuple(messages), report=tuple(report))


def _speakers(lines: list[str]) -> Counter[str]:
    """Names that stand at the head of messages. A word before a colon or a time alone is one only when it is known
    to name a side, stands there more than once, or when all lines are between two such names.
    """
    sure: Counter[str] = Counter()
    perhaps: Counter[str] = Counter()
    every_line = True
    for line in filter(str.strip, lines):
        candidates = list(_candidates(line))
        every_line = every_line and bool(candidates)
        for found in candidates:
            name = found[1].name
            (sure if found[0] or _AGENT_NAME.search(name) or _CUSTOMER_NAME.search(name) else perhaps)[name] += 1
    for name, count in perhaps.items():
        if count > 1 or name in sure or (every_line and len(perhaps) == 2):
            sure[name] += count
    return sure


def _candidates(line: str) -> Iterator[tuple[bool, _Header]]:
    """Readings of a line as the head of a message, with whether its form alone proves it. Colons, brackets and figures are
    read in either width; what was said stays as it was written.
    """
    for sure, header in _read(half(line)):
        yield sure, replace(header, rest=line[len(line) - len(header.rest) :])


def _read(line: str) -> Iterator[tuple[bool, _Header]]:
    if _ONLY_TIME.match(line) or _ONLY_DATE.match(line):
        return
    for pattern, name_at, when_at, rest_at in (
        (_AFTER_NAME, 1, 2, 8),
        (_BARE, 1, 2, None),
        (_BEFORE_SUB_ACCOUNT, 7, 1, 8),
        (_BEFORE_NAME, 7, 1, 8),
    ):
        match = pattern.match(line)
        if match and not _NOT_A_NAME.search(match.group(name_at)):
            when = _when(match, when_at)
            if when is not None:
                dated, at, clock = when
                closed = pattern is _AFTER_NAME or (rest_at == 8 and match.group(8) is not None)
                yield (
                    (dated or closed),
                    _Header(match.group(name_at), at, (match.group(rest_at) or "") if rest_at else "", clock),
                )
    match = _SAID.match(line)
    if match and not _NOT_A_NAME.search(match.group(1)):
        yield False, _Header(match.group(1), None, match.group(2))


def _day(line: str) -> date | None:
    """The date of a line that holds nothing but a date, or a date and a time; None where there is no date."""
    match = _ONLY_DATE.match(half(line)) or _ONLY_TIME.match(half(line))
    parts = match.groups()[:3] if match else ()
    try:
        return date(*(int(part) for part in parts)) if parts and all(parts) else None
    except ValueError:
        return None


def _when(match: Any, first: int) -> tuple[bool, datetime | None, time | None] | None:
    """(whether there is a date, date and time, the time alone where there is no date); None when the digits are no time."""
    parts = [match.group(first + i) for i in range(6)]
    year, month, day, hour, minute, second = (int(p) if p else 0 for p in parts)
    if hour > 23 or minute > 59 or second > 59:
        return None
    if not parts[0]:
        return False, None, None if _HALF_DAY.search(match.group(0)) else time(hour, minute, second)
    try:
        return True, datetime(year, month, day, hour, minute, second), None
    except ValueError:
        return None


def _header(line: str, names: Counter[str]) -> _Header | None:
    return next((header for _, header in _candidates(line) if header.name in names), None)


def _roles(names: Counter[str], shop: str) -> dict[str, Role]:
    """Who is the agent: by a word in the name, by the shop's name, else whoever did not speak first."""
    roles: dict[str, Role] = {}
    shop = half(shop)
    for name in names:
        if _CUSTOMER_NAME.search(name):
            roles[name] = "customer"
        elif _AGENT_NAME.search(name) or (shop and (shop in name or name in shop)):
            roles[name] = "agent"
    unknown = [n for n in names if n not in roles]
    if unknown and "customer" not in roles.values():
        roles[unknown.pop(0)] = "customer"
    for name in unknown:
        roles[name] = "customer" if "agent" in roles.values() else "agent"
    return roles
