"""The agent's own answer-by time: soon, inside working hours, and one that can be kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from assistant.conversation import Conversation

SHOP_TIME = ZoneInfo("Asia/Shanghai")
"""Shops and their workbenches keep Beijing time, wherever the server stands."""
_OPENS, _CLOSES = 9, 22
_USUAL, _UPSET = 119, 104
"""Minutes until the whole hour is cut off: an hour at the least, for who is upset three quarters of one."""
_REPLAY = timedelta(minutes=30)


def shop_now() -> datetime:
    """Local time of the shop, without zone, as order facts have it."""
    return datetime.now(SHOP_TIME).replace(tzinfo=None)


@dataclass(frozen=True)
class AnswerBy:
    """A whole hour on `days` days from now (0 or 1); `at_once`: within the hour, whatever the clock says."""

    hour: int
    days: int
    at_once: bool = False

    @classmethod
    def of(cls, conversation: Conversation, now: datetime, urgent: bool, at_risk: bool = False) -> AnswerBy:
        """Within the hour when somebody is at risk, about an hour from now when somebody is very upset, else one to two;
        tomorrow at ten when the shop is closed: who bleeds at six in the morning is not told ten o'clock.

        Who writes replies to conversations of a told time names an hour from now in the middle, two at most (the references
        of `evals/strangers`, third to fifth set).
        """
        base = _clock(conversation, now)
        if at_risk:
            due = base + timedelta(hours=1)
            return cls(due.hour, (due.date() - base.date()).days, at_once=True)
        if base.hour < _OPENS - 1:
            return cls(10, 0)
        due = base + timedelta(minutes=_UPSET if urgent else _USUAL)
        if due.date() != base.date() or due.hour > (_CLOSES + 1 if urgent else _CLOSES):
            return cls(10, 1)
        return cls(due.hour, 0)

    @property
    def zh(self) -> str:
        h = self.hour
        if self.at_once:
            return "1小时内"
        if self.days:
            return f"明天上午{h}点前"
        if h >= 18:
            return f"今晚{h - 12}点前"
        part = "上午" if h < 12 else "中午" if h == 12 else "下午"
        return f"今天{part}{h if h <= 12 else h - 12}点前"

    @property
    def en(self) -> str:
        if self.at_once:
            return "within the hour"
        clock = f"{self.hour if self.hour <= 12 else self.hour - 12} {'am' if self.hour < 12 else 'pm'}"
        return f"by {clock} {'tomorrow' if self.days else 'today'}"


def _clock(conversation: Conversation, now: datetime) -> datetime:
    """The time of the conversation's last message when it is of this hour (or a replay's future), else `now`."""
    times = [m.at.replace(tzinfo=None) for m in conversation.messages if m.at is not None]
    now = now.replace(tzinfo=None)
    return times[-1] if times and times[-1] > now - _REPLAY else now
