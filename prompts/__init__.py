"""What the chat model is told: one versioned file per prompt, loaded and validated by name. No prompt text in code."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from string import Template

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knowledge import datafile

PROMPTS = Path(__file__).parent
_VARIABLE = re.compile(r"\$\{?([a-z_]+)\}?")


class Prompt(BaseModel):
    """A prompt and the variables it needs, written `$name`. `version` goes into every draft's record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: int = Field(ge=1)
    purpose: str
    variables: tuple[str, ...]
    system: str
    user: str

    @model_validator(mode="after")
    def _variables_are_used(self) -> Prompt:
        used = set(_VARIABLE.findall(self.system + self.user))
        if used != set(self.variables):
            raise ValueError(f"variables declared {sorted(self.variables)} but used {sorted(used)}")
        return self

    def render(self, **values: str) -> tuple[str, str]:
        """The system and the user text. Raises KeyError for a variable that is not given."""
        return Template(self.system).substitute(values), Template(self.user).substitute(values)


@lru_cache(maxsize=32)
def load(name: str, folder: Path = PROMPTS) -> Prompt:
    """The prompt in `<name>.yaml`; DataFileError names file and line of a mistake."""
    return datafile.load(folder / f"{name}.yaml", Prompt)
