"""For each house rule a text with its fault on a known line, and a faultless one that comes close.

Enters: nothing; leaves: FAULTS and CLEAN. Forbidden words are put together, as the rules read this file.
"""

CORE = "src/sanchi/core/a.py"
APP = "src/sanchi/app/a.py"
EDGE = "src/sanchi/edge/a.py"

SHOUT = "TO" + "DO"
HOME = "/" + "home"
ADDRESS = "https:" + "//registry.example/"
SILENCE = "# type:" + " ignore"


def deeper(*statements: str) -> str:
    """Write a function whose statements each stand one step deeper than the one before."""
    indented = [f"{'    ' * depth}{statement}" for depth, statement in enumerate(statements, start=1)]
    return "\n".join(["def f(x):", *indented]) + "\n"


LONG_DOCSTRING = '    """Say much.\n' + "    words\n" * 30 + '    """\n'
ELIF_CHAIN = "def f(x):\n    if x == 1:\n        x()\n" + "    elif x:\n        x()\n" * 5
HANDLER = "def f(x):\n    try:\n        x()\n    except E:\n        if x:\n            if x:\n"

# Rule, path, line of the fault, text.
FAULTS = [
    ("file_length", EDGE, 401, "x\n" * 401),
    ("file_length", "scripts/a", 401, "x\n" * 401),
    ("function_length", EDGE, 2, "\ndef f():\n" + "    x()\n" * 60),
    ("nesting", EDGE, 5, deeper("if x:", "for y in x:", "while y:", "with y:", "y()")),
    ("nesting", EDGE, 6, deeper("match x:", "case 1:", "async with x:", "async for y in x:", "if y:", "y()")),
    ("nesting", EDGE, 7, HANDLER + "                if x:\n                    x()\n"),
    ("module_docstring", EDGE, 1, "x = 1\n"),
    ("unit_in_name", CORE, 2, "def f(\n    *, energy: int\n): ...\n"),
    ("unit_in_name", CORE, 2, "class A:\n    def f(self, supply: NDArray[np.int64]): ...\n"),
    ("unit_in_name", APP, 2, "class A:\n    price: np.int64 | None\n"),
    ("homeless_module", "src/sanchi/edge/date_utils.py", 1, ""),
    ("homeless_module", "src/sanchi/edge/common/dates.py", 1, ""),
    ("unfinished_without_issue", EDGE, 2, f"x = 1\ny = 2  # {SHOUT}: later\n"),
    ("unfinished_without_issue", "src/page.html", 2, f"<p>\n<!-- {SHOUT} -->\n"),
    ("core_input_output", CORE, 2, "x = 1\nopen('x')\n"),
    ("core_input_output", CORE, 1, "print(1)\n"),
    ("core_input_output", CORE, 1, "np.load('x')\n"),
    ("clock", CORE, 1, "datetime.now()\n"),
    ("clock", APP, 1, "datetime.date.today()\n"),
    ("bare_except", EDGE, 3, "try:\n    x()\nexcept:\n    y()\n"),
    ("leftover_breakpoint", EDGE, 1, "breakpoint()\n"),
    ("bare_type_ignore", EDGE, 1, f"x = 1  {SILENCE}\n"),
    ("machine_path", "docs/a.md", 2, f"Look\nin {HOME}/someone.\n"),
    ("registry_address", "requirements/a.txt", 1, f"x @ {ADDRESS}x\n"),
    ("registry_address", "web/package-lock.json", 1, f'"resolved": "{ADDRESS}x"\n'),
]

# Rule, path, text.
CLEAN = [
    ("file_length", EDGE, "x\n" * 400),
    ("file_length", "src/sanchi/sample/choices.csv", "x\n" * 401),
    ("function_length", EDGE, "def f():\n" + LONG_DOCSTRING + "    x()\n" * 59),
    ("nesting", EDGE, deeper("if x:", "for y in x:", "while y:", "y()")),
    ("nesting", EDGE, HANDLER + "                x()\n"),
    ("nesting", EDGE, ELIF_CHAIN),
    ("module_docstring", EDGE, '"""Say what enters and what leaves."""\n'),
    ("unit_in_name", CORE, "def f(*, energy_wh: int, title: str): ...\ndef _g(energy: int): ...\n"),
    ("unit_in_name", CORE, "class A:\n    supply_wh_max: NDArray[np.int64]\n    chosen: NDArray[np.bool_]\n"),
    ("unit_in_name", EDGE, "def f(energy: int): ...\n"),
    ("homeless_module", "src/sanchi/edge/dates.py", ""),
    ("unfinished_without_issue", EDGE, f"x = '{SHOUT}'\ny = 2  # {SHOUT} issue 12: later\n"),
    ("core_input_output", CORE, "book.open(1)\nnp.sum(x)\n"),
    ("core_input_output", EDGE, "open('x')\n"),
    ("clock", CORE, "datetime(2020, 1, 1)\nclock.now()\n"),
    ("clock", EDGE, "datetime.now()\n"),
    ("bare_except", EDGE, "try:\n    x()\nexcept OSError:\n    y()\n"),
    ("leftover_breakpoint", EDGE, "x = 'breakpoint()'\n"),
    ("bare_type_ignore", EDGE, f"x = 1  {SILENCE}[arg-type]\n"),
    ("machine_path", "docs/a.md", f"See src{HOME}/page.html and the {HOME}s page.\n"),
    ("registry_address", "docs/a.md", f"See {ADDRESS}.\n"),
    ("registry_address", "scripts/test", "postgresql:" + "///sanchi_test\n"),
]
