"""What the test of sharded checkpoints starts: some steps of a sharded network.

Usage: sharded_script.py FOLDER UNTIL OUT; it goes on from the last checkpoint in FOLDER, leaves one
at step UNTIL, and the first process writes the whole weights to OUT.
"""

import sys

import torch
import torch.distributed as dist
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from tlbook.training import ShardedCheckpoints, join


def main(folder, until, out):
    torch.set_num_threads(1)
    with join(device="cpu") as world:
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Linear(6, 10), torch.nn.Tanh(), torch.nn.Linear(10, 3))
        if not world.alone:
            mesh = init_device_mesh("cpu", (world.size,))
            for layer in (net[0], net[2], net):
                fully_shard(layer, mesh=mesh)
        optimizer = torch.optim.AdamW(net.parameters(), lr=0.05)
        kept = ShardedCheckpoints(folder, keep=2)
        done = kept.load(net, optimizer) or 0
        for step in range(done, until):
            batch = torch.randn(12, 6, generator=torch.Generator().manual_seed(step))
            size = 12 // world.size  # each its share; FSDP averages the gradients
            own = batch[world.rank * size : (world.rank + 1) * size]
            loss = ((net(own) - own[:, :3]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        kept.save(until, net, optimizer)
        whole = get_model_state_dict(net, options=StateDictOptions(full_state_dict=True))
        if world.first:
            torch.save({"done": done, "weights": whole}, out)
        if dist.is_initialized():
            dist.barrier()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
