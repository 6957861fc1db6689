"""What is known of connections is given at once, and looked at anew when there is something new."""

from collections.abc import Hashable

from sanchi.app.views.connections import ConnectionWatch
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.start.watching import KeptWatches
from tests.edge.portal.fake_meters import connection_watch

MARKET_ID = MarketId("made")


class Looks:
    """A made search: counts how often it is asked, and fails if told so."""

    def __init__(self, *, is_refused: bool = False) -> None:
        self.mark: Hashable = 1
        self.n_looks = 0
        self.is_refused = is_refused
        self.watches = KeptWatches(self.look, lambda _market_id: self.mark)

    def look(self, _market_id: MarketId) -> ConnectionWatch:
        self.n_looks += 1
        if self.is_refused:
            raise WrongInput("nothing to watch")
        return connection_watch()

    def ask(self) -> ConnectionWatch | None:
        """Ask, then let the look that it may have begun end."""
        given = self.watches(MARKET_ID)
        self.watches.wait()
        return given


class TestKeptWatches:
    def test_know_nothing_before_the_first_look_has_ended(self):
        looks = Looks()

        assert [looks.ask(), looks.ask()] == [None, connection_watch()]

    def test_look_once_as_long_as_nothing_is_new(self):
        looks = Looks()

        for _ in range(4):
            looks.ask()

        assert looks.n_looks == 1

    def test_give_the_old_while_they_look_at_the_new(self):
        looks = Looks()
        looks.ask()
        looks.mark = 2

        assert looks.ask() is connection_watch()
        assert looks.n_looks == 2

    def test_do_not_try_again_what_was_refused_until_it_changes(self):
        looks = Looks(is_refused=True)

        assert [looks.ask(), looks.ask(), looks.n_looks] == [None, None, 1]
        looks.mark = 2
        looks.ask()
        assert looks.n_looks == 2
