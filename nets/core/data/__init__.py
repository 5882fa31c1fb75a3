"""Data sets that need no download: embedded defaults, and real sets from a folder that the user names.

``load(name)`` gives a record with its source and hashes; ``TextStream`` and ``blocks`` cut a text into batches;
``conditional_entropy`` and ``train_ngram`` say how hard a text is. Only numpy; everything is loaded when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from theory.lazy import lazily

if TYPE_CHECKING:
    from nets.core.data.batching import Block, TextStream, blocks
    from nets.core.data.entropy import conditional_entropy
    from nets.core.data.load_set import load, load_text
    from nets.core.data.ngram import NGram, train_ngram
    from nets.core.data.record import DataMismatch, DataUnavailable, DataWarning, Images, Signals, Text
    from nets.core.data.sequences import permutation, pixel_sequences

__all__ = [
    "Block", "DataMismatch", "DataUnavailable", "DataWarning", "Images", "NGram", "Signals", "Text", "TextStream", "blocks",
    "conditional_entropy", "load", "load_text", "permutation", "pixel_sequences", "train_ngram",
]  # fmt: skip

_HOME = {
    "Block": "batching", "TextStream": "batching", "blocks": "batching", "conditional_entropy": "entropy", "load": "load_set",
    "load_text": "load_set", "NGram": "ngram", "train_ngram": "ngram", "DataMismatch": "record", "DataUnavailable": "record",
    "DataWarning": "record", "Images": "record", "Signals": "record", "Text": "record",
    "permutation": "sequences", "pixel_sequences": "sequences",
}  # fmt: skip

__getattr__, __dir__ = lazily(__name__, _HOME)
