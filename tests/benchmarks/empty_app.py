"""The least that Flask can do: a view that answers "ok". No page can cost less on the same server.

Run: python empty_app.py PORT FOLDER SERVER
"""

import sys

from flask import Flask, request
from serving import serve


def make_app() -> Flask:
    app = Flask(__name__)

    @app.route("/", methods=["GET", "POST"])
    def ok():
        request.get_data()  # A form that is not read to its end would cost granian the connection.
        return "ok"

    return app


if __name__ == "__main__":
    serve(make_app(), int(sys.argv[1]), sys.argv[3])
