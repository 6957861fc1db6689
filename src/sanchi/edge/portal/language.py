"""Which language a visitor reads: asked by ?lang=, remembered in a cookie, else what the browser prefers.

Enters: a request. Leaves: `en` or `ja`, and the addresses that switch. Not here: translations (see locale/).
"""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation.trans_real import parse_accept_lang_header

LANGUAGES: Final = {"ja": "日本語", "en": "English"}
DEFAULT: Final = "en"
PARAMETER: Final = "lang"
_COOKIE_SECONDS: Final = 365 * 24 * 60 * 60


def chosen_language(request: HttpRequest) -> str:
    """Choose the visitor's language; what is not offered is passed over."""
    asked = (request.GET.get(PARAMETER), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
    for code in (*asked, *_preferred(request)):
        if code in LANGUAGES:
            return code
    return DEFAULT


def remember_language(request: HttpRequest, response: HttpResponse) -> None:
    """Keep a language that the visitor asked for."""
    if request.GET.get(PARAMETER) in LANGUAGES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            request.GET[PARAMETER],
            max_age=_COOKIE_SECONDS,
            samesite="Lax",
            httponly=True,
        )


def switches(request: HttpRequest) -> list[dict[str, str]]:
    """Give each language with its own name and the address of this page in it."""
    return [{"code": code, "name": name, "query": _query(request, code)} for code, name in LANGUAGES.items()]


def _query(request: HttpRequest, code: str) -> str:
    """Give this page's query with another language."""
    parameters = request.GET.copy()
    parameters[PARAMETER] = code
    return f"?{parameters.urlencode()}"


def _preferred(request: HttpRequest) -> list[str]:
    """List the languages that the browser prefers, without their regions."""
    header = request.headers.get("Accept-Language", "")
    return [code.partition("-")[0] for code, _ in parse_accept_lang_header(header)]
