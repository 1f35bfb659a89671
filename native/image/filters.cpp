// What changes or measures values in place: blur, colour spaces, components, distances.
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "pixels.h"
#include "status.h"

using fovea::guarded;
using fovea::must_fill;
using fovea::view;

FOVEA_EXPORT int32_t fi_blur(const Pixels* source, Pixels* target, int32_t kernel, double sigma) {
    return guarded([&] {
        cv::Mat to = view(*target);
        cv::GaussianBlur(view(*source), to, cv::Size(kernel, kernel), sigma, sigma, cv::BORDER_REFLECT_101);
        must_fill(to, *target);
    });
}

// 0: RGB to HSV, 1: HSV to RGB; of 8 bits, the hue's circle being 256.
FOVEA_EXPORT int32_t fi_convert_colour(const Pixels* source, Pixels* target, int32_t conversion) {
    return guarded([&] {
        cv::Mat to = view(*target);
        cv::cvtColor(view(*source), to, conversion == 0 ? cv::COLOR_RGB2HSV_FULL : cv::COLOR_HSV2RGB_FULL);
        must_fill(to, *target);
    });
}

// Numbers the connected parts of what is not 0 from 1 on; count includes the background.
FOVEA_EXPORT int32_t fi_components(const uint8_t* mask, int32_t width, int32_t height, int32_t connectivity, int32_t* labels, int32_t* count) {
    return guarded([&] {
        cv::Mat from(height, width, CV_8U, const_cast<uint8_t*>(mask)), to(height, width, CV_32S, labels);
        *count = cv::connectedComponents(from, to, connectivity, CV_32S);
        if (to.data != reinterpret_cast<uint8_t*>(labels)) throw std::logic_error("labels of another size or type");
    });
}

// Exact Euclidean distance of every pixel to the nearest pixel that is 0.
FOVEA_EXPORT int32_t fi_distance(const uint8_t* mask, int32_t width, int32_t height, float* distances) {
    return guarded([&] {
        cv::Mat from(height, width, CV_8U, const_cast<uint8_t*>(mask)), to(height, width, CV_32F, distances);
        cv::distanceTransform(from, to, cv::DIST_L2, cv::DIST_MASK_PRECISE, CV_32F);
        if (to.data != reinterpret_cast<uint8_t*>(distances)) throw std::logic_error("distances of another size or type");
    });
}
