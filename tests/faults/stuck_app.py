"""The application with a page that never answers in time: `python stuck_app.py --port NUMBER`."""

import sys
import time

from survey.commands.server import listen_at, run
from survey.database import Database
from survey.factory import create_app
from survey.settings import Settings
from survey.web.guards import public


def sleep():
    time.sleep(60)
    return "late"


if __name__ == "__main__":
    settings = Settings.from_environment()
    app = create_app(settings, Database(settings.database_url))
    app.add_url_rule("/stuck", "stuck", public(sleep))
    with listen_at("127.0.0.1", int(sys.argv[2])) as listening:
        sys.stdout.write("Stop with Ctrl-C.\n")
        sys.stdout.flush()
        run(app, listening, base_url=settings.base_url)
