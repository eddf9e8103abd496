"""What happened: drafts, what was sent instead, thumbs, searches, and who did what."""

from assistant.records.records import DraftRecord, Records, RecordsError

__all__ = ["DraftRecord", "Records", "RecordsError"]
