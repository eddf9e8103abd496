"""How a conversation reads."""

from assistant.situation.cases import CaseReader
from assistant.situation.course import CourseReader
from assistant.situation.cues import CueBook
from assistant.situation.points import PointReader, sentences_of
from assistant.situation.reader import SituationReader

__all__ = ["CaseReader", "CourseReader", "CueBook", "PointReader", "SituationReader", "sentences_of"]
