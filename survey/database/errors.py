"""What goes wrong between the program and its database, in sentences a person can act on."""


class DatabaseError(Exception):
    """The database cannot be used as it is: missing, of another version, or wrongly named."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Busy(DatabaseError):  # noqa: N818 (what a caller says: the database is busy)
    """A turn to write, or an answer, did not come in time. Nothing was saved; the same save may be sent again."""

    # Long enough for a queue of a hundred saves to empty.
    retry_after = 2

    def __init__(self, message: str = "Many people are saving at this moment. Please try again.") -> None:
        super().__init__(message)
