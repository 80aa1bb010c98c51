"""How Alembic runs the migrations: on the connection it is handed, in the transaction that is open there."""

from alembic import context
from sqlalchemy import Connection

from survey.models import Base


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        # SQLite changes a table by copying it. A copy has no triggers: a migration of answer_change makes them again.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
