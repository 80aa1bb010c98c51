import pytest

from survey.web.account.returning import own_path


@pytest.mark.parametrize("address", ["/", "/studies", "/studies/demo/results?category=a&sort=title", "/a/b%20c"])
def test_paths_of_our_own_are_kept(address):
    assert own_path(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "studies",
        "//evil.example/x",
        "///evil.example",
        "/\\evil.example",
        "/a\\b",
        "\\\\evil.example",
        "https://evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        " /studies",
        "/\t/evil.example",
        "/\n/evil.example",
        "/studies\r\nSet-Cookie: a=b",
        "/\x00",
        "/é",
        "/studies ",
        "/" + "a" * 2_000,
    ],
)
def test_everything_else_is_dropped(address):
    assert own_path(address) is None
