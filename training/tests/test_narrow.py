import dataclasses

import pytest
import torch
from torch import nn

from mien_training.checkpoint import CheckpointError, save_checkpoint
from mien_training.config import AugmentConfig, NetConfig, Preset, TrainConfig
from mien_training.narrow import narrow
from mien_training.nets import ExpressionNet, count_parameters
from mien_training.split import prepare
from mien_training.train import Run

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


def test_a_run_starts_from_wider_blocks_and_from_no_narrower_ones(archive, tmp_path):
    wide, slim = (
        Preset("net", net=dataclasses.replace(config, crop=44), augment=AugmentConfig(), train=TrainConfig(epochs=1))
        for config in (WIDE, SLIM)
    )
    faces = prepare(wide, archive).train
    for preset, other in ((wide, slim), (slim, wide)):
        path = tmp_path / "start.pt"
        net = ExpressionNet(preset.net, votes=False)
        save_checkpoint(path, {"preset": dataclasses.asdict(preset), "average": net.state_dict()})
        run = Run(other, 1, torch.device("cpu"))
        if other is wide:
            with pytest.raises(CheckpointError, match="holds another kind or size of network than this preset"):
                run.start_from(path, other, faces)
        else:
            run.start_from(path, other, faces)
            for key, values in run.net.state_dict().items():
                torch.testing.assert_close(run.average.module.state_dict()[key], values)
                if "trunk.3" in key:  # a block that stays as wide as it was, and so as it was
                    torch.testing.assert_close(values, net.state_dict()[key])
