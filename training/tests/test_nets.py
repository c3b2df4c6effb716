import numpy as np
import onnx
import pytest
import torch
from torch import nn

from mien_training.config import NetConfig
from mien_training.evaluate import predict, predict_onnx
from mien_training.export import export
from mien_training.nets import DeviceNet, ExpressionNet

CONFIGS = {
    "simple": NetConfig("simple", widths=(4, 8), kernels=(5, 3), hidden=16),
    "vgg": NetConfig("vgg", widths=(4, 8, 8), hidden=16),
    "residual": NetConfig("residual", widths=(4, 8, 8, 16), strides=(2, 1, 2)),
}


def draw_images() -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (5, 3, 3), dtype=np.uint8).repeat(16, 1).repeat(16, 2)


def build(kind: str, **heads) -> ExpressionNet:
    """A network whose batch norms have seen these images: at their initial values they would hide mistakes."""
    torch.manual_seed(5)
    net = ExpressionNet(CONFIGS[kind], votes=True, **heads)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.momentum = 1.0
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
    DeviceNet(net, 44).train()(torch.from_numpy(draw_images()[:, None]))
    return net.eval()


@pytest.mark.parametrize("kind", CONFIGS)
def test_the_exported_file_has_the_outputs_of_the_network(kind, tmp_path):
    device_net = DeviceNet(build(kind, reject_hidden=32, covered_hidden=16), 44)
    images = draw_images()
    path = tmp_path / "net.onnx"
    export(device_net, path)
    expected, found = predict(device_net, images), predict_onnx(path, images)
    assert list(found) == ["logits", "votes", "reject", "covered"]
    assert [found[name].shape for name in found] == [(5, 7), (5, 10), (5, 1), (5, 1)]
    for name in found:
        spread = expected[name].std(axis=0).max()
        assert spread > 0
        np.testing.assert_allclose(found[name], expected[name], atol=0.02 * spread, rtol=0)
    assert "BatchNormalization" not in {node.op_type for node in onnx.load(path).graph.node}


@pytest.mark.parametrize("kind", ["vgg", "residual"])
def test_training_accepts_faces_of_another_size(kind):
    outputs = build(kind)(torch.zeros(2, 1, 40, 40))
    assert {name: tuple(values.shape) for name, values in outputs.items()} == {"logits": (2, 7), "votes": (2, 10)}
