// A picture that lives in managed memory, seen as a cv::Mat header over it.
#pragma once

#include <cstdint>

#include <opencv2/core.hpp>

// Mirrors NativePixels in C#: rows without padding, channels interleaved; depth 0 = uint8, 1 = uint16, 2 = float32.
struct Pixels {
    uint8_t* data;
    int32_t width;
    int32_t height;
    int32_t channels;
    int32_t depth;
};

namespace fovea {

inline int cv_depth(int32_t depth) { return depth == 0 ? CV_8U : depth == 1 ? CV_16U : CV_32F; }

inline cv::Mat view(const Pixels& pixels) {
    return cv::Mat(pixels.height, pixels.width, CV_MAKETYPE(cv_depth(pixels.depth), pixels.channels), pixels.data);
}

// OpenCV reallocates a target of the wrong shape instead of writing where it should: never let that pass.
inline void must_fill(const cv::Mat& target, const Pixels& pixels) {
    if (target.data != pixels.data) throw std::logic_error("the target picture has another size or type than the result");
}

}  // namespace fovea
