// Orientation and flips.
#include <opencv2/core.hpp>

#include "pixels.h"
#include "status.h"

using fovea::guarded;
using fovea::must_fill;
using fovea::view;

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
