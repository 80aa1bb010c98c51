"""What the study of the demonstration says about itself, in every language that people may answer in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

KEY = "demo"

TITLES = {
    "en": "Good practices for life science regions: a demonstration",
    "it": "Buone pratiche per le regioni delle scienze della vita: una dimostrazione",
    "fr": "Bonnes pratiques pour les régions des sciences de la vie : une démonstration",
    "de": "Gute Praxis für Life-Science-Regionen: eine Vorführung",
    "sv": "Goda exempel för regioner inom livsvetenskap: en demonstration",
    "da": "God praksis for life science-regioner: en demonstration",
    "cs": "Dobrá praxe pro regiony věd o živé přírodě: ukázka",
    "hu": "Jó gyakorlatok élettudományi régióknak: bemutató",
}

OWNERS = {
    "en": "Nobody: this is a demonstration. The practices are real; nobody evaluates the answers.",
    "it": "Nessuno: questa è una dimostrazione. Le pratiche sono reali; nessuno valuta le risposte.",
    "fr": "Personne : ceci est une démonstration. Les pratiques sont réelles ; personne n'évalue les réponses.",
    "de": "Niemand: Dies ist eine Vorführung. Die Initiativen sind echt; niemand wertet die Antworten aus.",
    "sv": "Ingen: detta är en demonstration. Initiativen är verkliga; ingen utvärderar svaren.",
    "da": "Ingen: dette er en demonstration. Initiativerne er virkelige; ingen evaluerer svarene.",
    "cs": "Nikdo: toto je ukázka. Iniciativy jsou skutečné; odpovědi nikdo nevyhodnocuje.",
    "hu": "Senki: ez egy bemutató. A kezdeményezések valósak; a válaszokat senki sem értékeli ki.",
}

PURPOSES = {
    "en": "To show how a study looks to those who answer it.",
    "it": "Mostrare come si presenta uno studio a chi vi risponde.",
    "fr": "Montrer comment une étude se présente à celles et ceux qui y répondent.",
    "de": "Um zu zeigen, wie eine Studie für die aussieht, die sie beantworten.",
    "sv": "Att visa hur en studie ser ut för dem som svarar.",
    "da": "At vise, hvordan en undersøgelse ser ud for dem, der svarer.",
    "cs": "Ukázat, jak studie vypadá pro ty, kdo na ni odpovídají.",
    "hu": "Megmutatni, milyennek látják a felmérést azok, akik válaszolnak rá.",
}

# A third of the shipped catalogue: with all of it, a few hundred interviews leave most cells with too few answers to
# show. Every category is there, and every region has a practice of its own, which is not asked there.
PRACTICES = (
    "biodundee-partnership",
    "biopmed-innovation-pole",
    "genopole-campus-biocluster",
    "medicon-valley-alliance",
    "one-nucleus-merger",
    "bio-base-new-pilot-vouchers",
    "bioinitaly-investment-forum",
    "biom-m4-award",
    "high-tech-gruenderfonds",
    "ostjysk-innovation-preseed",
    "babraham-research-campus",
    "heidelberg-technology-park",
    "pivot-park-oss",
    "science-park-szeged-hcemm",
    "ascenion-lifescience-foundation",
    "biomed-x-heidelberg",
    "jic-innovation-vouchers",
    "scottish-proof-of-concept",
    "connect-san-diego-springboard",
    "genopole-gene-io",
    "gruenderregio-m-concept",
    "nome-nordic-mentor-network",
    "bioinnovate-ireland",
    "biotech-valley-strangnas",
    "somopro-incoming-researchers",
    "belgian-pavilion-bio",
    "boost4health-internationalisation-vouchers",
    "medicon-valley-ambassadors",
    "biofit-shared-convention",
    "swiss-biotech-report",
    "auria-biobank",
    "cgt-catapult-manufacturing",
    "trial-nation-denmark",
)

FIELDWORK = timedelta(days=42)  # opened six weeks ago, so that the answers have had time to come in
STILL_OPEN = timedelta(days=60)  # and long enough open for somebody who tries it out for a while


@dataclass(frozen=True, slots=True)
class DemoStudy:
    """The study of the demonstration, with times that fit the day on which it is made."""

    key: str
    titles: Mapping[str, str]
    owner: Mapping[str, str]
    purpose: Mapping[str, str]
    # `.example` belongs to nobody (RFC 2606): whatever is written there reaches no one.
    contact_email: str
    opened_at: datetime
    closes_on: date
    # Keys of the shipped catalogue.
    practices: tuple[str, ...]
    lead_email: str
    lead_name: str


def demo_study(now: datetime) -> DemoStudy:
    """The demonstration as it would be set up for this moment."""
    return DemoStudy(
        key=KEY,
        titles=MappingProxyType(TITLES),
        owner=MappingProxyType(OWNERS),
        purpose=MappingProxyType(PURPOSES),
        contact_email="demonstration@survey.example",
        opened_at=now - FIELDWORK,
        closes_on=(now + STILL_OPEN).date(),
        practices=PRACTICES,
        lead_email="lead@survey.example",
        lead_name="Robin Lead",
    )
