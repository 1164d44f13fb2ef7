"""What a web page saw of itself when its socket ended."""

from typing import Annotated

from msgspec import Meta, Struct


class PageState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of a page; what it does not know it leaves out."""

    clean: bool | None = None  # Whether the browser called the end clean.
    visible: bool | None = None  # Whether somebody could see the page.
    online: bool | None = None  # Whether the browser had a network at all.
    leaving: bool | None = None  # Whether the page was being left.
    attempt: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None  # At its address since one worked.


def in_words(page: PageState) -> str:
    """Return what is known of a page's state, for people; empty where it said nothing."""
    states = (
        ("clean end", "no clean end", page.clean),
        ("visible", "hidden", page.visible),
        ("online", "offline", page.online),
        ("being left", "", page.leaving),
    )
    words = [yes if so else no for yes, no, so in states if so is not None]
    attempt = "" if page.attempt is None else f"attempt {page.attempt}"
    return ", ".join(filter(None, (*words, attempt)))
