// Tensor handles: making them from memory, reading their facts and their data, letting go of them.
#include "boundary.h"

using namespace fovea;

FT_API ft_tensor_free(ft_tensor handle) {
    return guarded([&] {
        c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(static_cast<c10::TensorImpl*>(handle));
    });
}

// A second handle on the same tensor (not a copy of its data).
FT_API ft_tensor_share(ft_tensor handle, ft_tensor* out) {
    return guarded([&] { *out = release(borrow(handle)); });
}

FT_API ft_tensor_info(ft_tensor handle, ft_info* info) {
    return guarded([&] {
        auto impl = static_cast<c10::TensorImpl*>(handle);
        info->numel = impl->numel();
        info->bytes = impl->numel() * static_cast<int64_t>(impl->itemsize());
        info->dtype = static_cast<int32_t>(c10::typeMetaToScalarType(impl->dtype()));
        info->rank = static_cast<int32_t>(impl->dim());
        info->device_type = static_cast<int32_t>(impl->device().type());
        info->device_index = impl->device().index();
    });
}

FT_API ft_tensor_sizes(ft_tensor handle, int64_t* sizes) {
    return guarded([&] {
        auto source = static_cast<c10::TensorImpl*>(handle)->sizes();
        std::copy(source.begin(), source.end(), sizes);
    });
}

FT_API ft_tensor_strides(ft_tensor handle, int64_t* strides) {
    return guarded([&] {
        auto source = static_cast<c10::TensorImpl*>(handle)->strides();
        std::copy(source.begin(), source.end(), strides);
    });
}

FT_API ft_tensor_data(ft_tensor handle, void** data) {
    return guarded([&] { *data = borrow(handle).data_ptr(); });
}

// memory_format as in c10::MemoryFormat: 0 contiguous, 2 channels last, 3 channels last 3-D.
FT_API ft_tensor_is_contiguous(ft_tensor handle, int32_t memory_format, int32_t* result) {
    return guarded([&] { *result = borrow(handle).is_contiguous(static_cast<c10::MemoryFormat>(memory_format)); });
}

// Copies from memory when `data` is given; otherwise the values are uninitialised.
FT_API ft_tensor_from_memory(const void* data, const int64_t* sizes, int32_t rank, int32_t dtype, ft_tensor* out) {
    return guarded([&] {
        auto options = at::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype));
        auto tensor = at::empty(c10::IntArrayRef(sizes, rank), options);
        if (data && tensor.numel() > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
        *out = release(std::move(tensor));
    });
}

// A tensor over memory that the caller owns; `release_callback(context)` is called when libtorch lets go of it.
FT_API ft_tensor_over_memory(void* data, const int64_t* sizes, int32_t rank, int32_t dtype, void (*release_callback)(void*),
                             void* context, ft_tensor* out) {
    return guarded([&] {
        auto options = at::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype));
        auto tensor = at::from_blob(data, c10::IntArrayRef(sizes, rank), [=](void*) { release_callback(context); }, options);
        *out = release(std::move(tensor));
    });
}

// A single element as a double or, for integers and booleans, as an integer too.
FT_API ft_tensor_item(ft_tensor handle, double* real, int64_t* integer) {
    return guarded([&] {
        auto scalar = borrow(handle).item();
        *real = scalar.isBoolean() ? scalar.toBool() : scalar.toDouble();
        *integer = scalar.isFloatingPoint() ? 0 : scalar.toLong();
    });
}

FT_API ft_tensor_is_same(ft_tensor a, ft_tensor b, int32_t* result) {
    return guarded([&] { *result = a == b; });
}

FT_API ft_tensor_use_count(ft_tensor handle, int64_t* count) {
    return guarded([&] { *count = static_cast<int64_t>(borrow(handle).use_count()) - 1; });
}
