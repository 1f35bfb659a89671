// What every export of the image and drawing libraries returns, and the text that goes with it.
#pragma once

#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#define FOVEA_EXPORT extern "C" __attribute__((visibility("default")))

namespace fovea {

enum Status : int32_t { kOk = 0, kFailed = 1, kBadData = 2, kOutOfMemory = 3 };

// The bytes that came in are at fault, not the call.
struct BadData : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline std::string& last_error() {
    thread_local std::string text;
    return text;
}

inline int32_t fail(Status status, const char* text) noexcept {
    try {
        last_error() = text;
    } catch (...) {
        // No memory for the text: the status alone has to do.
    }
    return status;
}

template <typename Body>
int32_t guarded(Body&& body) noexcept {
    try {
        body();
        return kOk;
    } catch (const BadData& e) {
        return fail(kBadData, e.what());
    } catch (const std::bad_alloc&) {
        return fail(kOutOfMemory, "out of memory");
    } catch (const std::exception& e) {
        return fail(kFailed, e.what());
    } catch (...) {
        return fail(kFailed, "a C++ exception that is no std::exception");
    }
}

}  // namespace fovea
