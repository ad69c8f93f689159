"""Small files in the real formats of the public data sets, and their checksums registered."""

import bz2
import gzip
import hashlib
import io
import pickle
import struct
import tarfile
from dataclasses import replace

import numpy as np
from PIL import Image

from tlbook.data.online import registry


def place(monkeypatch, group, contents):
    """Put files into the folder of a group, and register the checksums of these very bytes."""
    remotes = []
    for remote in registry.FILES[group]:
        kind = remote.checksum.partition(":")[0]
        data = contents[remote.file]
        digest = hashlib.new(kind, data).hexdigest()
        remotes.append(replace(remote, checksum=f"{kind}:{digest}", size=len(data)))
        remotes[-1].path.parent.mkdir(parents=True, exist_ok=True)
        remotes[-1].path.write_bytes(data)
    monkeypatch.setitem(registry.FILES, group, tuple(remotes))
    return [remote.path for remote in remotes]


def idx(array):
    """Return a uint8 array in the idx format of MNIST, packed by gzip."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes())


def mnist_files(train, test):
    """Return the four files for ``(images (n, 28, 28), labels)`` of either half."""
    return {
        "train-images-idx3-ubyte.gz": idx(train[0]),
        "train-labels-idx1-ubyte.gz": idx(train[1]),
        "t10k-images-idx3-ubyte.gz": idx(test[0]),
        "t10k-labels-idx1-ubyte.gz": idx(test[1]),
    }


def libsvm(images, labels):
    """Return pictures (n, 16, 16) uint8 as USPS has them: labels from 1, pixels in [-1, 1]."""
    lines = []
    for image, label in zip(images, labels, strict=True):
        values = image.ravel() / 255 * 2 - 1
        pixels = " ".join(f"{i}:{v:.6f}" for i, v in enumerate(values, 1))
        lines.append(f"{label + 1} {pixels}")
    return bz2.compress(("\n".join(lines) + "\n").encode())


def usps_files(train, test):
    return {"usps.bz2": libsvm(*train), "usps.t.bz2": libsvm(*test)}


def svhn_files(images, labels):
    """Return pictures (n, 3, 32, 32) as SVHN's .mat: (32, 32, 3, n), a zero is called 10."""
    from scipy.io import savemat

    buffer = io.BytesIO()
    y = np.where(labels == 0, 10, labels).astype(np.uint8)[:, None]
    savemat(buffer, {"X": images.transpose(2, 3, 1, 0), "y": y}, do_compression=True)
    return {"train_32x32.mat": buffer.getvalue()}


def tar(entries, mode="w:gz"):
    """Return an archive of ``{name: bytes}`` or of ``TarInfo`` (for odd entries)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in entries.items():
            if isinstance(data, tarfile.TarInfo):
                archive.addfile(data)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def cifar_batch(images, labels, protocol=2):
    return pickle.dumps(
        {"data": images.reshape(len(images), -1), "labels": labels.tolist()}, protocol
    )


def python2_batch(images, labels):
    """Return a batch as Python 2 pickled it, like the real files: raw bytes in a str."""
    rows = images.reshape(len(images), -1)
    shape = b"J" + struct.pack("<i", rows.shape[0]) + b"J" + struct.pack("<i", rows.shape[1])
    empty = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    minus = b"J\xff\xff\xff\xff"
    dtype = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNN" + 2 * minus + b"K\x00tb"
    raw = b"T" + struct.pack("<i", rows.nbytes) + rows.tobytes()
    array = empty + b"(K\x01" + shape + b"\x86" + dtype + b"\x89" + raw + b"tb"
    numbers = b"".join(b"K" + bytes([label]) for label in labels)
    return b"\x80\x02}(U\x04data" + array + b"U\x06labels](" + numbers + b"eu."


def cifar_files(seed=0, n=20):
    rng = np.random.default_rng(seed)
    entries, truth = {}, {}
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]:
        images = rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8)
        labels = np.arange(n) % 10
        truth[name] = images, labels
        entries[f"cifar-10-batches-py/{name}"] = python2_batch(images, labels)
    return {"cifar-10-python.tar.gz": tar(entries)}, truth


def jpeg(color, side=(40, 30), kind="JPEG"):
    buffer = io.BytesIO()
    Image.new("RGB", side, tuple(color)).save(buffer, kind)
    return buffer.getvalue()


def pets_files(n=4):
    """Return two archives with three breeds of ``n`` training and ``n`` test pictures."""
    breeds = {
        "Abyssinian": (200, 30, 30),
        "american_bulldog": (30, 200, 30),
        "Sphynx": (30, 30, 200),
    }
    images, lists = {}, {"trainval": [], "test": []}
    for label, (breed, color) in enumerate(breeds.items(), 1):
        for i in range(2 * n):
            images[f"images/{breed}_{i}.jpg"] = jpeg(color)
            lists["trainval" if i < n else "test"].append(f"{breed}_{i} {label} 1 1")
    texts = {f"annotations/{k}.txt": ("\n".join(v) + "\n").encode() for k, v in lists.items()}
    return {"images.tar.gz": tar(images), "annotations.tar.gz": tar(texts)}


WORDS = {
    "comp": ("screen driver", "window pixel"),
    "rec": ("engine wheel", "goal season"),
    "sci": ("cipher circuit", "patient orbit"),
    "talk": ("weapon border", "senate church"),
}


def newsgroup_posts(n=12):
    """Return {path in the archive: post}: groups with words of their own, headers that tell all."""
    from tlbook.data.online.newsgroups import GROUPS

    posts = {}
    for topic, sides in GROUPS.items():
        for side, groups in sides.items():
            words = WORDS[topic][side == "target"]
            for group in groups:
                for half in ("train", "test"):
                    for i in range(n):
                        text = (
                            f"From: someone@{group}\nSubject: {group}\n\n"
                            f"In article <{i}> a friend writes:\n> quoted {group}\n"
                            f"About {words} number {i} in {half}, caf\xe9.\n"
                            f"\n--\nsignature {group}\n"
                        )
                        posts[f"20news-bydate-{half}/{group}/{i}"] = text.encode("latin1")
    for half in ("train", "test"):
        posts[f"20news-bydate-{half}/alt.atheism/1"] = b"Subject: x\n\nanother topic\n"
    return posts
