// Rasterises SVG with librsvg over a picture that is already there.
#include <memory>
#include <string>
#include <vector>

#include <cairo.h>
#include <librsvg/rsvg.h>

#include "status.h"

namespace {

template <typename T, void (*Release)(T*)>
struct Releaser {
    void operator()(T* object) const { Release(object); }
};

void release_handle(RsvgHandle* handle) { g_object_unref(handle); }

using Handle = std::unique_ptr<RsvgHandle, Releaser<RsvgHandle, release_handle>>;
using Surface = std::unique_ptr<cairo_surface_t, Releaser<cairo_surface_t, cairo_surface_destroy>>;
using Context = std::unique_ptr<cairo_t, Releaser<cairo_t, cairo_destroy>>;

[[noreturn]] void raise(GError* error, const char* what) {
    std::string text = std::string(what) + (error ? std::string(": ") + error->message : "");
    if (error) g_error_free(error);
    throw fovea::BadData(text);
}

Handle parse(const uint8_t* svg, int64_t length) {
    GError* error = nullptr;
    // Without this flag a text of more than 10 MB, or deep nesting, is refused.
    GInputStream* stream = g_memory_input_stream_new_from_data(svg, length, nullptr);
    Handle handle(rsvg_handle_new_from_stream_sync(stream, nullptr, RSVG_HANDLE_FLAG_UNLIMITED, nullptr, &error));
    g_object_unref(stream);
    if (!handle) raise(error, "the drawing is no SVG that librsvg reads");
    return handle;
}

}  // namespace

FOVEA_EXPORT const char* fd_last_error() { return fovea::last_error().c_str(); }

FOVEA_EXPORT const char* fd_librsvg_version() { return LIBRSVG_VERSION; }

// Draws over pixels, which hold height rows of width RGB triples.
FOVEA_EXPORT int32_t fd_render(const uint8_t* svg, int64_t length, int32_t width, int32_t height, uint8_t* pixels) {
    return fovea::guarded([&] {
        Handle handle = parse(svg, length);
        Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
        if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
            throw std::runtime_error(cairo_status_to_string(cairo_surface_status(surface.get())));
        auto* words = reinterpret_cast<uint32_t*>(cairo_image_surface_get_data(surface.get()));
        size_t stride = static_cast<size_t>(cairo_image_surface_get_stride(surface.get())) / 4;
        for (int32_t y = 0; y < height; y++) {
            const uint8_t* from = pixels + static_cast<size_t>(y) * width * 3;
            for (int32_t x = 0; x < width; x++, from += 3)
                words[y * stride + x] = static_cast<uint32_t>(from[0]) << 16 | static_cast<uint32_t>(from[1]) << 8 | from[2];
        }
        cairo_surface_mark_dirty(surface.get());
        {
            Context context(cairo_create(surface.get()));
            RsvgRectangle viewport{0, 0, static_cast<double>(width), static_cast<double>(height)};
            GError* error = nullptr;
            if (!rsvg_handle_render_document(handle.get(), context.get(), &viewport, &error)) raise(error, "the drawing does not render");
        }
        cairo_surface_flush(surface.get());
        for (int32_t y = 0; y < height; y++) {
            uint8_t* to = pixels + static_cast<size_t>(y) * width * 3;
            for (int32_t x = 0; x < width; x++, to += 3) {
                uint32_t word = words[y * stride + x];
                to[0] = static_cast<uint8_t>(word >> 16);
                to[1] = static_cast<uint8_t>(word >> 8);
                to[2] = static_cast<uint8_t>(word);
            }
        }
    });
}
