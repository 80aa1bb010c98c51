"""Pages: what a request asks, which service acts, which template answers. No rules of the survey live here."""
