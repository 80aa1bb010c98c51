"""What is acknowledged is on the disk: the system calls of the server are counted."""

import re
import shutil
import subprocess

import pytest
from faults.clients import Load
from sqlalchemy import func, select

from survey.models import Operation

SAVES = 60


@pytest.fixture
def strace():
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace, which counts system calls, is not installed")
    if subprocess.run([found, "-f", "-qq", "true"], check=False, capture_output=True).returncode:
        pytest.skip("strace may not look at processes here")
    return found


def test_every_commit_waits_for_the_disk(sqlite_installation, strace):
    """Seen to fail with synchronous=NORMAL, which a killed process cannot show, but a power cut would."""
    report = sqlite_installation.folder / "syncs"
    counting = (strace, "-D", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", report)
    with sqlite_installation.database.reading() as session:
        before = session.scalar(select(func.count()).select_from(Operation))
    with sqlite_installation.serving(before=counting) as served:
        clients = sqlite_installation.clients(served, 4)
        begun = len(report.read_text().splitlines())
        with Load(clients, at_most=SAVES):
            pass
        syncs = len(re.findall(r"(?:fsync|fdatasync)\(\d+\) += 0", "\n".join(report.read_text().splitlines()[begun:])))
    found = sqlite_installation.assert_whole(clients, f"syncs={syncs}")
    with sqlite_installation.database.reading() as session:
        commits = session.scalar(select(func.count()).select_from(Operation)) - before
    assert syncs >= commits == found.acked
