"""Which page of a long list is asked for, and the way to its neighbours.

Enters: a request. Leaves: a page number >= 1, queries. Not here: how many rows a page has (the read model).
"""

from django.http import HttpRequest

PARAMETER = "page"


def asked_page_no(request: HttpRequest) -> int:
    """Read ?page=; what is no page number is the first page."""
    text = request.GET.get(PARAMETER, "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= len("999999")
    return max(1, int(text)) if is_number else 1


def page_queries(request: HttpRequest, page_no: int, page_count: int) -> dict[str, str]:
    """Give the queries of the pages before and after, empty where there is none."""
    return {
        "earlier_query": _query(request, page_no - 1) if page_no > 1 else "",
        "later_query": _query(request, page_no + 1) if page_no < page_count else "",
    }


def _query(request: HttpRequest, page_no: int) -> str:
    """Give this page's query with another page number."""
    parameters = request.GET.copy()
    parameters[PARAMETER] = str(page_no)
    return f"?{parameters.urlencode()}"
