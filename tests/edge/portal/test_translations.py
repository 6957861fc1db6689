"""Every word of the portal has its Japanese, and no Japanese page shows anything else."""

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation.template import templatize

import sanchi.edge.portal
from tests.edge.portal.conftest import PAGES
from tests.edge.portal.reading import strings_of

PORTAL = Path(next(iter(sanchi.edge.portal.__path__)))
CATALOGUE = PORTAL / "locale" / "ja" / "LC_MESSAGES" / "django.po"
LITERAL = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
IN_TEMPLATE = re.compile(rf"\b(?:_|gettext|ngettext)\({LITERAL}")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PLACE = re.compile(r"%\(\w+\)s")
CONTEXTS = {"Use": "what a home uses"}
FUNCTIONS = {"_": 0, "gettext": 0, "gettext_lazy": 0, "pgettext_lazy": 1}

# What a Japanese page may say in Latin letters: units, names of things, file names, made parties.
LATIN = re.compile(
    r"kWh|Wh|kW|sanchi|English|Apache ECharts|Apache License|CT|FIT|LAN|meters\.csv"
    r"|Chain [AB]|Landlord C|Builder F|チェーン[AB]|ビル[CD]|学校E|建設会社F|H\d{3}|B\d{2}|R01"
)


def template_words() -> set[str]:
    return {
        ast.literal_eval(found)
        for path in PORTAL.rglob("*.html")
        for found in IN_TEMPLATE.findall(templatize(path.read_text()))
    }


def module_words() -> set[str]:
    words = set()
    for path in PORTAL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=name), args=arguments) if name in FUNCTIONS:
                    words.add(ast.literal_eval(arguments[FUNCTIONS[name]]))
    return words


def catalogue_words() -> set[str]:
    found = re.findall(r'^msgid (".*")$', CATALOGUE.read_text(), re.MULTILINE)
    return {ast.literal_eval(text) for text in found} - {""}


def japanese(word: str) -> str:
    with translation.override("ja"):
        if word in CONTEXTS:
            return translation.pgettext(CONTEXTS[word], word)
        # What has a plural is found under its singular and any number; other words have no plural.
        return translation.ngettext(word, word, 1) if "%(n)s" in word else translation.gettext(word)


class TestCatalogue:
    def test_is_compiled(self):
        assert CATALOGUE.with_suffix(".mo").exists(), "run scripts/setup: the build compiles the translations"

    def test_holds_exactly_the_words_in_use(self):
        assert catalogue_words() == template_words() | module_words()

    def test_translates_every_word(self):
        untranslated = {word for word in catalogue_words() if not JAPANESE.search(japanese(word))}

        assert untranslated == set()

    def test_keeps_the_places_of_figures(self):
        lost = {
            word for word in catalogue_words() if sorted(PLACE.findall(japanese(word))) != sorted(PLACE.findall(word))
        }

        assert lost == set()


class TestJapanesePages:
    @pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
    def test_show_no_english(self, read, address):
        page = read(address, "ja")

        texts = [page.title, *page.texts, *strings_of(list(page.drawings.values()))]
        english = {text for text in texts if re.search(r"[A-Za-z]{2,}", LATIN.sub("", text))}

        assert english == set()


class TestEnglishPages:
    @pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
    def test_show_no_japanese_but_names_of_places(self, read, address):
        words = {japanese(word) for word in catalogue_words()}

        texts = read(address).texts

        assert set(texts) & words == set()
