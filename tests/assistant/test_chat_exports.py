"""Chats that workbenches export: columns by their many names, any Chinese encoding, bad rows named, the rest taken."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from assistant.chat_exports import read_export
from assistant.cli import app
from assistant.conversation import Conversation
from knowledge.errors import KefuError

QIANNIU = """会话ID,买家昵称,发送人,发送时间,消息内容,订单编号
c1,小雨,小雨,2026-11-20 10:21:05,伞收到了 骨架断了一根,2611200001
c1,小雨,暖屿旗舰店:小乔,2026-11-20 10:22:10,亲 麻烦拍张照,2611200001
c2,大海,大海,2026-11-20 10:23:00,"在吗, 想问尺码",
c1,小雨,小雨,2026-11-20 10:24:00,[图片],2611200001
"""


def _written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_becomes_conversations_whatever_its_encoding(tmp_path: Path, encoding: str) -> None:
    one, two = read_export(_written(tmp_path, "千牛.csv", QIANNIU, encoding)).conversations
    assert [(m.role, m.text) for m in one.messages] == [
        ("customer", "伞收到了 骨架断了一根"),
        ("agent", "亲 麻烦拍张照"),
        ("customer", "[图片]"),
    ]
    assert one.messages[0].at == datetime(2026, 11, 20, 10, 21, 5)
    assert one.order is not None
    assert one.order.order_id == "2611200001"
    assert two.messages[0].text == "在吗, 想问尺码"


@pytest.mark.parametrize(
    "table",
    [
        "客户昵称\t角色\t时间\t聊天内容\n小雨\t买家\t2026/11/20 10:21\t发货了吗\n小雨\t客服\t2026/11/20 10:22\t在查",
        "session_id,sender_type,created_at,content\n7,user,2026-11-20T10:21:00,发货了吗\n7,staff,2026-11-20T10:22:00,在查",
        "会话;消息方向;消息\n7;来自买家;发货了吗\n7;发送;在查",
    ],
)
def test_columns_are_known_by_the_names_that_the_workbenches_give_them(tmp_path: Path, table: str) -> None:
    (talk,) = read_export(_written(tmp_path, "x.csv", table)).conversations
    assert [(m.role, m.text) for m in talk.messages] == [("customer", "发货了吗"), ("agent", "在查")]


def test_json_lines_may_be_rows_or_whole_conversations(tmp_path: Path) -> None:
    lines = [
        {"conversation_id": "a", "role": "buyer", "content": "在吗"},
        {"messages": [{"role": "customer", "text": "退货"}], "policy": {"shop": "暖屿", "authorised": ["exchange"]}},
    ]
    path = _written(tmp_path, "x.jsonl", "\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    rows, whole = read_export(path).conversations
    assert rows.messages[0].text == "在吗"
    assert whole.policy.authorised == ("exchange",)


def test_bad_rows_are_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    table = "会话,角色,时间,内容\n1,买家,2026-11-20 10:00,在吗\n1,鬼,2026-11-20 10:01,哪位\n1,买家,明天,几点\n1,客服,,\n1,客服,,好的"
    found = read_export(_written(tmp_path, "x.csv", table))
    assert [m.text for m in found.conversations[0].messages] == ["在吗", "好的"]
    assert [(bad.row, bad.zh) for bad in found.left_out] == [
        (2, "看不出是顾客还是客服说的"),
        (3, "的时间「明天」读不懂"),
        (4, "没有消息内容"),
    ]


def test_messages_out_of_order_are_put_by_their_times(tmp_path: Path) -> None:
    table = "会话,角色,时间,内容\n1,客服,2026-11-20 10:05,好的\n1,买家,2026-11-20 10:00,在吗"
    (talk,) = read_export(_written(tmp_path, "x.csv", table)).conversations
    assert [m.text for m in talk.messages] == ["在吗", "好的"]


def test_a_log_that_is_no_table_is_read_as_a_paste(tmp_path: Path) -> None:
    (talk,) = read_export(_written(tmp_path, "x.txt", "小雨 2026-11-20 10:21:05\n在吗"), shop="暖屿").conversations
    assert talk.messages[0].text == "在吗"


def test_a_file_without_a_conversation_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(KefuError, match=r"x\.csv") as error:
        read_export(_written(tmp_path, "x.csv", "会话,角色,内容\n1,鬼,在吗"))
    assert "第 1 行看不出是顾客还是客服说的" in error.value.zh


def test_what_is_imported_can_be_drafted(tmp_path: Path) -> None:
    out = tmp_path / "talks.jsonl"
    source = _written(tmp_path, "千牛.csv", QIANNIU)
    result = CliRunner().invoke(app, ["import", str(source), "--out", str(out), "--shop", "暖屿旗舰店"])
    assert result.exit_code == 0, result.output
    talks = [Conversation.read(json.loads(line)) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [t.id for t in talks] == ["c1", "c2"]
    assert talks[0].policy.shop == "暖屿旗舰店"


def _sheet(folder: Path, *rows: list[object], name: str = "x.xlsx") -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(folder / name)
    return folder / name


class TestAsWorkbenchesExport:
    """The shapes that exports come in, one by one."""

    def test_excel_with_lines_above_the_heading(self, tmp_path: Path) -> None:
        path = _sheet(
            tmp_path,
            ["聊天记录明细"],
            ["店铺:暖屿旗舰店", None, "导出时间:2026-11-21"],
            [],
            ["会话ID", "顾客pin", "客服账号", "发送者类型", "发送时间(北京时间)", "消息类型", "消息内容"],
            ["s1", "jd_4f2a", "暖屿-小乔", "顾客", datetime(2026, 11, 20, 10, 21, 5), "文本", "伞骨断了一根"],
            ["s1", "jd_4f2a", "暖屿-小乔", "客服", datetime(2026, 11, 20, 10, 21, 40), "文本", "麻烦拍张照"],
            ["s1", "jd_4f2a", "暖屿-小乔", "顾客", datetime(2026, 11, 20, 10, 22), "图片", "https://img.example/1.jpg"],
        )
        found = read_export(path)
        (talk,) = found.conversations
        assert [(m.role, m.text) for m in talk.messages] == [
            ("customer", "伞骨断了一根"),
            ("agent", "麻烦拍张照"),
            ("customer", "[图片]"),
        ]
        assert talk.messages[1].at == datetime(2026, 11, 20, 10, 21, 40)
        assert found.left_out == ()

    def test_sender_and_receiver_tell_the_conversations_apart(self, tmp_path: Path) -> None:
        table = (
            "发送人,接收人,发送时间,内容\n小雨,暖屿:小乔,2026-11-20 10:00,在吗\n大海,暖屿:小乔,2026-11-20 10:01,发货没\n"
            "暖屿:小乔,小雨,2026-11-20 10:02,在的\n暖屿:小乔,大海,2026-11-20 10:03,我查下"
        )
        talks = read_export(_written(tmp_path, "千牛.csv", table), shop="暖屿").conversations
        assert {t.id: [m.text for m in t.messages] for t in talks} == {
            "小雨": ["在吗", "在的"],
            "大海": ["发货没", "我查下"],
        }

    def test_an_agent_is_known_by_the_column_of_agents(self, tmp_path: Path) -> None:
        table = "会话ID,接待客服,发送人,内容\n1,阿宁,momo,几号发\n1,阿宁,阿宁,我看下单子"
        (talk,) = read_export(_written(tmp_path, "飞鸽.csv", table)).conversations
        assert [m.role for m in talk.messages] == ["customer", "agent"]

    def test_an_agent_under_another_name_than_the_column_says_is_not_guessed(self, tmp_path: Path) -> None:
        table = "会话ID,客服账号,发送人,内容\n1,xy01,momo,几号发\n1,xy01,阿宁,我看下单子\n1,xy01,客服,好的"
        found = read_export(_written(tmp_path, "x.csv", table))
        assert [bad.row for bad in found.left_out] == [1, 2]

    def test_system_messages_are_left_out_and_said_to_be(self, tmp_path: Path) -> None:
        table = "会话ID,角色,消息类型,内容\n1,系统,文本,会话已转接\n1,用户,文本,在吗\n1,商家,系统通知,超时未回复"
        found = read_export(_written(tmp_path, "拼多多.csv", table))
        assert [m.text for m in found.conversations[0].messages] == ["在吗"]
        assert {bad.zh for bad in found.left_out} == {"是系统消息,不是谁说的话"}

    @pytest.mark.parametrize(
        "written",
        ["1795141265", "1795141265000", "2026-11-20T02:21:05Z", "2026-11-20T10:21:05+08:00", "2026/11/20 10:21:05",
         "2026.11.20 10:21:05", "2026年11月20日 10:21:05", "2026-11-20 10:21:05.000"],
    )  # fmt: skip
    def test_a_time_is_the_shops_however_it_is_written(self, tmp_path: Path, written: str) -> None:
        (talk,) = read_export(_written(tmp_path, "x.csv", f"会话,角色,时间,内容\n1,买家,{written},在吗")).conversations
        assert talk.messages[0].at == datetime(2026, 11, 20, 10, 21, 5)

    def test_a_file_that_begins_with_the_newest_is_turned_round(self, tmp_path: Path) -> None:
        table = (
            "会话,角色,时间,内容\n1,客服,2026-11-20 10:05,三\n1,买家,2026-11-20 10:00,二\n1,买家,2026-11-20 10:00,一"
        )
        (talk,) = read_export(_written(tmp_path, "x.csv", table)).conversations
        assert [m.text for m in talk.messages] == ["一", "二", "三"]

    @pytest.mark.parametrize("wrapped", [False, True])
    def test_json_with_keys_as_programs_write_them(self, tmp_path: Path, wrapped: bool) -> None:
        rows = [
            {"sessionId": 7, "fromRole": "BUYER", "msgContent": "在吗", "sendTime": 1795141265000, "ext": {"a": 1}},
            {"sessionId": 7, "fromRole": "SELLER", "msgContent": "在的", "sendTime": 1795141270000},
        ]
        text = json.dumps({"code": 0, "data": rows} if wrapped else rows, ensure_ascii=False)
        (talk,) = read_export(_written(tmp_path, "x.json", text)).conversations
        assert [(m.role, m.text) for m in talk.messages] == [("customer", "在吗"), ("agent", "在的")]

    @pytest.mark.parametrize(
        ("name", "text", "code"),
        [
            ("x.xls", "x", "export.old_excel"),
            ("x.xlsx", "PK no", "document.damaged"),
            ("x.json", "{}", "export.no_heading"),
            ("x.json", "[1,", "export.no_heading"),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_the_remedy(
        self, tmp_path: Path, name: str, text: str, code: str
    ) -> None:
        with pytest.raises(KefuError) as error:
            read_export(_written(tmp_path, name, text))
        assert error.value.code == code

    def test_excel_whose_columns_nobody_knows_says_how_to_name_them(self, tmp_path: Path) -> None:
        with pytest.raises(KefuError, match="消息内容") as error:
            read_export(_sheet(tmp_path, ["甲", "乙"], ["1", "2"]))
        assert error.value.code == "export.no_heading"
