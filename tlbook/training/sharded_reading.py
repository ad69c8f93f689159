"""Read ``torch.distributed.checkpoint`` without running what a file asks for.

Its index ``.metadata`` is a pickle, and its reader unpickles whatever lies there; single values
(the rate of an optimizer) are unpickled, too. Here the index may name the few classes that it is
made of, and values are read as ``torch.load(weights_only=True)`` reads them.
"""

from __future__ import annotations

import pickle
from typing import IO, Any

import torch
from torch.distributed.checkpoint import DefaultLoadPlanner, FileSystemReader
from torch.distributed.checkpoint import metadata as parts
from torch.distributed.checkpoint.planner import ReadItem

_INDEX = {
    ("torch.distributed.checkpoint.metadata", name)
    for name in (
        "BytesStorageMetadata",
        "ChunkStorageMetadata",
        "Metadata",
        "MetadataIndex",
        "StorageMeta",
        "TensorProperties",
        "TensorStorageMetadata",
        "_MEM_FORMAT_ENCODING",
    )
} | {
    ("torch.distributed.checkpoint.filesystem", "_StorageInfo"),
    ("torch.serialization", "_get_layout"),
    ("torch", "Size"),
    ("collections", "OrderedDict"),
    ("pathlib", "Path"),
    ("pathlib", "PosixPath"),
    ("pathlib", "WindowsPath"),
    ("pathlib._local", "PosixPath"),  # as Python 3.13 writes them
    ("pathlib._local", "WindowsPath"),
}


class OnlyIndex(pickle.Unpickler):
    """Unpickles an index of a checkpoint, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the classes that an index is made of."""
        if (module, name) in _INDEX:
            return super().find_class(module.replace("pathlib._local", "pathlib"), name)
        if module == "torch" and isinstance(kind := getattr(torch, name, None), torch.dtype):
            return kind
        raise pickle.UnpicklingError(f"refused: it asks for {module}.{name}")


class Reader(FileSystemReader):
    """Reads the index by :class:`OnlyIndex`."""

    def read_metadata(self, *args: Any, **kwargs: Any) -> parts.Metadata:
        """Return the index."""
        with self.fs.create_stream(self.fs.concat_path(self.path, ".metadata"), "rb") as file:
            found = OnlyIndex(file).load()
        if not isinstance(found, parts.Metadata):
            raise pickle.UnpicklingError(f"refused: it holds {type(found).__name__}, no index")
        if found.storage_meta is None:
            found.storage_meta = parts.StorageMeta()
        found.storage_meta.load_id = self.load_id
        return found


class Planner(DefaultLoadPlanner):
    """Reads single values without building any object but plain ones and tensors."""

    def load_bytes(self, read_item: ReadItem, value: IO[bytes]) -> None:
        """Put one value where it belongs; the rest is torch's own."""
        from torch.distributed.checkpoint._nested_dict import set_element

        plain = torch.load(value, weights_only=True)
        name = read_item.dest_index.fqn
        if self.flatten_state_dict:
            set_element(self.original_state_dict, self.mappings[name], plain)
        else:
            self.state_dict[name] = plain
