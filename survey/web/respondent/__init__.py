"""Pages for the people who are asked."""
