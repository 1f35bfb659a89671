// JPEG through libjpeg itself rather than OpenCV: OpenCV pads a truncated file with grey without a word.
#include "jpeg_errors.h"

#include <cstring>

#include <jerror.h>

#include "status.h"

namespace fovea {
namespace {

// Warnings after which part of the picture is made up. Others (stray bytes between markers) lose nothing.
bool loses_picture(int code) {
    switch (code) {
        case JWRN_HIT_MARKER:
        case JWRN_JPEG_EOF:
        case JWRN_HUFF_BAD_CODE:
        case JWRN_ARITH_BAD_CODE:
        case JWRN_MUST_RESYNC:
            return true;
        default:
            return false;
    }
}

void on_error(j_common_ptr info) {
    auto* errors = reinterpret_cast<JpegErrors*>(info->err);
    info->err->format_message(info, errors->text);
    longjmp(errors->jump, 1);
}

void on_message(j_common_ptr info, int level) {
    auto* errors = reinterpret_cast<JpegErrors*>(info->err);
    if (level >= 0 || errors->damaged || !loses_picture(info->err->msg_code)) return;
    errors->damaged = true;
    info->err->format_message(info, errors->text);
}

// Adobe's files hold inverted inks: 255 is no ink. The product of the inverses is what is reflected.
inline uint8_t reflect(int ink_free, int black_free) {
    int product = ink_free * black_free + 128;
    return static_cast<uint8_t>(((product >> 8) + product) >> 8);
}

// R = (255 - K) - C * (255 - K) / 255, rounded as Pillow does.
void cmyk_to_rgb(const uint8_t* source, uint8_t* target, int width, bool inverted) {
    for (int x = 0; x < width; x++, source += 4, target += 3) {
        int black_free = inverted ? source[3] : 255 - source[3];
        for (int c = 0; c < 3; c++) {
            int ink = inverted ? 255 - source[c] : source[c];
            int value = black_free - reflect(ink, black_free);
            target[c] = static_cast<uint8_t>(value < 0 ? 0 : value);
        }
    }
}

// No object with a destructor may live here: libjpeg leaves by longjmp.
int decode(const uint8_t* bytes, size_t length, int channels, int width, int height, uint8_t* pixels, JpegErrors& errors) {
    jpeg_decompress_struct info;
    std::memset(&info, 0, sizeof info);
    info.err = &errors.manager;
    if (setjmp(errors.jump)) {
        jpeg_destroy_decompress(&info);
        return kBadData;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, bytes, static_cast<unsigned long>(length));
    jpeg_read_header(&info, TRUE);
    if (static_cast<int>(info.image_width) != width || static_cast<int>(info.image_height) != height) {
        std::snprintf(errors.text, sizeof errors.text, "a frame of %ux%u", info.image_width, info.image_height);
        jpeg_destroy_decompress(&info);
        return kBadData;
    }
    bool inks = info.num_components == 4;
    info.out_color_space = inks ? JCS_CMYK : channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&info);
    size_t stride = static_cast<size_t>(width) * channels;
    JSAMPARRAY ink_row = inks
        ? (*info.mem->alloc_sarray)(reinterpret_cast<j_common_ptr>(&info), JPOOL_IMAGE, static_cast<JDIMENSION>(width) * 4, 1)
        : nullptr;
    while (info.output_scanline < info.output_height) {
        uint8_t* target = pixels + stride * info.output_scanline;
        if (inks) {
            jpeg_read_scanlines(&info, ink_row, 1);
            cmyk_to_rgb(ink_row[0], target, width, info.saw_Adobe_marker);
            continue;
        }
        JSAMPROW rows[8];
        JDIMENSION count = 0;
        for (; count < 8 && info.output_scanline + count < info.output_height; count++) rows[count] = target + stride * count;
        jpeg_read_scanlines(&info, rows, count);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return errors.damaged ? kBadData : kOk;
}

}  // namespace

void install(JpegErrors& errors) {
    jpeg_std_error(&errors.manager);
    errors.manager.error_exit = on_error;
    errors.manager.emit_message = on_message;
    errors.damaged = false;
    errors.text[0] = 0;
}

}  // namespace fovea

// Decodes into width * height * channels bytes; channels is 1 (grey files only) or 3 (RGB from grey, YCbCr, RGB, CMYK, YCCK).
FOVEA_EXPORT int32_t fi_jpeg_decode(const uint8_t* bytes, int64_t length, int32_t channels, int32_t width, int32_t height, uint8_t* pixels) {
    fovea::JpegErrors errors;
    fovea::install(errors);
    int status = fovea::decode(bytes, static_cast<size_t>(length), channels, width, height, pixels, errors);
    return status == fovea::kOk ? fovea::kOk : fovea::fail(static_cast<fovea::Status>(status), errors.text);
}
