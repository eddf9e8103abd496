"""Chat logs that workbenches export: tables (Excel, CSV in any Chinese encoding, JSON, JSON Lines) and pasted text, into
conversations.

A row that can't be read is reported with its number and the reason; the rest is taken. What the tables' columns mean is
known by `chat_tables`. A log that is no table is read as a paste.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import re2

from assistant import chat_tables, chatlog
from assistant.conversation import Conversation, ConversationError, Message, Role
from assistant.engines.clock import SHOP_TIME
from knowledge.errors import KefuError
from knowledge.ingest.decode import decode
from knowledge.values import Value

MAX_BYTES = 64 << 20
_CUSTOMER = re2.compile(
    r"^(?:(?:来自)?(?:买家|顾客|客户|用户|消费者|客人)(?:消息|发送|发出)?|buyer|customer|user|client|in|inbound|recv|receive|接收|1)$"
)
_AGENT = re2.compile(
    r"^(?:(?:来自)?(?:客服|卖家|商家|店铺|人工|人工客服|商家客服|子账号|机器人|智能客服|自动回复)(?:消息|发送|发出|回复)?"
    r"|seller|agent|staff|merchant|service|assistant|waiter|robot|bot|out|outbound|send|发送|2)$"
)
_SYSTEM = re2.compile(r"系统|平台(?:消息|通知|提示)|通知|^(?:system|notice|event|tip)s?$")
_KINDS = (
    (re2.compile("图|image|picture|photo"), "[图片]"),
    (re2.compile("视频|video"), "[视频]"),
    (re2.compile("语音|音频|audio|voice"), "[语音]"),
    (re2.compile("表情|emoji|sticker|emotion"), "[表情]"),
    (re2.compile("订单|order"), "[订单]"),
    (re2.compile("商品|goods|item|product|card|卡片|链接|link"), "[商品链接]"),
    (re2.compile("文件|file"), "[文件]"),
)
"""What stands for a message that is no text."""
_URL = re2.compile(r"^https?://\S+$")
_EPOCH = re2.compile(r"^1\d{9}(?:\d{3})?(?:\.\d+)?$")
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M")  # fmt: skip


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
    found = _read(path, shop)
    if not found.conversations:
        why = found.left_out[0] if found.left_out else None
        raise KefuError(
            "export.empty",
            f"「{path.name}」里没有可用的对话" + (f":第 {why.row} 行{why.zh}。" if why else "。"),
            f"{path.name} holds no conversation" + (f": row {why.row} {why.en}." if why else "."),
        )
    return found


def _read(path: Path, shop: str) -> Imported:
    data, suffix = path.read_bytes(), path.suffix.lower()
    if suffix in (".xls", ".et"):
        raise KefuError(
            "export.old_excel",
            f"「{path.name}」是旧版表格:请用 Excel 或 WPS 另存为 .xlsx 或 .csv 再导入。",
            f"{path.name} is an old spreadsheet: save it as .xlsx or .csv.",
        )
    if suffix in (".xlsx", ".xlsm"):
        rows = chat_tables.of_excel(data, path.name)
        return _gathered(rows, shop) if rows else _no_heading(path)
    decoded = decode(data)
    if decoded is None:
        raise KefuError(
            "export.unreadable",
            f"「{path.name}」读不出文字:请另存为 UTF-8 的 CSV 再导入。",
            f"{path.name} can't be read as text: save it as CSV in UTF-8.",
        )
    text = decoded.text
    if suffix in (".jsonl", ".ndjson"):
        return _gathered(chat_tables.of_json_lines(text), shop)
    if suffix == ".json":
        rows = chat_tables.of_json(text)
        return _gathered(rows, shop) if rows else _no_heading(path)
    if rows := chat_tables.of_csv(text):
        return _gathered(rows, shop)
    log = chatlog.parse(text, shop)
    talk = {"messages": [m.model_dump() for m in log.messages], "policy": {"shop": shop}}
    return Imported(conversations=(Conversation.read(talk),) if log.messages else ())


def _no_heading(path: Path) -> Imported:
    raise KefuError(
        "export.no_heading",
        f"「{path.name}」里认不出哪一列是消息内容:请把表头写成「会话ID、发送人、发送时间、消息内容」这样的名字。",
        f"{path.name} has no column that is known to hold what was said: name its columns 会话ID, 发送人, 发送时间, 消息内容.",
    )


def _gathered(rows: chat_tables.Rows, shop: str) -> Imported:
    """Rows of one conversation together, whole conversations as they are; what can't be read is left out and said."""
    talks: dict[str, _Talk] = {}
    whole: list[Conversation] = []
    left_out: list[BadRow] = []
    numbered = list(rows)
    agents = {r["agent"] for _, r in numbered if isinstance(r, dict) and r.get("agent") and r["agent"] == r.get("name")}
    for number, row in numbered:
        try:
            if not isinstance(row, dict):
                raise (
                    _RowError("不是 JSON", "is not JSON")
                    if isinstance(row, str)
                    else _RowError("不是一个 JSON 对象", "is not a JSON object")
                )
            if "messages" in row:
                whole.append(Conversation.read(row))
            else:
                _add(row, talks, shop, agents)
        except (_RowError, ConversationError) as error:
            left_out.append(BadRow(row=number, zh=error.zh, en=error.en))
    spoken = (_conversation(talk) for talk in talks.values() if talk.messages)
    return Imported(conversations=(*spoken, *whole), left_out=tuple(left_out))


def _add(row: Mapping[str, str], talks: dict[str, _Talk], shop: str, agents: Set[str]) -> None:
    shop = row.get("shop") or shop
    text = _text(row)
    role = _role(row, shop, agents)
    at = _time(row.get("at", ""))
    key = row.get("talk") or row.get("buyer") or "1"
    if key == "1" and row.get("to"):
        key = row.get("name", "1") if role == "customer" else row["to"]
    talk = talks.setdefault(key, _Talk(key, shop))
    talk.order_id = talk.order_id or row.get("order_id", "")
    talk.messages.append(Message(role=role, text=text, at=at, name=row.get("name") or None))


def _text(row: Mapping[str, str]) -> str:
    """What was said, or what stands for a picture and the like. System messages are nobody's words."""
    kind, text = row.get("kind", "").lower(), row.get("text", "")
    if _SYSTEM.search(kind) or _SYSTEM.search(row.get("role", "").lower()):
        raise _RowError("是系统消息,不是谁说的话", "is a system message, nobody's words")
    stands_for = next((said for pattern, said in _KINDS if pattern.search(kind)), "")
    if stands_for and (not text or _URL.search(text)):
        return stands_for
    if not text:
        raise _RowError("没有消息内容", "has no message text")
    return text


def _role(row: Mapping[str, str], shop: str, agents: Set[str]) -> Role:
    """Whose message it is: by the role's column, the names of buyer and agents, who it went to, the shop's name; a row that
    tells by none is refused. `agents` are the names under which the file's agents were seen to speak.
    """
    said, name, buyer = row.get("role", "").lower(), row.get("name", ""), row.get("buyer", "")
    if _CUSTOMER.search(said):
        return "customer"
    if _AGENT.search(said):
        return "agent"
    agent, to = row.get("agent", ""), row.get("to", "")
    if name in agents:
        return "agent"
    if name and buyer:
        return "customer" if name == buyer else "agent"
    if to and to in (agent, buyer):
        return "customer" if to == agent else "agent"
    if name and agents:
        return "customer"
    if name and shop:
        return "agent" if name.startswith(shop) else "customer"
    if _CUSTOMER.search(name.lower()):
        return "customer"
    if _AGENT.search(name.lower()) or ":" in name:
        return "agent"
    raise _RowError("看不出是顾客还是客服说的", "does not tell whether the customer or the agent speaks")


def _time(text: str) -> datetime | None:
    """The shop's time, whatever the table has: a zone is converted, seconds and milliseconds since 1970 are read. None for
    one that is missing. A time that can't be read is refused, not lost.
    """
    if not text:
        return None
    if _EPOCH.search(text):
        seconds = float(text) / (1000 if float(text) > 1e11 else 1)
        return datetime.fromtimestamp(int(seconds), SHOP_TIME).replace(tzinfo=None)
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(SHOP_TIME).replace(tzinfo=None) if at.tzinfo else at
    except ValueError:
        pass
    for form in _TIMES:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise _RowError(f"的时间「{text[:24]}」读不懂", f"has a time that can't be read: {text[:24]}")


def _conversation(talk: _Talk) -> Conversation:
    """In the order of their times where every message has one, else as they stand in the file. A file may begin with the
    newest: messages of one second are then turned round too.
    """
    messages = talk.messages
    if all(m.at is not None for m in messages):
        newest_first = (messages[0].at or datetime.min) > (messages[-1].at or datetime.min)
        messages = sorted(messages[::-1] if newest_first else messages, key=lambda m: m.at or datetime.min)
    data: dict[str, object] = {
        "id": talk.key,
        "messages": [m.model_dump() for m in messages],
        "policy": {"shop": talk.shop},
    }
    if talk.order_id:
        data["order"] = {"order_id": talk.order_id}
    return Conversation.read(data)
