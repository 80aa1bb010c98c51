"""The one blueprint of a respondent's pages. The modules in `views` put theirs into it."""

from flask import Blueprint

bp = Blueprint("respondent", __name__)
