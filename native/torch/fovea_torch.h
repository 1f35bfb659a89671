// The C ABI of libfovea_torch: operators by name through libtorch's dispatcher, tensor handles, autograd and the
// process-wide switches. Every function returns 0, or 1 with the message left for ft_last_error on the same thread.
#pragma once
#include <cstdint>

#define FT_API extern "C" __attribute__((visibility("default"))) int32_t

// A tensor handle is a c10::TensorImpl* that owns one reference.
typedef void* ft_tensor;

enum ft_kind : int32_t {
    FT_NONE = 0,
    FT_TENSOR = 1,
    FT_INT = 2,
    FT_DOUBLE = 3,
    FT_BOOL = 4,
    FT_INT_LIST = 5,
    FT_DOUBLE_LIST = 6,
    FT_BOOL_LIST = 7,
    FT_TENSOR_LIST = 8,
    FT_OPTIONAL_TENSOR_LIST = 9,
    FT_STRING = 10,
    FT_DEVICE = 11,
    FT_DEFAULT = 12,
};

// An argument or a result. Lists: `length` elements at `pointer` (results: to be released with ft_free).
// Devices: type in `length`, index in `integer`. Booleans in `integer`.
struct ft_value {
    int32_t kind;
    int32_t length;
    union {
        int64_t integer;
        double real;
        void* pointer;
    };
};

// What a managed Tensor caches about its handle.
struct ft_info {
    int64_t numel;
    int64_t bytes;
    int32_t dtype;
    int32_t rank;
    int32_t device_type;
    int32_t device_index;
};
