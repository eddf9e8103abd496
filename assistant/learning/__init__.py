"""What agents change in the drafts, and what a knowledge manager makes of it: differences, the week, own wordings."""
