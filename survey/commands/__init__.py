"""The command line, `survey`. Each command is loaded when it is called, so that `survey --help` answers at once."""

from collections.abc import Mapping

import click

from survey.commands.lazy import LazyGroup

# Name -> where the command is, and what the list of commands says about it.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("survey.commands.demo:demo", "Try it out: a study filled with simulated answers, ready to look at."),
    "serve": ("survey.commands.serve:serve", "Serve the pages of this installation."),
    "worker": ("survey.commands.worker:worker", "Do the work that waits outside of requests, such as mails."),
    "jobs": ("survey.commands.jobs:jobs", "What waits for the worker, runs or has failed."),
    "db": ("survey.commands.db:db", "Make the database, bring it up to date, check it."),
    "check": ("survey.commands.check:check", "Prove that nothing is damaged and every answer is the one given."),
    "backup": ("survey.commands.backup:backup", "Write the whole database into one file, while people answer."),
    "restore": ("survey.commands.restore:restore", "Put a backup in the place of the database."),
    "people": ("survey.commands.people:people", "Accounts of the people who work on studies."),
    "study": ("survey.commands.study:study", "Make, open and close studies, and invite people to answer."),
    "mails": ("survey.commands.mails:mails", "Invite and remind by mail, and see what became of each mail."),
    "simulate": ("survey.commands.simulate:simulate", "Fill a study with simulated answers, marked as such."),
    "export": ("survey.commands.export:export", "Write the results of a study as a workbook or as data."),
}


@click.group(cls=LazyGroup, later=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="replicability-survey", prog_name="survey")
def main() -> None:
    """Find out by interviews whether good practices from elsewhere could be replicated in your region.

    Try it: `survey demo` fills a study with simulated answers and shows it at http://127.0.0.1:8000.

    Every command explains itself with --help. It ends with 0 when all went well, with 1 and a sentence when something
    was refused, and with 2 when it was called wrongly.
    """
