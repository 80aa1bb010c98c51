"""`survey people`: accounts for leads and others who work on studies."""

import sys
from pathlib import Path

import click

from survey.commands.command import Command, Group
from survey.commands.installation import data_dir_option, installation, utc_now
from survey.models import Role
from survey.services import accounts
from survey.services.errors import BadFields


@click.group(cls=Group)
def people() -> None:
    """Accounts of the people who work on studies.

    Example:
      survey people add robin@example.org --role lead --study demo
    """


@people.command(cls=Command)
@click.argument("email")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    required=True,
    help="lead: results and downloads. viewer: results only. interviewer: calls. admin: the whole server.",
)
@click.option("--study", metavar="KEY", help="The study the role is for. Only an admin may do without.")
@click.option("--name", default="", help="How the person is called on pages.  [default: the address]")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
@data_dir_option
def add(*, email: str, role: str, study: str | None, name: str, password_stdin: bool, data_dir: Path | None) -> None:
    """Make an account. Asks for a password of 12 characters or more, twice.

    Examples:
      survey people add robin@example.org --role lead --study alps-2026
      pass survey/robin | survey people add robin@example.org --role admin --password-stdin
    """
    if study is None and role != Role.ADMIN:
        raise click.UsageError(f"A {role} needs --study KEY.")
    with installation(data_dir) as database:
        if password_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            # Nobody should think of a password, and type it twice, for an account that cannot be made.
            with database.reading() as session:
                problems = accounts.account_problems(session, email=email, study_key=study)
            if problems:
                raise BadFields(problems)
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        passwords = accounts.Passwords()
        with database.writing() as session:
            person = accounts.add_person(
                session,
                email=email,
                name=name,
                password=password,
                role=Role(role),
                study_key=study,
                now=utc_now(),
                passwords=passwords,
            )
        where = f"of the study {study}" if study else "of the whole server"
        click.echo(f"{person.email} can sign in now, as {role} {where}.")
