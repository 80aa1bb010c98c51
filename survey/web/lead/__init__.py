"""The project lead's pages: studies, results, downloads."""
