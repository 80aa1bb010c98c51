"""Commands that keep the lines of their examples and tell refusals in words."""

import inspect
import re
from collections.abc import Mapping
from typing import Any

import click

from survey.commands.lazy import LazyGroup
from survey.commands.refusals import in_words

# click runs the lines of a paragraph together unless this sign stands above it.
_KEEP_LINES = "\b\n"
_EXAMPLES = re.compile(r"^(?=Examples?:$)", re.MULTILINE)


def with_lines_kept(words: str | None) -> str | None:
    """The help of a command, with the examples at its end line by line."""
    return _EXAMPLES.sub(_KEEP_LINES, inspect.cleandoc(words)) if words else words


class Command(click.Command):
    """A command whose expected refusals are a sentence on stderr and exit code 1."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["help"] = with_lines_kept(kwargs.get("help"))
        super().__init__(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        with in_words():
            return super().invoke(ctx)


class Group(LazyGroup):
    """A group of such commands."""

    def __init__(self, *args: Any, later: Mapping[str, tuple[str, str]] | None = None, **kwargs: Any) -> None:
        kwargs["help"] = with_lines_kept(kwargs.get("help"))
        super().__init__(*args, later=later or {}, **kwargs)
