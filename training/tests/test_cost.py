import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from mien_training.cost import count_file_parameters


def test_parameters_of_a_quantized_file_are_only_its_weights(tmp_path):
    """Scales, zero points and shapes are initializers too, and are not counted."""
    arrays = {
        "weight": np.ones((2304, 7), np.int8),
        "scale": np.full(7, 0.1, np.float32),
        "zero": np.zeros(7, np.int8),
        "shape": np.array([-1, 2304]),
        "half": np.array(0.5, np.float32),
    }
    nodes = [
        helper.make_node("DequantizeLinear", ["weight", "scale", "zero"], ["w"], axis=1),
        helper.make_node("Cast", ["input"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["pixels", "half"], ["scaled"]),
        helper.make_node("Reshape", ["scaled", "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["logits"]),
    ]
    source = helper.make_tensor_value_info("input", TensorProto.UINT8, ["N", 1, 48, 48])
    target = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 7])
    initializers = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    path = tmp_path / "q.onnx"
    onnx.save(helper.make_model(helper.make_graph(nodes, "q", [source], [target], initializers)), path)
    assert count_file_parameters(path) == 2304 * 7
