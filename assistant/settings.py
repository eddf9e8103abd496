"""Every setting, from KEFU_... variables or `settings.toml` in KEFU_HOME; validated, listed by `kefu settings`."""

from __future__ import annotations

import os
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from knowledge.errors import KefuError


class SettingsError(KefuError):
    """A setting has a value that can't be used; names the setting and the remedy."""


def home_from_environment() -> Path:
    """KEFU_HOME, or the platform's user-data folder."""
    given = os.environ.get("KEFU_HOME")
    return Path(given).expanduser() if given else user_data_path("kefu", appauthor=False)


class _HomeFile(PydanticBaseSettingsSource):
    """`settings.toml` inside KEFU_HOME; variables win over it."""

    def get_field_value(self, field: object, field_name: str) -> tuple[object, str, bool]:  # noqa: ARG002
        return None, field_name, False

    def __call__(self) -> dict[str, object]:
        path = home_from_environment() / "settings.toml"
        if not path.is_file():
            return {}
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(
                "settings.invalid", f"设置文件 {path} 有误:{error}", f"Settings file {path} is wrong: {error}"
            ) from error


class Settings(BaseSettings):
    """What can be set. Each field's variable is KEFU_<NAME>, but for the two that every OpenAI client shares."""

    model_config = SettingsConfigDict(env_prefix="KEFU_", extra="forbid", frozen=True, populate_by_name=True)

    home: Path = Field(default_factory=home_from_environment, description="data folder | 数据文件夹")
    language: Literal["zh", "en"] = Field(default="zh", description="language of messages | 提示语言")
    embedding_model: str = Field(
        default="", description="Hugging Face id or folder; empty: the offline model | 向量模型,空为离线模型"
    )
    embedding_precision: Literal["fp32", "bf16"] = Field(
        default="fp32", description="bf16: twice as fast on processors that have it | 向量计算精度"
    )
    openai_base_url: str = Field(
        default="",
        validation_alias="OPENAI_BASE_URL",
        description="chat endpoint (OPENAI_BASE_URL) | 大模型地址",
    )
    openai_api_key: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="OPENAI_API_KEY",
        description="its key (OPENAI_API_KEY) | 密钥",
    )
    chat_model: str = Field(
        default="", description="chat model's name; empty: the offline engine | 大模型名,空为离线引擎"
    )
    chat_timeout_s: float = Field(
        default=20.0, gt=0, le=600, description="seconds for a whole chat reply | 大模型超时(秒)"
    )
    chat_context_tokens: int = Field(default=8192, ge=1024, description="context to fill at most | 上下文上限")
    chat_temperature: float = Field(default=0.3, ge=0, le=2, description="sampling temperature | 采样温度")
    chat_seed: int = Field(default=7, description="sampling seed | 采样种子")
    guard_opinion: bool = Field(
        default=False,
        description="1: ask the chat model where rules and semantic layer disagree | 规则与语义层不一致时请大模型复核",
    )
    guard_opinion_timeout_s: float = Field(
        default=3.0, gt=0, le=30, description="seconds for that opinion; later is unknown | 复核超时(秒)"
    )
    rerank_with_chat: bool = Field(
        default=False, description="let the chat model order the first results | 用大模型重排搜索结果"
    )
    rerank_timeout_s: float = Field(
        default=6.0, gt=0, le=60, description="seconds for that, then the plain order | 重排超时(秒)"
    )
    supervisor_passphrase: SecretStr = Field(
        default=SecretStr(""),
        description="who knows it may overrule a block; empty: nobody | 主管口令,空则无人可推翻拦截",
    )
    host: str = Field(default="127.0.0.1", description="address the desk binds to | 监听地址")
    port: int = Field(default=7860, ge=1, le=65535, description="its port | 端口")
    database_url: str = Field(default="", description="records database; empty: SQLite in KEFU_HOME | 记录库")

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _HomeFile(settings_cls)

    @classmethod
    def read(cls) -> Settings:
        """The settings in force; SettingsError for a bad or unknown one."""
        known = {"KEFU_" + name.upper() for name in cls.model_fields}
        unknown = sorted(k for k in os.environ if k.startswith("KEFU_") and k not in known)
        if unknown:
            raise SettingsError(
                "settings.unknown",
                f"没有设置项 {unknown[0]}:请用 kefu settings 查看全部设置项。",
                f"There is no setting {unknown[0]}: see `kefu settings` for all of them.",
            )
        try:
            return cls()
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ".".join(str(p) for p in first["loc"])
            raise SettingsError(
                "settings.invalid",
                f"设置项 {name} 有误:{first['msg']}(收到 {first.get('input')!r})",
                f"Setting {name} is wrong: {first['msg']} (got {first.get('input')!r})",
            ) from error

    @property
    def records_url(self) -> str:
        """Where records are kept."""
        return self.database_url or f"sqlite:///{self.home / 'records.db'}"

    @cached_property
    def chat_configured(self) -> bool:
        """A model's name and an endpoint or key: with neither, the offline engine writes."""
        return bool(self.chat_model and (self.openai_base_url or self.openai_api_key.get_secret_value()))
