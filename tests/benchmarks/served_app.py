"""Our application for the page-step benchmark: one open study, one link per client.

Run: python served_app.py PORT FOLDER SERVER CLIENTS

Prints the links, one a line, then serves in the same way as the plain application.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from serving import serve

from survey.catalogue import read_catalogue
from survey.database import Database
from survey.factory import create_app
from survey.queries.studies import region_by_key, regions_of
from survey.services import inviting, studying
from survey.settings import Settings
from survey.texts import LANGUAGES


def make_links(database: Database, clients: int) -> list[str]:
    now = datetime.now(UTC)
    with database.writing() as session:
        study = studying.create_study(
            session,
            key="bench",
            titles=dict.fromkeys(LANGUAGES, "Benchmark"),
            owner=dict.fromkeys(LANGUAGES, "Benchmark"),
            contact_email="bench@example.org",
            now=now,
            simulated=True,
        )
        studying.add_catalogue(session, study, read_catalogue())
        studying.open_study(session, study, now=now)
        regions = [region_by_key(session, study.id, key) for key in regions_of(session, study.id)]
        return [
            inviting.invite(
                session, study, region=regions[n % len(regions)], stakeholder=1, language="en", now=now
            ).token
            for n in range(clients)
        ]


if __name__ == "__main__":
    port, folder, server, clients = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    settings = Settings.from_environment(
        {"SURVEY_DATA_DIR": str(folder), "SURVEY_BASE_URL": f"http://127.0.0.1:{port}"},
    )
    database = Database(settings.database_url, data_dir=settings.data_dir)
    database.upgrade()
    for token in make_links(database, clients):
        print(token, flush=True)
    print("ready", flush=True)
    serve(create_app(settings, database), port, server)
