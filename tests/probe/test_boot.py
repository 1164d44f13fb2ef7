import time

from falsestart import boot

from tests.probe.processes import run_python


def test_a_boot_id_is_32_hex_digits_of_a_uuid_7() -> None:
    text = boot.new_id()
    assert (len(text), text[12], text[16] in "89ab") == (32, "7", True)


def test_boot_ids_sort_by_the_time_they_were_made() -> None:
    assert boot.new_id(now_ms=1_000) < boot.new_id(now_ms=1_001)


def test_two_boots_of_one_millisecond_differ() -> None:
    assert len({boot.new_id(now_ms=5) for _ in range(1_000)}) == 1_000


def test_the_start_time_is_read_past_a_command_with_brackets_and_spaces() -> None:
    fields = " ".join(str(n) for n in range(4, 53))
    assert boot.start_ticks(f"17 (a b) c) (x) S {fields}") == 22


def test_ages_count_from_the_start_of_the_process_and_not_from_the_import() -> None:
    code = "import time; t = time.monotonic() + 0.3\nwhile time.monotonic() < t: pass\n"
    code += "from falsestart import boot; print(boot.begin().age())"
    began = time.monotonic()
    age = float(run_python(code))
    assert 0.3 <= age <= time.monotonic() - began + 0.02


def test_a_forked_boot_has_a_parent_and_an_age_of_zero() -> None:
    parent = boot.begin()
    child = boot.forked(parent)
    assert (child.parent, child.id == parent.id, child.age() < 0.1) == (parent.id, False, True)


def test_the_wall_time_of_the_start_is_utc_with_milliseconds() -> None:
    started = boot.begin().started_at
    assert (started[-1], len(started)) == ("Z", len("2026-09-16T01:42:53.100Z"))
