using System.Globalization;

namespace Fovea.Torch;

/// <summary>Compares the gradients of a function with central finite differences, in double precision.</summary>
public static class GradientCheck
{
    /// <summary>Checks the gradient of the sum of <c>function(inputs) * w</c>, with w fixed and random, for every input that requires one.</summary>
    /// <param name="function">A function of the inputs, smooth at their values.</param>
    /// <param name="inputs">Tensors of Float64; those with <see cref="Tensor.RequiresGrad"/> are checked, element by element.</param>
    /// <param name="step">Half the width of the difference.</param>
    /// <param name="tolerance">Largest error allowed, relative to 1 + |gradient|.</param>
    /// <exception cref="FoveaException">A gradient differs; the message names the input, the element and both values.</exception>
    public static void Verify(Func<IReadOnlyList<Tensor>, Tensor> function, IReadOnlyList<Tensor> inputs, double step = 1e-6, double tolerance = 1e-5)
    {
        using var scope = new TensorScope();
        if (inputs.FirstOrDefault(i => i.RequiresGrad && i.Dtype != Dtype.Float64) is { } wrong)
            throw new ArgumentException($"found an input of {wrong.Dtype}, expected Float64", nameof(inputs));
        var output = function(inputs);
        var weight = output.Detach().RandLike();
        var active = inputs.Where(i => i.RequiresGrad).ToList();
        var analytic = Autograd.Grad([(output * weight).Sum()], active);
        double Evaluate()
        {
            using var inner = new TensorScope();
            using var noGrad = Autograd.NoGrad();
            return (function(inputs) * weight).Sum().ToDouble();
        }

        for (var n = 0; n < active.Count; n++)
        {
            var expected = analytic[n]!.ToArray<double>();
            var values = active[n].Span<double>();
            for (var i = 0; i < values.Length; i++)
            {
                var original = values[i];
                values[i] = original + step;
                var above = Evaluate();
                values[i] = original - step;
                var below = Evaluate();
                values[i] = original;
                var numeric = (above - below) / (2 * step);
                if (!(Math.Abs(numeric - expected[i]) <= tolerance * (1 + Math.Abs(numeric))))
                {
                    throw new FoveaException(string.Create(CultureInfo.InvariantCulture,
                        $"gradient of input {n}, element {i}: backward gives {expected[i]:g9}, finite differences give {numeric:g9}"));
                }
            }
        }
    }
}
