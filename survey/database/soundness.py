"""Whether the file of a SQLite database is whole. A server asks before it starts, `survey check` looks at everything.

Source: https://www.sqlite.org/pragma.html (quick_check, integrity_check, foreign_key_check).
"""

from typing import Any

MOST_TOLD = 20  # lines about one damaged file; more say nothing new


def damage_in(driver: Any, *, is_quick: bool) -> list[str]:
    """What SQLite finds wrong in the file behind a connection of its driver, in its words; empty when it is whole.

    quick: pages and records, some 200 MB a second; else also whether every index agrees with its table.
    """
    pragma = "quick_check" if is_quick else "integrity_check"
    try:
        found = [str(row[0]) for row in driver.execute(f"PRAGMA {pragma}({MOST_TOLD})").fetchall()]
    except Exception as error:
        if not is_damage(error):
            raise
        found = [str(error)]
    # A line may begin with "*** in database main ***" and go on below.
    return [line for words in found for line in words.splitlines() if line != "ok" and not line.startswith("***")]


def dangling_in(driver: Any) -> list[str]:
    """Rows that refer to nothing, a line each; the first of them where there are many."""
    found = driver.execute("PRAGMA foreign_key_check").fetchmany(MOST_TOLD)
    return [f"row {row} of {table} refers to a row of {parent} that is not there" for table, row, parent, _ in found]


def is_damage(error: BaseException | None) -> bool:
    """Whether an error of the driver says that the file is damaged or no database."""
    if isinstance(error, UnicodeDecodeError):
        # SQLite's sentence about a broken table repeats the broken name.
        return True
    sqlite_corrupt, sqlite_notadb = 11, 26
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite_corrupt, sqlite_notadb}
