// Shared by the sources of the library: the error record, the guard around every export, handles.
#pragma once
#include "fovea_torch.h"

#include <string>

#include <torch/torch.h>

namespace fovea {

void set_error(std::string message);

// libtorch's messages carry a C++ stack trace after the sentence; a person needs the sentence.
std::string first_part(const std::string& what);

template <typename F>
int32_t guarded(F&& body) noexcept {
    try {
        body();
        return 0;
    } catch (const c10::Error& e) {
        set_error(first_part(e.what_without_backtrace()));
    } catch (const std::exception& e) {
        set_error(first_part(e.what()));
    } catch (...) {
        set_error("an exception of unknown type was thrown by libtorch");
    }
    return 1;
}

inline at::Tensor borrow(ft_tensor handle) {
    return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(
        static_cast<c10::TensorImpl*>(handle)));
}

inline ft_tensor release(at::Tensor&& tensor) {
    return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

}  // namespace fovea
