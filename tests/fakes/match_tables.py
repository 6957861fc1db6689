"""Tables of `sanchi match` in memory; fulfils app.match_tables.MatchTables.

Enter: tables by path. Leaves: what was written. Not here: formats.
"""

from pathlib import Path

import numpy as np

from sanchi.app.match_tables import MatchTable, NameColumn


class FakeMatchTables:
    """Keeps what is written as plain rows."""

    def __init__(self, tables):
        self.tables = tables
        self.written = {}

    def read(self, path, form):
        rows = self.tables[path]
        names, numbers = {}, {}
        for column, values in rows.items():
            if column in form.numbers:
                numbers[column] = np.array(values, dtype=np.int64)
            else:
                texts = tuple(dict.fromkeys(values))
                code = np.array([texts.index(text) for text in values], dtype=np.int32)
                names[column] = NameColumn(texts=texts, code=code)
        count = len(next(iter(rows.values())))
        return MatchTable(file_name=Path(path).name, row_count=count, names=names, numbers=numbers)

    def require_writable(self, paths, read_paths):
        assert not set(paths) & set(read_paths)

    def write(self, tables):
        for path, table in tables.items():
            self.written[path] = {
                name: [column.texts[code] for code in column.code]
                if isinstance(column, NameColumn)
                else column.tolist()
                for name, column in table.columns.items()
            }
