"""The application's hashing of passwords and codes: one of it, because each hash takes much memory."""

from flask import Flask, current_app

from survey.services.accounts import Passwords
from survey.settings import Settings

EXTENSION = "survey-passwords"


def init_app(app: Flask, settings: Settings) -> None:
    """Hash at the cost that the settings say."""
    app.extensions[EXTENSION] = Passwords(
        time_cost=settings.argon2_time_cost,
        memory_kib=settings.argon2_memory_kib,
        parallelism=settings.argon2_parallelism,
    )


def passwords() -> Passwords:
    """The application's hashing."""
    found: Passwords = current_app.extensions[EXTENSION]
    return found
