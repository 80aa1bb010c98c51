"""Addresses as others use them: from the settings, never from what a request says about its host."""

from survey.services import inviting
from survey.web.configuration import settings


def link_address(token: str) -> str:
    """The whole address of a personal link."""
    return inviting.link_address(settings().base_url, token)


def code_address() -> str:
    """Where somebody types a code that was read out, without "https://": it is read out, too."""
    return f"{settings().base_url.partition('://')[2]}/code"
