using System.Numerics;

namespace Fovea.Torch.Optim;

/// <summary>
/// RMSprop (Tieleman and Hinton 2012, lecture 6e), plain or centred (Graves 2013, section 2.1 "RNN prediction", equations 38 to 45), as
/// <c>torch.optim.RMSprop</c> computes it: epsilon outside the root unless asked for under it, the weight decay an L2 penalty.
/// </summary>
/// <param name="groups">The parameters with learning rates and weight decay.</param>
/// <param name="alpha">Decay of the mean of squared gradients, 0 to 1.</param>
/// <param name="epsilon">Added to the root of that mean, above 0.</param>
/// <param name="momentum">The share of the last step that is kept, 0 to 1.</param>
/// <param name="centered">Whether the squared mean gradient is taken off under the root.</param>
/// <param name="epsilonUnderRoot">Whether epsilon is added under the root, as TensorFlow has it, rather than to the root.</param>
public sealed class RmsProp(IEnumerable<ParameterGroup> groups, double alpha = 0.99, double epsilon = 1e-8, double momentum = 0, bool centered = false, bool epsilonUnderRoot = false)
    : Optimizer(groups)
{
    private const string Square = "square_avg";
    private const string Mean = "grad_avg";
    private const string Velocity = "momentum_buffer";

    private protected override IReadOnlyList<string> BufferNames =>
        [Square, .. centered ? [Mean] : Array.Empty<string>(), .. momentum > 0 ? [Velocity] : Array.Empty<string>()];

    private protected override void Update(ParameterUpdate update)
    {
        var keys = BufferNames;
        var fused = new Fused(keys.Count, centered, momentum > 0, epsilonUnderRoot, (float)-update.Group.LearningRate, (float)update.Group.WeightDecay,
            (float)alpha, (float)(1 - alpha), (float)epsilon, (float)momentum);
        if (FusedPass.TryRun(fused, update, keys))
            return;
        var gradients = update.DecayedGradients();
        var squares = update.Buffers(Square);
        Aten.ForeachMulInPlace(squares, alpha);
        Aten.ForeachAddcmulInPlace(squares, gradients, gradients, 1 - alpha);
        IReadOnlyList<Tensor> variances = centered ? Centered(update, gradients, squares) : squares;
        var divisors = Aten.ForeachSqrt(epsilonUnderRoot ? Aten.ForeachAdd(variances, epsilon) : variances);
        if (!epsilonUnderRoot)
            Aten.ForeachAddInPlace(divisors, epsilon);
        if (momentum > 0)
        {
            var velocities = update.Buffers(Velocity);
            Aten.ForeachMulInPlace(velocities, momentum);
            Aten.ForeachAddcdivInPlace(velocities, gradients, divisors, 1);
            Aten.ForeachAddInPlace(update.Parameters, velocities, -update.Group.LearningRate);
        }
        else
        {
            Aten.ForeachAddcdivInPlace(update.Parameters, gradients, divisors, -update.Group.LearningRate);
        }
    }

    private Tensor[] Centered(ParameterUpdate update, IReadOnlyList<Tensor> gradients, IReadOnlyList<Tensor> squares)
    {
        var means = update.Buffers(Mean);
        Aten.ForeachMulInPlace(means, alpha);
        Aten.ForeachAddInPlace(means, gradients, 1 - alpha);
        return Aten.ForeachAddcmul(squares, means, means, -1);
    }

    private readonly record struct Fused(int BufferCount, bool Centered, bool HasMomentum, bool UnderRoot, float Rate, float Decay, float Keep, float Take, float Epsilon, float Momentum)
        : IElementStep
    {
        // The second buffer is the mean when centred, else the velocity; with both, the third is the velocity.
        public void Run(ref Vector<float> parameter, Vector<float> gradient, ref Vector<float> square, ref Vector<float> second, ref Vector<float> third)
        {
            gradient += Decay * parameter;
            square = Keep * square + Take * gradient * gradient;
            var variance = square;
            if (Centered)
            {
                second = Keep * second + Take * gradient;
                // Rounding must not make a variance negative.
                variance = Vector.Max(variance - second * second, Vector<float>.Zero);
            }

            var epsilon = new Vector<float>(Epsilon);
            var move = gradient / (UnderRoot ? Vector.SquareRoot(variance + epsilon) : Vector.SquareRoot(variance) + epsilon);
            if (HasMomentum)
            {
                ref var velocity = ref Centered ? ref third : ref second;
                velocity = Momentum * velocity + move;
                move = velocity;
            }

            parameter += Rate * move;
        }
    }
}
