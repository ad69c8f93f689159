"""Sounds of one's own: any WAV becomes one channel in [−1, 1] at the rate, the rest is named."""

import numpy as np
import pytest
from scipy.io import wavfile

from tlbook.data import list_lines, list_sounds

RATE = 16_000
TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)  # one second


def write(folder, rows, header="file,text"):
    (folder / "said.csv").write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return folder / "said.csv"


@pytest.mark.parametrize(
    ("samples", "near"),
    [
        (lambda x: np.rint(x * 32767).astype(np.int16), 1e-3),
        (lambda x: np.rint(x * 127 + 128).astype(np.uint8), 0.02),
        (lambda x: np.rint(x * (2**31 - 1)).astype(np.int32), 1e-6),
        (lambda x: x.astype(np.float32), 1e-6),
        (lambda x: x, 1e-6),
        (lambda x: np.stack([x + 0.2, x - 0.2], 1).astype(np.float32), 1e-6),
    ],
)
def test_samples_of_any_kind_are_the_same_sound(samples, near, tmp_path):
    wavfile.write(tmp_path / "a.wav", RATE, samples(TONE))
    frame = list_sounds(write(tmp_path, ["a.wav,ah"]))
    assert frame.sound[0].dtype == np.float32 and frame.text[0] == "ah"
    assert np.abs(frame.sound[0] - TONE).max() < near


def test_another_rate_is_changed_and_the_pitch_stays(tmp_path):
    wavfile.write(
        tmp_path / "a.wav", 44_100, 0.5 * np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)
    )
    sound = list_sounds(write(tmp_path, ["a.wav,ah"]), rate=RATE).sound[0]
    assert len(sound) == RATE
    assert np.abs(np.fft.rfft(sound)).argmax() == 440
    assert np.abs(sound[1000:-1000] - TONE[1000:-1000]).max() < 0.01


def test_what_cannot_be_read_is_named_and_left_out(tmp_path, capsys):
    wavfile.write(tmp_path / "ä 1.wav", RATE, TONE.astype(np.float32))
    wavfile.write(tmp_path / "void.wav", RATE, TONE[:0].astype(np.float32))
    wavfile.write(tmp_path / "nan.wav", RATE, np.full(9, np.nan, np.float32))
    (tmp_path / "text.wav").write_text("no sound")
    (tmp_path / "cut.wav").write_bytes((tmp_path / "ä 1.wav").read_bytes()[:30])
    names = ["ä 1.wav", "void.wav", "nan.wav", "text.wav", "cut.wav", "gone.wav"]
    file = write(tmp_path, [*(f"{name},医生" for name in names), "ä 1.wav,"])
    frame = list_sounds(file)
    assert frame.text.tolist() == ["医生"] and frame.attrs["empty"] == [8]
    told = capsys.readouterr().out
    for name in names[1:]:
        assert name in told
    assert len(frame.attrs["damaged"]) == 5
    list_sounds(file, quiet=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (["gone.wav,a"], {}, "file: said.csv names no sound that can be read: gone.wav is not"),
        (["gone.wav,a"], {"sound": "path"}, "sound: got 'path', said.csv has the columns"),
        (["gone.wav,a"], {"text": "words"}, "text: got 'words', said.csv has the columns"),
        (["gone.wav,a"], {"rate": 0}, "rate: got 0"),
        ([], {}, "file: said.csv has no row"),
    ],
)
def test_bad_input(rows, options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        list_sounds(write(tmp_path, rows), **options)
    with pytest.raises(ValueError, match="file: got .*nowhere"):
        list_sounds(tmp_path / "nowhere.csv")


def test_lines_of_a_file(tmp_path):
    file = tmp_path / "ü.txt"
    file.write_bytes("\ufeff你好\r\n\r\n  Grüße \n".encode())
    assert list_lines(file) == ["你好", "Grüße"]
    file.write_bytes("Grüße".encode("cp1252"))
    with pytest.raises(ValueError, match="encoding: ü.txt is not utf-8") as told:
        list_lines(file)
    assert "utf_16" not in str(told.value)
    file.write_bytes("你好\n再见\n".encode("utf-16-be"))
    with pytest.raises(ValueError, match="encoding: ü.txt .*utf_16"):
        list_lines(file)
    file.write_bytes("Grüße".encode("cp1252"))
    assert list_lines(file, encoding="cp1252") == ["Grüße"]
    file.write_bytes(b" \n\n")
    for place, message in ((file, "ü.txt is empty"), (tmp_path, "file: got")):
        with pytest.raises(ValueError, match=message):
            list_lines(place)
