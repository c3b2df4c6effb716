# Builds @u4/opencv4nodejs with the modules that Mien calls, and no other.
#
# The package's own binding.gyp compiles every module of the system's OpenCV (7 minutes on two slow cores, and 1 GB of
# development packages); this one needs a quarter of both. The header beside it, found before OpenCV's own, says which
# modules there are. HAVE_IO is the package's name for imgcodecs + videoio, which it otherwise ties to highgui (GTK).
{
  "variables": {
    "package": "../../../node_modules/@u4/opencv4nodejs",
  },
  "targets": [{
    "target_name": "opencv4nodejs",
    "defines": ["HAVE_IO"],
    "include_dirs": [
      ".",
      "/usr/include/opencv4",
      "<(package)/cc",
      "<(package)/cc/core",
      "<(package)/cc/native-node-utils",
      "../../../node_modules/nan",
    ],
    "libraries": [
      "-lopencv_core", "-lopencv_imgproc", "-lopencv_imgcodecs", "-lopencv_videoio", "-lopencv_objdetect", "-lopencv_dnn",
    ],
    "sources": [
      "<(package)/cc/opencv4nodejs.cc",
      "<(package)/cc/CustomMatAllocator.cc",
      "<(package)/cc/ExternalMemTracking.cc",
      "<(package)/cc/core/core.cc",
      "<(package)/cc/core/coreConstants.cc",
      "<(package)/cc/core/HistAxes.cc",
      "<(package)/cc/core/Mat.cc",
      "<(package)/cc/core/Point.cc",
      "<(package)/cc/core/Vec.cc",
      "<(package)/cc/core/Size.cc",
      "<(package)/cc/core/Rect.cc",
      "<(package)/cc/core/RotatedRect.cc",
      "<(package)/cc/core/TermCriteria.cc",
      "<(package)/cc/imgproc/imgproc.cc",
      "<(package)/cc/imgproc/imgprocConstants.cc",
      "<(package)/cc/imgproc/MatImgproc.cc",
      "<(package)/cc/imgproc/Contour.cc",
      "<(package)/cc/imgproc/Moments.cc",
      "<(package)/cc/io/io.cc",
      "<(package)/cc/io/ioConstants.cc",
      "<(package)/cc/io/VideoCapture.cc",
      "<(package)/cc/io/VideoWriter.cc",
      "<(package)/cc/objdetect/objdetect.cc",
      "<(package)/cc/objdetect/CascadeClassifier.cc",
      "<(package)/cc/objdetect/HOGDescriptor.cc",
      "<(package)/cc/objdetect/DetectionROI.cc",
      "<(package)/cc/dnn/dnn.cc",
      "<(package)/cc/dnn/Net.cc",
    ],
    # The C++ standard is the one in Node's common.gypi: the headers of Node 20 need C++17, those of Node 24 C++20.
    "cflags": ["-w"],
    "cflags_cc!": ["-fno-rtti", "-fno-exceptions"],
    "cflags!": ["-fno-exceptions"],
  }],
}
