"""What project leads see. Loading this package puts every view into the blueprint."""

from survey.web.lead import letters, views
from survey.web.lead.blueprint import bp

__all__ = ["bp", "letters", "views"]
