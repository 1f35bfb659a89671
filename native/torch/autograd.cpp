// Gradients: backward, gradient modes, and a node of the graph whose backward is a function of the caller.
#include "boundary.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <utility>

using namespace fovea;

namespace {

std::vector<at::Tensor> borrow_all(const ft_tensor* handles, int32_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int32_t i = 0; i < count; i++) tensors.push_back(handles[i] ? borrow(handles[i]) : at::Tensor());
    return tensors;
}

// Receives the gradients of the outputs (null where there is none) as owned handles and leaves those of the inputs
// (owned handles, null for none). Returns 0, or 1 after having called ft_set_error.
using backward_callback = int32_t (*)(void* context, const ft_tensor* output_gradients, int32_t output_count,
                                      ft_tensor* input_gradients, int32_t input_count);
using release_callback = void (*)(void* context);

struct ManagedNode : torch::autograd::Node {
    backward_callback backward = nullptr;
    release_callback let_go = nullptr;
    void* context = nullptr;
    int32_t input_count = 0;

    ~ManagedNode() override { release_variables(); }

    // Called as soon as the backward has run, unless the graph is kept: what was saved need not outlive it.
    void release_variables() override {
        if (auto call = std::exchange(let_go, nullptr)) call(context);
    }

    std::string name() const override { return "FoveaFunction"; }

    torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
        TORCH_CHECK(let_go, "backward a second time through a graph that was freed; keep the graph the first time");
        TORCH_CHECK(!c10::GradMode::is_enabled(), "a function whose backward is written in C# has no second derivatives");
        std::vector<ft_tensor> given;
        for (auto& gradient : gradients) given.push_back(release(std::move(gradient)));
        std::vector<ft_tensor> returned(input_count, nullptr);
        auto status = backward(context, given.data(), static_cast<int32_t>(given.size()), returned.data(), input_count);
        torch::autograd::variable_list result;
        for (auto handle : returned)
            result.push_back(handle ? at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(
                                          static_cast<c10::TensorImpl*>(handle)))
                                    : at::Tensor());
        TORCH_CHECK(status == 0, "the backward of a managed function failed");
        return result;
    }
};

}  // namespace

FT_API ft_backward(const ft_tensor* roots, const ft_tensor* gradients, int32_t count, int32_t retain_graph, int32_t create_graph) {
    return guarded([&] {
        torch::autograd::backward(borrow_all(roots, count), borrow_all(gradients, count), retain_graph != 0, create_graph != 0);
    });
}

FT_API ft_grad(const ft_tensor* roots, const ft_tensor* gradients, int32_t root_count, const ft_tensor* inputs, int32_t input_count,
               int32_t retain_graph, int32_t create_graph, int32_t allow_unused, ft_tensor* out) {
    return guarded([&] {
        auto result = torch::autograd::grad(borrow_all(roots, root_count), borrow_all(inputs, input_count),
                                            borrow_all(gradients, root_count), retain_graph != 0, create_graph != 0, allow_unused != 0);
        for (size_t i = 0; i < result.size(); i++) out[i] = release(std::move(result[i]));
    });
}

// Ties `outputs`, computed without gradients, to `inputs` through a managed backward. When no input wants a gradient
// nothing is tied, `*attached` is 0 and the context stays the caller's.
FT_API ft_function_attach(const ft_tensor* inputs, int32_t input_count, const ft_tensor* outputs, int32_t output_count,
                          backward_callback backward, release_callback let_go, void* context, int32_t* attached) {
    return guarded([&] {
        auto given = borrow_all(inputs, input_count);
        *attached = 0;
        if (!torch::autograd::compute_requires_grad(given)) return;
        auto node = std::shared_ptr<ManagedNode>(new ManagedNode(), torch::autograd::deleteNode);
        node->set_next_edges(torch::autograd::collect_next_edges(given));
        node->backward = backward;
        node->input_count = input_count;
        for (auto& output : borrow_all(outputs, output_count)) torch::autograd::set_history(output, node);
        node->context = context;
        node->let_go = let_go;
        *attached = 1;
    });
}

FT_API ft_requires_grad(ft_tensor handle, int32_t* result) {
    return guarded([&] { *result = borrow(handle).requires_grad(); });
}

FT_API ft_set_requires_grad(ft_tensor handle, int32_t value) {
    return guarded([&] { borrow(handle).set_requires_grad(value != 0); });
}

FT_API ft_is_leaf(ft_tensor handle, int32_t* result) {
    return guarded([&] { *result = borrow(handle).is_leaf(); });
}

// The accumulated gradient, or null.
FT_API ft_gradient(ft_tensor handle, ft_tensor* out) {
    return guarded([&] { *out = release(at::Tensor(borrow(handle).grad())); });
}

FT_API ft_set_gradient(ft_tensor handle, ft_tensor gradient) {
    return guarded([&] { borrow(handle).mutable_grad() = gradient ? borrow(gradient) : at::Tensor(); });
}

FT_API ft_grad_mode(int32_t enabled, int32_t* previous) {
    return guarded([&] {
        *previous = c10::GradMode::is_enabled();
        c10::GradMode::set_enabled(enabled != 0);
    });
}

FT_API ft_grad_mode_is_enabled(int32_t* result) {
    return guarded([&] { *result = c10::GradMode::is_enabled(); });
}

// Inference mode lasts from enter to exit, on one thread.
FT_API ft_inference_enter(void** mode) {
    return guarded([&] { *mode = new c10::InferenceMode(true); });
}

FT_API ft_inference_exit(void* mode) {
    return guarded([&] { delete static_cast<c10::InferenceMode*>(mode); });
}

// Calls back with the gradient that reaches a tensor (an owned handle); a handle left in `*replacement` takes its place.
FT_API ft_register_hook(ft_tensor handle, int32_t (*callback)(void* context, ft_tensor gradient, ft_tensor* replacement),
                        release_callback let_go, void* context) {
    return guarded([&] {
        auto owner = std::shared_ptr<void>(context, let_go);
        borrow(handle).register_hook([owner, callback](at::Tensor gradient) {
            ft_tensor replacement = nullptr;
            auto status = callback(owner.get(), release(at::Tensor(gradient)), &replacement);
            TORCH_CHECK(status == 0, "a managed gradient hook failed");
            return replacement ? at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(
                                     static_cast<c10::TensorImpl*>(replacement)))
                               : gradient;
        });
    });
}

// Replaces what a tensor holds (data, dtype, device), keeping its identity for optimizers and graphs to come.
FT_API ft_tensor_set_data(ft_tensor handle, ft_tensor data) {
    return guarded([&] { borrow(handle).set_data(borrow(data)); });
}
