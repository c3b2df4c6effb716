import sys

import numpy as np
import pytest

from mien_training.register import BORDER, POINTS, ZOOM, main, measure, place_origin, summarise


def test_measured_boxes_are_corrected_for_border_and_zoom():
    image = np.zeros((48, 48), np.uint8)
    image[12:36, 16:32] = 255

    def detect(picture):
        assert picture.shape == (48 * ZOOM + 2 * BORDER,) * 2
        rows, columns = np.flatnonzero(picture.max(1) > 127), np.flatnonzero(picture.max(0) > 127)
        return np.array([columns[0], rows[0], columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]], float)

    np.testing.assert_allclose(measure(image[None], detect), [[16, 12, 16, 24]], atol=0.3)
    assert len(measure(image[None], lambda picture: None)) == 0


def test_summary_maps_the_box_to_the_crop():
    # A box of 40x50 whose centre lies 1 px left of and 2 px above the frame's: the crop moves right and down.
    entry = summarise(np.array([[3.0, -3.0, 40.0, 50.0]] * 3), 4)
    assert entry["box"] == {"scale": 0.96, "dx": 0.02, "dy": 0.04}
    assert entry["measured"] == {"images": 4, "found": 3, "size": 1, "boxWidth": 40.0, "boxHeight": 50.0}
    assert "landmarks" not in entry


def test_summary_names_the_points():
    entry = summarise(np.array([[0.0, 0, 48, 48, *range(10)]]), 1, names=POINTS["yunet"])
    assert entry["landmarks"]["eyeLeft"] == [0, 1]
    assert entry["landmarks"]["mouthRight"] == [8, 9]
    assert entry["box"] == pytest.approx({"scale": 1, "dx": 0, "dy": 0})


def test_a_smaller_crop_enlarges_positions_around_its_centre():
    entry = summarise(np.array([[0.0, 0, 48, 48, *[14, 34], *range(8)]]), 1, 0.8, POINTS["yunet"])
    assert entry["box"] == pytest.approx({"scale": 0.8, "dx": 0, "dy": 0})
    assert entry["landmarks"]["eyeLeft"] == [11.5, 36.5]
    assert entry["measured"]["size"] == 0.8


def test_an_anchor_moves_the_box_and_its_points_but_not_the_size():
    moved = place_origin(8, 24)
    assert moved[:4].tolist() == [8, 24, 0, 0]
    assert moved[4:].reshape(-1, 2).tolist() == [[8, 24]] * 6
    entry = summarise(np.array([[0.0, 0, 48, 48, *range(12)]]), 1, names=POINTS["blazeface"])
    assert entry["landmarks"]["mouth"] == [6, 7]
    assert entry["landmarks"]["earRight"] == [10, 11]


def test_an_invalid_network_file_gives_a_one_line_error(tmp_path, capsys):
    file = tmp_path / "blazeface.onnx"
    file.write_text("no network")
    assert main(["blazeface", str(file), "--data", "faces.zip"]) == 2
    expected = f"error: {file}: expected a network that ONNX Runtime can read\n"
    assert capsys.readouterr().err == expected


def test_without_opencv_the_error_names_the_remedy(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cv2", None)  # simulates a missing package
    assert main(["haar", "cascade.xml", "--data", "faces.zip"]) == 2
    expected = "error: OpenCV is missing; run: uv run --group registration python ...\n"
    assert capsys.readouterr().err == expected
