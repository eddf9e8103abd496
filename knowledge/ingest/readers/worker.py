"""The reading process: a file on standard input, JSON on standard output ({"text"} or {"code", "zh", "en"}).

Whatever else goes wrong ends the process with a status other than 0; the parent turns that into a refusal.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Final

from knowledge.errors import KefuError
from knowledge.ingest.readers import limits
from knowledge.ingest.readers.apart import OUT_OF_MEMORY
from knowledge.ingest.refusals import too_many_characters

READERS: Final = ("html", "docx", "pptx", "xlsx", "pdf")


def main(kind: str, name: str) -> int:
    assert kind in READERS
    _limit()
    try:
        text = importlib.import_module(f"knowledge.ingest.readers.{kind}").read(sys.stdin.buffer.read(), name)
        if len(text) > limits.CHARACTERS:
            raise too_many_characters(name, len(text))
        answer = {"text": text}
    except KefuError as error:
        answer = {"code": error.code, "zh": error.zh, "en": error.en}
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(json.dumps(answer).encode("ascii"))
    return 0


def _limit() -> None:
    """Bound this process; where the system has no such limits, the parent's clock alone does."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CPU, (limits.CPU_SECONDS, limits.CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere the limit is not kept or counts what is shared
        resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY, limits.MEMORY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], bytes.fromhex(sys.argv[2]).decode("utf-8", "replace")))
