"""The respondent's path: personal link, consent, profile, practices, review, receipt, own data. One module per stage.

Loading this package puts every view into the blueprint.
"""

from survey.web.respondent.blueprint import bp
from survey.web.respondent.views import between, link, mails, my_data, practice, profile, review, withdrawal

__all__ = ["between", "bp", "link", "mails", "my_data", "practice", "profile", "review", "withdrawal"]
