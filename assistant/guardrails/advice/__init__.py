"""Prohibited advice told by its letters, learnt from authored lines: what patterns did not think of."""
