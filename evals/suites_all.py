"""Every suite there is. Importing this registers them, in the order in which they are run and shown."""

from evals import (
    suite_evasions,
    suite_golden,
    suite_guard,
    suite_injection,
    suite_personas,
    suite_retrieval,
    suite_shipped,
    suite_situation,
)

__all__ = [
    "suite_evasions",
    "suite_golden",
    "suite_guard",
    "suite_injection",
    "suite_personas",
    "suite_retrieval",
    "suite_shipped",
    "suite_situation",
]
