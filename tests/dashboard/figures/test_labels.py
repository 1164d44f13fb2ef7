"""The name of a lane."""

from dashboard.figures.labels import GLYPHS, label, short_label
from dashboard.figures.lanes import Lane
from ingest.domain.words import BootState


def test_every_state_has_a_glyph_of_its_own() -> None:
    assert (set(GLYPHS), len(set(GLYPHS.values()))) == (set(BootState), len(BootState))


def test_a_boot_is_named_by_id_state_and_glyph_and_leads_to_its_page() -> None:
    text = label(Lane(label="7db5ae", state="failed_serving", href="/boots/7db5ae/"))
    assert [part in text for part in ('href="/boots/7db5ae/"', "7db5ae", "failed, serving", "◆")] == [
        True
    ] * 4


def test_a_phone_has_no_room_for_the_word() -> None:
    assert "ready" not in short_label(Lane(label="7db5ae", state="ready")).replace("state-ready", "")
