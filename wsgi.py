"""What a web server loads."""

from survey.factory import create_app
from survey.settings import Settings

app = create_app(Settings.from_environment())
