import dataclasses

import numpy as np
import torch
from torch import nn

from mien_training.checkpoint import load_checkpoint, load_device_net, save_checkpoint
from mien_training.config import NetConfig, Preset
from mien_training.evaluate import predict
from mien_training.narrow import narrow, narrow_checkpoint
from mien_training.nets import ExpressionNet, count_parameters
from mien_training.split import prepare

WIDE = NetConfig("residual", widths=(4, 8, 12), strides=(2, 2))
SLIM = dataclasses.replace(WIDE, middles=(8, 9))


def build(config: NetConfig) -> ExpressionNet:
    """A network whose batch norms know these faces (no channel is always 0), and are not at their start values."""
    torch.manual_seed(3)
    net = ExpressionNet(config, votes=True)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
    net.train()(draw_faces())
    return net.eval()


def draw_faces() -> torch.Tensor:
    return torch.randn(150, 1, 20, 20, generator=torch.Generator().manual_seed(4))


def measure_change(net: ExpressionNet, before: torch.Tensor, faces: torch.Tensor) -> float:
    """Root mean square difference of the logits, in their spread."""
    with torch.no_grad():
        return ((net(faces)["logits"] - before).square().mean().sqrt() / before.std()).item()


def test_channels_that_say_what_others_say_go_and_nothing_changes():
    net, faces = build(WIDE), draw_faces()
    first, norm = net.trunk[4].branch[:2]
    with torch.no_grad():  # the channels 2, 5 and 7 become twins of 0, 1 and 3
        for values in (first.weight, norm.weight, norm.bias, norm.running_mean, norm.running_var):
            values[[2, 5, 7]] = values[[0, 1, 3]]
        before = net(faces)["logits"]
    narrow(net, SLIM.middles, faces, torch.Generator().manual_seed(0))
    assert count_parameters(net) == count_parameters(ExpressionNet(SLIM, votes=True))
    assert measure_change(net, before, faces) < 1e-3


def test_what_stays_takes_over_what_goes():
    """Of faces that were not fitted on, the change is much less than where the same channels are only cut out."""
    net, other = build(WIDE), torch.randn(100, 1, 20, 20, generator=torch.Generator().manual_seed(9))
    with torch.no_grad():
        before, first = net(other)["logits"], net.trunk[4].branch[0].weight.clone()
    narrow(net, SLIM.middles, draw_faces(), torch.Generator().manual_seed(0))
    kept = {int((first == row).flatten(1).all(1).nonzero()) for row in net.trunk[4].branch[0].weight}
    cut = build(WIDE)
    with torch.no_grad():
        cut.trunk[4].branch[3].weight[:, [channel for channel in range(12) if channel not in kept]] = 0
    assert len(kept) == 9
    assert measure_change(net, before, other) < 0.6 * measure_change(cut, before, other)


def test_a_checkpoint_is_narrowed_as_its_preset_says(archive, tmp_path):
    preset = Preset("net", net=WIDE, narrow=SLIM.middles)
    faces = prepare(preset, archive).train
    source, target = tmp_path / "wide.pt", tmp_path / "slim.pt"
    state = {"preset": dataclasses.asdict(preset), "average": build(WIDE).state_dict(), "log": [1]}
    save_checkpoint(source, state)
    assert narrow_checkpoint(source, preset, faces, target) == {"before": [8, 12], "after": [8, 9]}
    assert load_checkpoint(target)["log"] == [1]
    wide, slim = (load_device_net(path) for path in (source, target))
    assert count_parameters(slim) == count_parameters(ExpressionNet(SLIM, votes=True))
    before, after = (predict(net, faces.images) for net in (wide, slim))
    for head in ("logits", "votes"):
        assert np.abs(after[head] - before[head]).mean() < 0.2 * before[head].std()
    first = wide.net.trunk[3].state_dict()
    for key, values in slim.net.trunk[3].state_dict().items():  # a block that stays as wide, and so as it was
        torch.testing.assert_close(values, first[key])
