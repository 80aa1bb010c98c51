"""The seal over names and addresses, which needs the installation's key for contacts."""

from flask import Flask, current_app

from survey.services.sealing import Seal
from survey.settings import Settings

EXTENSION = "survey-seal"


def init_app(app: Flask, settings: Settings) -> None:
    """Remember where the key is. It is read, or made, when the first name is: many installations hold none."""
    app.extensions[EXTENSION] = settings


def seal() -> Seal:
    """The application's seal."""
    found: Settings | Seal = current_app.extensions[EXTENSION]
    if isinstance(found, Settings):
        found = current_app.extensions[EXTENSION] = Seal(found.contact_key_in_use)
    return found
