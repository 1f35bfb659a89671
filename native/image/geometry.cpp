// What moves pixels: orientation, flips, resizing, warps, borders.
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "pixels.h"
#include "status.h"

using fovea::guarded;
using fovea::must_fill;
using fovea::view;

namespace {

// Mirrors Interpolation in C#; the antialiased one has its own kernel there.
int interpolation_flag(int32_t interpolation) {
    switch (interpolation) {
        case 0: return cv::INTER_NEAREST;
        case 1: return cv::INTER_LINEAR;
        case 3: return cv::INTER_AREA;
        case 4: return cv::INTER_CUBIC;
        default: throw std::invalid_argument("no such interpolation here");
    }
}

// Mirrors BorderMode in C#.
int border_flag(int32_t border) {
    return border == 0 ? cv::BORDER_CONSTANT : border == 1 ? cv::BORDER_REPLICATE : cv::BORDER_REFLECT_101;
}

cv::Scalar border_value(const double* value) { return cv::Scalar(value[0], value[1], value[2], value[3]); }

}  // namespace

// Turns a stored picture upright by its EXIF orientation, 1 to 8; from 5 on width and height change places.
FOVEA_EXPORT int32_t fi_orient(const Pixels* source, Pixels* target, int32_t orientation) {
    return guarded([&] {
        cv::Mat from = view(*source), to = view(*target);
        switch (orientation) {
            case 2: cv::flip(from, to, 1); break;
            case 3: cv::flip(from, to, -1); break;
            case 4: cv::flip(from, to, 0); break;
            case 5: cv::transpose(from, to); break;
            case 6: cv::rotate(from, to, cv::ROTATE_90_CLOCKWISE); break;
            case 7: cv::transpose(from, to); cv::flip(to, to, -1); break;
            case 8: cv::rotate(from, to, cv::ROTATE_90_COUNTERCLOCKWISE); break;
            default: from.copyTo(to); break;
        }
        must_fill(to, *target);
    });
}

// axis 0: top and bottom change places; 1: left and right.
FOVEA_EXPORT int32_t fi_flip(const Pixels* source, Pixels* target, int32_t axis) {
    return guarded([&] {
        cv::Mat to = view(*target);
        cv::flip(view(*source), to, axis);
        must_fill(to, *target);
    });
}

FOVEA_EXPORT int32_t fi_resize(const Pixels* source, Pixels* target, int32_t interpolation) {
    return guarded([&] {
        cv::Mat to = view(*target);
        cv::resize(view(*source), to, to.size(), 0, 0, interpolation_flag(interpolation));
        must_fill(to, *target);
    });
}

// inverse: 2x3, from indices of target pixels to indices of source pixels.
FOVEA_EXPORT int32_t fi_warp_affine(const Pixels* source, Pixels* target, const double* inverse, int32_t interpolation, int32_t border,
                                    const double* value) {
    return guarded([&] {
        cv::Mat to = view(*target), matrix(2, 3, CV_64F, const_cast<double*>(inverse));
        cv::warpAffine(view(*source), to, matrix, to.size(), interpolation_flag(interpolation) | cv::WARP_INVERSE_MAP, border_flag(border),
                       border_value(value));
        must_fill(to, *target);
    });
}

// inverse: 3x3, from indices of target pixels to indices of source pixels.
FOVEA_EXPORT int32_t fi_warp_perspective(const Pixels* source, Pixels* target, const double* inverse, int32_t interpolation, int32_t border,
                                         const double* value) {
    return guarded([&] {
        cv::Mat to = view(*target), matrix(3, 3, CV_64F, const_cast<double*>(inverse));
        cv::warpPerspective(view(*source), to, matrix, to.size(), interpolation_flag(interpolation) | cv::WARP_INVERSE_MAP,
                            border_flag(border), border_value(value));
        must_fill(to, *target);
    });
}

// x, y: for every target pixel the index of its source pixel.
FOVEA_EXPORT int32_t fi_remap(const Pixels* source, Pixels* target, const float* x, const float* y, int32_t interpolation, int32_t border,
                              const double* value) {
    return guarded([&] {
        cv::Mat to = view(*target);
        cv::Mat columns(to.size(), CV_32F, const_cast<float*>(x)), rows(to.size(), CV_32F, const_cast<float*>(y));
        cv::remap(view(*source), to, columns, rows, interpolation_flag(interpolation), border_flag(border), border_value(value));
        must_fill(to, *target);
    });
}

// Puts the source at (left, top) of the target, which is at least as large on every side.
FOVEA_EXPORT int32_t fi_pad(const Pixels* source, Pixels* target, int32_t left, int32_t top, int32_t border, const double* value) {
    return guarded([&] {
        cv::Mat from = view(*source), to = view(*target);
        int right = to.cols - from.cols - left, bottom = to.rows - from.rows - top;
        cv::copyMakeBorder(from, to, top, bottom, left, right, border_flag(border), border_value(value));
        must_fill(to, *target);
    });
}
