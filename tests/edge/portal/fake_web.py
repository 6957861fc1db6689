"""The addresses of the portal over made numbers, in place of sanchi.start.web."""

from sanchi.edge.portal.faults import broken, not_found
from sanchi.edge.portal.routes import pages
from tests.edge.portal.fake_views import FakeViews

VIEWS = FakeViews()

urlpatterns = pages(lambda: VIEWS)
handler404 = not_found
handler500 = broken
