using Fovea.Imaging;
using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>
/// A conditional random field in which every pixel is joined with every other (Krähenbühl, Koltun, NIPS 2011): pixels that are near and
/// alike in colour should have one class. It sharpens a network's probabilities along the borders seen in the picture. Mean field, all pixels
/// at once: Q_i(l) ∝ p_i(l)·exp(Σ_m w_m·Σ_j k_m(i, j)·Q_j(l)/√(n_i·n_j)), n the sums of the kernels' rows, j = i included.
/// </summary>
/// <remarks>
/// The defaults are those of DeepLabV2. The kernel of places and colours is summed on a permutohedral lattice on all cores, in
/// time linear in the pixels and within some percent; that of places alone is exact.
/// </remarks>
public sealed record DenseCrf
{
    private const float SmallestProbability = 1e-5f;
    private const int ColourFeatures = 5;

    /// <summary>Steps of the mean field.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>w of the kernel of places alone, which removes specks.</summary>
    public double GaussianWeight { get; init; } = 3;

    /// <summary>Its standard deviation, pixels.</summary>
    public double GaussianReach { get; init; } = 1;

    /// <summary>w of the kernel of places and colours.</summary>
    public double BilateralWeight { get; init; } = 4;

    /// <summary>Its standard deviation of places, pixels.</summary>
    public double BilateralReach { get; init; } = 67;

    /// <summary>Its standard deviation of each colour channel, on a scale of 0 to 255.</summary>
    public double BilateralColour { get; init; } = 3;

    /// <summary>Whether every pair of pixels is summed by itself, whose time grows with the square of the pixels: for small pictures, and to judge the lattice by.</summary>
    public bool IsExact { get; init; }

    /// <summary>Sharpens probabilities.</summary>
    /// <param name="probabilities"><c>[K, H, W]</c>, which sum to 1 over the classes.</param>
    /// <param name="picture">The picture of H times W, grey or RGB of 8 bits.</param>
    /// <returns>Probabilities <c>[K, H, W]</c> float32 on the processor.</returns>
    /// <exception cref="FoveaException">The picture is of another size or kind, or a standard deviation is not positive.</exception>
    public Tensor Refine(Tensor probabilities, Image picture)
    {
        Check(probabilities, picture);
        using var scope = new TensorScope();
        var classes = (int)probabilities.Shape[0];
        var (pixels, stride) = (picture.Width * picture.Height, Rows.Length(classes));
        var given = probabilities.Detach().To(Device.Cpu, Dtype.Float32).Contiguous();
        // The logarithms of the unary term; what fills a row up has no share in anything.
        var unary = new float[pixels * stride];
        Array.Fill(unary, float.NegativeInfinity);
        Transpose(given.Memory<float>(), unary, pixels, stride, classes, static p => MathF.Log(Math.Max(p, SmallestProbability)));
        var terms = Terms(picture).Select(term => new PairwiseTerm(term.Filter, (float)term.Weight, pixels)).ToArray();
        var (current, messages) = (new float[unary.Length], new float[unary.Length]);
        Softmax(unary, null, current, stride);
        for (var i = 0; i < Iterations; i++)
        {
            Array.Clear(messages);
            foreach (var term in terms)
                term.AddMessages(current, messages, stride);
            Softmax(unary, messages, current, stride);
        }

        var result = Tensor.Empty(probabilities.Shape);
        TransposeBack(current, result.Memory<float>(), pixels, stride, classes);
        return scope.Keep(result);
    }

    private static void Transpose(Memory<float> planes, float[] rows, int pixels, int stride, int classes, Func<float, float> function) =>
        Cores.For(pixels, 1024, (from, to) =>
        {
            var source = planes.Span;
            for (var k = 0; k < classes; k++)
            {
                for (var i = from; i < to; i++)
                    rows[i * stride + k] = function(source[k * pixels + i]);
            }
        });

    private static void TransposeBack(float[] rows, Memory<float> planes, int pixels, int stride, int classes) =>
        Cores.For(pixels, 1024, (from, to) =>
        {
            var target = planes.Span;
            for (var k = 0; k < classes; k++)
            {
                for (var i = from; i < to; i++)
                    target[k * pixels + i] = rows[i * stride + k];
            }
        });

    private static void Softmax(float[] unary, float[]? messages, float[] result, int stride) =>
        Cores.For(unary.Length / stride, 256, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var row = result.AsSpan(i * stride, stride);
                unary.AsSpan(i * stride, stride).CopyTo(row);
                if (messages is not null)
                    Rows.Add(row, messages.AsSpan(i * stride, stride));
                Rows.Softmax(row);
            }
        });

    private IEnumerable<(IPixelFilter Filter, double Weight)> Terms(Image picture)
    {
        if (GaussianWeight != 0)
            yield return (new GaussianFilter(picture.Size, GaussianReach), GaussianWeight);
        if (BilateralWeight == 0)
            yield break;
        var features = Features(picture);
        yield return (IsExact ? new ExactFilter(features, ColourFeatures) : new PermutohedralLattice(features, ColourFeatures), BilateralWeight);
    }

    private float[] Features(Image picture)
    {
        var colour = picture.ConvertTo(ImageChannels.Rgb).Data;
        var features = new float[picture.Width * picture.Height * ColourFeatures];
        for (var i = 0; i < features.Length / ColourFeatures; i++)
        {
            var row = features.AsSpan(i * ColourFeatures, ColourFeatures);
            row[0] = (float)(i % picture.Width / BilateralReach);
            row[1] = (float)(i / picture.Width / BilateralReach);
            for (var channel = 0; channel < 3; channel++)
                row[2 + channel] = (float)(colour[3 * i + channel] / BilateralColour);
        }

        return features;
    }

    private void Check(Tensor probabilities, Image picture)
    {
        if (probabilities.Rank != 3 || probabilities.Shape[1] != picture.Height || probabilities.Shape[2] != picture.Width)
            throw new FoveaException($"CRF: found probabilities {probabilities.Shape} for a picture of {picture.Size}, expected [K, {picture.Height}, {picture.Width}]");
        if (picture.Type != PixelType.UInt8)
            throw new FoveaException($"CRF: found a picture of {picture.Type}, expected 8 bits a channel");
        if (!(GaussianReach > 0 && BilateralReach > 0 && BilateralColour > 0 && Iterations >= 0))
            throw new FoveaException($"CRF: found reaches {GaussianReach}, {BilateralReach}, {BilateralColour} and {Iterations} iterations, expected numbers above 0");
    }
}
