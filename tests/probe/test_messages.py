from falsestart.messages import PATH_LIMIT, header, path_of


def test_the_path_carries_no_query_and_has_a_bounded_length() -> None:
    paths = [path_of({"path": path}) for path in ("/ws?token=secret", "/" + "x" * 900)] + [path_of({})]
    assert (paths[0], len(paths[1]), paths[2]) == ("/ws", PATH_LIMIT, "")


def test_a_header_is_found_by_its_name_whatever_its_case() -> None:
    scope = {"headers": [(b"User-Agent", b"caf\xe9"), (b"user-agent", b"second")]}
    assert [header(scope, b"user-agent"), header(scope, b"origin"), header({}, b"origin")] == ["café", "", ""]
