"""Tables that workbenches export, into rows of known meaning: CSV, Excel, JSON Lines and JSON.

千牛, 京麦, 拼多多 and 抖店 name their columns differently and change them, and put a line or two above the heading; columns
are known by the names below, wherever in the first rows they stand.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, cast

from knowledge.ingest.readers import xlsx

Meaning = Literal["talk", "buyer", "agent", "name", "to", "role", "kind", "at", "text", "order_id", "shop"]
_NAMES: dict[Meaning, tuple[str, ...]] = {
    "talk": ("会话id", "会话编号", "会话", "会话记录id", "聊天id", "接待id", "接待会话id", "咨询id", "对话id", "conversation_id", "conversation", "session_id", "session", "chat_id", "talk_id", "sid"),
    "buyer": ("买家", "买家昵称", "买家账号", "买家id", "买家旺旺", "买家会员名", "买家名称", "会员名", "顾客", "顾客昵称", "顾客账号", "顾客pin", "顾客名称", "顾客id", "客户", "客户昵称", "客户账号", "客户pin", "客户名称", "用户", "用户昵称", "用户名", "用户id", "用户账号", "用户pin", "消费者", "消费者昵称", "消费者id", "buyer", "customer", "buyer_nick", "buyer_name", "buyer_id", "customer_name", "customer_pin", "customer_id", "user_nick", "user_name", "user_id", "uid"),
    "agent": ("客服", "客服昵称", "客服账号", "客服名称", "客服姓名", "客服pin", "接待客服", "接待人", "子账号", "客服子账号", "staff", "staff_name", "seller_nick", "agent", "agent_name", "service_nick", "waiter", "waiter_pin"),
    "name": ("发送人", "发送者", "发送方", "发言人", "发言者", "昵称", "发送人昵称", "发送方昵称", "发送账号", "消息发送者", "消息发送人", "消息发送方", "发件人", "sender", "sender_nick", "sender_name", "from", "from_nick", "from_id", "from_name", "name", "speaker"),
    "to": ("接收人", "接收者", "接收方", "接收账号", "接收人昵称", "消息接收者", "消息接收人", "收件人", "to", "to_nick", "to_id", "to_name", "receiver", "receiver_nick"),
    "role": ("角色", "身份", "发送方类型", "发送者类型", "发送人类型", "发送者角色", "发送方角色", "发送人角色", "发送方身份", "消息方向", "方向", "消息来源", "role", "sender_type", "sender_role", "from_role", "from_type", "direction"),
    "kind": ("消息类型", "内容类型", "消息格式", "msg_type", "message_type", "content_type"),
    "at": ("时间", "发送时间", "消息时间", "聊天时间", "消息发送时间", "发送日期", "记录时间", "日期", "time", "sent_at", "send_time", "msg_time", "message_time", "created_at", "create_time", "timestamp", "ts", "date"),
    "text": ("内容", "消息内容", "消息正文", "聊天内容", "聊天记录", "对话内容", "消息", "发送内容", "文本", "message", "content", "text", "msg", "msg_content", "message_content", "body"),
    "order_id": ("订单号", "订单编号", "订单id", "关联订单", "关联订单号", "order_id", "order", "order_no", "order_sn"),
    "shop": ("店铺", "店铺名称", "店铺名", "商家", "商家名称", "shop", "shop_name", "store", "seller_name", "mall_name"),
}  # fmt: skip
_ASIDE = re.compile(r"[(\uff08\[【].*?[)\uff09\]】]")
_ABOVE = 12
"""Rows among which the heading is looked for: workbenches put the shop, the span of time and the like above it."""
_LISTS = ("data", "rows", "list", "records", "result", "results", "items", "conversations", "sessions")


Rows = Iterator[tuple[int, object]]
"""Rows by their number from 1, the heading and what stands above it not counted: what a row says by meaning, a whole
conversation as it stands, or a line that is no JSON as text.
"""


def _plain(name: str) -> str:
    return "".join(c for c in _ASIDE.sub("", name).lower() if c.isalnum())


_KNOWN: dict[str, Meaning] = {_plain(name): meaning for meaning, names in _NAMES.items() for name in names}


def meaning_of(name: str) -> Meaning | None:
    """What a column or key of this name holds: 发送时间(北京时间), sendTime and send_time are one."""
    return _KNOWN.get(_plain(name))


def of_excel(data: bytes, name: str) -> Rows | None:
    """The first visible sheet with a heading that is known; None where there is none. KefuError as the reader of manuals."""
    for sheet in xlsx.rows_of(data, name):
        if table := _of_rows(sheet):
            return table
    return None


def of_csv(text: str) -> Rows | None:
    """A table parted by commas, tabs or semicolons; None where no heading is known."""
    lines = [line for line in text.lstrip("\ufeff").split("\n")[:_ABOVE] if line.strip()]
    marks = max("\t,;|", key=lambda mark: max((line.count(mark) for line in lines), default=0))
    return _of_rows(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=marks))


def of_json_lines(text: str) -> Rows:
    """One object a line."""
    return ((n, _of_line(line)) for n, line in enumerate(text.splitlines(), 1) if line.strip())


def of_json(text: str) -> Rows | None:
    """An array of rows or conversations, or an object that holds one; None for other JSON."""
    try:
        given: object = json.loads(text)
    except json.JSONDecodeError:
        return None
    if isinstance(given, dict) and "messages" not in given:
        given = next((given[key] for key in _LISTS if isinstance(given.get(key), list)), None)
    values = given if isinstance(given, list) else [given] if isinstance(given, dict) else None
    return None if values is None else ((n, _known_keys(v)) for n, v in enumerate(values, 1))


def _of_rows(rows: Iterable[Sequence[str]]) -> Rows | None:
    """The rows below the first that names what was said and two columns at least."""
    left = iter(rows)
    for _ in range(_ABOVE):
        row = next(left, None)
        if row is None:
            return None
        columns = {place: found for place, cell in enumerate(row) if (found := meaning_of(cell))}
        if "text" in columns.values() and len(set(columns.values())) > 1:
            return _below(columns, left)
    return None


def _below(columns: Mapping[int, Meaning], rows: Iterator[Sequence[str]]) -> Iterator[tuple[int, object]]:
    for number, row in enumerate(rows, 1):
        if not any(cell.strip() for cell in row):
            continue
        said: dict[str, str] = {}
        for place, meaning in columns.items():
            if place < len(row) and row[place].strip():
                said.setdefault(meaning, row[place].strip())
        yield number, said


def _of_line(line: str) -> object:
    try:
        return _known_keys(json.loads(line))
    except json.JSONDecodeError:
        return line


def _known_keys(given: object) -> object:
    """A row by meaning; whole conversations and what is no object stay as they are."""
    if not isinstance(given, dict) or "messages" in given:
        return given
    said: dict[str, str] = {}
    for key, value in cast(dict[object, object], given).items():
        if (meaning := meaning_of(str(key))) and value is not None:
            said.setdefault(meaning, str(value).strip())
    return said
