using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Fovea.Ops;
using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Models.Detection;

/// <summary>
/// The focal loss of many anchors in one pass, with its gradient: -α_t (1 - p_t)² ln p_t, α = 0.25, for K independent classes.
/// Lin et al. 2017, Focal Loss for Dense Object Detection, equation 5.
/// </summary>
/// <remarks>
/// Composed of tensor operators it would hold some ten arrays of all logits at once; here there is one, the gradient. On a GPU
/// it is composed.
/// </remarks>
internal static class FocalLoss
{
    private const float Alpha = 0.25f;

    /// <summary>The weighted sum over all anchors that are not ignored, and all classes. Differentiable.</summary>
    /// <param name="logits"><c>[N, A, K]</c> float32.</param>
    /// <param name="classes"><c>[N, A]</c> int64: the class, <see cref="BoxMatcher.Background"/> or <see cref="BoxMatcher.Ignored"/>.</param>
    /// <param name="weights">N factors, one for each image.</param>
    /// <returns>A scalar, in the caller's scope.</returns>
    public static Tensor Sum(Tensor logits, Tensor classes, float[] weights)
    {
        using var scope = new TensorScope();
        return scope.Keep(OpsPath.HasKernel(logits) ? new Function(classes, weights).Apply(logits)[0] : Compose(logits, classes, weights));
    }

    /// <summary>The same sum of ATen operators, for any device.</summary>
    internal static Tensor Compose(Tensor logits, Tensor classes, float[] weights)
    {
        using var scope = new TensorScope();
        var truth = Aten.Arange(logits.Shape[2], Dtype.Int64, logits.Device).Eq(classes.Unsqueeze(2)).To(logits.Dtype);
        var probability = logits.Sigmoid();
        var missed = probability * (1 - truth) + (1 - probability) * truth;
        var entropy = logits.BinaryCrossEntropyWithLogits(truth, reduction: 0);
        var loss = entropy * missed.Square() * (truth * (2 * Alpha - 1) + (1 - Alpha));
        var factor = classes.Ne(BoxMatcher.Ignored).To(logits.Dtype) * Tensor.FromArray(weights, [weights.Length, 1]).To(logits.Device, logits.Dtype);
        return scope.Keep((loss * factor.Unsqueeze(2)).Sum());
    }

    private sealed class Function(Tensor classes, float[] weights) : AutogradFunction
    {
        private const int Block = 8192;

        private Tensor? slopes;

        protected override Tensor[] Forward(IReadOnlyList<Tensor> inputs)
        {
            using var scope = new TensorScope();
            var logits = inputs[0].Detach().Contiguous();
            var shape = logits.Shape;
            var gradient = Tensor.Empty(shape);
            var (images, anchors, outputs) = ((int)shape[0], (int)shape[1], (int)shape[2]);
            var (values, truth, target) = (logits.Memory<float>(), classes.Contiguous().Memory<long>(), gradient.Memory<float>());
            var rows = Math.Max(1, Block / outputs);
            var blocks = (anchors + rows - 1) / rows;
            // One partial sum a block, added in order: the result is the same on any number of cores.
            var sums = new double[images * blocks];
            Cores.For(sums.Length, 1, (from, to) =>
            {
                for (var unit = from; unit < to; unit++)
                {
                    var (image, row) = (unit / blocks, unit % blocks * rows);
                    var count = Math.Min(rows, anchors - row);
                    var start = image * anchors + row;
                    sums[unit] = FocalBlock.Run(
                        values.Span.Slice(start * outputs, count * outputs), truth.Span.Slice(start, count), outputs, weights[image],
                        target.Span.Slice(start * outputs, count * outputs));
                }
            });
            slopes = Save(gradient);
            return [scope.Keep(Tensor.FromScalar((float)sums.Sum()))];
        }

        protected override Tensor?[] Backward(IReadOnlyList<Tensor?> gradients) => [gradients[0] is { } given ? slopes!.Mul(given) : null];
    }

    /// <summary>The loss of some rows.</summary>
    private static class FocalBlock
    {
        /// <summary>Sums the loss and writes its slopes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static double Run(ReadOnlySpan<float> logits, ReadOnlySpan<long> classes, int outputs, float weight, Span<float> slopes)
        {
            var scale = (1 - Alpha) * weight;
            double sum = Background(logits, scale, slopes);
            for (var row = 0; row < classes.Length; row++)
            {
                var label = classes[row];
                if (label == BoxMatcher.Background)
                    continue;
                var (from, to) = label == BoxMatcher.Ignored ? (0, outputs) : ((int)label, (int)label + 1);
                for (var i = row * outputs + from; i < row * outputs + to; i++)
                {
                    sum -= scale * Negative(logits[i]).Loss;
                    slopes[i] = 0;
                }

                if (label == BoxMatcher.Ignored)
                    continue;
                // A positive is a negative seen from the other side.
                var (loss, slope) = Negative(-logits[row * outputs + from]);
                sum += Alpha * weight * loss;
                slopes[row * outputs + from] = -Alpha * weight * slope;
            }

            return sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Background(ReadOnlySpan<float> logits, float scale, Span<float> slopes)
        {
            ref var source = ref MemoryMarshal.GetReference(logits);
            ref var target = ref MemoryMarshal.GetReference(slopes);
            var (total, i) = (Vector512<float>.Zero, 0);
            for (; i <= logits.Length - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                var x = Vector512.LoadUnsafe(ref source, (nuint)i);
                var decay = Vector512.Exp(-Vector512.Abs(x));
                var probability = Vector512.ConditionalSelect(
                    Vector512.LessThan(x, Vector512<float>.Zero), decay, Vector512<float>.One) / (Vector512<float>.One + decay);
                var tail = Vector512.ConditionalSelect(
                    Vector512.LessThan(decay, Vector512.Create(1e-3f)), decay * (Vector512<float>.One - 0.5f * decay), Vector512.Log(Vector512<float>.One + decay));
                var entropy = Vector512.Max(x, Vector512<float>.Zero) + tail;
                var square = probability * probability * scale;
                total += square * entropy;
                (square * (probability + 2 * (Vector512<float>.One - probability) * entropy)).StoreUnsafe(ref target, (nuint)i);
            }

            var sum = Vector512.Sum(total);
            for (; i < logits.Length; i++)
            {
                var (loss, slope) = Negative(logits[i]);
                sum += scale * loss;
                slopes[i] = scale * slope;
            }

            return sum;
        }

        /// <summary>p² · -ln(1 - p) of a logit, and its slope.</summary>
        private static (float Loss, float Slope) Negative(float x)
        {
            var decay = MathF.Exp(-MathF.Abs(x));
            var probability = (x < 0 ? decay : 1) / (1 + decay);
            var entropy = MathF.Max(x, 0) + (decay < 1e-3f ? decay * (1 - 0.5f * decay) : MathF.Log(1 + decay));
            var square = probability * probability;
            return (square * entropy, square * (probability + 2 * (1 - probability) * entropy));
        }
    }
}
