"""The semantic layer: what patterns can't see, learnt from authored examples on the frozen embedding model."""
