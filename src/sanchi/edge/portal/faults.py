"""The pages for what is not there and for what went wrong.

Enters: a request. Leaves: a page with status 404 or 500. Not here: refusals of a use case.
"""

from django.http import HttpRequest, HttpResponse

from sanchi.edge.portal.frame import in_own_language, rendered


@in_own_language
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Say that the address leads nowhere."""
    return rendered(request, "404.html", {}, status=404)


@in_own_language
def broken(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours."""
    return rendered(request, "500.html", {}, status=500)
