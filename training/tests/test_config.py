from pathlib import Path

import pytest

from mien_training.config import ConfigError, load_preset

CONFIGS = Path(__file__).parents[1] / "configs"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.name)
def test_presets_are_valid_and_named_like_their_file(path):
    assert load_preset(path).name == path.stem


def test_all_mistakes_are_named_together(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("name: x\nspeed: 3\ntrain: {epochs: many, rate: 1}\nnet: {widths: [8, -1]}\n")
    with pytest.raises(ConfigError) as caught:
        load_preset(path)
    for part in (
        "speed: unknown key",
        "train.epochs: expected int, got 'many'",
        "train.rate: unknown key",
        "net.widths: expected a list of positive whole numbers, got [8, -1]",
    ):
        assert part in str(caught.value)


def test_values_out_of_bounds_are_named(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("name: x\nnet: {widths: [8, 8], crop: 45}\naugment: {flip: 2}\ntrain: {epochs: 0}\n")
    with pytest.raises(ConfigError) as caught:
        load_preset(path)
    for part in ("net.kernels: expected as many", "net.crop: expected an even", "augment.flip", "train.epochs"):
        assert part in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a\n", "name: [", "seed: 1\n"])
def test_an_invalid_file_gives_a_one_line_error(tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_preset(path)
    assert "\n" not in str(caught.value)
