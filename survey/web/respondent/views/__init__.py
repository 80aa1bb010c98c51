"""The respondent's path: personal link, consent, profile, practices, review, receipt. One module per stage.

Loading this package puts every view into the blueprint.
"""

from survey.web.respondent.blueprint import bp
from survey.web.respondent.views import between, link, practice, profile, review

__all__ = ["between", "bp", "link", "practice", "profile", "review"]
