"""Configs: values are read by their field's type or refused in one line; the hash is of what they are, not of how they came."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import dataclass
from typing import Literal

import pytest

from nets.core.config import Config, Hardware, at_least, config_hash, read_toml
from theory.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Example(Config):
    method: Literal["kf", "ok", "uoro"] = "kf"
    rank: Literal[1, 2, 4] = 1
    lr: float = 1e-3
    clip: float | None = 1.0
    widths: tuple[int, ...] = (32,)
    carry: bool = False
    alphabet: str = "abc"

    def check(self) -> None:
        at_least(self, 0, "lr", "clip")


READ = [
    ("log_every", "1000", 1000), ("log_every", "1e6", 10**6), ("log_every", "2.5e3", 2500),
    ("lr", "3e-4", 3e-4), ("lr", "1", 1.0),
    ("clip", "none", None), ("clip", "None", None), ("clip", "2", 2.0), ("carry", "true", True), ("carry", "False", False),
    ("method", "OK", "ok"), ("rank", "4", 4), ("widths", "64,32", (64, 32)), ("widths", "[8]", (8,)), ("widths", "", ()),
    ("alphabet", " ab", " ab"), ("precision", "bf16-mixed", "bf16-mixed"), ("seed", "12", 12),
]  # fmt: skip


@pytest.mark.parametrize("name, text, value", READ)
def test_a_text_is_read_by_the_type_of_its_field(name, text, value):
    read = getattr(Example().with_values({name: text}), name)
    assert read == value and type(read) is type(value)


WRONG = [
    ({"log_every": "many"}, "log_every: 'many' must be a whole number"),
    ({"log_every": "1.5"}, "log_every: '1.5' must be a whole number"),
    ({"log_every": "1e999999"}, "log_every: '1e999999' must be a whole number"),
    ({"log_every": "0"}, "log_every: 0 must be at least 1"),
    ({"log_every": True}, "log_every: True must be a whole number"),
    ({"log_every": 7.0}, "log_every: 7.0 must be a whole number"),
    ({"seed": -1}, "seed: -1 must be at least 0"),
    ({"lr": "nan"}, "lr: nan must be a number"),
    ({"lr": "inf"}, "lr: inf must be a number"),
    ({"lr": "fast"}, "lr: 'fast' must be a number"),
    ({"lr": True}, "lr: True must be a number"),
    ({"clip": "-1"}, "clip: -1.0 must be at least 0"),
    ({"clip": "x"}, "clip: 'x' must be a number or none"),
    ({"carry": "1"}, "carry: '1' must be true or false"),
    ({"carry": 1}, "carry: 1 must be true or false"),
    ({"method": "uro"}, "method: unknown choice 'uro'; did you mean uoro?"),
    ({"method": 3}, "method: 3 must be one of kf, ok, uoro"),
    ({"rank": "3"}, "rank: unknown choice '3'; known are 1, 2, 4"),
    ({"rank": True}, "rank: True must be one of 1, 2, 4"),
    ({"widths": "1,x"}, "widths: 'x' must be a whole number"),
    ({"widths": [1, 2.5]}, "widths: 2.5 must be a whole number"),
    ({"widths": 3}, "widths: 3 must be a list of values, each a whole number"),
    ({"alphabet": None}, "alphabet: None must be a text"),
    ({"metod": "ok"}, "metod: unknown key of Example; did you mean method?"),
    ({"precision": "bf16"}, "precision: unknown choice 'bf16'; did you mean bf16-true?"),
]


@pytest.mark.parametrize("values, message", WRONG)
def test_a_wrong_value_is_refused_in_one_line_that_says_what_would_be_right(values, message):
    with pytest.raises(InputError) as caught:
        Example().with_values(values)
    assert str(caught.value) == message


def test_the_hash_depends_on_each_field_but_the_seed_and_on_no_order():
    config = Example()
    changed = {
        "threads": 2, "precision": "64-true", "log_every": 7, "evaluate_every": 7, "checkpoint_every": 7,
        "diverged_above": None, "method": "ok", "rank": 2, "lr": 2e-3, "clip": None, "widths": (32, 32), "carry": True,
        "alphabet": "abd",
    }  # fmt: skip
    hashes = [config_hash(config)] + [config_hash(config.with_values({name: value})) for name, value in changed.items()]
    assert len(set(hashes)) == 1 + len(changed) == len(config.to_dict())
    assert config_hash(config.with_values({"seed": 9})) == hashes[0]
    names = list(changed)
    random.Random(1).shuffle(names)
    assert config_hash(config, names) == config_hash(config, sorted(names)) == hashes[0]

    @dataclass(frozen=True, kw_only=True)
    class Reordered(Config):
        alphabet: str = "abc"
        carry: bool = False
        widths: tuple[int, ...] = (32,)
        clip: float | None = 1
        lr: float = 0.001
        rank: int = 1
        method: str = "kf"

    assert config_hash(Reordered()) == hashes[0]


def test_the_hash_is_the_same_in_every_process():
    code = "from nets.core.config import Config, config_hash; print(config_hash(Config(threads=12)))"
    environment = {"PYTHONHASHSEED": "77"}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment).stdout
    assert out.strip() == config_hash(Config(threads=12))


def test_json_and_toml_give_the_same_config_back(tmp_path):
    config = Example(method="ok", clip=None, widths=(4, 5), lr=0.25, seed=3)
    assert Example().with_values(json.loads(json.dumps(config.to_dict()))) == config
    file = tmp_path / "c.toml"
    file.write_text('method = "ok"\nwidths = [4, 5]\nlr = 0.25\nseed = 3\nclip = "none"\n')
    assert Example().with_values(read_toml(file)) == config


@pytest.mark.parametrize(
    "text, message", [("a = ", "is not TOML: "), ("[rtrl]\nlr = 1\n", "has a table [rtrl]; write the fields without tables")]
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path, text, message):
    file = tmp_path / "c.toml"
    file.write_text(text)
    with pytest.raises(InputError, match="^config: ") as caught:
        read_toml(file)
    assert message in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(InputError, match="config: can't read .*none.toml: No such file or directory"):
        read_toml(tmp_path / "none.toml")


def test_hardware_is_checked_like_a_config():
    assert Hardware(devices=2, nodes=3).processes == 6
    for values, message in [
        ({"device": "tpu"}, "device: 'tpu' must be one of"),
        ({"devices": 0}, "devices: 0 must be at least 1"),
    ]:
        with pytest.raises(InputError, match=message):
            Hardware(**values)


def test_configs_and_the_list_of_experiments_need_no_torch():
    code = "import sys, nets, nets.core.config, nets.core.registry as r; nets.experiments(); print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False"
