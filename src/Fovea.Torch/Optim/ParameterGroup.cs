using Fovea.Torch.Nn;

namespace Fovea.Torch.Optim;

/// <summary>Parameters that share a learning rate and a weight decay.</summary>
public sealed class ParameterGroup
{
    /// <summary>Creates a group.</summary>
    /// <param name="parameters">The parameters with their names, under which their state is saved.</param>
    /// <param name="learningRate">The learning rate, 0 or more.</param>
    /// <param name="weightDecay">The weight decay, 0 or more.</param>
    public ParameterGroup(IEnumerable<KeyValuePair<string, Tensor>> parameters, double learningRate, double weightDecay = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(learningRate);
        ArgumentOutOfRangeException.ThrowIfNegative(weightDecay);
        Parameters = [.. parameters];
        InitialLearningRate = learningRate;
        LearningRate = learningRate;
        WeightDecay = weightDecay;
    }

    /// <summary>The parameters with their names.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    /// <summary>The learning rate before any schedule.</summary>
    public double InitialLearningRate { get; }

    /// <summary>The learning rate of the next step.</summary>
    public double LearningRate { get; set; }

    /// <summary>The weight decay.</summary>
    public double WeightDecay { get; }

    /// <summary>All trainable parameters of a network as one group.</summary>
    public static ParameterGroup Of(Module module, double learningRate, double weightDecay = 0) =>
        new(module.NamedParameters().Where(static pair => pair.Value.RequiresGrad), learningRate, weightDecay);
}
