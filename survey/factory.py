"""Puts the application together. Steps only; what a step does stands in its module."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from instruments import load_all
from survey.database import Database
from survey.settings import Settings
from survey.web import (
    api,
    assets,
    configuration,
    errors,
    filters,
    guards,
    headers,
    health,
    languages,
    lead,
    mails,
    passwords,
    patience,
    printing,
    sealing,
    sessions,
)
from survey.web import database as web_database
from survey.web.account import views as account
from survey.web.respondent import views as respondent


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """The web application for these settings; `database` is made from them when it is not given.

    InstrumentError when a published questionnaire is no longer what was published: answers would be kept under
    questions that nobody was asked. A database that is made here is looked at, too: DatabaseError when it is missing,
    damaged or of another version.
    """
    load_all()
    app = Flask(__name__)
    configuration.init_app(app, settings)
    _configure(app, settings)
    _believe_proxies(app, settings.trusted_proxies)
    web_database.init_app(app, database or _sound_database(settings))
    sealing.init_app(app, settings)
    passwords.init_app(app, settings)
    sessions.init_app(app, secure=settings.secure_cookies)
    headers.init_app(app, https=settings.secure_cookies)
    assets.init_app(app)
    languages.init_app(app)
    filters.init_app(app)
    printing.init_app(app)
    mails.init_app(app)
    errors.init_app(app)
    CSRFProtect(app)
    app.register_blueprint(account.bp)
    app.register_blueprint(respondent.bp)
    app.register_blueprint(api.bp)
    app.register_blueprint(lead.bp)
    app.register_blueprint(health.bp)
    guards.refuse_unguarded_views(app)
    patience.init_app(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        MAX_CONTENT_LENGTH=settings.largest_body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.largest_body_bytes,
        MAX_FORM_PARTS=2_000,
        # A token lives as long as the browser's session: nobody loses an answer for reading slowly.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}


def _believe_proxies(app: Flask, number: int) -> None:
    """Take a visitor's address from the proxies in front, for limits; what a visitor claims further left is not read.

    Without proxies the header is ignored, and behind one that is not declared all visitors are one network.
    """
    if number:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=0)  # type: ignore[method-assign]


def _sound_database(settings: Settings) -> Database:
    database = Database(settings.database_url, data_dir=settings.data_dir, wait_seconds=settings.wait_seconds)
    database.require_sound()
    return database
