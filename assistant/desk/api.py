"""REST under /api/v1: the contract's objects over HTTP. Errors are `{"error": {"code", "message"}}`."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, FastAPI, File, Header, Query, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assistant.application import Kefu
from assistant.conversation import Conversation
from assistant.desk import api_models as models
from assistant.desk import eval_runs
from assistant.desk.api_docs import docs_page
from assistant.desk.api_knowledge import add_passages, add_reviews, add_versions, saved
from assistant.desk.api_learning import add_learning
from assistant.desk.api_overrules import add_overrules
from assistant.desk.api_rules import add_rules
from assistant.desk.background import Finished, watched
from assistant.desk.uploads import held
from assistant.requests import check_input, check_output, query_texts, search_output
from assistant.values import Draft, ReplyLanguage, Tone
from knowledge.errors import KefuError, Language
from knowledge.values import IngestReport

log = logging.getLogger(__name__)

PREFIX = "/api/v1"
EVENT_STREAM = "text/event-stream"
NOT_FOUND = (
    "document.unknown", "review.unknown", "passage.unknown", "block.unknown", "version.unknown", "eval.unknown_suite",
    "rule.unknown", "wording.unknown", "records.no_draft",
)  # fmt: skip
CONFLICT = ("home.in_use", "home.locked", "rule.not_tried", "rule.by_hand", "wording.known")
FORBIDDEN = ("overrule.no_supervisor", "overrule.refused")
Json = dict[str, Any]


def add_to(app: FastAPI, kefu: Kefu) -> None:
    """Put the interface on `app`, with its errors and its documentation."""
    router = APIRouter(prefix=PREFIX, responses={400: {"model": models.ErrorOut}})
    _drafts(router, kefu)
    _checks(router, kefu)
    add_overrules(router, kefu)
    add_rules(router, kefu)
    _documents(router, kefu)
    add_reviews(router, kefu)
    add_passages(router, kefu)
    add_versions(router, kefu)
    add_learning(router, kefu)
    _evals(router, kefu)

    @router.get("/health", response_model=models.HealthOut, tags=["service"], summary="Is it up, and with what")
    def health() -> Json:
        documents = kefu.knowledge.documents()
        return {
            "status": "ok",
            "engine": "chat" if kefu.settings.chat_configured else "offline",
            "documents": len(documents),
            "passages": sum(d.passages for d in documents),
        }

    @router.get("/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(schema(router))

    @app.get("/api/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(schema(router)))

    app.include_router(router)
    add_errors(app)


def schema(router: APIRouter) -> Json:
    """The OpenAPI description, with the contract's own types among its components."""
    found = get_openapi(
        title="Kefu",
        version="1",
        description="Drafts, checks, search, documents and evaluation for Kefu. 客服助手的接口。",
        routes=router.routes,
    )
    template = "#/components/schemas/{model}"
    conversation = Conversation.model_json_schema(ref_template=template)
    components = found.setdefault("components", {}).setdefault("schemas", {})
    components.update(conversation.pop("$defs", {}))
    components["Conversation"] = conversation
    return found


_CONVERSATION_BODY: Json = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Conversation"},
                "example": {
                    "messages": [{"role": "customer", "text": "这件能便宜点吗"}],
                    "policy": {"shop": "暖屿家居", "authorised": ["coupon:5"]},
                },
            }
        },
    }
}


FINGERPRINT = "X-Kefu-Fingerprint"
"""The header that says for which conversation a draft was made."""
DRAFT = "X-Kefu-Draft"
"""The header with a draft's own id: what was sent in its place, and how it is rated, is told by it."""
_ToneAsked = Annotated[Tone, Query(description="normal, shorter, warmer or formal")]
_LanguageAsked = Annotated[
    ReplyLanguage | None, Query(description="zh-Hans, zh-Hant or en; the customer's when left out")
]


def _drafts(router: APIRouter, kefu: Kefu) -> None:
    @router.post(
        "/drafts",
        response_model=models.DraftOut,
        tags=["drafts"],
        summary="Draft a reply",
        description="With `Accept: text/event-stream`: events `sentence` (what is new), `draft` (the whole), `done`.",
        openapi_extra=_CONVERSATION_BODY,
    )
    def draft(
        body: Annotated[object, Body()],
        tone: _ToneAsked = "normal",
        language: _LanguageAsked = None,
        accept: Annotated[str, Header(include_in_schema=False)] = "",
        accept_language: Annotated[str, Header()] = "",
    ) -> Response:
        conversation = Conversation.read(body)
        asked = language_of(accept_language) if accept_language.strip() else None
        if EVENT_STREAM in accept:
            events = _draft_events(kefu, conversation, tone, language, asked)
            return _stream(events, language_of(accept_language))
        made = kefu.draft(conversation, tone, language)
        return JSONResponse(
            _drafted(made, conversation, asked), headers={FINGERPRINT: made.fingerprint, DRAFT: made.id}
        )

    @router.post(
        "/alternatives",
        response_model=models.AlternativesOut,
        tags=["drafts"],
        summary="Up to three drafts that differ in strategy",
        openapi_extra=_CONVERSATION_BODY,
    )
    def alternatives(
        body: Annotated[object, Body()],
        tone: _ToneAsked = "normal",
        language: _LanguageAsked = None,
        accept_language: Annotated[str, Header()] = "",
    ) -> Json:
        conversation = Conversation.read(body)
        asked = language_of(accept_language) if accept_language.strip() else None
        made = kefu.alternatives(conversation, tone, language)
        drafts = [
            {**_drafted(d, conversation, asked), "draft_id": d.id, "strategy": d.strategy, "gloss": d.gloss}
            for d in made
        ]
        return {"id": conversation.id, "drafts": drafts}

    @router.post(
        "/stale",
        response_model=models.StaleOut,
        tags=["drafts"],
        summary="Whether a draft is older than the conversation",
        description="`fingerprint` is what `X-Kefu-Fingerprint` said when the draft was made; the body is the conversation now.",
        openapi_extra=_CONVERSATION_BODY,
    )
    def stale(body: Annotated[object, Body()], fingerprint: Annotated[str, Query()]) -> Json:
        now = Conversation.read(body).fingerprint()
        return {"stale": now != fingerprint, "fingerprint": now}


def _drafted(draft: Draft, conversation: Conversation, asked: Language | None) -> Json:
    """The contract's object in the language asked for, with the caller's id for the conversation."""
    return {**draft.as_contract(asked), "id": conversation.id}


def _draft_events(
    kefu: Kefu, conversation: Conversation, tone: Tone, language: ReplyLanguage | None, asked: Language | None
) -> Iterator[tuple[str, Json]]:
    """Each sentence as soon as it is guarded, then the whole draft. `replaces`: forget the sentences before it."""
    said = ""
    last: Draft | None = None
    for last in kefu.stream(conversation, tone, language):
        if last.reply == said:
            continue
        grows = last.reply.startswith(said)
        start = len(said) if grows else 0
        span = [start, len(last.reply)]
        yield "sentence", {"text": last.reply[start:], "span": span, "replaces": not grows}
        said = last.reply
    if last is not None:
        yield "draft", {**_drafted(last, conversation, asked), "fingerprint": last.fingerprint, "draft_id": last.id}
    yield "done", {}


def _checks(router: APIRouter, kefu: Kefu) -> None:
    @router.post("/check", response_model=models.CheckOut, tags=["guardrails"], summary="Check a reply")
    def check(body: models.CheckIn) -> Json:
        reply, context = check_input(body.model_dump(exclude_none=True))
        return {"id": body.id, **check_output(kefu.audited_check(reply, context, "api"))}

    @router.post("/search", response_model=models.SearchOut, tags=["knowledge"], summary="Search the manuals")
    def search(body: models.SearchIn) -> Json:
        texts = query_texts(body.model_dump(exclude_none=True))
        answer, notice = kefu.search(texts, k=body.k)
        kefu.keep_search("\n".join(texts), answer)
        return {"id": body.id, **search_output(answer), "notice": notice or None}


def _documents(router: APIRouter, kefu: Kefu) -> None:
    @router.get("/documents", response_model=models.DocumentsOut, tags=["knowledge"], summary="The manuals in use")
    def documents() -> Json:
        return {"documents": [d.model_dump(mode="json") for d in kefu.knowledge.documents()]}

    @router.get("/documents/{document_id}", tags=["knowledge"], summary="A manual with its passages")
    def document(document_id: str) -> Json:
        return kefu.knowledge.document(document_id).model_dump(mode="json")

    @router.post(
        "/documents",
        response_model=IngestReport,
        tags=["knowledge"],
        summary="Add manuals, live at once; same name replaces",
    )
    def upload(
        files: Annotated[
            list[UploadFile], File(description="txt, md, html, docx, pptx, pdf, xlsx or csv, in any Chinese encoding")
        ],
    ) -> Json:
        with tempfile.TemporaryDirectory(prefix="kefu-upload-") as folder:
            given = [(file.filename or "", saved(file, Path(folder) / str(n))) for n, file in enumerate(files)]
            with held(kefu.settings.home, given) as paths:
                return kefu.knowledge.ingest(paths).model_dump(mode="json")

    @router.delete("/documents/{document_id}", status_code=204, tags=["knowledge"], summary="Remove a manual")
    def remove(document_id: str) -> Response:
        kefu.knowledge.document(document_id)
        kefu.knowledge.remove(document_id)
        return Response(status_code=204)


def _evals(router: APIRouter, kefu: Kefu) -> None:
    @router.get("/evals", response_model=models.SuitesOut, tags=["evaluation"], summary="The suites there are")
    def suites() -> Json:
        return {"suites": list(eval_runs.suite_names())}

    @router.post(
        "/evals",
        response_model=models.EvalOut,
        tags=["evaluation"],
        summary="Run suites",
        description="With `Accept: text/event-stream`: events `progress`, then `run`, then `done`.",
    )
    def run(
        body: models.EvalIn,
        accept: Annotated[str, Header(include_in_schema=False)] = "",
        accept_language: Annotated[str, Header()] = "",
    ) -> Response:
        names = body.suites or eval_runs.suite_names()
        if EVENT_STREAM in accept:
            return _stream(_eval_events(kefu, names), language_of(accept_language))
        return JSONResponse(eval_runs.output(eval_runs.run(kefu, names)))


def _eval_events(kefu: Kefu, names: tuple[str, ...]) -> Iterator[tuple[str, Json]]:
    for event in watched(lambda progress: eval_runs.run(kefu, names, progress)):
        if isinstance(event, Finished):
            yield "run", eval_runs.output(event.result)
        else:
            yield "progress", {"what": event.what, "done": event.done, "total": event.total}
    yield "done", {}


def _stream(events: Iterator[tuple[str, Json]], language: Language) -> StreamingResponse:
    """Server-sent events; an error on the way is an event of its own, and the last one."""

    def lines() -> Iterator[str]:
        try:
            for name, data in events:
                yield _event(name, data)
        except KefuError as error:
            yield _event("error", {"error": error.as_json(language)})
        except Exception:
            log.exception("stream failed")
            yield _event("error", {"error": _unexpected(language)})

    return StreamingResponse(lines(), media_type=EVENT_STREAM, headers={"cache-control": "no-store"})


def _event(name: str, data: Json) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def language_of(accept_language: str) -> Language:
    """Chinese, unless the first language asked for is English."""
    return "en" if accept_language.strip().lower().startswith("en") else "zh"


def _unexpected(language: Language) -> dict[str, str]:
    zh, en = "程序出了意外,已记入日志。", "Something unexpected happened; it is in the log."
    return {"code": "internal", "message": zh if language == "zh" else en}


def _status(code: str) -> int:
    if code in NOT_FOUND:
        return 404
    if code in FORBIDDEN:
        return 403
    return 409 if code in CONFLICT else 400


def add_errors(app: FastAPI) -> None:
    """Every error of the interface in one shape and in the language that was asked for."""

    def language(request: Request) -> Language:
        return language_of(request.headers.get("accept-language", ""))

    def answer(status: int, error: Mapping[str, str]) -> JSONResponse:
        return JSONResponse({"error": dict(error)}, status_code=status)

    def kefu_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, KefuError)
        return answer(_status(error.code), error.as_json(language(request)))

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "body"
        wrong = KefuError("request.invalid", f"请求里的 {where} 有误:{first['msg']}", f"{where}: {first['msg']}")
        return answer(422 if first["type"] != "json_invalid" else 400, wrong.as_json(language(request)))

    def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        wrong = KefuError(f"http.{error.status_code}", f"请求没有成功:{error.detail}", str(error.detail))
        return answer(error.status_code, wrong.as_json(language(request)))

    def unexpected(request: Request, error: Exception) -> Response:
        log.error("request failed", exc_info=error)
        return answer(500, _unexpected(language(request)))

    app.add_exception_handler(KefuError, kefu_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, unexpected)
