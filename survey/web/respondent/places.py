"""The names and the language with which an interview's questions are asked."""

from survey.services.interviewing import Head, PracticeView
from survey.texts import typographic
from survey.web.filters import origin
from survey.web.printing import Place


def place_of(head: Head, language: str, practice: PracticeView | None = None) -> Place:
    """For the questions about a practice, which name the region it is judged for; without one, about the respondent."""
    return Place(
        instrument=head.instrument,
        variant=head.variant,
        language=language,
        seed=head.seed,
        region=typographic((practice or head).region_spoken),
        origin=typographic(origin(practice.origin_spoken, practice.origin_country, language)) if practice else "",
        practice=typographic(practice.title) if practice else "",
    )
