"""Where everything is kept: SQLite in one file, or PostgreSQL by its URL."""

from survey.database.database import Database
from survey.database.errors import Busy, DatabaseError

__all__ = ["Busy", "Database", "DatabaseError"]
