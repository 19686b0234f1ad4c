"""Links and tokens: shown once, ended at once."""

from tests.cli.program import Program


def test_a_persons_link_is_the_address_of_their_own_page(with_circle: Program) -> None:
    printed = with_circle.good("link", "ana", NIGHTLIGHT_BASE_URL="https://circle.example.org")

    assert printed.startswith("https://circle.example.org/m/")
    assert len(printed.strip()) > len("https://circle.example.org/m/") + 20
    assert printed != with_circle.good("link", "ana", NIGHTLIGHT_BASE_URL="https://circle.example.org")
    refused = with_circle.run("link", "zed")
    assert (refused.code, refused.out) == (2, "")
    assert "'zed'" in refused.one_line


def test_a_start_link_is_for_somebody_new_or_for_one_who_is_known(with_circle: Program) -> None:
    assert "/start/" in with_circle.good("start-link")
    assert "/start/" in with_circle.good("start-link", "--person", "ana")

    refused = with_circle.run("start-link", "--person", "zed")
    assert (refused.code, refused.out) == (2, "")
    assert "'zed'" in refused.one_line


def test_the_hosts_link_leads_to_the_desk(with_circle: Program) -> None:
    assert "/desk/" in with_circle.good("host", "link")


def test_a_token_is_printed_alone_listed_without_its_secret_and_revoked(with_circle: Program) -> None:
    secret = with_circle.good("token", "create", "front desk", "--scope", "call,read").strip()
    assert " " not in secret

    listed = with_circle.good("token", "list")
    assert "front desk" in listed
    assert "call,read" in listed
    assert secret not in listed

    with_circle.good("token", "revoke", "front desk")
    assert with_circle.good("token", "list") == ""
    refused = with_circle.run("token", "revoke", "front desk")
    assert refused.code == 2
    assert "no token called" in refused.one_line


def test_a_scope_that_does_not_exist_makes_no_token(with_circle: Program) -> None:
    refused = with_circle.run("token", "create", "desk", "--scope", "everything")

    assert (refused.code, refused.out) == (2, "")
    assert "call, read" in refused.one_line
    assert with_circle.good("token", "list") == ""
