"""What invented people write. Nobody said any of it."""

from collections.abc import Mapping

COMMENTS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "We tried something like it some years ago, on a smaller scale.",
        "Our companies are smaller, so the amounts would have to be smaller too.",
        "This would need one person who drives it for the first two years.",
        "The idea is simple, and that is its strength.",
        "I would start with one sector and look at the results after a year.",
        "The universities would join in, the hospitals perhaps later.",
        "There are already many programmes; one more only helps if another ends.",
        "A good fit for young companies, less so for large ones.",
        "The paperwork must be short, or nobody will apply.",
        "It depends on who runs it.",
        "I like that it begins with the people and not with a building.",
        "We have the laboratories, but not the coaches.",
        "Better together with the neighbouring region.",
        "The first round would be full at once, I am sure of that.",
        "Someone would have to explain it to the smaller firms.",
        "The results of the original are impressive, but it took ten years.",
        "I only know it from a conference, so please take my answers with care.",
        "Such a contest would bring people together who never meet.",
        "Fine for the city, difficult for the rest of the region.",
        "Public procurement makes this slow here.",
        "It should not depend on a single funding period.",
        "We could borrow the rules nearly word for word.",
        "Students would be interested.",
        "Without a private partner it would stop after the pilot.",
    ),
    "it": (
        "Da noi le imprese sono più piccole: servirebbero importi minori.",
        "L'idea è semplice, e questo è il suo pregio.",
        "Meglio cominciare con un progetto pilota.",
        "Dipende da chi la gestisce.",
    ),
    "fr": (
        "Il faudrait une personne qui porte le projet au début.",
        "Commencer petit, puis regarder les résultats après un an.",
        "Les démarches doivent rester courtes.",
        "Plutôt avec la région voisine.",
    ),
    "de": (
        "Am Anfang braucht es jemanden, der die Sache vorantreibt.",
        "Die Idee ist einfach, das ist ihre Stärke.",
        "Lieber klein anfangen und nach einem Jahr prüfen.",
        "Die Anträge müssten kurz sein.",
    ),
    "sv": (
        "Det beror på vem som driver det.",
        "Börja gärna i liten skala.",
        "Idén är enkel, och det är dess styrka.",
    ),
    "da": (
        "Det afhænger af, hvem der driver det.",
        "Begynd gerne i det små.",
        "Ideen er enkel, og det er dens styrke.",
    ),
    "cs": (
        "Záleží na tom, kdo to povede.",
        "Začal bych s malým pilotním projektem.",
        "Myšlenka je jednoduchá a v tom je její síla.",
    ),
    "hu": (
        "Attól függ, ki vezeti.",
        "Kisebb kísérleti projekttel kezdeném.",
        "Az ötlet egyszerű, és ez az erőssége.",
    ),
}
BARRIERS: tuple[str, ...] = (
    "Long distances between the towns.",
    "The season: in summer nobody answers.",
    "Two offices would claim it.",
)
CHANGES: tuple[str, ...] = (
    "The language of the courses.",
    "The length of the programme.",
    "The way winners are chosen.",
)
ENABLERS: tuple[str, ...] = (
    "A visit to the region of origin.",
    "One contact point for all questions.",
    "A mention in the regional plan.",
)
