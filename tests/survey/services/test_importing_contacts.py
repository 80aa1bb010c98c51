import threading

import openpyxl
import pytest
from make import make_begun, make_invited, make_region, make_study
from sqlalchemy import func, select

from survey.models import Contact, Link, Respondent
from survey.services import returning
from survey.services.contacts import Identity, identity_of, opened
from survey.services.errors import BadFields
from survey.services.importing_contacts import import_contacts
from survey.services.mailing import asking
from survey.services.reading_tables import read_table
from survey.services.sealing import Seal

SEAL = Seal("a key for tests that is long enough")
TYPES = "CIV, FIN, GOV, INT, OTH, S1, S2, S3, S4, S5, S6, S7, S8, S9"
LIST = """External_ID,Name,Organisation,Email,Phone,Region,Stakeholder_type,Language,Timezone
K1,Ada Ek,Lund University,Ada@Example.org,+46 1,lombardy,S3,sv,Europe/Stockholm
K2,Bo,,bo@example.org,,Munich,5,,
,Čeněk,,cenek@example.org,,,,it,
"""


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now, titles={"en": "One", "it": "Uno", "sv": "Ett", "de": "Eins"})


@pytest.fixture
def read_in(database, study, tmp_path, now):
    def call(text, *, at=now):
        file = tmp_path / "contacts.csv"
        file.write_text(text, encoding="utf-8")
        with database.writing() as session:
            return import_contacts(session, SEAL, session.merge(study), read_table(file), now=at)

    return call


def problems_of(read_in, text):
    with pytest.raises(BadFields) as refusal:
        read_in(text)
    return [problem.message for problem in refusal.value.problems]


def count(database, table):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_each_contact_becomes_a_respondent_with_what_is_believed(database, study, read_in):
    report = read_in(LIST)

    assert (report.new, report.changed, report.unchanged, report.warnings) == ((1, 2, 3), (), (), ())
    with database.reading() as session:
        ada, bo, cenek = session.scalars(select(Respondent).order_by(Respondent.number))
        lombardy, munich = (make_region(session, study, key).id for key in ("lombardy", "munich"))
        assert identity_of(session, SEAL, ada.id) == Identity("Ada Ek", "Lund University", "Ada@example.org", "+46 1")
        assert session.get(Contact, ada.id).timezone == "Europe/Stockholm"
    assert (ada.region_id, ada.stakeholder, ada.language) == (lombardy, 3, "sv")
    assert (bo.region_id, bo.stakeholder, bo.language) == (munich, 5, "de")
    assert (cenek.region_id, cenek.stakeholder, cenek.language) == (None, None, "it")
    assert count(database, Link) == 0


def test_the_same_list_again_changes_nothing(database, read_in):
    read_in(LIST)

    report = read_in(LIST)

    assert (report.new, report.changed, report.unchanged) == ((), (), (1, 2, 3))
    assert count(database, Respondent) == 3


def test_what_is_new_in_a_row_is_taken_and_empty_cells_leave_what_is_known(database, read_in):
    read_in(LIST)

    report = read_in("external_id,email,phone,name\nK1,,+46 2,\nK2,bo@example.org,,Bo Bergman\nK9,new@example.org,,\n")

    assert (report.new, report.changed, report.unchanged) == ((4,), (1, 2), ())
    with database.reading() as session:
        ada, bo = session.scalars(select(Respondent).order_by(Respondent.number).limit(2))
        assert identity_of(session, SEAL, ada.id) == Identity("Ada Ek", "Lund University", "Ada@example.org", "+46 2")
        assert identity_of(session, SEAL, bo.id).name == "Bo Bergman"


def test_without_an_id_a_person_is_known_by_the_address_in_any_case(database, read_in):
    read_in("email,name\nann@example.org,Ann\n")

    report = read_in("email,name\nANN@EXAMPLE.ORG,Ann Smith\n")

    assert (report.new, report.changed) == ((), (1,))


def test_two_contacts_may_share_an_address_and_that_is_said(read_in):
    report = read_in("external_id,email\nA,office@example.org\nB,Office@example.org\n")

    assert report.new == (1, 2)
    assert report.warnings == ("Respondents 1, 2 have the same e-mail address.",)


def test_everything_that_is_wrong_is_named_with_row_and_column_and_nothing_is_taken(database, read_in):
    problems = problems_of(
        read_in,
        "external_id,email,region,stakeholder_group,language,timezone\n"
        "A,ok@example.org,lombardy,GOV,it,Europe/Rome\n"
        "B,no address,mars,RES,pt,Mars/Base\n"
        ",,,,,\n"
        "C,,,XYZ,,\n"
        "A,,,,,\n"
        ",,lombardy,,,\n",
    )

    assert problems == [
        "Row 3, email: 'no address' is not an e-mail address.",
        "Row 3, region: there is no region 'mars'. There are: lombardy, munich.",
        "Row 3, stakeholder_group: 'RES' has several types; write S3 or S4 in stakeholder_type.",
        "Row 3, language: the study does not ask in 'pt'. It does in: en, it, sv, de.",
        "Row 3, timezone: 'Mars/Base' is no time zone such as Europe/Rome.",
        f"Row 5, stakeholder_group: there is no 'XYZ'. There are: {TYPES}.",
        "Row 7, external_id: is empty, and so is email; one of them is needed.",
        "Row 6, external_id: 'A' stands in row 2 already.",
    ]
    assert count(database, Respondent) == count(database, Contact) == 0


def test_a_bad_row_near_the_end_of_a_long_list_keeps_all_of_it_out(database, read_in):
    rows = [f"N{number},p{number}@example.org" for number in range(2_000)]

    assert problems_of(read_in, "\n".join(["external_id,email", *rows[:-1], "N9999,bad"])) == [
        "Row 2001, email: 'bad' is not an e-mail address."
    ]
    assert count(database, Respondent) == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,phone\nA,1\n", "A column external_id or email is needed"),
        ("email,shoe size\na@example.org,1\n", "There is no column 'shoe size'. The columns are: external_id, name,"),
        ("email,E-Mail\na@example.org,b\n", "There is no column 'e-mail'."),
        ("email,EMAIL \na@example.org,b\n", "B1 is a second heading 'email'."),
        ("email\n", "The list has headings and no rows."),
        ("email,name\na@example.org,Ann,Smith\n", "Row 2 has more fields than there are headings."),
        ("email,,name\na@example.org,x,Ann\n", "B1 is empty; every column needs a heading."),
        ('email\n"unterminated,1\n', "Row 2 of the file cannot be read"),
        ("email\n" + "x" * 200_000 + "\n", "Row 2 of the file cannot be read"),
        (
            "email,name\na@example.org," + "x" * 201 + "\n",
            "Row 2, name: The name has 201 characters",
        ),
        ("email,external_id\na@example.org," + "x" * 65 + "\n", "has more than 64 characters"),
        ("email,name\na@example.org,a\x00b\n", "cannot be printed in one line"),
    ],
)
def test_what_keeps_a_list_out_is_told(read_in, text, says):
    assert any(says in problem for problem in problems_of(read_in, text))


def test_a_list_that_is_not_in_utf_8_is_not_guessed(database, study, tmp_path):
    file = tmp_path / "contacts.csv"
    file.write_bytes("email;name\r\na@example.org;Åsa\r\n".encode("cp1252"))

    with pytest.raises(BadFields, match="not in UTF-8"):
        read_table(file)


def test_semicolons_and_a_byte_order_mark_are_read(read_in, database):
    report = read_in("\ufeffemail;name\r\na@example.org;Åsa\r\n")

    assert report.new == (1,)
    with database.reading() as session:
        assert opened(SEAL, session.scalars(select(Contact)).one()).name == "Åsa"


def test_a_workbook_is_read_with_ids_and_phones_that_are_numbers(database, study, tmp_path, now):
    file = tmp_path / "contacts.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["External_id", "Email", "Phone", "Name"])
    book.active.append([7, "a@example.org", 390212345, "=not a formula"])
    book.active["D2"].data_type = "s"
    book.active.append([None, None, None, None])
    book.save(file)

    with database.writing() as session:
        report = import_contacts(session, SEAL, session.merge(study), read_table(file), now=now)

    assert report.new == (1,)
    with database.reading() as session:
        contact = session.scalars(select(Contact)).one()
        assert (contact.external_id, opened(SEAL, contact).phone) == ("7", "390212345")
        assert opened(SEAL, contact).name == "=not a formula"


def test_two_lists_at_once_make_nobody_twice(database, study, tmp_path, now):
    file = tmp_path / "contacts.csv"
    file.write_text(LIST, encoding="utf-8")
    table = read_table(file)
    new = []

    def take():
        with database.writing() as session:
            new.extend(import_contacts(session, SEAL, session.merge(study), table, now=now).new)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(new) == [1, 2, 3]
    assert count(database, Respondent) == 3


def test_a_list_leaves_respondents_who_came_otherwise(database, study, read_in, now):
    with database.writing() as session:
        make_invited(session, study, now=now)

    assert read_in(LIST).new == (2, 3, 4)


def test_a_long_list_asks_the_database_no_more_often_than_a_short_one(database, read_in, count_queries):
    def asked(name, rows):
        text = "external_id,name,email\n" + "".join(f"{each},{name},p{each}@example.org\n" for each in rows)
        with count_queries(database) as queries:
            read_in(text)
        return queries.count

    short, long = asked("New", range(5)), asked("New", range(5, 105))
    assert long == short
    assert asked("Other", range(105)) <= short


def test_while_a_list_is_taken_in_others_get_links_and_mails(postgresql_database, tmp_path, now):
    with postgresql_database.writing() as session:
        study = make_study(session, now=now)
        interview_id = make_begun(session, study, now=now).id
    (tmp_path / "list.csv").write_text("email\nbo@example.org\n")
    asked = []

    def ask():
        with postgresql_database.writing() as session:
            returning.way_back(session, interview_id, now=now)
            asked.append(
                asking.send_my_link(session, SEAL, interview_id, email="ada@example.org", domain="x.org", now=now)
            )

    thread = threading.Thread(target=ask)
    with postgresql_database.writing() as session:
        import_contacts(session, SEAL, session.merge(study), read_table(tmp_path / "list.csv"), now=now)
        thread.start()
        thread.join(4)
        assert asked == [True]
    thread.join()
