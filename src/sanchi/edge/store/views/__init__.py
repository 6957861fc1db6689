"""Reads what the pages show from the books of a market, one module a page."""

from sanchi.edge.store.views.stored_views import StoredMarketViews

__all__ = ["StoredMarketViews"]
