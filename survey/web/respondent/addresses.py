"""Where a respondent's pages are."""

from typing import Final

from flask import url_for

from survey.services.interviewing import Head, Place

WHOLE: Final = "all"
"""The step in the address of a practice whose steps are all on one page."""


def address_of(where: Place, head: Head) -> str:
    """The page of an interview where somebody goes on."""
    if where.page != "practice":
        return url_for(f"respondent.{where.page}", interview_id=head.interview_id)
    step = WHOLE if head.layout == "whole" else where.step or head.instrument.steps[0].key
    return url_for("respondent.practice", interview_id=head.interview_id, position=where.position, step=step)


def back_to(text: str | None) -> str:
    """Where a page was come from: only the review is a place to go back to; "" is none."""
    return "review" if text == "review" else ""
