"""What a wording leaves open though the shop has decided it: such a wording is not said."""

from __future__ import annotations

from collections.abc import Mapping

import re2

from assistant.engines import Brief
from knowledge.phrasebook import Move, Slot, Wording
from knowledge.values import AuthorityKind

_OPEN: tuple[tuple[AuthorityKind, Slot | None, re2._Regexp], ...] = (
    (
        "refund_approved",
        None,
        re2.compile(
            r"能不能退(?:[,。;、]|给|我|您|$)|能退不能退|退不退|(?:看|问|请示|核)[^,。;]{0,6}能不能退|能不能退、"
        ),
    ),
    ("refund_approved", None, re2.compile(r"补多少|补偿[^,。;]{0,6}(?:请示|多少)|能(?:给|补)多少|能不能补")),
    ("refund_7day_no_reason", "return_window_in", re2.compile(r"能不能退(?:[,。;、]|$)|能退不能退|退不退得了")),
    ("exchange", None, re2.compile(r"能不能换(?:[,。;、]|给|$)|换不换得")),
    (
        "return_freight_by_seller",
        None,
        re2.compile(
            r"(?:运费|邮费)[^,。;]{0,4}(?:归谁|谁出|谁付|该不该)|运费[^,。;]{0,4}(?:由|要)?您(?:付|出|承担)|运费归谁"
        ),
    ),
    ("warranty_1y", "warranty_in", re2.compile(r"在不在保|过没过保|是否在保")),
    ("warranty_1y", "warranty_over", re2.compile(r"在不在保|过没过保|是否在保")),
)
"""By what is granted (and the order's fact that makes it hold) the words that ask whether it is."""


def leaves_open(wording: Wording, move: Move, brief: Brief, known: Mapping[Slot, str]) -> bool:
    """Whether the wording speaks of what is granted as undecided."""
    granted = {a.kind for a in brief.conversation.policy.authorities}
    return any(
        kind in granted
        and kind not in move.authority
        and (needs is None or needs in known)
        and words.search(wording.zh)
        for kind, needs, words in _OPEN
    )
