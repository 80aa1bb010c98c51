"""Where everything is kept: SQLite in one file, or PostgreSQL by its URL."""

from survey.database.database import Database
from survey.database.errors import Busy, DatabaseError, Reason, Unavailable
from survey.database.refusals import in_words

__all__ = ["Busy", "Database", "DatabaseError", "Reason", "Unavailable", "in_words"]
