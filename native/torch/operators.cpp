// Every operator through one door: found by schema name, called with boxed arguments, so that autograd, autocast and
// the tracer see it like any other call.
#include "boundary.h"

#include <ATen/core/dispatch/Dispatcher.h>

using namespace fovea;

namespace {

c10::IValue to_ivalue(const ft_value& value, const c10::Argument& argument) {
    switch (value.kind) {
        case FT_NONE: return c10::IValue();
        case FT_TENSOR: return c10::IValue(borrow(value.pointer));
        case FT_INT: return c10::IValue(value.integer);
        case FT_DOUBLE: return c10::IValue(value.real);
        case FT_BOOL: return c10::IValue(value.integer != 0);
        case FT_INT_LIST: {
            auto data = static_cast<const int64_t*>(value.pointer);
            return c10::IValue(c10::IntArrayRef(data, value.length));
        }
        case FT_DOUBLE_LIST: {
            auto data = static_cast<const double*>(value.pointer);
            return c10::IValue(c10::ArrayRef<double>(data, value.length));
        }
        case FT_BOOL_LIST: {
            auto data = static_cast<const uint8_t*>(value.pointer);
            c10::List<bool> list;
            for (int32_t i = 0; i < value.length; i++) list.push_back(data[i] != 0);
            return c10::IValue(std::move(list));
        }
        case FT_TENSOR_LIST: {
            auto data = static_cast<const ft_tensor*>(value.pointer);
            c10::List<at::Tensor> list;
            list.reserve(value.length);
            for (int32_t i = 0; i < value.length; i++) list.push_back(borrow(data[i]));
            return c10::IValue(std::move(list));
        }
        case FT_OPTIONAL_TENSOR_LIST: {
            auto data = static_cast<const ft_tensor*>(value.pointer);
            c10::List<c10::optional<at::Tensor>> list;
            list.reserve(value.length);
            for (int32_t i = 0; i < value.length; i++)
                list.push_back(data[i] ? c10::optional<at::Tensor>(borrow(data[i])) : c10::nullopt);
            return c10::IValue(std::move(list));
        }
        case FT_STRING: return c10::IValue(std::string(static_cast<const char*>(value.pointer), value.length));
        case FT_DEVICE:
            return c10::IValue(c10::Device(static_cast<c10::DeviceType>(value.length), static_cast<c10::DeviceIndex>(value.integer)));
        case FT_DEFAULT:
            TORCH_CHECK(argument.default_value().has_value(), "argument ", argument.name(), " has no default");
            return *argument.default_value();
    }
    TORCH_CHECK(false, "unknown argument kind ", value.kind);
}

ft_value from_ivalue(c10::IValue&& value) {
    ft_value out{};
    if (value.isTensor()) {
        out.kind = FT_TENSOR;
        out.pointer = release(std::move(value).toTensor());
    } else if (value.isTensorList()) {
        auto list = value.toTensorVector();
        auto handles = static_cast<ft_tensor*>(malloc(sizeof(ft_tensor) * (list.size() + 1)));
        TORCH_CHECK(handles, "out of memory");
        for (size_t i = 0; i < list.size(); i++) handles[i] = release(std::move(list[i]));
        out.kind = FT_TENSOR_LIST;
        out.length = static_cast<int32_t>(list.size());
        out.pointer = handles;
    } else if (value.isInt()) {
        out.kind = FT_INT;
        out.integer = value.toInt();
    } else if (value.isDouble()) {
        out.kind = FT_DOUBLE;
        out.real = value.toDouble();
    } else if (value.isBool()) {
        out.kind = FT_BOOL;
        out.integer = value.toBool();
    } else {
        TORCH_CHECK(value.isNone(), "a result of kind ", value.tagKind(), " has no counterpart in the C ABI");
    }
    return out;
}

// The argument stack, kept by each thread between calls; a call made from within another gets one of its own.
class BorrowedStack {
public:
    BorrowedStack() { std::swap(stack, spare); }
    ~BorrowedStack() {
        stack.clear();
        std::swap(stack, spare);
    }
    torch::jit::Stack stack;

private:
    static thread_local torch::jit::Stack spare;
};

thread_local torch::jit::Stack BorrowedStack::spare;

}  // namespace

// `op` receives a handle that stays valid for the life of the process.
FT_API ft_op_find(const char* name, const char* overload, const void** op) {
    return guarded([&] {
        auto found = c10::Dispatcher::singleton().findSchema({name, overload});
        TORCH_CHECK(found.has_value(), "this libtorch has no operator ", name, *overload ? "." : "", overload);
        *op = new c10::OperatorHandle(*found);
    });
}

// Trailing arguments that are not given take the schema's defaults, so one call fits several versions of libtorch.
FT_API ft_op_call(const void* op, const ft_value* arguments, int32_t count, ft_value* results, int32_t capacity, int32_t* result_count) {
    return guarded([&] {
        auto& handle = *static_cast<const c10::OperatorHandle*>(op);
        const auto& expected = handle.schema().arguments();
        TORCH_CHECK(static_cast<size_t>(count) <= expected.size(), "got ", count, " arguments, the schema has ", expected.size());
        BorrowedStack borrowed;
        auto& stack = borrowed.stack;
        for (int32_t i = 0; i < count; i++) stack.push_back(to_ivalue(arguments[i], expected[i]));
        for (size_t i = count; i < expected.size(); i++) stack.push_back(to_ivalue(ft_value{FT_DEFAULT, 0, {0}}, expected[i]));
        handle.callBoxed(stack);
        TORCH_CHECK(stack.size() <= static_cast<size_t>(capacity), "the operator returned ", stack.size(), " values, room for ", capacity);
        for (size_t i = 0; i < stack.size(); i++) results[i] = from_ivalue(std::move(stack[i]));
        *result_count = static_cast<int32_t>(stack.size());
    });
}
