using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>How many products an operator adds up: convolutions, transposed convolutions and matrix products. All else counts nothing, as in the literature.</summary>
internal static class MultiplyAdds
{
    /// <summary>The count for one call.</summary>
    public static long Of(TracedOperator step) => step.Name switch
    {
        "aten::conv1d" or "aten::conv2d" or "aten::conv3d" => step.Results[0].Shape.Count * PerOutput(Tensor(step, 1)),
        // Every input value meets every kernel value of its channel once.
        "aten::conv_transpose1d" or "aten::conv_transpose2d" or "aten::conv_transpose3d" => Tensor(step, 0).Shape.Count * PerOutput(Tensor(step, 1)),
        "aten::linear" => step.Results[0].Shape.Count * Tensor(step, 1).Shape[-1],
        "aten::addmm" or "aten::baddbmm" => step.Results[0].Shape.Count * Tensor(step, 1).Shape[-1],
        "aten::mm" or "aten::bmm" or "aten::matmul" => step.Results[0].Shape.Count * Tensor(step, 0).Shape[-1],
        _ => 0,
    };

    private static long PerOutput(TracedTensor weight) => weight.Shape.Count / weight.Shape[0];

    private static TracedTensor Tensor(TracedOperator step, int position) => (TracedTensor)step.Arguments[position]!;
}
