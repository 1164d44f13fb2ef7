"""What the pages are served with: vendored files as declared, icons that exist, nothing inline."""

import hashlib
import re
from pathlib import Path

import dashboard
from dashboard.templatetags import falsestart

ROOT = Path(dashboard.__file__).parent
VENDOR = ROOT / "static/vendor"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PROSE = {"SHA256SUMS", "README.md"}


def test_every_vendored_file_is_what_its_manifest_says() -> None:
    lines = [line.split() for line in (VENDOR / "SHA256SUMS").read_text().splitlines()]
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name not in PROSE
    }
    assert {name: digest for digest, name in lines} == found


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    used = {name for path in TEMPLATES for name in re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text())}
    tables = (falsestart.STATE_ICONS, falsestart.CAUSE_ICONS, falsestart.CERTAINTY_ICONS)
    used |= {name for table in tables for name in table.values()}
    known = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (VENDOR / "icons.svg").read_text()))
    assert used - known == set()


def test_no_template_holds_a_script_a_style_or_a_handler_of_its_own() -> None:
    inline = re.compile(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:")
    assert [path.name for path in TEMPLATES if inline.search(path.read_text())] == []


def test_no_page_needs_another_host() -> None:
    outside = re.compile(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//")
    files = [*TEMPLATES, *(ROOT / "static/css").glob("*.css")]
    assert [path.name for path in files if outside.search(path.read_text())] == []
