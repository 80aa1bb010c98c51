"""The commands for contacts, open links, personal links, codes and letters."""

import re

import pytest

CREATE = ("study", "create", "alps", "--title", "Alpine practices", "--owner", "We ask.", "--contact", "a@example.org")
LIST = "external_id,name,email,region\nK1,Ada Ek,ada@example.org,munich\nK2,Bo,bo@example.org,lombardy\n"


@pytest.fixture
def opened(survey, installation, folder):
    assert survey(*CREATE, "--region", "lombardy", "--region", "munich").exit_code == 0
    assert survey("study", "open", "alps").exit_code == 0
    (folder / "list.csv").write_text(LIST, encoding="utf-8")
    return installation


def test_a_list_is_tried_read_in_and_read_in_again(survey, opened):
    tried = survey("study", "import-contacts", "alps", "list.csv", "--dry-run")
    first = survey("study", "import-contacts", "alps", "list.csv")
    second = survey("study", "import-contacts", "alps", "list.csv")

    assert tried.stdout == "A dry run, nothing was changed: 2 new, 0 changed, 0 unchanged.\n"
    assert first.stdout == "Contacts of alps: 2 new, 0 changed, 0 unchanged.\n"
    assert second.stdout == "Contacts of alps: 0 new, 0 changed, 2 unchanged.\n"


def test_a_list_with_mistakes_is_refused_with_all_of_them(survey, opened, folder):
    (folder / "list.csv").write_text(LIST + "K3,,nobody,munich\nK4,,d@example.org,mars\n", encoding="utf-8")

    result = survey("study", "import-contacts", "alps", "list.csv")

    assert result.exit_code == 1
    assert "Nothing was read in from list.csv:" in result.stderr
    assert "Row 4, email: 'nobody' is not an e-mail address." in result.stderr
    assert "Row 5, region: there is no region 'mars'." in result.stderr
    assert survey("study", "import-contacts", "alps", "none.csv").exit_code == 1


def test_an_open_link_is_made_listed_and_closed(survey, opened):
    made = survey("study", "open-link", "alps", "--region", "munich", "--slug", "alps", "--limit", "20")
    assert made.stdout == "http://127.0.0.1:8000/join/alps\n"
    assert survey("study", "open-links", "alps").stdout == "alps\tmunich\t0 of 20\topen\n"

    assert survey("study", "close-open-link", "alps", "alps").stdout == "The open link alps is closed.\n"
    assert survey("study", "open-links", "alps").stdout.startswith("alps\tmunich\t0 of 20\tclosed at 2")


def test_a_slug_is_made_from_study_and_region(survey, opened):
    made = survey("study", "open-link", "alps", "--region", "munich", "--closes-on", "2999-01-01")

    assert re.fullmatch(r"http://127\.0\.0\.1:8000/join/alps-munich-[0-9a-f]{6}\n", made.stdout)
    assert "open until 2999-01-02 00:00:00 UTC" in survey("study", "open-links", "alps").stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--slug", "Two Words"), "cannot stand in an address"),
        (("--region", "mars"), "has no region 'mars'"),
        (("--closes-on", "2001-01-01"), "The last day of the link is over already."),
        (("--limit", "0"), "The limit is a number from 1"),
    ],
)
def test_an_open_link_that_cannot_be_is_refused(survey, opened, options, says):
    result = survey("study", "open-link", "alps", *options)

    assert result.exit_code == 1
    assert says in result.stderr


def test_links_of_a_respondent_are_listed_revoked_and_made_anew(survey, opened):
    survey("study", "invite", "--study", "alps", "--region", "munich", "--expires-on", "2999-01-01")
    listed = survey("study", "links", "alps", 1).stdout
    assert re.fullmatch(r"made .* UTC\talive until 2999-01-02 00:00:00 UTC\n", listed)

    assert survey("study", "revoke-link", "alps", 1).stdout == "Links of respondent 1 that were ended: 1.\n"
    made = survey("study", "reissue-link", "alps", 1)

    assert re.fullmatch(r"http://127\.0\.0\.1:8000/link/[\w-]{43}\n", made.stdout)
    states = [line.split("\t")[1] for line in survey("study", "links", "alps", 1).stdout.splitlines()]
    assert [state.split()[0] for state in states] == ["revoked", "alive"]


def test_a_respondent_without_a_link_or_that_is_none_is_told(survey, opened):
    survey("study", "import-contacts", "alps", "list.csv")

    assert "Respondent 1 has no link;" in survey("study", "links", "alps", 1).stderr
    assert "The study alps has no respondent 9." in survey("study", "links", "alps", 9).stderr
    assert "is over already" in survey("study", "reissue-link", "alps", 1, "--expires-on", "2001-01-01").stderr


def test_links_end_thirty_days_after_the_last_day(survey, installation):
    survey(*CREATE, "--region", "munich", "--closes-on", "2999-01-01")
    survey("study", "invite", "--study", "alps", "--region", "munich")

    assert "alive until 2999-02-01 00:00:00 UTC" in survey("study", "links", "alps", 1).stdout


def test_a_code_is_printed_with_its_number_and_address(survey, opened):
    survey("study", "import-contacts", "alps", "list.csv")

    made = survey("study", "code", "alps", 2)

    assert re.fullmatch(
        r"Address  http://127\.0\.0\.1:8000/code\nNumber   2\nCode     [2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\n",
        made.stdout,
    )


def test_letters_are_a_file_that_needs_no_other(survey, opened, folder):
    survey("study", "import-contacts", "alps", "list.csv")

    result = survey("study", "letters", "alps", "--output", "letters.html", "--region", "munich")

    page = (folder / "letters.html").read_text(encoding="utf-8")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("letters.html: 1 letters.")
    assert "Ada Ek" in page
    assert "Bo" not in re.findall(r"<p>(\w+)</p>", page)
    assert "@page { size: A4;" in page
    assert not re.search(r"""(src|href)=["']""", page)
    assert "&#34;" not in page.partition("</style>")[0]
    assert (folder / "letters.html").stat().st_mode & 0o077 == 0


def test_letters_for_nobody_leave_no_file(survey, opened, folder):
    result = survey("study", "letters", "alps", "--output", "letters.html")

    assert result.exit_code == 1
    assert "Nobody is left to write to" in result.stderr
    assert not (folder / "letters.html").exists()
