"""The codes that mean "no answer", and why there is none.

They are the method's own codes (docs: method, section 2.1): a blank is never stored. All of them fit one
signed byte, as does every answer, so one evaluation is one short row of bytes.
"""

from collections.abc import Mapping
from typing import Final

REFUSED: Final = 77
"""Asked, and the person preferred not to say."""

DONT_KNOW: Final = 88
"""Asked, and the person did not know. Missing, never the middle of a scale."""

NOT_APPLICABLE: Final = 99
"""Asked, and the question does not fit this practice or region."""

NOT_ASSIGNED: Final = -1
"""Not asked: the variant of the questionnaire does not have the question (planned missing)."""

ROUTED: Final = -2
"""Not asked: an earlier answer made the question pointless."""

NOT_REACHED: Final = -3
"""Not asked: the interview ended before the question came."""

NOT_ANSWERED: Final = -128
"""No answer so far. The only code that is not a result: an interview in progress has it."""

MISSING: Final = frozenset({REFUSED, DONT_KNOW, NOT_APPLICABLE, NOT_ASSIGNED, ROUTED, NOT_REACHED})
"""The six missing codes of the method."""

SPOKEN: Final = frozenset({REFUSED, DONT_KNOW, NOT_APPLICABLE})
"""Missing codes that a person gives; the other three follow from how the interview went."""

SKIPPED: Final = frozenset({NOT_ASSIGNED, ROUTED})
"""Missing codes that routing gives, and takes back when the way changes."""

OPEN: Final = frozenset({NOT_ANSWERED, NOT_REACHED})
"""Nothing was said yet: asking is still due."""

HIGHEST_CODE: Final = 127
"""The largest code that fits one signed byte. Answers are 0 to 127; negative codes all mean "not asked"."""


def is_answered(codes: Mapping[str, int], columns: tuple[str, ...]) -> bool:
    """Whether a person said something on these columns: an answer, or that they have none (77, 88, 99)."""
    return any(codes.get(column, NOT_ANSWERED) >= 0 for column in columns)
