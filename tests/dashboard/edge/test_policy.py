"""What pages may load and run."""

from dashboard.edge.policy import CONTENT_SECURITY_POLICY

POLICY = CONTENT_SECURITY_POLICY["DIRECTIVES"]


def test_no_script_may_be_inline() -> None:
    assert (POLICY["script-src"], POLICY["default-src"]) == (["'self'"], ["'self'"])


def test_what_no_page_needs_is_closed() -> None:
    assert [POLICY[name] for name in ("object-src", "base-uri", "frame-ancestors")] == [["'none'"]] * 3
