"""The desk (Gradio) and the REST interface on one FastAPI application."""

from assistant.desk.server import build_app, check_address, serve

__all__ = ["build_app", "check_address", "serve"]
