"""The `kefu` command. Results go to standard output; progress, messages and logs to standard error.

Exit status: 0 done; 1 something failed or a gate did not hold; 2 wrong usage.
"""

from __future__ import annotations

import getpass
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from assistant.authority import Authority, UnknownAuthorityError
from assistant.batch import Answer, Row, each, read_text_file, run_batch
from assistant.cli_doctor import doctor
from assistant.cli_documents import documents_app, export
from assistant.cli_enrich import enrich, offer
from assistant.cli_eval import eval_app
from assistant.cli_guardrails import checking
from assistant.cli_import import import_chats
from assistant.cli_learning import learning, wordings_app
from assistant.cli_overrules import overrules
from assistant.cli_rules import rules_app
from assistant.settings import Settings, SettingsError
from assistant.terminal import errors, progress_bars, say, show_draft, show_ingest, show_search, show_verdict
from knowledge.errors import KefuError, Language

if TYPE_CHECKING:
    from assistant.application import Kefu
    from assistant.conversation import Conversation

R = TypeVar("R")

app = typer.Typer(
    help="Kefu 客服:给网店客服的草稿助手 | a copilot for the people who answer customers",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(documents_app, name="documents")
app.add_typer(eval_app, name="eval")
app.add_typer(rules_app, name="rules")
app.add_typer(wordings_app, name="wordings")
app.command("doctor")(doctor)
app.command("enrich")(enrich)
app.command("export")(export)
app.command("overrules")(overrules)
app.command("import")(import_chats)
app.command("learning")(learning)

Json = Annotated[bool, typer.Option("--json", help="输出 JSON | print JSON")]
Batch = Annotated[Path | None, typer.Option("--batch", help="JSON Lines 文件 | a JSON Lines file")]
Count = Annotated[int, typer.Option("-k", min=1, max=50, help="结果条数 | how many results")]


def main() -> None:
    """Run the command; a KefuError becomes one line on standard error and its exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    language: Language = "zh"
    try:
        language = Settings.read().language
        app()
    except KefuError as error:
        errors.print(error.message(language), style="red", markup=False, soft_wrap=True)
        sys.exit(2 if isinstance(error, SettingsError) else 1)


def _settings() -> Settings:
    return Settings.read()


@contextmanager
def open_kefu(*, prepare: bool = True) -> Iterator[Kefu]:
    """KEFU_HOME, open. A home that `kefu init` has not seen is made ready first, and said so."""
    from assistant.application import Kefu

    settings = _settings()
    fresh = not Kefu.is_ready(settings)
    with progress_bars() as report:
        kefu = Kefu.open(settings, progress=report)
        for repair in kefu.knowledge.repairs:
            errors.print(repair, markup=False)
        if fresh and prepare:
            errors.print(
                f"{settings.home} 还没有初始化,先装入随附资料 | first use: adding the shipped library", markup=False
            )
            kefu.initialise(report)
    with kefu:
        yield kefu


def _print_json(value: object) -> None:
    say(json.dumps(value, ensure_ascii=False, indent=2))


def _finish(status: int) -> None:
    if status:
        raise typer.Exit(status)


@app.command()
def init(
    empty: Annotated[bool, typer.Option("--empty", help="不装随附资料 | without the shipped library")] = False,
) -> None:
    """准备数据文件夹:离线模型、数据库、随附资料 | make KEFU_HOME ready."""
    with open_kefu(prepare=False) as kefu:
        with progress_bars() as report:
            documents = kefu.initialise(report, library=not empty).documents
        show_ingest_failures(documents)
        say(f"就绪 | ready: {kefu.settings.home}")


def show_ingest_failures(documents: Sequence[object]) -> None:
    """A library that does not go in whole is a failure of the installation."""
    failed = [d for d in documents if getattr(d, "status", "") == "failed"]
    for document in failed:
        errors.print(str(document), markup=False)
    _finish(1 if failed else 0)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址 | address")] = "",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口 | port")] = 0,
) -> None:
    """打开工作台 | serve the desk."""
    from assistant.desk.server import check_address
    from assistant.desk.server import serve as serve_desk

    settings = _settings()
    address = (host or settings.host, port or settings.port)
    check_address(*address)
    with open_kefu() as kefu:
        with progress_bars() as report:
            kefu.knowledge.prepare(report)
            kefu.warm()
        errors.print(f"工作台 | desk: http://{address[0]}:{address[1]}  (Ctrl+C 停止 | to stop)", markup=False)
        serve_desk(kefu, *address)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="文件或文件夹 | files or folders")],
    as_json: Json = False,
    enrich: Annotated[
        bool | None,
        typer.Option(help="大模型再设想顾客的问法(先说花费) | a chat model imagines customers' questions as well"),
    ] = None,
) -> None:
    """把手册放进知识库,直接使用 | put manuals into the knowledge base, live at once (the desk shows a preview first)."""
    with open_kefu() as kefu:
        with progress_bars() as report:
            result = kefu.knowledge.ingest(paths, progress=report, who=getpass.getuser())
        offer(kefu, {d.id for d in result.documents if d.status != "failed"}, enrich)
    if as_json:
        _print_json(result.model_dump(mode="json"))
    else:
        show_ingest(result)
    if any(d.status in ("added", "replaced") for d in result.documents):
        errors.print(
            "已直接使用;要先看预览再用,请在知识台上传 | live now; upload at the desk for a preview first", markup=False
        )
    _finish(1 if any(d.status == "failed" for d in result.documents) else 0)


@app.command()
def search(
    text: Annotated[str | None, typer.Argument(help="顾客的话或问题 | what to look for")] = None,
    count: Count = 5,
    as_json: Json = False,
    batch: Batch = None,
) -> None:
    """找出合适的技巧 | find the technique that fits."""
    from assistant.requests import query_texts, search_output

    _one_of(text, batch)
    with open_kefu() as kefu:
        if batch:

            def answer(rows: Sequence[Row]) -> Iterator[Answer | KefuError]:
                read = list(each(lambda row: {"texts": query_texts(row)})(rows))
                queries = [r["texts"] for r in read if isinstance(r, dict)]
                found = iter(kefu.knowledge.search_many(queries, k=count))  # type: ignore[arg-type]
                for one in read:
                    yield one if isinstance(one, KefuError) else search_output(next(found))

            _finish(run_batch(batch, answer, sys.stdout, kefu.settings.language, chunk=64))
            return
        found, notice = kefu.search(query_texts({"query": text}), k=count)
        if notice:
            errors.print(notice, markup=False)
    if as_json:
        _print_json({"id": None, **search_output(found)})
    else:
        show_search(found)


@app.command()
def check(
    text: Annotated[str | None, typer.Argument(help="要检查的回复 | the reply")] = None,
    authorised: Annotated[str, typer.Option(help="授权,逗号分隔 | authority ids, comma-separated")] = "",
    as_json: Json = False,
    batch: Batch = None,
) -> None:
    """检查一条回复能不能发 | check a reply."""
    from assistant.requests import check_input, check_output

    _one_of(text, batch)
    try:
        allowed = [str(Authority.parse(a)) for a in authorised.split(",") if a.strip()]
    except UnknownAuthorityError as error:
        raise typer.BadParameter(error.zh, param_hint="--authorised") from error
    settings = _settings()
    if batch:
        guardrails = checking(settings)

        def answer(rows: Sequence[Row]) -> Iterator[Answer | KefuError]:
            read = [_or_error(check_input, row) for row in rows]
            verdicts = iter(guardrails.check_all([one for one in read if not isinstance(one, KefuError)]))
            for one in read:
                yield one if isinstance(one, KefuError) else check_output(next(verdicts))

        _finish(run_batch(batch, answer, sys.stdout, settings.language, chunk=64))
        return
    given = check_input({"reply": text, "authorised": allowed})
    verdict = checking(settings).check(*given)
    if as_json:
        _print_json({"id": None, **check_output(verdict)})
    else:
        show_verdict(verdict, settings.language)


def _or_error(read: Callable[[Row], R], row: Row) -> R | KefuError:
    try:
        return read(row)
    except KefuError as error:
        return error


@app.command()
def draft(
    conversation: Annotated[
        Path | None, typer.Option(help="JSON 或聊天记录文本 | a JSON file, or a pasted chat log")
    ] = None,
    as_json: Json = False,
    batch: Batch = None,
) -> None:
    """起草一条回复 | draft a reply."""
    from assistant.conversation import Conversation

    _one_of(conversation, batch)
    with open_kefu() as kefu:
        if batch:
            drafted: Callable[[Row], Answer] = lambda row: kefu.draft(Conversation.read(row)).as_contract()  # noqa: E731
            _finish(run_batch(batch, each(drafted), sys.stdout, kefu.settings.language))
            return
        assert conversation is not None
        asked = _read_conversation(conversation)
        result = kefu.draft(asked)
    if as_json:
        _print_json(result.as_contract() | {"id": asked.id or result.id})
    else:
        show_draft(result)


def _read_conversation(path: Path) -> Conversation:
    from assistant.chatlog import parse
    from assistant.conversation import Conversation

    text = read_text_file(path)
    if text.lstrip().startswith("{"):
        try:
            return Conversation.read(json.loads(text))
        except json.JSONDecodeError as error:
            raise KefuError(
                "input.not_json", f"文件 {path} 不是完整的 JSON:{error.msg}", f"{path} is not whole JSON: {error.msg}"
            ) from error
    return Conversation.read({"messages": [m.model_dump() for m in parse(text).messages]})


@app.command("settings")
def show_settings(as_json: Json = False) -> None:
    """列出全部设置 | list every setting."""
    settings = _settings()
    rows = {
        (field.validation_alias if isinstance(field.validation_alias, str) else f"KEFU_{name.upper()}"): (
            str(getattr(settings, name)),
            field.description or "",
        )
        for name, field in type(settings).model_fields.items()
    }
    if as_json:
        _print_json({name: value for name, (value, _) in rows.items()})
        return
    for name, (value, description) in rows.items():
        say(f"{name:24} {value:40} {description}")


def _one_of(given: object, batch: Path | None) -> None:
    if (given is None) == (batch is None):
        raise typer.BadParameter("给出内容或 --batch 文件,二选一 | give either the input or --batch FILE")
