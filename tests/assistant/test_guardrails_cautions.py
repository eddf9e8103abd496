"""Cautions: advice that manuals must not teach is named with its reason; ordinary advice is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.guardrails import Guardrails
from assistant.guardrails.__main__ import main


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


@pytest.mark.parametrize(
    ("advice", "category"),
    [
        ("遇到差评,尽量避免承认产品有问题,可以说是快递的原因。", "blame"),
        ("客服:这个价格已经比成本价还低了。", "promise.price"),
        ("向顾客保证以后绝不再发生类似情况。", "promise.no_recurrence"),
        ("给顾客返现5元,请对方修改差评。", "review_manipulation"),
        ("顾客抱怨时可以岔开话题,谈谈新品。", "blame"),
        ("五星好评晒图返现3元。", "review_manipulation"),
        ("引导老顾客加微信,线下付款更优惠。", "off_platform"),
        ("可以自称经理来安抚顾客。", "ungrounded"),
        ("隐瞒商品的瑕疵,等顾客发现再说。", "blame"),
        ("特价商品一律不退换。", "statutory.denial"),
    ],
)
def test_prohibited_advice_is_cautioned_with_its_reason(guardrails: Guardrails, advice: str, category: str) -> None:
    cautions = guardrails.cautions(advice)
    assert category in {c.category for c in cautions}
    assert all("原文「" in c.reason for c in cautions)


@pytest.mark.parametrize(
    "advice",
    [
        "先让客户把话说完,不打断,再复述一遍要点。",
        "不要用返现换好评,平台会处罚。",
        "切勿引导顾客加微信或线下付款。",
        "- ✗「五星好评返现3元」——违反规定",
        "查明原因后再答复,不要把责任推给快递。",
        "顾客要求加微信时,说明在平台内沟通更有保障。",
        "别名:转移话题法、搬运法",
        "价格是店铺统一定的,可以介绍页面上公开的活动。",
        "告诉顾客几点前会有答复,到点一定回来。",
        "请顾客如实评价,好的不好的都可以写。",
    ],
)
def test_ordinary_advice_and_warnings_are_left_alone(guardrails: Guardrails, advice: str) -> None:
    assert guardrails.cautions(advice) == ()


@pytest.mark.shared
def test_the_real_manuals_teach_what_is_cautioned(guardrails: Guardrails, shared: Path) -> None:
    found = {
        c.category
        for path in sorted((shared / "seeds").glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for c in guardrails.cautions(line)
    }
    assert {"promise.price", "review_manipulation", "blame"} <= found


def test_the_command_checks_a_file_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manual = tmp_path / "manual.md"
    manual.write_text("- 「给您补30元」\n- ✗「加我微信」——违规\n- 「您稍等」\n", encoding="utf-8")
    assert main([str(manual)]) == 1
    out = capsys.readouterr().out
    assert "manual.md:1: block compensation" in out
    assert "1 to mend" in out
    assert main([]) == 2
