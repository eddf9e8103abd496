"""Chat logs that workbenches export as tables: CSV (any Chinese encoding) and JSON Lines, into conversations.

千牛, 京麦, 拼多多 and 抖店 name their columns differently and change them; columns are known by the names below. A row that
can't be read is reported with its number and the reason; the rest is taken. A log that is no table is read as a paste.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import re2

from assistant import chatlog
from assistant.conversation import Conversation, ConversationError, Message, Role
from knowledge.errors import KefuError
from knowledge.ingest.decode import decode
from knowledge.values import Value

MAX_BYTES = 64 << 20
_COLUMNS: dict[str, tuple[str, ...]] = {
    "talk": ("会话id", "会话编号", "会话", "聊天id", "接待id", "conversation_id", "conversation", "session_id", "session", "chat_id"),
    "buyer": ("买家", "买家昵称", "买家账号", "买家id", "顾客", "顾客昵称", "顾客账号", "客户", "客户昵称", "用户", "用户昵称", "buyer", "customer", "buyer_nick"),
    "name": ("发送人", "发送者", "发送方", "发言人", "昵称", "发送人昵称", "sender", "from", "name", "speaker"),
    "role": ("角色", "身份", "发送方类型", "发送者类型", "发送人类型", "发送者角色", "消息方向", "role", "sender_type", "sender_role", "direction"),
    "at": ("时间", "发送时间", "消息时间", "聊天时间", "日期", "time", "sent_at", "created_at", "timestamp", "date"),
    "text": ("内容", "消息内容", "聊天内容", "消息", "发送内容", "文本", "message", "content", "text", "msg"),
    "order_id": ("订单号", "订单编号", "关联订单", "order_id", "order"),
    "shop": ("店铺", "店铺名称", "店铺名", "shop", "shop_name", "store"),
}  # fmt: skip
_CUSTOMER = re2.compile(r"^(?:买家|顾客|客户|用户|消费者|buyer|customer|user|client|in|接收|来自买家|1)$")
_AGENT = re2.compile(r"^(?:客服|卖家|商家|店铺|人工|机器人|seller|agent|staff|merchant|service|assistant|out|发送|2)$")
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M")  # fmt: skip


class BadRow(Value):
    """A row that was left out: its number from 1 (the heading not counted), and why, in both languages."""

    row: int
    zh: str
    en: str


class Imported(Value):
    """What a file holds: conversations in the order in which they begin, and the rows that were left out."""

    conversations: tuple[Conversation, ...]
    left_out: tuple[BadRow, ...] = ()


@dataclass
class _Talk:
    """One conversation while its rows are gathered."""

    key: str
    shop: str = ""
    order_id: str = ""
    messages: list[Message] = field(default_factory=list)


class _RowError(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def read_export(path: Path, shop: str = "") -> Imported:
    """The conversations of a file. Raises KefuError: too big, no encoding makes sense of it, nothing in it."""
    if path.stat().st_size > MAX_BYTES:
        raise KefuError(
            "export.too_big",
            f"「{path.name}」超过 {MAX_BYTES >> 20} MB:请按日期分几份导出再导入。",
            f"{path.name} is over {MAX_BYTES >> 20} MB: export it in parts, by date.",
        )
    decoded = decode(path.read_bytes())
    if decoded is None:
        raise KefuError(
            "export.unreadable",
            f"「{path.name}」读不出文字:请另存为 UTF-8 的 CSV 再导入。",
            f"{path.name} can't be read as text: save it as CSV in UTF-8.",
        )
    found = _read(decoded.text, path, shop)
    if not found.conversations:
        why = found.left_out[0] if found.left_out else None
        raise KefuError(
            "export.empty",
            f"「{path.name}」里没有可用的对话" + (f":第 {why.row} 行{why.zh}。" if why else "。"),
            f"{path.name} holds no conversation" + (f": row {why.row} {why.en}." if why else "."),
        )
    return found


def _read(text: str, path: Path, shop: str) -> Imported:
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return _gathered(_json_rows(text), shop)
    columns, rows = _table(text)
    if "text" in columns.values():
        return _gathered(((number, _named(columns, row)) for number, row in rows), shop)
    log = chatlog.parse(text, shop)
    talk = {"messages": [m.model_dump() for m in log.messages], "policy": {"shop": shop}}
    return Imported(conversations=(Conversation.read(talk),) if log.messages else ())


def _table(text: str) -> tuple[dict[int, str], Iterator[tuple[int, list[str]]]]:
    """What the columns mean, by their place, and the numbered rows below the heading."""
    first = text.split("\n", 1)[0]
    delimiter = max("\t,;", key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    heading = [cell.strip().strip("\ufeff").lower() for cell in next(rows, [])]
    known = {name: meaning for meaning, names in _COLUMNS.items() for name in names}
    columns = {place: known[name] for place, name in enumerate(heading) if name in known}
    return columns, ((number, row) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row))


def _named(columns: Mapping[int, str], row: Sequence[str]) -> dict[str, str]:
    return {meaning: row[place].strip() for place, meaning in columns.items() if place < len(row)}


def _json_rows(text: str) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, line


def _gathered(rows: Iterator[tuple[int, object]] | Iterator[tuple[int, dict[str, str]]], shop: str) -> Imported:
    """Rows of one conversation together, whole conversations as they are; what can't be read is left out and said."""
    talks: dict[str, _Talk] = {}
    whole: list[Conversation] = []
    left_out: list[BadRow] = []
    for number, row in rows:
        try:
            given = _of_line(row) if isinstance(row, str) else row
            if isinstance(given, dict) and "messages" in given:
                whole.append(Conversation.read(given))
            else:
                _add(given, talks, shop)
        except _RowError as error:
            left_out.append(BadRow(row=number, zh=error.zh, en=error.en))
        except ConversationError as error:
            left_out.append(BadRow(row=number, zh=error.zh, en=error.en))
    spoken = (_conversation(talk) for talk in talks.values() if talk.messages)
    return Imported(conversations=(*spoken, *whole), left_out=tuple(left_out))


def _of_line(line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise _RowError("不是 JSON", "is not JSON") from error
    if not isinstance(row, dict):
        raise _RowError("不是一个 JSON 对象", "is not a JSON object")
    if "messages" in row:
        return row
    known = {name: meaning for meaning, names in _COLUMNS.items() for name in names}
    return {known[str(k).lower()]: "" if v is None else str(v) for k, v in row.items() if str(k).lower() in known}


def _add(given: object, talks: dict[str, _Talk], shop: str) -> None:
    row = {k: str(v).strip() for k, v in given.items()} if isinstance(given, dict) else {}
    text = row.get("text", "")
    if not text:
        raise _RowError("没有消息内容", "has no message text")
    key = row.get("talk") or row.get("buyer") or "1"
    talk = talks.setdefault(key, _Talk(key, row.get("shop") or shop))
    role = _role(row, talk.shop)
    talk.order_id = talk.order_id or row.get("order_id", "")
    talk.messages.append(Message(role=role, text=text, at=_time(row.get("at", "")), name=row.get("name") or None))


def _role(row: Mapping[str, str], shop: str) -> Role:
    """Whose message it is: the role's column, the buyer's name, the shop's name; a row that tells by none is refused."""
    said, name, buyer = row.get("role", "").lower(), row.get("name", ""), row.get("buyer", "")
    if _CUSTOMER.search(said):
        return "customer"
    if _AGENT.search(said):
        return "agent"
    if name and buyer:
        return "customer" if name == buyer else "agent"
    if name and shop:
        return "agent" if name.startswith(shop) else "customer"
    if _CUSTOMER.search(name.lower()):
        return "customer"
    if _AGENT.search(name.lower()) or ":" in name:
        return "agent"
    raise _RowError("看不出是顾客还是客服说的", "does not tell whether the customer or the agent speaks")


def _time(text: str) -> datetime | None:
    """The time as the table has it; None for one that is missing. A time that can't be read is refused, not lost."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    for form in _TIMES:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise _RowError(f"的时间「{text[:24]}」读不懂", f"has a time that can't be read: {text[:24]}")


def _conversation(talk: _Talk) -> Conversation:
    """In the order of their times where every message has one, else as they stand in the file."""
    messages = talk.messages
    if all(m.at is not None for m in messages):
        messages = sorted(messages, key=lambda m: m.at or datetime.min)
    data: dict[str, object] = {
        "id": talk.key,
        "messages": [m.model_dump() for m in messages],
        "policy": {"shop": talk.shop},
    }
    if talk.order_id:
        data["order"] = {"order_id": talk.order_id}
    return Conversation.read(data)
