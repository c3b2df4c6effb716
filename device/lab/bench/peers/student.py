"""A student project's pipeline, on request line by line: written anew for this comparison, in the manner of the many of its kind.

OpenCV's Haar cascade over the whole grey frame with the parameters that the tutorials name (1.3, 5), one prediction per face,
nothing kept from frame to frame. The network is the same simple CNN that Mien ships, in ONNX Runtime as it comes.

    python student.py MODEL.onnx

Reads {"clip": PATH} lines and answers each with {"frames", "faces", "seconds", "cpuSeconds"} for one pass over the clip.
"""

import json
import os
import sys
import time

import cv2
import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read while the library is loaded
import onnxruntime  # noqa: E402

SIDE = 48


def play(clip: str, cascade: cv2.CascadeClassifier, session: onnxruntime.InferenceSession) -> dict[str, float]:
    """One pass over a clip, decoding included."""
    name = session.get_inputs()[0].name
    frames = faces = 0
    started, cpu = time.perf_counter(), time.process_time()
    capture = cv2.VideoCapture(clip)
    while True:
        ok, frame = capture.read()
        if not ok:
            break
        frames += 1
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        for x, y, width, height in cascade.detectMultiScale(grey, scaleFactor=1.3, minNeighbors=5):
            crop = cv2.resize(grey[y : y + height, x : x + width], (SIDE, SIDE))
            session.run(None, {name: crop[np.newaxis, np.newaxis]})
            faces += 1
    capture.release()
    return {
        "frames": frames,
        "faces": faces,
        "seconds": time.perf_counter() - started,
        "cpuSeconds": time.process_time() - cpu,
    }


def main() -> None:
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
    for line in sys.stdin:
        print(json.dumps(play(json.loads(line)["clip"], cascade, session)), flush=True)


if __name__ == "__main__":
    main()
