"""Quantization of a tiny trained network: accuracy, and integers between its first and last layers."""

from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper
from torch.nn import functional as F

from mien_training.config import NetConfig, QuantizeConfig
from mien_training.data import LABELS
from mien_training.evaluate import predict_onnx
from mien_training.export import export
from mien_training.nets import DeviceNet, ExpressionNet
from mien_training.quantize import quantize

RESIDUAL = NetConfig("residual", widths=(8, 8, 16, 16), strides=(2, 2, 1), dropout=0.0, crop=24)
SIMPLE = NetConfig("simple", widths=(4, 4, 16), kernels=(3, 3, 3), hidden=160, dropout=0.0)  # dense: 64,000 weights


def draw_faces(count, seed):
    """Noisy stripes whose angle is the class, so that the mean over all positions separates the classes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % len(LABELS)
    angles = (np.pi / len(LABELS) * labels)[:, None, None]
    rows, columns = np.mgrid[:48, :48]
    waves = np.sin((rows * np.sin(angles) + columns * np.cos(angles)) * 1.2 + rng.uniform(0, 6, (count, 1, 1)))
    return np.clip(128 + 70 * waves + rng.normal(0, 40, waves.shape), 0, 255).astype(np.uint8), labels


def make_files(folder, config, steps):
    """fp32 and int8 files of a network after a few steps on made-up faces, which make its biases differ."""
    torch.manual_seed(1)
    net = DeviceNet(ExpressionNet(config, votes=True, reject_hidden=8), config.crop).train()
    images, labels = draw_faces(56, seed=2)
    images, labels = torch.from_numpy(images)[:, None], torch.from_numpy(labels)
    for _ in range(steps):
        logits, votes, reject = net(images)
        loss = F.cross_entropy(logits, labels) + F.cross_entropy(votes, labels) + reject.square().mean()
        weights = list(net.parameters())
        with torch.no_grad():  # by hand: PyTorch's optimizers take seconds to import
            for weight, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
                weight -= 0.2 * slope
    fp32, int8 = folder / "x.fp32.onnx", folder / "x.int8.onnx"
    export(net.eval(), fp32)
    quantize(fp32, int8, images[:, 0].numpy(), QuantizeConfig())
    return fp32, int8


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_files(tmp_path_factory.mktemp("residual"), RESIDUAL, steps=25)


@pytest.fixture(scope="module")
def graph(files):
    return onnx.load(files[1]).graph


def read(graph):
    """The producer of each value, its consumers, and arrays by name."""
    makers = {name: node for node in graph.node for name in node.output}
    takers = {name: [node.op_type for node in graph.node if name in node.input] for name in makers}
    return makers, takers, {i.name: numpy_helper.to_array(i) for i in graph.initializer}


def list_optimized(path, folder):
    """Counts of the operators after ONNX Runtime's optimisation, without hardware-specific layouts."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(folder / "optimized.onnx")
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return Counter(node.op_type for node in onnx.load(options.optimized_model_filepath).graph.node)


def test_int8_agrees_with_fp32(files):
    images, labels = draw_faces(140, seed=3)
    fp32, int8 = (predict_onnx(path, images) for path in files)
    assert list(int8) == list(fp32) == ["logits", "votes", "reject"]
    assert [values.shape for values in int8.values()] == [(140, 7), (140, 10), (140, 1)]
    assert (fp32["logits"].argmax(1) == labels).mean() > 0.9  # so that there is something to agree on
    for name in ("logits", "votes"):
        assert (int8[name].argmax(1) == fp32[name].argmax(1)).mean() >= 0.98
    for name, values in fp32.items():
        assert np.abs(int8[name] - values).mean() < 0.05 * values.std(), name


def test_every_convolution_after_the_first_has_integer_inputs_and_outputs(graph):
    makers, takers, _ = read(graph)
    first, *others = [node for node in graph.node if node.op_type == "Conv"]
    assert makers[first.input[0]].op_type == "Mul"  # the normalisation
    assert len(others) == 8
    for node in others:
        assert [makers[name].op_type for name in node.input] == ["DequantizeLinear"] * 3
        assert takers[node.output[0]] == ["QuantizeLinear"]


def test_weights_keep_seven_bits(graph):
    makers, _, arrays = read(graph)
    for node in [node for node in graph.node if node.op_type == "Conv"][1:]:
        weights = arrays[makers[node.input[1]].input[0]]
        assert weights.dtype == np.int8
        assert np.abs(weights.astype(int)).max() == 64  # 255 x 64 x 2 fits into 16 bits


def test_the_graph_has_no_unused_nodes(graph):
    operators = [node.op_type for node in graph.node]
    assert "Identity" not in operators
    assert operators.count("Relu") == 2  # of the first convolution and of the head that refuses, both in float
    sources = Counter(tuple(node.input) for node in graph.node if node.op_type == "DequantizeLinear")
    assert set(sources.values()) == {1}


def test_no_float_operator_is_between_the_first_layer_and_the_mean(files, tmp_path):
    operators = list_optimized(files[1], tmp_path)
    assert operators["QLinearConv"] == 8
    assert operators["QLinearAdd"] == 3
    assert operators["QuantizeLinear"] == operators["DequantizeLinear"] == 1
    assert operators["Conv"] + operators["FusedConv"] == 1


def test_a_large_dense_layer_is_quantized_and_heads_are_not(tmp_path):
    _, int8 = make_files(tmp_path, SIMPLE, steps=1)
    makers, _, arrays = read(onnx.load(int8).graph)
    dense = [node for node in makers.values() if node.op_type == "Gemm"]
    kinds = {node.output[0]: arrays.get(node.input[1]) is None for node in dense}
    assert kinds.pop("logits") is False
    assert kinds.pop("votes") is False
    assert kinds.pop("reject") is False
    assert sorted(kinds.values()) == [False, True]  # the hidden layer of the head that refuses, and the trunk's
    operators = list_optimized(int8, tmp_path)
    assert operators["QLinearConv"] == 2
    assert operators["QuantizeLinear"] == 1
    assert operators["DequantizeLinear"] == 3  # one before each head
