"""Converters of formatted files to text, each run in a process of its own with bounded time and memory.

Headings become Markdown's, tables Markdown tables, places and blocks notes (knowledge/ingest/marks.py).
"""
