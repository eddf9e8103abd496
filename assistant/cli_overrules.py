"""`kefu overrules`: what was set aside, as candidates for the labelled sets."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from assistant.terminal import say


def overrules(
    limit: Annotated[int, typer.Option(min=1, help="最多几条 | how many at most")] = 200,
) -> None:
    """被推翻的提示和拦截,逐行 JSON,可作评测集的候选 | findings that were overruled, JSON Lines in the guard suite's shape."""
    from assistant.guardrails.inbound import mask
    from assistant.records import Records
    from assistant.records.overrules import newest
    from assistant.settings import Settings

    settings = Settings.read()
    settings.home.mkdir(parents=True, exist_ok=True)
    records = Records.open(settings.records_url, mask=lambda text: mask(text).text)
    try:
        for one in newest(records, limit):
            say(json.dumps(one.as_row(), ensure_ascii=False))
    finally:
        records.close()
