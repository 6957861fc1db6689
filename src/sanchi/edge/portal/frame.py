"""What every page goes through: the visitor's language, refusals, headers, and the frame around the content.

Enters: a page function and the source of views. Leaves: a Django view. Not here: any page's content.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from sanchi.app.views.market_head import MarketHead
from sanchi.app.views.market_views import MarketViews
from sanchi.core.base.errors import UnknownRecord
from sanchi.edge.portal.language import chosen_language, remember_language, switches

ViewsSource = Callable[[], MarketViews]
Page = Callable[..., HttpResponse]

# Everything comes from this host, and nothing that stands in a page is run.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def answering(source: ViewsSource, page: Page) -> Page:
    """Make a Django view of a page function (views, request, **ids); it only reads, and what is unknown is a 404."""

    @wraps(page)
    def show(request: HttpRequest, **ids: Any) -> HttpResponse:
        try:
            return page(source(), request, **ids)
        except UnknownRecord as error:
            raise Http404(error.what) from error

    return require_safe(in_own_language(show))


def in_own_language(page: Page) -> Page:
    """Answer in the visitor's language and with the headers of every page."""

    @wraps(page)
    def show(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = chosen_language(request)
        with translation.override(language):
            response = page(request, *args, **kwargs)
        remember_language(request, response)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers["Content-Language"] = language
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return show


def rendered(
    request: HttpRequest,
    template: str,
    content: dict[str, Any],
    *,
    market: MarketHead | None = None,
    active: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a template inside the frame; active names the entry of the navigation."""
    frame = {
        "market": market,
        "active": active,
        "language": translation.get_language(),
        "switches": switches(request),
    }
    return render(request, f"portal/{template}", {**frame, **content}, status=status)
