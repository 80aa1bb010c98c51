"""Does a file hold what its shape asks for? Every misfit with its place in the file."""

from collections.abc import Iterator
from typing import TypeVar

from pydantic import ValidationError

from instruments.shape import Shape
from instruments.sources import Document, Found, Place

Model = TypeVar("Model", bound=Shape)


def fit(document: Document, model: type[Model]) -> Model | None:
    """The document as this model; None, and a problem for everything that does not fit."""
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        for place, message in _problems(error, document):
            document.problem(place, message)
        return None


def _problems(error: ValidationError, document: Document) -> Iterator[Found]:
    """Each place once: pydantic reports every branch of a union that does not fit."""
    messages: dict[Place, dict[str, None]] = {}
    for found in error.errors(include_url=False):
        place = _place(found["loc"], document)
        missing = found["type"] in {"missing", "extra_forbidden"}
        message = f"{found['loc'][-1]}: {found['msg']}" if missing else found["msg"]
        messages.setdefault(place, {})[message] = None
    for place, different in messages.items():
        yield place, "; or ".join(different)


def _place(loc: Place, document: Document) -> Place:
    """Pydantic's location without the names of union branches, which are not in the file."""
    place: Place = ()
    for part in loc:
        if (*place, part) in document.lines:
            place = (*place, part)
    return place
