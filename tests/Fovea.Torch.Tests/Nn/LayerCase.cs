using Fovea.Torch.Nn;

namespace Fovea.Torch.Tests.Nn;

/// <summary>A layer, its counterpart in PyTorch and what to feed them.</summary>
internal sealed record LayerCase(string Python, Func<Module> Make, Shape Input)
{
    /// <summary>How the layer is applied; as a <see cref="Layer"/> when null.</summary>
    public Func<Module, Tensor, Tensor>? Run { get; init; }

    /// <summary>The same in Python, of the module m and the input x.</summary>
    public string PythonRun { get; init; } = "m(x)";

    /// <summary>Whether it is put into evaluation after two steps in training, to see the running statistics at work.</summary>
    public bool Evaluates { get; init; }

    /// <summary>Exclusive upper bound of an integer input, or null for a real one.</summary>
    public int? Indices { get; init; }
}

/// <summary>What came of a case: by name the outputs, the gradients and the state afterwards.</summary>
internal sealed record LayerResult(IReadOnlyList<string> Keys, IReadOnlyDictionary<string, (Shape Shape, double[] Values)> Values);
