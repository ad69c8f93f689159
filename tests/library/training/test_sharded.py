"""Sharded checkpoints: two processes stop, one goes on, two go on; the network is the same."""

import pytest
import torch

from tests.library.training import sharded_script as script
from tlbook.training import ShardedCheckpoints, launch

MODULE = ["-m", "tests.library.training.sharded_script"]


@pytest.mark.slow
def test_a_sharded_run_goes_on_with_another_number_of_processes(tmp_path):
    undisturbed, stopped = tmp_path / "undisturbed", tmp_path / "stopped"
    script.main(undisturbed, 9, tmp_path / "whole.pt")
    for until, processes in ((3, 2), (6, 1), (9, 2)):
        out = tmp_path / f"{until}.pt"
        if processes == 1:
            script.main(stopped, until, out)
        else:
            launch([*MODULE, stopped, str(until), out], processes)
        found = torch.load(out)
        assert found["done"] == until - 3
    wanted = torch.load(tmp_path / "whole.pt")["weights"]
    assert wanted.keys() == found["weights"].keys()
    for name, weight in wanted.items():
        torch.testing.assert_close(weight, found["weights"][name], rtol=1e-5, atol=1e-6)
    assert ShardedCheckpoints(stopped).steps() == [6, 9]  # keep=2
    # Two processes wrote two files: none holds the whole.
    assert len(list((stopped / "step-00000009").glob("*.distcp"))) == 2
    assert not list(stopped.glob(".writing-*"))


def test_a_killed_writer_leaves_the_old_one(tmp_path):
    net = torch.nn.Linear(4, 2)
    optimizer = torch.optim.AdamW(net.parameters())
    kept = ShardedCheckpoints(tmp_path)
    assert kept.load(net, optimizer) is None
    kept.save(3, net, optimizer)
    before = net.weight.detach().clone()
    (tmp_path / ".writing-00000006").mkdir()
    (tmp_path / ".writing-00000006" / "__0_0.distcp").write_bytes(b"half")
    with torch.no_grad():
        net.weight.zero_()
    assert kept.load(net, optimizer) == 3
    assert torch.equal(net.weight, before)
    kept.save(6, net, optimizer)  # over what was left
    assert kept.steps() == [3, 6] and not list(tmp_path.glob(".writing-*"))
    assert kept.load(net, optimizer, step=3) == 3 and torch.equal(net.weight, before)
    with pytest.raises(ValueError, match="step: got 4, want one of 3, 6"):
        kept.load(net, optimizer, step=4)
    net.weight.detach().zero_()
    other = torch.optim.AdamW(torch.nn.Linear(4, 2).parameters())
    for ask in (lambda: kept.save(9, net, other), lambda: kept.load(net, other)):
        with pytest.raises(ValueError, match="optimizer: got one with weights that model"):
            ask()
    assert kept.steps() == [3, 6]
    with pytest.raises(ValueError, match="keep: got 0"):
        ShardedCheckpoints(tmp_path, keep=0)
