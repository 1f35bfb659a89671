using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Training;

/// <summary>
/// A running average of a network's state: floating-point parameters and buffers are averaged, all other state is copied.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly EmaSection settings;
    private readonly List<KeyValuePair<string, Tensor>> live;
    private readonly List<KeyValuePair<string, Tensor>> average;

    /// <summary>Starts from the state as it is.</summary>
    public WeightAverage(Module model, EmaSection settings)
    {
        using var noGrad = Autograd.NoGrad();
        this.settings = settings;
        live = [.. model.StateDict()];
        average = [.. live.Select(static entry => KeyValuePair.Create(entry.Key, Copy(entry.Value)))];
    }

    /// <summary>The averaged state under the names of the network's state dict.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> State => average;

    /// <summary>Takes the weights after a step into the average.</summary>
    /// <param name="step">Steps taken so far, from 1.</param>
    public void Update(long step)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var decay = settings.RampSteps > 0 ? settings.Decay * (1 - Math.Exp(-step / settings.RampSteps)) : settings.Decay;
        var (averaged, weights) = (new List<Tensor>(), new List<Tensor>());
        for (var i = 0; i < live.Count; i++)
        {
            if (live[i].Value.Dtype.IsFloatingPoint())
            {
                averaged.Add(average[i].Value);
                weights.Add(live[i].Value);
            }
            else
            {
                average[i].Value.CopyInPlace(live[i].Value);
            }
        }

        Aten.ForeachMulInPlace(averaged, decay);
        Aten.ForeachAddInPlace(averaged, weights, 1 - decay);
    }

    /// <summary>Puts the average into the network until the result is disposed, which puts the weights back unchanged.</summary>
    public IDisposable Swap() => new Swapped(this);

    public void Dispose()
    {
        foreach (var (_, tensor) in average)
            tensor.Dispose();
    }

    private static Tensor Copy(Tensor tensor)
    {
        using var scope = new TensorScope();
        return tensor.Detach().Clone().Escape();
    }

    private sealed class Swapped : IDisposable
    {
        private readonly WeightAverage owner;
        private readonly List<Tensor> kept;

        public Swapped(WeightAverage owner)
        {
            using var noGrad = Autograd.NoGrad();
            this.owner = owner;
            kept = [.. owner.live.Select(static entry => Copy(entry.Value))];
            for (var i = 0; i < kept.Count; i++)
                owner.live[i].Value.CopyInPlace(owner.average[i].Value);
        }

        public void Dispose()
        {
            using var noGrad = Autograd.NoGrad();
            for (var i = 0; i < kept.Count; i++)
            {
                owner.live[i].Value.CopyInPlace(kept[i]);
                kept[i].Dispose();
            }
        }
    }
}
