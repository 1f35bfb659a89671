using System.Numerics;

namespace Fovea.Torch.Optim;

/// <summary>
/// Adam (Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1), the weight decay being an L2 penalty,
/// as <c>torch.optim.Adam</c> computes it.
/// </summary>
/// <param name="groups">The parameters with learning rates and weight decay.</param>
/// <param name="beta1">Decay of the mean of gradients, 0 to below 1.</param>
/// <param name="beta2">Decay of the mean of squared gradients, 0 to below 1.</param>
/// <param name="epsilon">Added to the root of that mean, above 0.</param>
public sealed class Adam(IEnumerable<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : Optimizer(groups)
{
    private readonly AdamStep step = new(beta1, beta2, epsilon);

    private protected override IReadOnlyList<string> BufferNames => AdamStep.BufferNames;

    private protected override void Update(ParameterUpdate update)
    {
        if (!FusedPass.TryRun(step.Fused(update, update.Group.WeightDecay, 1), update, BufferNames))
            step.Run(update, update.DecayedGradients());
    }
}

/// <summary>
/// Adam with the weight decay apart from the gradient (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization",
/// algorithm 2), as <c>torch.optim.AdamW</c> computes it: the decay is scaled by the learning rate.
/// </summary>
/// <param name="groups">The parameters with learning rates and weight decay.</param>
/// <param name="beta1">Decay of the mean of gradients, 0 to below 1.</param>
/// <param name="beta2">Decay of the mean of squared gradients, 0 to below 1.</param>
/// <param name="epsilon">Added to the root of that mean, above 0.</param>
public sealed class AdamW(IEnumerable<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : Optimizer(groups)
{
    private readonly AdamStep step = new(beta1, beta2, epsilon);

    private protected override IReadOnlyList<string> BufferNames => AdamStep.BufferNames;

    private protected override void Update(ParameterUpdate update)
    {
        var shrink = 1 - update.Group.LearningRate * update.Group.WeightDecay;
        if (FusedPass.TryRun(step.Fused(update, 0, shrink), update, BufferNames))
            return;
        if (update.Group.WeightDecay != 0)
            Aten.ForeachMulInPlace(update.Parameters, shrink);
        step.Run(update, update.Gradients);
    }
}

/// <summary>The step that Adam and AdamW share.</summary>
internal sealed record AdamStep(double Beta1, double Beta2, double Epsilon)
{
    private const string Mean = "exp_avg";
    private const string Square = "exp_avg_sq";

    public static readonly IReadOnlyList<string> BufferNames = [Mean, Square];

    public void Run(ParameterUpdate update, IReadOnlyList<Tensor> gradients)
    {
        var means = update.Buffers(Mean);
        var squares = update.Buffers(Square);
        Aten.ForeachMulInPlace(means, Beta1);
        Aten.ForeachAddInPlace(means, gradients, 1 - Beta1);
        Aten.ForeachMulInPlace(squares, Beta2);
        Aten.ForeachAddcmulInPlace(squares, gradients, gradients, 1 - Beta2);
        var divisors = Aten.ForeachSqrt(squares);
        Aten.ForeachDivInPlace(divisors, Math.Sqrt(1 - Math.Pow(Beta2, update.Step)));
        Aten.ForeachAddInPlace(divisors, Epsilon);
        Aten.ForeachAddcdivInPlace(update.Parameters, means, divisors, -update.Group.LearningRate / (1 - Math.Pow(Beta1, update.Step)));
    }

    public FusedAdam Fused(ParameterUpdate update, double decay, double shrink) => new(
        (float)decay, (float)shrink, (float)Beta1, (float)(1 - Beta1), (float)Beta2, (float)(1 - Beta2),
        (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, update.Step))), (float)Epsilon, (float)(-update.Group.LearningRate / (1 - Math.Pow(Beta1, update.Step))));
}

/// <summary>The same step on a vector of elements.</summary>
internal readonly record struct FusedAdam(
    float Decay, float Shrink, float Keep, float Take, float KeepSquare, float TakeSquare, float Correction, float Epsilon, float Rate) : IElementStep
{
    public int BufferCount => 2;

    public void Run(ref Vector<float> parameter, Vector<float> gradient, ref Vector<float> mean, ref Vector<float> square, ref Vector<float> third)
    {
        parameter *= Shrink;
        gradient += Decay * parameter;
        mean = Keep * mean + Take * gradient;
        square = KeepSquare * square + TakeSquare * gradient * gradient;
        parameter += Rate * mean / (Correction * Vector.SquareRoot(square) + new Vector<float>(Epsilon));
    }
}
