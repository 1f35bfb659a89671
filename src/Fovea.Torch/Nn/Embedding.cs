namespace Fovea.Torch.Nn;

/// <summary>A table of vectors looked up by index, <c>[...]</c> int64 to <c>[..., size]</c>. Key <c>weight</c> [count, size].</summary>
public sealed class Embedding : Layer
{
    private readonly int? paddingIndex;

    /// <summary>Creates the table with standard normal entries.</summary>
    /// <param name="count">Number of vectors.</param>
    /// <param name="size">Length of a vector.</param>
    /// <param name="paddingIndex">Index whose vector is zero and is never trained, or null.</param>
    public Embedding(int count, int size, int? paddingIndex = null)
    {
        this.paddingIndex = paddingIndex;
        Weight = Parameter("weight", Tensor.Empty([count, size]));
        Init.Normal(Weight);
        if (paddingIndex is not { } padding)
            return;
        using var scope = new TensorScope();
        Init.Constant(Weight.Detach()[padding], 0);
    }

    /// <summary>The vectors, [count, size].</summary>
    public Tensor Weight { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => Aten.Embedding(Weight, input, paddingIndex ?? -1);
}
