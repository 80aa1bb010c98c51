"""The settings of the application, for the few views that ask about its surroundings."""

from flask import Flask, current_app

from survey.settings import Settings

EXTENSION = "survey-settings"


def init_app(app: Flask, settings: Settings) -> None:
    """Remember them."""
    app.extensions[EXTENSION] = settings


def settings() -> Settings:
    """What the application was made with."""
    found: Settings = current_app.extensions[EXTENSION]
    return found
