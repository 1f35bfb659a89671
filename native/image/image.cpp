#include <opencv2/core.hpp>

#include "status.h"

namespace {

// Callers work on several pictures at once; a pool of OpenCV's own below that only costs.
const bool single_threaded = (cv::setNumThreads(1), true);

}  // namespace

FOVEA_EXPORT const char* fi_last_error() { return fovea::last_error().c_str(); }

FOVEA_EXPORT const char* fi_opencv_version() {
    (void)single_threaded;
    return CV_VERSION;
}
