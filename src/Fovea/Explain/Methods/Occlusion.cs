using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>
/// Visualizing and Understanding Convolutional Networks (Zeiler, Fergus, ECCV 2014), section 4.2: a grey square goes over the picture,
/// and where the network becomes unsure it looked at what is hidden. No gradient is needed.
/// </summary>
public static class Occlusion
{
    private const int BatchSize = 16;

    /// <summary>How sure the network is with the square at every place, <c>[⌊(H − k)/s⌋ + 1, ⌊(W − k)/s⌋ + 1]</c>, in the caller's scope.</summary>
    /// <param name="subject">What is asked.</param>
    /// <param name="side">Side of the square in pixels, k.</param>
    /// <param name="stride">Pixels between places, s.</param>
    /// <param name="patch">What the square shows, <c>[1, C, H, W]</c> normalised, of which the hidden part is taken; the mean colour when null.</param>
    /// <exception cref="FoveaException">The square is larger than the picture.</exception>
    public static Tensor Confidences(Subject subject, int side, int stride, Tensor? patch = null) =>
        Slide(subject, side, stride, patch, subject.Confidence);

    /// <summary>The total response of the layer's strongest map with the square at every place (figure 7b), of the same size.</summary>
    /// <param name="subject">What is asked; only its picture is used.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="side">Side of the square in pixels.</param>
    /// <param name="stride">Pixels between places.</param>
    /// <exception cref="FoveaException">The square is larger than the picture, or the layer gives no maps.</exception>
    public static Tensor StrongestMap(Subject subject, NamedLayer layer, int side, int stride)
    {
        using var scope = new TensorScope();
        Tensor Totals(Tensor images)
        {
            using var inner = new TensorScope();
            using var noGrad = Autograd.NoGrad();
            using var probe = new LayerProbe(layer);
            subject.Score(images);
            return inner.Keep(probe.Maps[0].Sum([2, 3]));
        }

        var strongest = Totals(subject.Images).Argmax().ToInt64();
        return scope.Keep(Slide(subject, side, stride, null, images => Totals(images).Select(1, strongest)));
    }

    /// <summary>How much of the confidence is lost, for every pixel the mean over the squares that hide it; <c>[H, W]</c>, positive where it matters.</summary>
    /// <param name="subject">What is asked.</param>
    /// <param name="side">Side of the square in pixels.</param>
    /// <param name="stride">Pixels between places.</param>
    public static Tensor Loss(Subject subject, int side, int stride)
    {
        using var scope = new TensorScope();
        var before = subject.Confidence(subject.Images).ToDouble();
        var after = Confidences(subject, side, stride);
        var (rows, columns, values) = ((int)after.Shape[0], (int)after.Shape[1], after.To(Device.Cpu, Dtype.Float32).ToArray<float>());
        var (sums, counts) = (new float[subject.Size.Height * subject.Size.Width], new int[subject.Size.Height * subject.Size.Width]);
        for (var place = 0; place < rows * columns; place++)
        {
            var (top, left) = (place / columns * stride, place % columns * stride);
            for (var y = top; y < top + side; y++)
            {
                for (var i = y * subject.Size.Width + left; i < y * subject.Size.Width + left + side; i++)
                {
                    sums[i] += (float)before - values[place];
                    counts[i]++;
                }
            }
        }

        return scope.Keep(Tensor.FromArray([.. sums.Zip(counts, static (sum, count) => count == 0 ? 0 : sum / count)], [subject.Size.Height, subject.Size.Width]));
    }

    private static Tensor Slide(Subject subject, int side, int stride, Tensor? patch, Func<Tensor, Tensor> measure)
    {
        var size = subject.Size;
        if (side < 1 || stride < 1 || side > Math.Min(size.Height, size.Width))
            throw new FoveaException($"occlusion: found a square of {side} pixels in steps of {stride} for a picture of {size}, expected both above 0 and the square within the picture; set it with --patch and --stride");
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var (rows, columns) = ((size.Height - side) / stride + 1, (size.Width - side) / stride + 1);
        var results = new List<Tensor>();
        foreach (var places in Enumerable.Range(0, rows * columns).Chunk(BatchSize))
        {
            using var part = new TensorScope();
            var copies = subject.Images.Repeat([places.Length, 1, 1, 1]);
            for (var i = 0; i < places.Length; i++)
            {
                var (top, left) = (places[i] / columns * stride, places[i] % columns * stride);
                Tensor Square(Tensor images, int image) => images.Narrow(0, image, 1).Narrow(2, top, side).Narrow(3, left, side);
                if (patch is null)
                    Square(copies, i).ZeroInPlace();
                else
                    Square(copies, i).CopyInPlace(Square(patch, 0));
            }

            results.Add(part.Keep(measure(copies)));
        }

        return scope.Keep(Aten.Cat(results).Reshape([rows, columns]));
    }
}
