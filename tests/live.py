"""The application on a port of this machine, a browser to visit it with, and something there to see."""

import importlib
import logging
import os
import shutil
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import make
from werkzeug.serving import make_server

from survey.database import Database
from survey.factory import create_app
from survey.models import Interview
from survey.services import contacts, studying
from survey.services.contacts import Identity
from survey.services.sealing import Seal
from survey.settings import Encryption, MailServer, Settings

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
TITLES = {
    "en": "Life science practices",
    "it": "Pratiche per le scienze della vita",
    "fr": "Pratiques pour les sciences de la vie",
    "de": "Initiativen für die Lebenswissenschaften",
    "sv": "Initiativ för livsvetenskap",
    "da": "Initiativer for biovidenskab",
    "cs": "Iniciativy pro vědy o živé přírodě",
    "hu": "Élettudományi kezdeményezések",
}
PURPOSE = {
    "en": "To decide in 2027 which practices the regions try out together.",
    "it": "Per decidere nel 2027 quali pratiche le regioni sperimenteranno insieme.",
    "fr": "Pour décider en 2027 quelles pratiques les régions essaieront ensemble.",
    "de": "Um 2027 zu entscheiden, welche Initiativen die Regionen gemeinsam erproben.",
    "sv": "För att 2027 bestämma vilka initiativ regionerna prövar tillsammans.",
    "da": "For i 2027 at beslutte, hvilke initiativer regionerne afprøver sammen.",
    "cs": "Abychom v roce 2027 rozhodli, které iniciativy regiony společně vyzkoušejí.",
    "hu": "Hogy 2027-ben eldönthessük, mely kezdeményezéseket próbálják ki közösen a régiók.",
}
OWNER = {
    "en": "The eleven partner regions of the network, together",
    "it": "Le undici regioni partner della rete, insieme",
    "fr": "Les onze régions partenaires du réseau, ensemble",
    "de": "Die elf Partnerregionen des Netzwerks gemeinsam",
    "sv": "Nätverkets elva partnerregioner tillsammans",
    "da": "Netværkets elleve partnerregioner sammen",
    "cs": "Jedenáct partnerských regionů sítě společně",
    "hu": "A hálózat tizenegy partnerrégiója együtt",
}


MARIA = Identity("Maria Rossi", "Biotech Tayside", "maria@example.org", "+44 1382 000000")


@dataclass
class World:
    """A running installation with one open study of invented answers."""

    url: str
    database: Database
    study_id: object
    seal: Seal
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def link(self, *, region="dundee-tayside", stakeholder=1, language="en", **settings):
        """The address of a new personal link. settings: of a study of its own, for pages that need another one."""
        with self.database.writing() as session:
            study = session.get(make.Study, self.study_id)
            invitation = make.make_invited(
                session, study, now=self.now, region=region, stakeholder=stakeholder, language=language, **settings
            )
        return f"{self.url}/link/{invitation.token}"

    @contextmanager
    def closed(self):
        """The study is closed until the block is left."""
        with self.database.writing() as session:
            studying.close_study(session, session.get(make.Study, self.study_id), now=self.now)
        yield
        with self.database.writing() as session:
            studying.open_study(session, session.get(make.Study, self.study_id), now=self.now)

    def keep_contact(self, interview_id):
        """The study knows who the respondent is."""
        with self.database.writing() as session:
            person = session.get(Interview, interview_id).respondent
            contacts.keep(session, self.seal, person, MARIA, now=self.now)

    def answer_elsewhere(self, interview_id, position, codes, texts=None):
        """Another device answers meanwhile, with the same link."""
        with self.database.writing() as session:
            base = make.revision_of(session, interview_id, position)
            save = make.make_save(codes, texts, base_revision=base)
            make.save_answers(
                session, interview_id, position, save, author=make.RESPONDENT_ON_WEB, now=datetime.now(UTC)
            )


@contextmanager
def serving(app):
    """The application on a free port of this machine; gives its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def world(folder=None):
    """An installation with one study of the whole catalogue, served until the block is left."""
    with tempfile.TemporaryDirectory() as temporary:
        data_dir = Path(folder or temporary)
        database = Database(None, data_dir=data_dir)
        database.upgrade()
        now = datetime.now(UTC)
        with database.writing() as session:
            study = make.make_study(
                session,
                now=now,
                key="life-science",
                catalogue=make.read_catalogue(),
                titles=TITLES,
                owner=OWNER,
                purpose=PURPOSE,
                contact_email="privacy@survey.example",
                closes_on=(now + timedelta(days=30)).date(),
                simulated=True,
            )
            study_id = study.id
        # Nothing is sent from here; the server is named so that the pages offer mails.
        server = MailServer("127.0.0.1", 1, Encryption.NONE, "Practice survey", "survey@survey.example")
        settings = Settings(data_dir=data_dir, secret_key="for tests only, long enough for it", mail_server=server)
        with serving(create_app(settings, database)) as url:
            yield World(url, database, study_id, Seal(settings.contact_key_in_use))
        database.dispose()


def chromium():
    """Where the browser is; None when this machine has none."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browsing():
    """A browser of this machine."""
    # Only now: without the browser tests nothing needs it.
    playwright = importlib.import_module("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()
