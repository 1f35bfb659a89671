// What belongs to the process or the thread: errors, versions, devices, threads, random state, autocast, memory.
#include "boundary.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/autocast_mode.h>
#include <torch/cuda.h>
#include <torch/version.h>
#if FOVEA_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#endif

using namespace fovea;

namespace {

thread_local std::string last_error;

#if !FOVEA_CUDA
constexpr auto no_figures =
    "this build of libfovea_torch does not know GPU memory; build it against a CUDA libtorch (LIBTORCH=...) with the headers of the "
    "CUDA runtime (CUDA_HOME=...)";
#endif

int32_t copy_text(const std::string& text, char* buffer, int32_t capacity, int32_t* length) {
    *length = static_cast<int32_t>(text.size());
    if (capacity > 0) {
        auto copied = std::min<size_t>(text.size(), capacity - 1);
        std::memcpy(buffer, text.data(), copied);
        buffer[copied] = 0;
    }
    return 0;
}

}  // namespace

namespace fovea {

void set_error(std::string message) { last_error = std::move(message); }

std::string first_part(const std::string& what) {
    auto end = what.find("\nException raised from");
    auto text = end == std::string::npos ? what : what.substr(0, end);
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
}

}  // namespace fovea

FT_API ft_last_error(char* buffer, int32_t capacity, int32_t* length) { return copy_text(last_error, buffer, capacity, length); }

FT_API ft_set_error(const char* message) {
    last_error = message;
    return 0;
}

FT_API ft_free(void* pointer) {
    free(pointer);
    return 0;
}

// What the library was compiled against; also to be read from the file when it does not load.
extern "C" __attribute__((used, visibility("default"))) const char ft_built_for[] = "fovea-built-for-libtorch=" TORCH_VERSION;

FT_API ft_built_version(char* buffer, int32_t capacity, int32_t* length) { return copy_text(TORCH_VERSION, buffer, capacity, length); }

// What libtorch says of its own build (version, BLAS, oneDNN, CUDA, processor capability).
FT_API ft_build_text(char* buffer, int32_t capacity, int32_t* length) {
    return guarded([&] { copy_text(at::show_config() + "\n" + at::get_parallel_info(), buffer, capacity, length); });
}

FT_API ft_has_onednn(int32_t* result) {
    return guarded([&] { *result = at::hasMKLDNN(); });
}

FT_API ft_get_threads(int32_t* count) {
    return guarded([&] { *count = at::get_num_threads(); });
}

FT_API ft_set_threads(int32_t count) {
    return guarded([&] { at::set_num_threads(count); });
}

FT_API ft_cuda_device_count(int32_t* count) {
    return guarded([&] { *count = at::hasCUDA() ? static_cast<int32_t>(torch::cuda::device_count()) : 0; });
}

FT_API ft_cuda_synchronize(int32_t device) {
    return guarded([&] { torch::cuda::synchronize(device); });
}

// Bytes now allocated, their peak, and bytes held by the caching allocator.
FT_API ft_cuda_memory([[maybe_unused]] int32_t device, [[maybe_unused]] int64_t* allocated, [[maybe_unused]] int64_t* peak,
                      [[maybe_unused]] int64_t* reserved) {
    return guarded([&] {
#if FOVEA_CUDA
        auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device);
        *allocated = stats.allocated_bytes[0].current;
        *peak = stats.allocated_bytes[0].peak;
        *reserved = stats.reserved_bytes[0].current;
#else
        TORCH_CHECK(false, no_figures);
#endif
    });
}

FT_API ft_cuda_empty_cache() {
    return guarded([&] {
#if FOVEA_CUDA
        c10::cuda::CUDACachingAllocator::emptyCache();
#else
        TORCH_CHECK(false, no_figures);
#endif
    });
}

// Seeds the generators of every device.
FT_API ft_seed(uint64_t seed) {
    return guarded([&] { torch::manual_seed(seed); });
}

// State of the default generator of a device (-1: CPU) as a byte tensor.
FT_API ft_rng_get(int32_t cuda_device, ft_tensor* state) {
    return guarded([&] {
        auto& context = at::globalContext();
        auto generator = context.defaultGenerator(cuda_device < 0 ? at::Device(at::kCPU) : at::Device(at::kCUDA, cuda_device));
        std::lock_guard<std::mutex> lock(generator.mutex());
        *state = release(generator.get_state());
    });
}

FT_API ft_rng_set(int32_t cuda_device, ft_tensor state) {
    return guarded([&] {
        auto& context = at::globalContext();
        auto generator = context.defaultGenerator(cuda_device < 0 ? at::Device(at::kCPU) : at::Device(at::kCUDA, cuda_device));
        std::lock_guard<std::mutex> lock(generator.mutex());
        generator.set_state(borrow(state));
    });
}

FT_API ft_deterministic(int32_t enabled) {
    return guarded([&] { at::globalContext().setDeterministicAlgorithms(enabled != 0, false); });
}

// Autocast for a device (0 CPU, 1 CUDA). Entering nests; the cache of cast weights is cleared when the last one exits.
FT_API ft_autocast_enter(int32_t cuda, int32_t dtype, int32_t* previous_enabled, int32_t* previous_dtype) {
    return guarded([&] {
        auto type = static_cast<at::ScalarType>(dtype);
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
        auto device = cuda ? at::kCUDA : at::kCPU;
        *previous_enabled = at::autocast::is_autocast_enabled(device);
        *previous_dtype = static_cast<int32_t>(at::autocast::get_autocast_dtype(device));
        at::autocast::set_autocast_enabled(device, true);
        at::autocast::set_autocast_dtype(device, type);
#else
        *previous_enabled = cuda ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled();
        *previous_dtype = static_cast<int32_t>(cuda ? at::autocast::get_autocast_gpu_dtype() : at::autocast::get_autocast_cpu_dtype());
        if (cuda) {
            at::autocast::set_enabled(true);
            at::autocast::set_autocast_gpu_dtype(type);
        } else {
            at::autocast::set_cpu_enabled(true);
            at::autocast::set_autocast_cpu_dtype(type);
        }
#endif
        at::autocast::increment_nesting();
    });
}

FT_API ft_autocast_exit(int32_t cuda, int32_t previous_enabled, int32_t previous_dtype) {
    return guarded([&] {
        auto type = static_cast<at::ScalarType>(previous_dtype);
        if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
        auto device = cuda ? at::kCUDA : at::kCPU;
        at::autocast::set_autocast_enabled(device, previous_enabled != 0);
        at::autocast::set_autocast_dtype(device, type);
#else
        if (cuda) {
            at::autocast::set_enabled(previous_enabled != 0);
            at::autocast::set_autocast_gpu_dtype(type);
        } else {
            at::autocast::set_cpu_enabled(previous_enabled != 0);
            at::autocast::set_autocast_cpu_dtype(type);
        }
#endif
    });
}
