"""Beyond one process: the same runs on many cores, on several machines, or on a cluster.

The engines are those of others (loky, Dask distributed, submitit), behind one interface, that of
``concurrent.futures.Executor``. They come with the extra ``scale``; without it nothing here is
needed.
"""

from tlbook.scale.coordinator import OtherCode
from tlbook.scale.engines import ON, EngineLost, opened
from tlbook.scale.folder import RunFolder
from tlbook.scale.jobs import Call, Done
from tlbook.scale.parcel import Parcel, pack_parcel
from tlbook.scale.search import search
from tlbook.scale.shards import Shards, write_shard
from tlbook.scale.spread import spread

__all__ = [
    "ON",
    "Call",
    "Done",
    "EngineLost",
    "OtherCode",
    "Parcel",
    "RunFolder",
    "Shards",
    "opened",
    "pack_parcel",
    "search",
    "spread",
    "write_shard",
]
