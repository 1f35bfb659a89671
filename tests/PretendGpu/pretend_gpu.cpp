// A GPU that is not there, for a libtorch without CUDA: loaded before libtorch is asked for devices, it makes cuda:0 appear.
// Every operator on its tensors runs on the processor, after a check that no tensor of the processor got among them as a
// real GPU would refuse it. Its memory is the processor's, at addresses shifted out of reach: whoever reads it without a
// copy gets a fault and not a number.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <set>
#include <vector>

namespace {

#define TORCH_AT_LEAST(major, minor) (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

constexpr uintptr_t kShift = uintptr_t{1} << 62;
const c10::Device kGpu(c10::DeviceType::CUDA, 0);

void* shifted(void* host) { return host ? reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(host) + kShift) : nullptr; }
void* unshifted(void* device) { return device ? reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(device) - kShift) : nullptr; }

void* address(const c10::Storage& storage) { return storage.data_ptr().get(); }

// A storage over the memory of another, which it keeps alive.
c10::Storage over(const c10::Storage& owner, void* data, c10::Device device) {
    auto let_go = [](void* context) { delete static_cast<c10::Storage*>(context); };
    return c10::Storage(c10::Storage::use_byte_size_t(), owner.nbytes(), c10::DataPtr(data, new c10::Storage(owner), let_go, device),
                        device.is_cpu() ? c10::GetAllocator(c10::kCPU) : nullptr, device.is_cpu());
}

void take_geometry(c10::TensorImpl* target, const at::Tensor& like) {
    target->set_sizes_and_strides(like.sizes(), like.strides());
    target->set_storage_offset(like.storage_offset());
}

at::Tensor made(c10::Storage storage, c10::DispatchKey key, const at::Tensor& like) {
    auto tensor = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(key), like.dtype());
    take_geometry(tensor.unsafeGetTensorImpl(), like);
    return tensor;
}

// One call of an operator: its tensors with their doubles on the processor.
class Call {
public:
    Call(const c10::OperatorHandle& op, torch::jit::Stack* stack) : op(op), stack(stack) {}

    void run() {
        auto count = op.schema().arguments().size();
        auto first = stack->size() - count;
        check_devices(first);
        for (size_t i = 0; i < count; i++) (*stack)[first + i] = moved((*stack)[first + i], true);
        widen_softmax(first);
        auto narrow = widen(first);
        {
            at::AutoDispatchBelowADInplaceOrView below;
            c10::impl::ExcludeDispatchKeyGuard plain(c10::DispatchKeySet({c10::DispatchKey::AutocastCPU, c10::DispatchKey::AutocastCUDA}));
            op.callBoxed(stack);
        }
        if (narrow != at::kFloat)
            for (auto i = stack->size() - op.schema().returns().size(); i < stack->size(); i++)
                if ((*stack)[i].isTensor() && (*stack)[i].toTensor().defined()) (*stack)[i] = (*stack)[i].toTensor().to(narrow);
        follow_changes();
        for (auto i = stack->size() - op.schema().returns().size(); i < stack->size(); i++) (*stack)[i] = moved((*stack)[i], false);
    }

private:
    struct Double {
        at::Tensor device, host;
        void* memory;
    };

    const c10::OperatorHandle& op;
    torch::jit::Stack* stack;
    std::vector<Double> doubles;

    static void tensors_of(const c10::IValue& value, std::vector<at::Tensor>& found) {
        if (value.isTensor()) {
            if (value.toTensor().defined()) found.push_back(value.toTensor());
        } else if (value.isList()) {
            for (const c10::IValue& item : value.toListRef()) tensors_of(item, found);
        }
    }

    void check_devices(size_t first) const {
        static const std::set<std::string> any = {"aten::copy_", "aten::_copy_from", "aten::_copy_from_and_resize"};
        static const std::set<std::string> indexing = {"aten::index", "aten::index_put_", "aten::_index_put_impl_", "aten::index_put"};
        static const std::set<std::string> joining = {"aten::cat", "aten::stack", "aten::_cat"};
        const auto& name = op.schema().name();
        if (any.count(name)) return;
        const auto& arguments = op.schema().arguments();
        for (size_t i = 0; i < arguments.size(); i++) {
            std::vector<at::Tensor> found;
            tensors_of((*stack)[first + i], found);
            auto writes = arguments[i].alias_info() && arguments[i].alias_info()->isWrite();
            for (const auto& tensor : found) {
                auto may_be_elsewhere = (tensor.dim() == 0 && !writes && !joining.count(name)) || (indexing.count(name) && arguments[i].name() == "indices");
                TORCH_CHECK(tensor.is_cuda() || may_be_elsewhere, "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and ",
                            tensor.device(), "! (argument ", arguments[i].name(), " ", tensor.sizes(), " of ", name, ")");
            }
        }
    }

    at::Tensor host(const at::Tensor& tensor) {
        if (!tensor.defined() || !tensor.is_cuda()) return tensor;
        for (const auto& known : doubles)
            if (known.device.is_same(tensor)) return known.host;
        auto memory = unshifted(address(tensor.storage()));
        auto twin = made(over(tensor.storage(), memory, c10::kCPU), c10::DispatchKey::CPU, tensor);
        if (tensor.unsafeGetTensorImpl()->is_wrapped_number()) twin.unsafeGetTensorImpl()->set_wrapped_number(true);
        doubles.push_back({tensor, twin, memory});
        return twin;
    }

    c10::Storage device_storage(const at::Tensor& tensor) const {
        for (const auto& known : doubles)
            if (known.host.storage().is_alias_of(tensor.storage()) && address(tensor.storage()) == known.memory) return known.device.storage();
        return over(tensor.storage(), shifted(address(tensor.storage())), kGpu);
    }

    at::Tensor device(const at::Tensor& tensor) const {
        if (!tensor.defined()) return tensor;
        for (const auto& known : doubles)
            if (known.host.is_same(tensor)) return known.device;
        return made(device_storage(tensor), c10::DispatchKey::CUDA, tensor);
    }

    // The processor has no softmax that turns float16 into float32 on its way.
    void widen_softmax(size_t first) {
        const auto& name = op.schema().name();
        if ((name != "aten::_softmax" && name != "aten::_log_softmax") || !(*stack)[first + 2].toBool()) return;
        (*stack)[first] = (*stack)[first].toTensor().to(at::kFloat);
        (*stack)[first + 2] = false;
    }

    // Nor has it everything in half precision that a GPU has: such operators run in float32. Returns the type they are of.
    at::ScalarType widen(size_t first) {
        static const std::set<std::string> convolutions = {"aten::convolution", "aten::convolution_backward"};
        static const std::set<std::string> pools = {"aten::max_unpool2d", "aten::max_unpool3d"};
        const auto& arguments = op.schema().arguments();
        auto lacks = pools.count(op.schema().name()) > 0;
        for (size_t i = 0; i < arguments.size() && convolutions.count(op.schema().name()); i++)
            lacks = lacks || (arguments[i].name() == "transposed" && (*stack)[first + i].toBool());
        auto narrow = at::kFloat;
        for (size_t i = 0; i < arguments.size() && lacks; i++) {
            auto& value = (*stack)[first + i];
            if (!value.isTensor() || !value.toTensor().defined()) continue;
            auto type = value.toTensor().scalar_type();
            if (type != at::kBFloat16 && type != at::kHalf) continue;
            narrow = type;
            value = value.toTensor().to(at::kFloat);
        }
        return narrow;
    }

    // Resizing and set_ change what a tensor is.
    void follow_changes() {
        for (auto& known : doubles) {
            auto target = known.device.unsafeGetTensorImpl();
            if (address(known.host.storage()) != known.memory || known.host.storage().nbytes() != known.device.storage().nbytes())
                target->set_storage_keep_dtype(device_storage(known.host));
            if (known.host.sizes() != known.device.sizes() || known.host.strides() != known.device.strides() || known.host.storage_offset() != known.device.storage_offset())
                take_geometry(target, known.host);
        }
    }

    c10::IValue moved(const c10::IValue& value, bool to_host) {
        if (value.isDevice()) return value.toDevice().is_cuda() ? c10::IValue(c10::Device(c10::kCPU)) : value;
        if (value.isTensor()) return to_host ? host(value.toTensor()) : device(value.toTensor());
        if (value.isTensorList()) {
            c10::List<at::Tensor> list;
            for (const auto& item : value.toTensorVector()) list.push_back(to_host ? host(item) : device(item));
            return c10::IValue(std::move(list));
        }
        if (value.isOptionalTensorList()) {
            c10::List<c10::optional<at::Tensor>> list;
            for (const c10::IValue& item : value.toListRef())
                list.push_back(item.isNone() ? c10::optional<at::Tensor>() : c10::optional<at::Tensor>(to_host ? host(item.toTensor()) : device(item.toTensor())));
            return c10::IValue(std::move(list));
        }
        return value;
    }
};

void run_on_processor(const c10::OperatorHandle& op, torch::jit::Stack* stack) { Call(op, stack).run(); }

struct PretendGuard final : c10::impl::DeviceGuardImplInterface {
    c10::DeviceType type() const override { return c10::DeviceType::CUDA; }
    c10::Device exchangeDevice(c10::Device) const override { return kGpu; }
    c10::Device getDevice() const override { return kGpu; }
    void setDevice(c10::Device) const override {}
    void uncheckedSetDevice(c10::Device) const noexcept override {}
    c10::Stream getStream(c10::Device) const noexcept override { return stream(); }
    c10::Stream getDefaultStream(c10::Device) const override { return stream(); }
    c10::Stream exchangeStream(c10::Stream) const noexcept override { return stream(); }
    c10::DeviceIndex deviceCount() const noexcept override { return 1; }
    void record(void**, const c10::Stream&, const c10::DeviceIndex, const c10::EventFlag) const override {}
    void block(void*, const c10::Stream&) const override {}
    bool queryEvent(void*) const override { return true; }
    void destroyEvent(void*, const c10::DeviceIndex) const noexcept override {}
    bool queryStream(const c10::Stream&) const override { return true; }
    void synchronizeStream(const c10::Stream&) const override {}

private:
    static c10::Stream stream() { return c10::Stream(c10::Stream::DEFAULT, kGpu); }
};

const at::Generator& generator() {
    static auto one = at::make_generator<at::CPUGeneratorImpl>();
    return one;
}

struct PretendHooks : at::CUDAHooksInterface {
    explicit PretendHooks(at::CUDAHooksArgs) {}
    bool hasCUDA() const override { return true; }
    std::string showConfig() const override { return "a GPU that is not there"; }
#if TORCH_AT_LEAST(2, 6)
    void init() const override {}
    c10::DeviceIndex deviceCount() const override { return 1; }
    const at::Generator& getDefaultGenerator(c10::DeviceIndex) const override { return generator(); }
#else
    void initCUDA() const override {}
    const at::Generator& getDefaultCUDAGenerator(c10::DeviceIndex) const override { return generator(); }
#endif
#if TORCH_AT_LEAST(2, 4)
    int getNumGPUs() const override { return 1; }
    bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
    void deviceSynchronize(c10::DeviceIndex) const override {}
    c10::DeviceIndex current_device() const override { return 0; }
#else
    int getNumGPUs() const override { return 1; }
    bool hasPrimaryContext(int64_t) const override { return true; }
    void deviceSynchronize(int64_t) const override {}
    int64_t current_device() const override { return 0; }
#endif
};

}  // namespace

namespace at {
C10_REGISTER_TYPED_CLASS(CUDAHooksRegistry, "CUDAHooks", PretendHooks);
}  // namespace at

C10_REGISTER_GUARD_IMPL(CUDA, PretendGuard);

TORCH_LIBRARY_IMPL(_, CUDA, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&run_on_processor>()); }

// Composites that would look for kernels of their own, which only a CUDA build has.
TORCH_LIBRARY_IMPL(aten, CUDA, m) {
    for (auto name : {"copy_", "convolution", "convolution_backward"}) m.impl(name, torch::CppFunction::makeFromBoxedFunction<&run_on_processor>());
}
