"""What goes wrong between the program and its database, in sentences a person can act on."""

from enum import StrEnum


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


class Reason(StrEnum):
    """Why the database cannot be used at this moment, as scripts and logs read it."""

    DISK_FULL = "disk_full"
    READ_ONLY = "read_only"
    DISK_ERROR = "disk_error"
    NO_ANSWER = "no_answer"
    DAMAGED = "damaged"


SENTENCES = {
    Reason.DISK_FULL: "The disk of the database is full",
    Reason.READ_ONLY: "The database may not be written to",
    Reason.DISK_ERROR: "The files of the database cannot be read or written",
    Reason.NO_ANSWER: "The database does not answer",
    Reason.DAMAGED: "The database is damaged",
}


class Unavailable(DatabaseError):  # noqa: N818 (what a caller says: the database is unavailable)
    """The database cannot be used until somebody mends what is around it. Nobody is told that anything was saved.

    A connection may break in the middle of a commit, so only the same save sent again, with the same number, tells
    what became of it. words: the driver's own, for who runs the program.
    """

    # Nobody frees a disk in two seconds, and everyone waiting asks again at this pace.
    retry_after = 5

    def __init__(self, reason: Reason, words: str) -> None:
        self.reason = reason
        self.words = words
        super().__init__(f"{SENTENCES[reason]}: {words}")
