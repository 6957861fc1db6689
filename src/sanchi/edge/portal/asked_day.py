"""Which day a visitor asks for.

Enters: a request. Leaves: a date, or none. Not here: which days are closed.
"""

from datetime import date

from django.http import Http404, HttpRequest


def asked_date(request: HttpRequest) -> date | None:
    """Read ?day=; what is no date leads nowhere."""
    text = request.GET.get("day", "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404(f"{text!r} is not a date; write it as YYYY-MM-DD") from error
