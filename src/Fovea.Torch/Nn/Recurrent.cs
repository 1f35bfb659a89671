namespace Fovea.Torch.Nn;

/// <summary>
/// What recurrent networks share: layers stacked, in one direction or both. Keys <c>weight_ih_l0</c>, <c>weight_hh_l0</c>,
/// <c>bias_ih_l0</c>, <c>bias_hh_l0</c>, the same with <c>_reverse</c>, then <c>_l1</c> and so on.
/// </summary>
public abstract class Recurrent : Module
{
    private readonly int stateSize;

    private protected Recurrent(int gates, int inputSize, int stateSize, int layers, bool hasBias, bool batchFirst, double dropout, bool bidirectional)
    {
        this.stateSize = stateSize;
        Layers = layers;
        HasBias = hasBias;
        BatchFirst = batchFirst;
        DropoutRate = dropout;
        IsBidirectional = bidirectional;
        var bound = 1 / Math.Sqrt(stateSize);
        for (var layer = 0; layer < layers; layer++)
        {
            var width = layer == 0 ? inputSize : stateSize * Directions;
            for (var direction = 0; direction < Directions; direction++)
            {
                var suffix = $"_l{layer}{(direction == 1 ? "_reverse" : "")}";
                Add("weight_ih" + suffix, [gates * stateSize, width], bound);
                Add("weight_hh" + suffix, [gates * stateSize, stateSize], bound);
                if (!hasBias)
                    continue;
                Add("bias_ih" + suffix, [gates * stateSize], bound);
                Add("bias_hh" + suffix, [gates * stateSize], bound);
            }
        }
    }

    private protected int Layers { get; }

    private protected bool HasBias { get; }

    private protected bool BatchFirst { get; }

    private protected double DropoutRate { get; }

    private protected bool IsBidirectional { get; }

    private protected List<Tensor> Weights { get; } = [];

    private int Directions => IsBidirectional ? 2 : 1;

    // A state of zeros for a batch, [layers · directions, N, state].
    private protected Tensor InitialState(Tensor input)
    {
        if (input.Rank != 3)
            throw new FoveaException($"{GetType().Name}: found input {input.Shape}, expected [{(BatchFirst ? "N, T" : "T, N")}, features]");
        return Tensor.Zeros([Layers * Directions, input.Shape[BatchFirst ? 0 : 1], stateSize], input.Dtype, input.Device);
    }

    private void Add(string name, Shape shape, double bound)
    {
        var weight = Parameter(name, Tensor.Empty(shape));
        Init.Uniform(weight, bound);
        Weights.Add(weight);
    }
}

/// <summary>Elman's recurrent network: h' = tanh(W x + b + U h + c), or with a ReLU.</summary>
/// <param name="inputSize">Features of the input.</param>
/// <param name="stateSize">Size of the state.</param>
/// <param name="layers">Layers stacked.</param>
/// <param name="hasBias">Whether biases are added.</param>
/// <param name="batchFirst">Whether the input is <c>[N, T, features]</c> rather than <c>[T, N, features]</c>.</param>
/// <param name="dropout">Share of what passes between layers that is dropped in training.</param>
/// <param name="bidirectional">Whether a second network runs backwards; outputs are concatenated.</param>
/// <param name="relu">Whether the activation is the ReLU.</param>
public sealed class RNN(int inputSize, int stateSize, int layers = 1, bool hasBias = true, bool batchFirst = false, double dropout = 0,
    bool bidirectional = false, bool relu = false) : Recurrent(1, inputSize, stateSize, layers, hasBias, batchFirst, dropout, bidirectional)
{
    /// <summary>Runs over a sequence.</summary>
    /// <param name="input"><c>[T, N, features]</c>, or <c>[N, T, features]</c> when the batch comes first.</param>
    /// <param name="state">First state <c>[layers · directions, N, state]</c>; zeros when null.</param>
    /// <returns>The last layer's state at every step, and every layer's last state.</returns>
    public (Tensor Output, Tensor State) Forward(Tensor input, Tensor? state = null)
    {
        using var scope = new TensorScope();
        input = input.To(Weights[0].Dtype);
        state ??= InitialState(input);
        var (output, last) = relu
            ? Aten.RnnRelu(input, state, Weights, HasBias, Layers, DropoutRate, IsTraining, IsBidirectional, BatchFirst)
            : Aten.RnnTanh(input, state, Weights, HasBias, Layers, DropoutRate, IsTraining, IsBidirectional, BatchFirst);
        return (scope.Keep(output), scope.Keep(last));
    }
}

/// <summary>Gated recurrent unit (Cho et al. 2014), the reset gate applied after the product as cuDNN does.</summary>
/// <param name="inputSize">Features of the input.</param>
/// <param name="stateSize">Size of the state.</param>
/// <param name="layers">Layers stacked.</param>
/// <param name="hasBias">Whether biases are added.</param>
/// <param name="batchFirst">Whether the input is <c>[N, T, features]</c> rather than <c>[T, N, features]</c>.</param>
/// <param name="dropout">Share of what passes between layers that is dropped in training.</param>
/// <param name="bidirectional">Whether a second network runs backwards; outputs are concatenated.</param>
public sealed class GRU(int inputSize, int stateSize, int layers = 1, bool hasBias = true, bool batchFirst = false, double dropout = 0,
    bool bidirectional = false) : Recurrent(3, inputSize, stateSize, layers, hasBias, batchFirst, dropout, bidirectional)
{
    /// <summary>Runs over a sequence.</summary>
    /// <param name="input"><c>[T, N, features]</c>, or <c>[N, T, features]</c> when the batch comes first.</param>
    /// <param name="state">First state <c>[layers · directions, N, state]</c>; zeros when null.</param>
    /// <returns>The last layer's state at every step, and every layer's last state.</returns>
    public (Tensor Output, Tensor State) Forward(Tensor input, Tensor? state = null)
    {
        using var scope = new TensorScope();
        input = input.To(Weights[0].Dtype);
        var (output, last) = Aten.Gru(input, state ?? InitialState(input), Weights, HasBias, Layers, DropoutRate, IsTraining, IsBidirectional, BatchFirst);
        return (scope.Keep(output), scope.Keep(last));
    }
}

/// <summary>Long short-term memory (Hochreiter &amp; Schmidhuber 1997) with forget gates.</summary>
/// <param name="inputSize">Features of the input.</param>
/// <param name="stateSize">Size of the state and of the cell.</param>
/// <param name="layers">Layers stacked.</param>
/// <param name="hasBias">Whether biases are added.</param>
/// <param name="batchFirst">Whether the input is <c>[N, T, features]</c> rather than <c>[T, N, features]</c>.</param>
/// <param name="dropout">Share of what passes between layers that is dropped in training.</param>
/// <param name="bidirectional">Whether a second network runs backwards; outputs are concatenated.</param>
public sealed class LSTM(int inputSize, int stateSize, int layers = 1, bool hasBias = true, bool batchFirst = false, double dropout = 0,
    bool bidirectional = false) : Recurrent(4, inputSize, stateSize, layers, hasBias, batchFirst, dropout, bidirectional)
{
    /// <summary>Runs over a sequence.</summary>
    /// <param name="input"><c>[T, N, features]</c>, or <c>[N, T, features]</c> when the batch comes first.</param>
    /// <param name="state">First state and cell, each <c>[layers · directions, N, state]</c>; zeros when null.</param>
    /// <returns>The last layer's state at every step, and every layer's last state and cell.</returns>
    public (Tensor Output, Tensor State, Tensor Cell) Forward(Tensor input, (Tensor State, Tensor Cell)? state = null)
    {
        using var scope = new TensorScope();
        input = input.To(Weights[0].Dtype);
        var (first, cell) = state ?? (InitialState(input), InitialState(input));
        var (output, last, lastCell) = Aten.Lstm(input, [first, cell], Weights, HasBias, Layers, DropoutRate, IsTraining, IsBidirectional, BatchFirst);
        return (scope.Keep(output), scope.Keep(last), scope.Keep(lastCell));
    }
}
