"""The application as staff see it: an app on a test's database, and a browser that is signed in."""

import make
from client import PageClient

from survey.factory import create_app
from survey.settings import Settings


def make_app(database, folder, **settings):
    """The application on this database, with passwords that are cheap to check."""
    values = {"argon2_time_cost": 1, "argon2_memory_kib": 8, "testing": True}
    app = create_app(
        Settings(data_dir=folder, secret_key="for tests only, long enough for it", **(values | settings)), database
    )
    app.test_client_class = PageClient
    return app


def sign_in(client, *, email="lead@example.org", password=make.PASSWORD, back=None):
    """Go to the sign-in page and send it as a browser would; gives the answer, not followed."""
    client.get("/sign-in", query_string={"next": back} if back else None)
    return client.send(follow=False, email=email, password=password)


def signed_in(app, **account):
    """A browser of its own that is signed in."""
    client = app.test_client()
    assert sign_in(client, **account).status_code == 303
    return client
