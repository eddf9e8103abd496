"""The one family of errors that a person is meant to read."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]


class KefuError(Exception):
    """Something the user can understand and mend: what happened and what to do, in both product languages.

    `code` is stable and machine-readable ("document.empty"); `zh` and `en` name the thing and the remedy.
    """

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.zh = zh
        self.en = en

    def message(self, language: Language = "zh") -> str:
        return self.zh if language == "zh" else self.en

    def as_json(self, language: Language = "zh") -> dict[str, str]:
        """The contract's `{"code", "message"}`."""
        return {"code": self.code, "message": self.message(language)}


class DataFileError(KefuError):
    """A shipped or edited data file breaks its schema; names the file, the line and what is wrong."""

    def __init__(self, path: str, line: int, problem_zh: str, problem_en: str) -> None:
        super().__init__(
            "data.invalid",
            f"数据文件 {path} 第 {line} 行有误:{problem_zh}",
            f"{path}, line {line}: {problem_en}",
        )
        self.path = path
        self.line = line
