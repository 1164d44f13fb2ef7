"""Static files: under an address that changes with their content, so that browsers may keep them for ever.

One digest of everything is part of every address. So a module that imports another by a relative path, or a
style sheet its font, finds it without being rewritten. Copies with their compressed twins are made in the
state directory at the first start of a version: there is no collecting step that could be forgotten.
"""

import hashlib
import shutil
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from whitenoise.compress import Compressor
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

DIGITS = 12  # of the digest
UNUSED = ["*.map", "redoc.*"]  # of the API's page: half of all bytes
KEPT = 86_400  # s for which another version's copies are kept: its processes may still run


@cache
def sources() -> dict[str, Path]:
    """Where each file lies; of one name the first finder's counts."""
    found: dict[str, Path] = {}
    for finder in finders.get_finders():
        for name, storage in finder.list(UNUSED):
            found.setdefault(name, Path(storage.path(name)))
    return found


@cache
def version() -> str:
    """The digest of all names and contents."""
    whole = hashlib.sha256()
    for name, path in sorted(sources().items()):
        whole.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:DIGITS]


def copies(home: Path) -> Path:
    """The directory with this version's files and their compressed twins, made if need be."""
    place = home / "static" / version()
    if not place.is_dir():
        place.parent.mkdir(mode=0o700, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=place.parent, prefix="draft-"))
        _fill(draft)
        # Another process may have been faster; its copies are the same.
        with suppress(OSError):
            draft.rename(place)
        shutil.rmtree(draft, ignore_errors=True)
        _forget_others(place)
    return place


def _fill(draft: Path) -> None:
    compressor = Compressor(quiet=True)
    for name, source in sources().items():
        copy = draft / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy)
        if compressor.should_compress(name):
            compressor.compress(str(copy))


def _forget_others(place: Path) -> None:
    for other in place.parent.iterdir():
        if other != place and other.stat().st_mtime < time.time() - KEPT:
            shutil.rmtree(other, ignore_errors=True)


class Storage(StaticFilesStorage):
    """Writes the addresses of static files."""

    def url(self, name: str | None) -> str:
        """Return the address of a file of this version; while debugging, one that is read again each time."""
        return super().url(name if settings.DEBUG else f"{version()}/{name}")


class Assets(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Answers with static files before anything looks at the request."""

    def __init__(self, get_response: object = None) -> None:
        """Know every file of this version."""
        super().__init__(get_response)
        if not self.autorefresh:
            self.add_files(str(copies(Path(settings.FALSESTART_HOME))), f"{self.static_prefix}{version()}/")

    def immutable_file_test(self, path: str, url: str) -> bool:  # noqa: ARG002 - WhiteNoise's signature
        """Tell that an address never means another content; while debugging it does."""
        return not self.autorefresh

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """Answer at once: to stream a file would block an asynchronous server, and Django warns of it."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file:
                content = found.file.read()
        answer = HttpResponse(content, status=int(found.status), headers=dict(found.headers))
        if not any(name == "Content-Type" for name, _ in found.headers):
            del answer["Content-Type"]  # Django's guess; an answer without content has none
        return answer
