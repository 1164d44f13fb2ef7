"""What a browser would send of a page's forms, if somebody pressed a button without typing anything."""

from html.parser import HTMLParser


class Fields(HTMLParser):
    """Reads the fields of every form of a page; of several with one name the last one counts."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.found: dict[str, str] = {}
        self._select = self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a field's value, or note whose value comes."""
        said = {name: value or "" for name, value in attrs}
        name = said.get("name", "")
        if tag == "input" and name and (said.get("type") not in ("radio", "checkbox") or "checked" in said):
            self.found[name] = said.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in said or self._select not in self.found):
            self.found[self._select] = said.get("value", "")
            self._text = "" if "value" in said else self._select
        elif tag == "textarea":
            self._text = name
            self.found[name] = ""

    def handle_data(self, data: str) -> None:
        """Take the text of a text area, or of an option that has no value."""
        if self._text:
            self.found[self._text] = data.strip()

    def handle_endtag(self, tag: str) -> None:
        """Leave a field."""
        if tag in ("option", "textarea"):
            self._text = ""
        if tag == "select":
            self._select = ""
