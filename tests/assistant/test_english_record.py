"""An order's Chinese record, told in English."""

from __future__ import annotations

import pytest

from assistant.engines import english_record


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("11-19 08:00 到达杭州转运中心", "arrived at the Hangzhou sorting centre (Nov 19, 08:00)"),
        ("19日22:10到成都", "arrived at the Chengdu sorting centre (the 19th, 22:10)"),
        ("11-20 06:50 到达本市网点,待派送", "at the local depot, waiting to be delivered (Nov 20, 06:50)"),
        ("08-28 快递公司确认遗失", "reported lost by the courier (Aug 28)"),
        ("In transit", "In transit"),
        ("状态未知", ""),
    ],
)
def test_a_stop_is_told_with_its_day(status: str, told: str) -> None:
    assert english_record.stop(status) == told


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("退货已于11-17签收入库", "return received at our warehouse (Nov 17)"),
        ("仓库11-18收到,验收中", "your return is being checked (Nov 18)"),
        ("商家已同意,待寄回", "the request has been approved"),
        ("换货件11-19已寄出", "the replacement has been sent (Nov 19)"),
        ("无", ""),
    ],
)
def test_a_return_is_told_by_how_it_stands(status: str, told: str) -> None:
    assert english_record.state(status) == told


def test_names_without_an_english_one_are_not_shown_in_chinese() -> None:
    assert english_record.courier("顺丰冷运") == "SF Express"
    assert english_record.courier("某某速递") == "the courier"
    assert english_record.signer("门卫室") == "the gatehouse"
