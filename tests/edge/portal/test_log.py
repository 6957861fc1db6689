"""The page of the log shows every checkpoint and gives each as it was signed."""

from sanchi.edge.portal.log import ROWS_PER_PAGE
from tests.edge.portal.conftest import MARKET
from tests.edge.portal.fake_log import KEY_TEXT, log_view


class TestLog:
    def test_shows_the_key_and_the_latest_checkpoints_first(self, client):
        shown = client.get(f"{MARKET}log/").content.decode()

        assert KEY_TEXT in shown
        latest = log_view().checkpoints[:ROWS_PER_PAGE]
        places = [shown.index(f"{row.root}") for row in latest]
        assert places == sorted(places)

    def test_shows_every_checkpoint_on_one_of_its_pages(self, client):
        n_pages = -(-len(log_view().checkpoints) // ROWS_PER_PAGE)
        shown = "".join(client.get(f"{MARKET}log/?page={number + 1}").content.decode() for number in range(n_pages))

        assert n_pages > 1
        assert [row for row in log_view().checkpoints if shown.count(f'checkpoint-{row.checkpoint_no}"') != 1] == []

    def test_gives_a_checkpoint_as_it_was_signed(self, client):
        row = log_view().checkpoints[3]

        given = client.get(f"{MARKET}log/checkpoint-{row.checkpoint_no}")

        assert given.content.decode() == row.note
        assert given["Content-Disposition"].startswith("attachment")

    def test_knows_no_checkpoint_that_is_not_there(self, client):
        assert client.get(f"{MARKET}log/checkpoint-99999").status_code == 404
