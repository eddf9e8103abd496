"""How a conversation reads."""

from assistant.situation.cues import CueBook
from assistant.situation.reader import SituationReader

__all__ = ["CueBook", "SituationReader"]
