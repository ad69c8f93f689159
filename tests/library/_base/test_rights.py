"""Files that are moved into place have the rights of every other file, whatever the umask."""

import os
import subprocess
import sys

import pytest

WRITE = """
import sys
from pathlib import Path
import numpy as np
from tlbook.data.cache import write_entry
from tlbook.scale.folder import write_whole

folder = Path(sys.argv[1])
write_entry(folder / "cache" / "entry", np.arange(3))
write_whole(folder / "rows" / "row", "text")
open(folder / "plain", "w").close()
(folder / "made").mkdir()
"""
FILES = ("cache/entry", "rows/row", "plain")
FOLDERS = ("cache", "rows", "made")


@pytest.mark.skipif(os.name != "posix", reason="no umask here")
@pytest.mark.parametrize(
    ("umask", "file", "folder"), [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700)]
)
def test_cache_and_rows_follow_the_umask(umask, file, folder, tmp_path):
    subprocess.run([sys.executable, "-c", WRITE, str(tmp_path)], check=True, umask=umask)
    assert {name: mode(tmp_path / name) for name in FILES} == dict.fromkeys(FILES, file)
    assert {name: mode(tmp_path / name) for name in FOLDERS} == dict.fromkeys(FOLDERS, folder)


@pytest.mark.skipif(os.name != "posix", reason="no umask here")
def test_the_umask_itself_is_left_alone(tmp_path):
    from tlbook._base.rights import follow_umask

    before = os.umask(0o027)
    try:
        (tmp_path / "file").touch(0o600)
        follow_umask(tmp_path / "file")
        assert mode(tmp_path / "file") == 0o640
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def mode(path):
    return path.stat().st_mode & 0o777
