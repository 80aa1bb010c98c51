"""What pages need to know about mail: whether any is sent, and what stands behind the @ of Message-IDs."""

from flask import Flask

from survey.web.configuration import settings


def init_app(app: Flask) -> None:
    """Templates ask `sends_mail()`: without a mail server no page promises a mail."""
    app.jinja_env.globals["sends_mail"] = sends_mail


def sends_mail() -> bool:
    """Whether this installation has a mail server."""
    return settings().mail_server is not None


def mail_domain() -> str:
    """The domain of Message-IDs."""
    return settings().mail_domain
