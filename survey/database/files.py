"""Files that are whole or not there: written under another name, on the disk before they get their own."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BLOCK = 1 << 20


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """An empty file beside a target, for its owner's eyes only; removed on leaving unless it was published."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
    finally:
        # A database has companions while it is open.
        for file in draft.parent.glob(f"{draft.name}*"):
            with suppress(FileNotFoundError):
                file.unlink()


def publish(draft: Path, target: Path) -> None:
    """Give a whole file its name, if nobody else has it: FileExistsError. On the disk when this returns."""
    sync(draft)
    try:
        # Unlike a rename it never puts a file in place of another one.
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without second names, as on memory sticks.
        if target.exists():
            raise FileExistsError(target) from None
        draft.rename(target)
    sync_folder(target.parent)


def replace(draft: Path, target: Path) -> None:
    """Put a whole file in the place of another one, at once. On the disk when this returns."""
    sync(draft)
    draft.replace(target)
    sync_folder(target.parent)


def copy(source: Path, draft: Path) -> None:
    """Copy the bytes of a file into a draft, whose mode stays."""
    shutil.copyfile(source, draft)


def sync(file: Path) -> None:
    """Wait until a file is on the disk."""
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can do that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
