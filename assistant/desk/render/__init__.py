"""Values as HTML. Everything that people or documents wrote goes through `markup.esc`: it is shown, never run."""
