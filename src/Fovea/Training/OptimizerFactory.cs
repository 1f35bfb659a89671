using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Optim;

namespace Fovea.Training;

/// <summary>Makes the optimizer that a recipe describes.</summary>
public static class OptimizerFactory
{
    /// <summary>Makes an optimizer over the trainable parameters of a network.</summary>
    /// <param name="section">What the recipe says.</param>
    /// <param name="model">The network.</param>
    /// <exception cref="FoveaException">A pattern fits no parameter, or nothing is left to train.</exception>
    public static Optimizer Create(OptimizerSection section, Module model)
    {
        var groups = Groups(section, model);
        return section.Name switch
        {
            OptimizerKind.Sgd => new Sgd(groups, section.Momentum, section.Dampening, section.Nesterov),
            OptimizerKind.Adam => new Adam(groups, section.Betas[0], section.Betas[1], section.Epsilon),
            OptimizerKind.Adamw => new AdamW(groups, section.Betas[0], section.Betas[1], section.Epsilon),
            _ => new RmsProp(groups, section.Alpha, section.Epsilon, section.Momentum, section.Centered, section.EpsilonUnderRoot),
        };
    }

    private static List<ParameterGroup> Groups(OptimizerSection section, Module model)
    {
        var all = model.NamedParameters().Select(static p => p.Key).ToList();
        for (var i = 0; i < section.Groups.Count; i++)
            NamePattern.Select(all, section.Groups[i].Parameters, $"optimizer.groups.{i}.parameters");
        var norms = section.NormWeightDecay is null ? [] : NormParameters(model);
        var layers = all.Select(Layer).Distinct().ToList();
        var groups = model.NamedParameters().Where(static p => p.Value.RequiresGrad)
            .GroupBy(p => Settings(section, p.Key, norms, Math.Pow(section.LayerDecay, layers.Count - 1 - layers.IndexOf(Layer(p.Key)))))
            .Select(static group => new ParameterGroup(group, group.Key.LearningRate, group.Key.WeightDecay))
            .ToList();
        return groups.Count > 0 ? groups : throw new FoveaException("freeze: found every parameter frozen, expected some to train");
    }

    private static (double LearningRate, double WeightDecay) Settings(OptimizerSection section, string name, HashSet<string> norms, double depth)
    {
        var decay = norms.Contains(name) ? section.NormWeightDecay!.Value : section.WeightDecay;
        return section.Groups.FirstOrDefault(group => NamePattern.Matches(name, group.Parameters)) is { } own
            ? (section.LearningRate * depth * own.LearningRateFactor, own.WeightDecay ?? decay)
            : (section.LearningRate * depth, decay);
    }

    /// <summary>The layer that a parameter belongs to: "layer1.0.conv1.weight" is of "layer1.0", "conv1.weight" of "conv1".</summary>
    private static string Layer(string name)
    {
        var parts = name.Split('.');
        return parts.Length > 2 && parts[1].All(char.IsAsciiDigit) ? $"{parts[0]}.{parts[1]}" : parts[0];
    }

    private static HashSet<string> NormParameters(Module model) =>
    [
        .. model.NamedModules().Where(static m => m.Value is ChannelNorm or GroupNorm or LayerNorm)
            .SelectMany(static m => m.Value.NamedParameters().Select(p => m.Key.Length == 0 ? p.Key : $"{m.Key}.{p.Key}")),
    ];
}
