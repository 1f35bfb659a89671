// JPEG encoding: baseline; chroma halved both ways below quality 90, kept whole from there.
#include "jpeg_errors.h"

#include <cstdlib>
#include <cstring>

#include "status.h"

namespace {

int encode(const uint8_t* pixels, int width, int height, int channels, int quality, uint8_t** bytes, unsigned long* length,
           fovea::JpegErrors& errors) {
    jpeg_compress_struct info;
    std::memset(&info, 0, sizeof info);
    info.err = &errors.manager;
    if (setjmp(errors.jump)) {
        jpeg_destroy_compress(&info);
        return fovea::kFailed;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, bytes, length);
    info.image_width = static_cast<JDIMENSION>(width);
    info.image_height = static_cast<JDIMENSION>(height);
    info.input_components = channels;
    info.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    if (channels == 3 && quality >= 90) info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&info, TRUE);
    size_t stride = static_cast<size_t>(width) * channels;
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = const_cast<uint8_t*>(pixels) + stride * info.next_scanline;
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return fovea::kOk;
}

}  // namespace

// Encodes grey or RGB bytes; *bytes is released with fi_free, also after a failure.
FOVEA_EXPORT int32_t fi_jpeg_encode(const uint8_t* pixels, int32_t width, int32_t height, int32_t channels, int32_t quality,
                                    uint8_t** bytes, int64_t* length) {
    fovea::JpegErrors errors;
    fovea::install(errors);
    unsigned long size = 0;
    *bytes = nullptr;
    int status = encode(pixels, width, height, channels, quality, bytes, &size, errors);
    *length = static_cast<int64_t>(size);
    return status == fovea::kOk ? fovea::kOk : fovea::fail(static_cast<fovea::Status>(status), errors.text);
}

FOVEA_EXPORT void fi_free(uint8_t* bytes) { std::free(bytes); }
