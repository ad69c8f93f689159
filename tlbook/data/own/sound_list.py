"""A table of sounds with their texts, from a CSV file that names WAV files."""

from __future__ import annotations

import struct
import warnings
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.data.own.picture_list import shorten
from tlbook.data.own.text_list import list_texts

if TYPE_CHECKING:
    import pandas as pd


@named
def list_sounds(
    file: str | Path,
    text: str = "text",
    sound: str = "file",
    rate: int = 16_000,
    separator: str | None = None,
    encoding: str = "utf-8",
    *,
    quiet: bool = False,
) -> pd.DataFrame:
    """Return a table of recordings and what is said in them.

    The CSV file has one row a recording: the name of a WAV file, as seen from the CSV file, and the
    text. Samples of 8, 16, 24 and 32 bits and floats become numbers in [−1, 1]; two channels become
    their mean; another rate is changed to ``rate``. A recording that is not there, or that cannot
    be read, is left out and named, in one printed line and in ``frame.attrs["damaged"]``.

    Parameters
    ----------
    file : str or Path
        A file with a line of column names.
    text, sound : str
        Names of the two columns.
    rate : int
        Samples per second that are wanted; most published recognizers want 16,000.
    separator : str, optional
        Between columns; see :func:`list_texts`.
    encoding : str
        Of the CSV file.
    quiet : bool
        Do not print the line about what is left out.

    Returns
    -------
    DataFrame
        ``text`` (str), ``sound`` (float32 array of one channel) and ``path`` (str), in the order of
        the file.

    Raises
    ------
    ValueError
        As :func:`list_texts`; if a recording has no samples or NaN; if none can be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from scipy.io import wavfile
    >>> from tlbook.data import list_sounds
    >>> folder = Path(tempfile.mkdtemp())
    >>> wavfile.write(folder / "a.wav", 8_000, np.zeros((4_000, 2), np.int16))  # half a second
    >>> written = (folder / "said.csv").write_text("file,text\\na.wav,hello\\n")
    >>> frame = list_sounds(folder / "said.csv")
    >>> frame.text[0], frame.sound[0].shape
    ('hello', (8000,))
    """
    import pandas as pd

    check_positive(rate, "rate", integer=True)
    try:
        frame = list_texts(file, text, sound, separator, encoding, quiet=quiet)
    except ValueError as error:
        words = str(error)
        raise ValueError(
            words.replace("label:", "sound:", 1).replace("and a label", "and a sound")
        ) from None
    folder = Path(file).expanduser().parent
    rows, damaged = [], []
    for said, name in zip(frame.text, frame.label, strict=True):
        try:
            rows.append((said, read_sound(folder / name, rate), str(folder / name)))
        except ValueError as error:
            damaged.append(str(error))
    if not rows:
        raise ValueError(f"file: {Path(file).name} names no sound that can be read: {damaged[0]}")
    if damaged and not quiet:
        print(f"{Path(file).name}: left out: {shorten(damaged)}")
    table = pd.DataFrame(rows, columns=["text", "sound", "path"]).astype(object)
    table.attrs = {"empty": frame.attrs["empty"], "damaged": damaged}
    return table


def read_sound(path: Path, rate: int) -> np.ndarray:
    """Return the samples of a WAV file in [−1, 1], one channel at this rate, or say what is wrong.

    Raises
    ------
    ValueError
        With the name of the file.
    """
    from scipy.io import wavfile
    from scipy.signal import resample_poly

    if not path.is_file():
        raise ValueError(f"{path.name} is not there")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks beside the samples
            own, samples = wavfile.read(path)
    except (OSError, ValueError, EOFError, struct.error):
        raise ValueError(f"{path.name} is no WAV file that can be read") from None
    if len(samples) == 0 or own <= 0:
        raise ValueError(f"{path.name} has no samples")
    x = samples.astype(np.float32)
    if samples.dtype.kind == "u":  # 8 bits: silence is 128
        x = (x - 128) / 128
    elif samples.dtype.kind == "i":
        x = x / (np.iinfo(samples.dtype).max + 1)
    if not np.isfinite(x).all():
        raise ValueError(f"{path.name} has samples that are NaN or infinite")
    if x.ndim == 2:
        x = x.mean(axis=1)
    if own != rate:
        common = gcd(own, rate)
        x = resample_poly(x, rate // common, own // common)
    return np.ascontiguousarray(x, dtype=np.float32)
