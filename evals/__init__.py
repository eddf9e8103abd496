"""Golden conversations and labelled sets that say, before a release, what got worse."""
