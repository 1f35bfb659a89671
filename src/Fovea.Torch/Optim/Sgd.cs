using System.Numerics;

namespace Fovea.Torch.Optim;

/// <summary>
/// Stochastic gradient descent with momentum (Polyak 1964) or Nesterov's accelerated gradient, as
/// <c>torch.optim.SGD</c> computes them: the velocity starts as the first gradient.
/// </summary>
public sealed class Sgd : Optimizer
{
    private const string Velocity = "momentum_buffer";

    private readonly double momentum;
    private readonly double dampening;
    private readonly bool nesterov;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="groups">The parameters with learning rates and weight decay (an L2 penalty).</param>
    /// <param name="momentum">The share of the velocity that is kept, 0 to 1.</param>
    /// <param name="dampening">The share of a gradient that does not enter the velocity, 0 to 1.</param>
    /// <param name="nesterov">Whether the step looks ahead along the velocity.</param>
    /// <exception cref="FoveaException">Nesterov is asked for without momentum or with dampening.</exception>
    public Sgd(IEnumerable<ParameterGroup> groups, double momentum = 0, double dampening = 0, bool nesterov = false) : base(groups)
    {
        if (nesterov && (momentum <= 0 || dampening != 0))
            throw new FoveaException($"SGD: found momentum {momentum} and dampening {dampening}, expected a momentum above 0 and no dampening for Nesterov");
        this.momentum = momentum;
        this.dampening = dampening;
        this.nesterov = nesterov;
    }

    private protected override IReadOnlyList<string> BufferNames => momentum == 0 ? [] : [Velocity];

    private protected override void Update(ParameterUpdate update)
    {
        var isFirst = update.Step == 1;
        var fused = new Fused(BufferNames.Count, nesterov, (float)-update.Group.LearningRate, (float)update.Group.WeightDecay,
            isFirst ? 0 : (float)momentum, isFirst ? 1 : (float)(1 - dampening), (float)momentum);
        if (FusedPass.TryRun(fused, update, BufferNames))
            return;
        var gradients = update.DecayedGradients();
        if (momentum != 0)
        {
            var velocities = update.Buffers(Velocity);
            if (update.Step > 1)
                Aten.ForeachMulInPlace(velocities, momentum);
            Aten.ForeachAddInPlace(velocities, gradients, update.Step > 1 ? 1 - dampening : 1);
            gradients = nesterov ? Aten.ForeachAdd(gradients, velocities, momentum) : velocities;
        }

        Aten.ForeachAddInPlace(update.Parameters, gradients, -update.Group.LearningRate);
    }

    private readonly record struct Fused(int BufferCount, bool Nesterov, float Rate, float Decay, float Keep, float Take, float Ahead) : IElementStep
    {
        public void Run(ref Vector<float> parameter, Vector<float> gradient, ref Vector<float> velocity, ref Vector<float> second, ref Vector<float> third)
        {
            gradient += Decay * parameter;
            if (BufferCount > 0)
            {
                velocity = Keep * velocity + Take * gradient;
                gradient = Nesterov ? gradient + Ahead * velocity : velocity;
            }

            parameter += Rate * gradient;
        }
    }
}
