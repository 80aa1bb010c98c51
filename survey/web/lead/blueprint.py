"""The one blueprint of the lead's pages. The modules with views put theirs into it."""

from flask import Blueprint

bp = Blueprint("lead", __name__)
