"""Pictures that stay on disk: a torch Dataset that ``fit`` reads in draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from torch.utils.data import Dataset

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.named import named
from tlbook.data.online.pictures import decode, open_picture, to_floats, told_by_name

if TYPE_CHECKING:
    import pandas as pd


class PictureFiles(Dataset[Any]):
    """Rows of :func:`tlbook.data.list_pictures` as a Dataset: a draw decodes its own files.

    Memory holds one batch, whatever the folder's size. ``fit``, ``predict``, ``EarlyStopping`` and
    torch's ``DataLoader`` take it; two of them make a source and a target:
    ``fit(net, {"source": PictureFiles(a), "target": PictureFiles(b)}, objective)``.

    Parameters
    ----------
    frame : DataFrame
        With columns ``path`` and ``label``.
    classes : sequence of str, optional
        Names in the order of their numbers; those of the frame, sorted, by default. Give the
        training part's names for every other part.
    size, channels : int
        The shorter side is scaled to ``size`` pixels and the middle cut out; 3 (RGB) or 1 (gray).
    transform : function, optional
        From a PIL picture in RGB to a tensor, in the place of ``size`` and ``channels``:
        torchvision's transforms, random ones too.

    Raises
    ------
    ValueError
        If there are no rows, or a label is none of ``classes``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from PIL import Image
    >>> from tlbook.data import PictureFiles, list_pictures
    >>> folder = Path(tempfile.mkdtemp())
    >>> for k, name in enumerate(("dark", "bright")):
    ...     (folder / name).mkdir()
    ...     for i in range(2):
    ...         Image.new("RGB", (40, 30), (200 * k + i,) * 3).save(folder / name / f"{i}.png")
    >>> pictures = PictureFiles(list_pictures(folder), size=16)
    >>> len(pictures), pictures.classes, pictures[0][0].shape
    (4, ('bright', 'dark'), (3, 16, 16))
    """

    @named
    def __init__(
        self,
        frame: pd.DataFrame,
        classes: Sequence[str] | None = None,
        *,
        size: int = 64,
        channels: int = 3,
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        if not len(frame):
            raise ValueError("frame: got no rows, want some of list_pictures")
        self.classes = tuple(sorted(set(frame.label)) if classes is None else classes)
        if unknown := sorted(set(frame.label) - set(self.classes)):
            raise ValueError(f"classes: got none called {unknown[0]}, want all labels of the frame")
        self.paths = [str(path) for path in frame.path]
        self.y = [self.classes.index(label) for label in frame.label]
        self.size = check_positive(size, "size", integer=True)
        self.channels = check_choice(channels, "channels", (1, 3))
        self.transform = transform

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> tuple[Any, int]:
        """Return one picture, float32 in [0, 1] where there is no transform, and its label."""
        path = self.paths[row]
        if self.transform is not None:
            return self.transform(open_picture(path)), self.y[row]
        with told_by_name(path):
            return to_floats(decode(path, self.size, self.channels)), self.y[row]
