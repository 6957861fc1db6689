"""Reads pages as a visitor or a checker would: their visible texts, attributes and drawings."""

import json
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "input", "br", "hr", "rect", "stop", "circle", "path", "line"}
TEXT_ATTRIBUTES = {"aria-label", "alt", "title", "placeholder"}


class Reading(HTMLParser):
    """A page taken apart."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.texts: list[str] = []  # texts and text attributes outside other languages and code
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.drawings: dict[str, dict] = {}
        self.title = ""
        self.markup = markup
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self._open.append((tag, attributes))
        if not self._is_aside():
            self.texts += [value for name, value in attrs if name in TEXT_ATTRIBUTES and value]

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        opened, _attributes = self._open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}> in line {self.getpos()[0]}"

    def handle_data(self, data):
        if not data.strip() or not self._open:
            return
        tag, attributes = self._open[-1]
        if tag == "script":
            self.drawings[attributes["id"]] = json.loads(data)
        elif tag == "title" and not self.title:
            self.title = data.strip()
        elif not self._is_aside():
            self.texts.append(data.strip())

    def _is_aside(self) -> bool:
        """Whether what is open is code or declared to be in another language than the page."""
        return any(
            (tag != "html" and "lang" in attributes) or "code" in (attributes.get("class") or "").split()
            for tag, attributes in self._open
        )

    def headings(self) -> list[str]:
        return [tag for tag, _attributes in self.tags if tag == "h1"]


def strings_of(value) -> list[str]:
    """Collect every text of a drawing that a visitor may read."""
    if isinstance(value, dict):
        shown = {
            key: part
            for key, part in value.items()
            if key not in {"colour", "axis", "shape", "symbol", "key", "side", "links"}
        }
        return [text for part in shown.values() for text in strings_of(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings_of(part)]
    return [value] if isinstance(value, str) else []
