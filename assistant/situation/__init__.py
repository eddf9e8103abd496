"""How a conversation reads."""

from assistant.situation.course import CourseReader
from assistant.situation.cues import CueBook
from assistant.situation.points import PointReader, sentences_of
from assistant.situation.reader import SituationReader

__all__ = ["CourseReader", "CueBook", "PointReader", "SituationReader", "sentences_of"]
