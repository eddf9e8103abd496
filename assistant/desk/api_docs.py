"""The REST interface's documentation as one plain page, made from its OpenAPI description; nothing is fetched."""

from __future__ import annotations

import json
from typing import Any

from assistant.desk.render.markup import esc, tag

_STYLE = """
body{font:14px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",system-ui,sans-serif;color:#1e293b;
background:#f6f7f9;max-width:960px;margin:32px auto;padding:0 20px}
h1{font-size:22px}article{background:#fff;border:1px solid #e2e8f0;border-radius:8px;padding:12px 18px;margin:12px 0}
h2{font-size:15px;margin:4px 0;font-family:ui-monospace,Consolas,monospace}h2 b{color:#0f766e;margin-right:8px}
pre{background:#f1f5f9;border-radius:6px;padding:10px;overflow:auto;font-size:12px}summary{cursor:pointer;color:#475569}
"""


def docs_page(schema: dict[str, Any]) -> str:
    """An HTML page that lists every operation with what it takes and gives."""
    parts = schema.get("components", {}).get("schemas", {})
    operations = "".join(
        _operation(method, path, operation, parts)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    )
    intro = tag("p", f'{esc(schema["info"]["description"])} <a href="/api/v1/openapi.json">openapi.json</a>')
    head = f'<meta charset="utf-8"><title>Kefu API</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html><html lang="zh-CN"><head>{head}</head><body><h1>Kefu API</h1>{intro}{operations}</body></html>'
    )


def _operation(method: str, path: str, operation: dict[str, Any], parts: dict[str, Any]) -> str:
    head = tag("h2", tag("b", esc(method.upper())) + esc(path)) + tag("p", esc(operation.get("summary", "")))
    head += tag("p", esc(operation["description"])) if "description" in operation else ""
    sides = []
    body = operation.get("requestBody", {}).get("content", {})
    sides += [("takes", kind, content) for kind, content in body.items()]
    for status, response in operation.get("responses", {}).items():
        if status.startswith("2"):
            sides += [("gives", kind, content) for kind, content in response.get("content", {}).items()]
    return tag("article", head + "".join(_side(title, kind, content, parts) for title, kind, content in sides))


def _side(title: str, kind: str, content: dict[str, Any], parts: dict[str, Any]) -> str:
    shown = _resolved(content.get("schema", {}), parts)
    example = content.get("example")
    text = json.dumps(example, ensure_ascii=False, indent=2) + "\n\n" if example else ""
    text += json.dumps(shown, ensure_ascii=False, indent=2)
    return tag("details", tag("summary", esc(f"{title} {kind}")) + tag("pre", esc(text)))


def _resolved(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference names, one step deep: enough to read, and never endless."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found = parts.get(name, schema)
    return found if isinstance(found, dict) else schema
