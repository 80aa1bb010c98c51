"""How long an interview takes, as people are told before it: on the landing page and in invitations."""

from typing import Final

# Method, section 2.8: the web version takes some 3.3 minutes a practice, and 3 for what stands around them. Shown
# in steps of five, because nobody can tell it more exactly.
MINUTES_A_PRACTICE: Final = 3.3
MINUTES_AROUND: Final = 3
STEP_OF_MINUTES: Final = 5


def minutes(practices: int) -> int:
    """About how long it takes to judge so many practices."""
    needed = MINUTES_A_PRACTICE * practices + MINUTES_AROUND
    return int(-(-needed // STEP_OF_MINUTES) * STEP_OF_MINUTES)
