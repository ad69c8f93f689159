"""SLURM by submitit, whose local executor runs each job in a process of this machine."""

import time

import pytest

from tests.library.scale import jobs_for_tests as jobs
from tlbook.scale import Call, spread
from tlbook.scale.slurm import SubmititExecutor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
pytest.importorskip("submitit")


@pytest.fixture
def cluster(tmp_path):
    found = SubmititExecutor(tmp_path / "slurm", cluster="local", poll=0.1)
    yield found
    found.shutdown(cancel_futures=True)


def test_a_job_whose_node_dies_is_sent_again(cluster, tmp_path):
    calls = [
        Call(f"job {k}", jobs.ends_its_process_once, {"k": k, "folder": str(tmp_path)})
        for k in range(3)
    ]
    done = spread(calls, cluster, workers=2, folder=tmp_path / "run")
    assert [each.value for each in done] == [0, 1, 2]
    assert len(list((tmp_path / "run" / "rows").rglob("*.json"))) == 3
    assert len({each.worker for each in done}) == 3  # each a process of its own


def test_what_is_cancelled_ends(cluster, tmp_path):
    stay = tmp_path / "stay"
    stay.write_text("")
    future = cluster.submit(jobs.slow, 0, str(tmp_path), stay=str(stay))
    job = cluster.running[future]
    while not (tmp_path / "begun-0").exists():
        time.sleep(0.1)
    assert future.cancel()
    cluster.shutdown(cancel_futures=True)
    stay.unlink()
    assert not cluster.running and future.cancelled()
    while job._process.poll() is None:
        time.sleep(0.1)
    with pytest.raises(RuntimeError, match="is shut down"):
        cluster.submit(jobs.whose)
