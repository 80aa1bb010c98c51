"""Commands that are imported when they are called, so that the help of a group answers at once."""

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that knows some of its commands by name only.

    later: by name, where each is, and what the list of commands says about it.
    """

    def __init__(self, *args: Any, later: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._later = dict(later)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names; those of `later` last, in the order in which they are needed."""
        return [*super().list_commands(ctx), *self._later]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now if need be; None if there is none."""
        if cmd_name not in self._later:
            return super().get_command(ctx, cmd_name)
        module, _, name = self._later[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands. Nothing is imported for it."""
        said = {name: sentence for name, (_, sentence) in self._later.items()}
        names = self.list_commands(ctx)
        with formatter.section("Commands"):
            formatter.write_dl([(name, said.get(name) or self.commands[name].get_short_help_str(80)) for name in names])
