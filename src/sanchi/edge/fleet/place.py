"""A place for files: a folder on this machine or a prefix of a bucket behind the S3 API.

Enter: a location and names below it. Leave: bytes, whole or not at all. Not here: what the files hold.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import get_ident
from typing import Final
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from sanchi.core.base.errors import SetupFault

S3_SCHEME: Final = "s3://"
BEING_WRITTEN: Final = ".being-written"
_DEFAULT_REGION: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class Place:
    """A local path, made absolute, or s3://bucket/prefix; small enough to be sent to any worker.

    The S3 API's endpoint, region and credentials come from the usual environment (AWS_ENDPOINT_URL, AWS_REGION, ...).
    """

    location: str

    def __post_init__(self) -> None:
        """Give a local place a name that other processes of this machine understand too."""
        name = self.location.rstrip("/") if self.is_remote else str(Path(self.location).resolve())
        object.__setattr__(self, "location", name)

    @property
    def is_remote(self) -> bool:
        """Tell whether the S3 API is behind it."""
        return self.location.startswith(S3_SCHEME)

    def full_path(self, name: str) -> str:
        """Give the path of a name as the filesystem wants it."""
        return f"{self.location.removeprefix(S3_SCHEME)}/{name}"

    def read(self, name: str) -> pa.Buffer | None:
        """Read a whole file; None when it is not there. Raises: SetupFault."""
        try:
            with _filesystem(self.is_remote).open_input_file(self.full_path(name)) as source:
                return source.read_buffer()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreachable(self, name, "read", error) from error

    def write(self, name: str, content: pa.Buffer | bytes, *, is_lasting: bool = True) -> None:
        """Write a whole file: after a crash it is there whole or not at all; after a power cut too if it is lasting.

        Raises: SetupFault.
        """
        try:
            if self.is_remote:
                _send_object(self.full_path(name), content)
            else:
                _write_whole(Path(self.full_path(name)), content, is_lasting=is_lasting)
        except OSError as error:
            raise _unreachable(self, name, "written", error) from error

    def names(self, suffixes: tuple[str, ...] = ("",)) -> list[str]:
        """List the names below the place that end in one of the suffixes, sorted; for sweeping, never for reading."""
        selector = fs.FileSelector(self.full_path("").rstrip("/"), recursive=True, allow_not_found=True)
        try:
            found = _filesystem(self.is_remote).get_file_info(selector)
        except OSError as error:
            raise _unreachable(self, "", "listed", error) from error
        paths = [info.path for info in found if info.type == fs.FileType.File]
        return sorted(path.removeprefix(self.full_path("")) for path in paths if path.endswith(suffixes))

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is passed over. Raises: SetupFault."""
        try:
            _filesystem(self.is_remote).delete_file(self.full_path(name))
        except FileNotFoundError:
            return
        except OSError as error:
            raise _unreachable(self, name, "removed", error) from error


@lru_cache(maxsize=2)
def _filesystem(is_remote: bool) -> fs.FileSystem:  # noqa: FBT001 - the key of the cache
    """Open the filesystem once in each process."""
    if not is_remote:
        return fs.LocalFileSystem(use_mmap=True)
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION
    if not endpoint:
        return fs.S3FileSystem(region=region)
    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise SetupFault(
            f"The endpoint {endpoint!r} of the S3 API is no address.",
            hint="Write it as http://host:port or https://host.",
        )
    return fs.S3FileSystem(region=region, scheme=parts.scheme, endpoint_override=parts.netloc)


def _send_object(path: str, content: pa.Buffer | bytes) -> None:
    """Send an object that is complete before the one call; an upload that fails is never completed."""
    stream = _filesystem(True).open_output_stream(path)  # noqa: FBT003 - the key of the cache
    stream.write(content)
    stream.close()


def _write_whole(file: Path, content: pa.Buffer | bytes, *, is_lasting: bool) -> None:
    """Write under another name, let it reach the disk if it is to last, rename."""
    if not file.parent.is_dir():
        file.parent.mkdir(parents=True, exist_ok=True)
        _sync_folder(file.parent.parent)
    being_written = file.with_name(f"{file.name}.{os.getpid()}.{get_ident()}{BEING_WRITTEN}")
    try:
        with being_written.open("wb") as output:
            output.write(content)
            output.flush()
            if is_lasting:
                os.fsync(output.fileno())
        being_written.replace(file)
    except OSError:
        # A full disk stays full while the half of a file lies on it.
        being_written.unlink(missing_ok=True)
        raise
    if is_lasting:
        _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unreachable(place: Place, name: str, what: str, error: OSError) -> SetupFault:
    """Word what the filesystem declined."""
    return SetupFault(
        f"{place.location}/{name} cannot be {what} ({error.strerror or error}).",
        hint="Give the place room and this user its rights; for s3:// look at AWS_ENDPOINT_URL and the credentials.",
    )
