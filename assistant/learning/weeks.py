"""Weeks from Monday to Sunday in the shop's time, named as in ISO 8601: 2026-W47."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from assistant.engines.clock import SHOP_TIME
from knowledge.errors import KefuError

_NAME = re.compile(r"(\d{4})-?W(\d{1,2})")


class Week(NamedTuple):
    """A week by the day it begins on, always a Monday."""

    monday: date

    @classmethod
    def of(cls, day: date) -> Week:
        """The week that the day is in."""
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def parse(cls, name: str) -> Week:
        """2026-W47, or any day of the week as 2026-11-18. KefuError for anything else."""
        text = name.strip().upper()
        try:
            if found := _NAME.fullmatch(text):
                return cls(date.fromisocalendar(int(found.group(1)), int(found.group(2)), 1))
            return cls.of(date.fromisoformat(text))
        except ValueError as error:
            raise KefuError(
                "week.unreadable",
                f"「{name[:24]}」不是一周:请写成 2026-W47,或写这周里的任意一天,如 2026-11-18。",
                f"{name[:24]!r} is no week: write it as 2026-W47, or as any day of it, e.g. 2026-11-18.",
            ) from error

    @property
    def name(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02d}"

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def begins(self) -> datetime:
        """Monday 00:00 of the shop, as UTC without zone."""
        return datetime.combine(self.monday, time(), SHOP_TIME).astimezone(UTC).replace(tzinfo=None)

    @property
    def ends(self) -> datetime:
        """The moment at which the next week begins."""
        return self.before(-1).begins

    def before(self, weeks: int = 1) -> Week:
        """So many weeks earlier; later for a negative number."""
        return Week(self.monday - timedelta(weeks=weeks))


def week_of(at: datetime) -> Week:
    """The week of a moment given as UTC without zone."""
    return Week.of(at.replace(tzinfo=UTC).astimezone(SHOP_TIME).date())
