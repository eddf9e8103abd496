"""Numbered migrations of the canonical knowledge store."""
