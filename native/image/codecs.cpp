// The formats OpenCV decodes for us: BMP, TIFF and WebP. Its order of channels, BGR, ends here.
#include <climits>
#include <memory>
#include <string>
#include <vector>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "pixels.h"
#include "status.h"

using fovea::guarded;

namespace {

// A reader's remark on stderr would tear the progress display; what matters comes back as a status.
void be_quiet() {
    static const bool once = (cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT), cv::setNumThreads(1), true);
    (void)once;
}

void swap_colours(const cv::Mat& from, cv::Mat& to) {
    switch (from.channels()) {
        case 3: cv::cvtColor(from, to, cv::COLOR_BGR2RGB); break;
        case 4: cv::cvtColor(from, to, cv::COLOR_BGRA2RGBA); break;
        default: from.copyTo(to); break;
    }
}

}  // namespace

FOVEA_EXPORT const char* fc_last_error() { return fovea::last_error().c_str(); }

// Decodes as stored (depth and alpha kept, orientation not applied); *handle is read with fc_copy and released with fc_release.
FOVEA_EXPORT int32_t fc_decode(const uint8_t* bytes, int64_t length, void** handle, Pixels* shape) {
    *handle = nullptr;
    return guarded([&] {
        be_quiet();
        if (length > INT_MAX) throw fovea::BadData("more than 2 GiB");
        cv::Mat encoded(1, static_cast<int>(length), CV_8U, const_cast<uint8_t*>(bytes));
        auto picture = std::make_unique<cv::Mat>();
        try {
            *picture = cv::imdecode(encoded, cv::IMREAD_UNCHANGED);
        } catch (const cv::Exception& e) {
            throw fovea::BadData(e.err);
        }
        if (picture->empty()) throw fovea::BadData("data that does not decode");
        int depth = picture->depth();
        if (depth == CV_64F || depth == CV_32S || depth == CV_8S || depth == CV_16S) {
            picture->convertTo(*picture, CV_32F);
            depth = CV_32F;
        }
        *shape = Pixels{nullptr, picture->cols, picture->rows, picture->channels(), depth == CV_8U ? 0 : depth == CV_16U ? 1 : 2};
        *handle = picture.release();
    });
}

FOVEA_EXPORT int32_t fc_copy(void* handle, Pixels* target) {
    return guarded([&] {
        cv::Mat to = fovea::view(*target);
        swap_colours(*static_cast<cv::Mat*>(handle), to);
        fovea::must_fill(to, *target);
    });
}

FOVEA_EXPORT void fc_release(void* handle) { delete static_cast<cv::Mat*>(handle); }

// Encodes by extension (".bmp", ".tiff", ".webp"); *handle is a buffer read with fc_buffer and released with fc_buffer_release.
FOVEA_EXPORT int32_t fc_encode(const Pixels* source, const char* extension, int32_t quality, void** handle) {
    *handle = nullptr;
    return guarded([&] {
        be_quiet();
        cv::Mat swapped;
        swap_colours(fovea::view(*source), swapped);
        auto buffer = std::make_unique<std::vector<uint8_t>>();
        std::vector<int> options;
        if (std::string(extension) == ".webp") options = {cv::IMWRITE_WEBP_QUALITY, quality};
        if (!cv::imencode(extension, swapped, *buffer, options)) throw std::runtime_error("OpenCV does not encode this picture");
        *handle = buffer.release();
    });
}

FOVEA_EXPORT void fc_buffer(void* handle, const uint8_t** bytes, int64_t* length) {
    auto* buffer = static_cast<std::vector<uint8_t>*>(handle);
    *bytes = buffer->data();
    *length = static_cast<int64_t>(buffer->size());
}

FOVEA_EXPORT void fc_buffer_release(void* handle) { delete static_cast<std::vector<uint8_t>*>(handle); }
