"""Rows in plain SQL, one valid set that fits together and a fresh row for each table: nothing of the models is used."""

import uuid

from sqlalchemy import text

MOMENT = "2026-03-10 09:30:00.000000+00:00"
HASH = b"\x07" * 32


def uid(name):
    """The same id for the same name."""
    return uuid.uuid5(uuid.NAMESPACE_OID, name).hex


def study(key):
    return {
        "id": uid(key),
        "key": key,
        "simulated": False,
        "state": "open",
        "instrument_key": "replicability",
        "instrument_version": 1,
        "web_variant": "rq10",
        "phone_variant": "rq5",
        "practices_per_web_interview": 6,
        "practices_per_phone_interview": 4,
        "cell_target": 10,
        "group_target": 2,
        "home_regions_asked": False,
        "extra_practices_offered": 2,
        # All of them, as for a study that is older than the choice.
        "languages": '["en", "it", "fr", "de", "sv", "da", "cs", "hu"]',
        "reminder_gap_days": 7,
        "reminders_limit": 2,
        "mail_from_hour": 9,
        "mail_until_hour": 17,
        "consent_version": "1",
        "contact_email": "lead@example.org",
        "created_at": MOMENT,
        "revision": 0,
    }


def practice(key):
    return {
        "id": uid(key),
        "study_id": uid("study"),
        "key": key,
        "position": 1,
        "category": "finance",
        "lifecycle_stage": "growth",
        "organisation": "Agency",
        "origin_region": "Emilia-Romagna",
        "origin_country": "IT",
        "nuts": "ITH5",
        "active": True,
    }


def region(key):
    return {
        "id": uid(key),
        "study_id": uid("study"),
        "key": key,
        "position": 1,
        "country": "DK",
        "nuts": "DK01",
        "timezone": "Europe/Copenhagen",
        "default_language": "da",
    }


def respondent(number):
    return {
        "id": uid(f"respondent {number}"),
        "study_id": uid("study"),
        "number": number,
        "region_id": uid("region"),
        "language": "en",
        "created_at": MOMENT,
    }


def link(token_hash):
    return {
        "id": uid(f"link {token_hash!r}"),
        "respondent_id": uid("respondent 1"),
        "token_hash": token_hash,
        "created_at": MOMENT,
    }


def interview(number):
    return {
        "id": uid(f"interview {number}"),
        "study_id": uid("study"),
        "respondent_id": uid(f"respondent {number}"),
        "state": "started",
        "mode": "web",
        "variant": "rq10",
        "instrument_version": 1,
        "language": "en",
        "simulated": False,
        "seed": 2**40,
        "layout": "steps",
        "consent_version": "1",
        "consented_at": MOMENT,
        "started_at": MOMENT,
        "extra_practices": 0,
        "receipt": f"R-{number}",
        "region_id": uid("region"),
        "codes": b"\x80\x80\x80",
        "revision": 0,
    }


def evaluation(position, practice_key):
    return {
        "id": uid(f"evaluation {position}"),
        "interview_id": uid("interview 1"),
        "practice_id": uid(practice_key),
        "region_id": uid("region"),
        "position": position,
        "state": "assigned",
        "codes": b"\x80" * 49,
        "texts": "{}",
        "revision": 0,
        "assigned_at": MOMENT,
    }


def operation(name):
    return {
        "id": uid(name),
        "interview_id": uid("interview 1"),
        "body_hash": HASH,
        "revision": 1,
        "created_at": MOMENT,
    }


def answer_change(revision):
    return {
        "interview_id": uid("interview 1"),
        "evaluation_id": uid("evaluation 1"),
        "question": "NEED",
        "code": 4,
        "text": None,
        "revision": revision,
        "author": "respondent",
        "mode": "web",
        "instrument_version": 1,
        "changed_at": MOMENT,
        "op_id": uid("operation"),
    }


def person(email):
    return {"id": uid(email), "email": email, "name": "Ada", "password_hash": "$argon2id$", "created_at": MOMENT}


def web_session(id_hash):
    return {
        "id_hash": id_hash,
        "person_id": uid("ada@example.org"),
        "interview_id": None,
        "created_at": MOMENT,
        "seen_at": MOMENT,
        "expires_at": MOMENT,
    }


def contact(number):
    return {
        "respondent_id": uid(f"respondent {number}"),
        "study_id": uid("study"),
        "external_id": f"C-{number}",
        "sealed": b"sealed",
        "email_print": HASH,
        "created_at": MOMENT,
        "changed_at": MOMENT,
    }


def open_link(slug):
    return {
        "id": uid(slug),
        "study_id": uid("study"),
        "region_id": uid("region"),
        "slug": slug,
        "starts": 0,
        "starts_limit": 100,
        "created_at": MOMENT,
    }


def handover_code(name):
    return {
        "id": uid(name),
        "respondent_id": uid("respondent 1"),
        "code_hash": "$argon2id$",
        "tries": 0,
        "made_by": "command",
        "created_at": MOMENT,
        "expires_at": MOMENT,
    }


def job(key):
    return {
        "id": uid(key),
        "study_id": uid("study"),
        "kind": "send_mails",
        "arguments": "{}",
        "unique_key": key,
        "state": "waiting",
        "attempts": 0,
        "attempts_limit": 5,
        "not_before": MOMENT,
        "done": 0,
        "result": "{}",
        "created_by": "command",
        "created_at": MOMENT,
    }


def mail(number):
    return {
        "id": uid(f"mail {number}"),
        "study_id": uid("study"),
        "respondent_id": uid("respondent 1"),
        "kind": "reminder",
        "number": number,
        "state": "waiting",
        "language": "en",
        "message_id": f"<{number}@example.org>",
        "attempts": 0,
        "not_before": MOMENT,
        "created_by": "rule",
        "created_at": MOMENT,
    }


def call_case(number):
    return {
        "respondent_id": uid(f"respondent {number}"),
        "study_id": uid("study"),
        "calendar": "Europe/Copenhagen|DK|DK01",
        "callable_from": MOMENT,
        "ends_at": MOMENT,
        "occasions": 1023,
        "priority": 4,
        "attempts": 0,
        "shortfall": 0,
        "draw": 7,
        "held": False,
    }


def call_attempt(name):
    return {
        "id": uid(name),
        "respondent_id": uid("respondent 1"),
        "person_id": uid("ada@example.org"),
        "started_at": MOMENT,
    }


def case_event(number):
    return {
        "id": number,
        "respondent_id": uid("respondent 1"),
        "at": MOMENT,
        "person_id": uid("ada@example.org"),
        "what": "taken",
        "detail": "",
    }


STUDY_TEXT = {
    "study_id": uid("study"),
    "language": "en",
    "title": "Study",
    "owner": "An agency",
    "purpose": "",
    "invitation": "",
}
# In the order in which they may be written.
VALID = (
    ("study", study("study")),
    ("study_text", STUDY_TEXT),
    ("practice", practice("practice")),
    ("practice", practice("second practice")),
    ("practice_text", {"practice_id": uid("practice"), "language": "en", "title": "P", "summary": "S"}),
    (
        "source",
        {"practice_id": uid("practice"), "no": 1, "title": "A page", "url": "https://example.org", "strength": ""},
    ),
    ("region", region("region")),
    ("region_text", {"region_id": uid("region"), "language": "en", "name": "Zealand", "spoken_name": "Zealand"}),
    ("respondent", respondent(1)),
    ("respondent", respondent(2)),
    ("link", link(HASH)),
    ("interview", interview(1)),
    ("evaluation", evaluation(1, "practice")),
    ("operation", operation("operation")),
    ("answer_change", answer_change(1)),
    ("person", person("ada@example.org")),
    (
        "membership",
        {"id": uid("member"), "person_id": uid("ada@example.org"), "study_id": uid("study"), "role": "lead"},
    ),
    ("membership", {"id": uid("admin"), "person_id": uid("ada@example.org"), "study_id": None, "role": "admin"}),
    ("web_session", web_session(HASH)),
    ("contact", contact(1)),
    ("open_link", open_link("everybody")),
    ("handover_code", handover_code("code")),
    ("hit", {"key": "code/abc", "count": 1, "ends_at": MOMENT}),
    ("job", job("job")),
    ("mail", mail(1)),
    # A number that no sequence has reached, whatever ran before.
    ("mail_event", {"id": 10**6, "mail_id": uid("mail 1"), "at": MOMENT, "what": "waiting", "detail": ""}),
    ("call_case", call_case(1)),
    ("call_attempt", call_attempt("call")),
    ("case_event", case_event(10**6)),
)
FIRST = dict(reversed(VALID))
# One more valid row for each table, which a test then spoils.
FRESH = {
    "study": study("second study"),
    "study_text": FIRST["study_text"] | {"language": "da"},
    "practice": practice("third practice"),
    "practice_text": FIRST["practice_text"] | {"language": "da"},
    "source": FIRST["source"] | {"no": 2},
    "region": region("second region"),
    "region_text": FIRST["region_text"] | {"language": "da"},
    "respondent": respondent(3),
    "link": link(b"\x08" * 32),
    "interview": interview(2),
    "evaluation": evaluation(2, "second practice"),
    "operation": operation("second operation"),
    "answer_change": answer_change(2),
    "person": person("grace@example.org"),
    "membership": FIRST["membership"] | {"id": uid("viewer"), "role": "viewer"},
    "web_session": web_session(b"\x08" * 32),
    "contact": contact(2),
    "open_link": open_link("students"),
    "handover_code": handover_code("second code"),
    "hit": {"key": "code/def", "count": 1, "ends_at": MOMENT},
    "job": job("second job"),
    "mail": mail(2),
    "mail_event": {"mail_id": uid("mail 1"), "at": MOMENT, "what": "sent", "detail": ""},
    "call_case": call_case(2),
    "call_attempt": call_attempt("second call"),
    "case_event": {name: value for name, value in case_event(1).items() if name != "id"},
}


def insert(session, table, row):
    names = ", ".join(f'"{name}"' for name in row)
    values = ", ".join(f":{name}" for name in row)
    session.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({values})'), row)  # noqa: S608 (our own names)


def insert_valid(session):
    for table, row in VALID:
        insert(session, table, row)
