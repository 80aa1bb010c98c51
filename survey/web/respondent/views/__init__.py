"""The respondent's path: link or code, consent, profile, practices, review, receipt, own data. One module per stage.

Loading this package puts every view into the blueprint.
"""

from survey.web.respondent.blueprint import bp
from survey.web.respondent.views import (
    between,
    code,
    join,
    link,
    mails,
    my_data,
    own_link,
    practice,
    profile,
    review,
    withdrawal,
)

__all__ = [
    "between",
    "bp",
    "code",
    "join",
    "link",
    "mails",
    "my_data",
    "own_link",
    "practice",
    "profile",
    "review",
    "withdrawal",
]
