"""Where everything is kept: SQLite in one file, or PostgreSQL by its URL."""

from survey.database.backup import back_up
from survey.database.database import Database
from survey.database.errors import Busy, DatabaseError, Reason, Unavailable
from survey.database.refusals import in_words
from survey.database.restore import restore

__all__ = ["Busy", "Database", "DatabaseError", "Reason", "Unavailable", "back_up", "in_words", "restore"]
