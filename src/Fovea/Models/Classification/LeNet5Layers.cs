using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>1.7159·tanh(2x/3), which takes 1 to 1 and -1 to -1 (appendix A of LeCun et al. 1998).</summary>
internal sealed class Squash : Layer
{
    protected override Tensor Compute(Tensor input) => (input * (2.0 / 3)).Tanh() * 1.7159;
}

/// <summary>The sum of 2x2 cells times a coefficient, plus a bias, one of each for a map. Keys <c>weight</c>, <c>bias</c>.</summary>
internal sealed class Subsampling : Layer
{
    private readonly Tensor weight;
    private readonly Tensor bias;

    public Subsampling(int channels)
    {
        weight = Parameter("weight", Tensor.Ones([channels]));
        bias = Parameter("bias", Tensor.Zeros([channels]));
    }

    protected override Tensor Compute(Tensor input) => input.AvgPool2d([2, 2], [2, 2]) * 4 * weight.View([-1, 1, 1]) + bias.View([-1, 1, 1]);
}

/// <summary>
/// 5x5 kernels from 6 maps to 16, each of which sees the maps that table I gives it, so that they learn different things. Keys
/// <c>weight</c> [60, 5, 5], the kernels of the first map, of the second and on, and <c>bias</c>.
/// </summary>
internal sealed class PartialConvolution : Layer
{
    private static readonly string[] Seen =
        ["012", "123", "234", "345", "045", "015", "0123", "1234", "2345", "0345", "0145", "0125", "0134", "1245", "0235", "012345"];

    // For each pair of an output and an input map its kernel; behind the last stands one of zeros.
    private static readonly long[] Kernels = Table();

    private readonly Tensor weight = Tensor.Zeros([Seen.Sum(static maps => maps.Length), 5, 5]);
    private readonly Tensor bias = Tensor.Zeros([Seen.Length]);

    public PartialConvolution()
    {
        Parameter("weight", weight);
        Parameter("bias", bias);
    }

    protected override Tensor Compute(Tensor input)
    {
        var kernels = Aten.Cat([weight, Tensor.Zeros([1, 5, 5], weight.Dtype).To(weight.Device)], 0);
        var all = kernels.IndexSelect(0, Tensor.FromArray(Kernels).To(weight.Device)).View([Seen.Length, 6, 5, 5]);
        return Aten.Conv2d(input, all, bias, [1, 1], [0, 0], [1, 1], 1);
    }

    private static long[] Table()
    {
        var (table, next) = (new long[Seen.Length * 6], 0L);
        for (var i = 0; i < table.Length; i++)
            table[i] = Seen[i / 6].Contains((char)('0' + i % 6), StringComparison.Ordinal) ? next++ : 60;
        return table;
    }
}

/// <summary>
/// Minus the squared distance to a fixed code of 84 values of 1 and -1 for each class: drawings of 7 by 12 cells for ten digits,
/// random ones otherwise, as section II-B allows. Key <c>codes</c>, which is not trained.
/// </summary>
internal sealed class RadialOutput : Layer
{
    public const int Width = 7 * 12;

    // Rows of 7 cells, 12 for each digit; a bit is ink.
    private static readonly byte[][] Digits =
    [
        [0, 28, 34, 65, 65, 65, 65, 65, 65, 34, 28, 0], [0, 8, 24, 40, 8, 8, 8, 8, 8, 8, 62, 0], [0, 62, 65, 1, 1, 2, 12, 16, 32, 64, 127, 0],
        [0, 127, 2, 4, 8, 28, 2, 1, 1, 66, 60, 0], [0, 2, 6, 10, 18, 34, 66, 127, 2, 2, 2, 0], [0, 127, 64, 64, 92, 98, 1, 1, 65, 34, 28, 0],
        [0, 14, 16, 32, 64, 92, 98, 65, 65, 34, 28, 0], [0, 127, 65, 2, 2, 4, 8, 8, 16, 16, 16, 0], [0, 28, 34, 65, 34, 28, 34, 65, 65, 34, 28, 0],
        [0, 28, 34, 65, 65, 35, 29, 1, 2, 4, 56, 0],
    ];

    private readonly Tensor codes;

    public RadialOutput(int classes)
    {
        // A generator of its own: the codes are the same whatever was drawn before.
        var random = new Random(1998);
        var values = new float[classes * Width];
        for (var i = 0; i < values.Length; i++)
        {
            var (digit, cell) = (i / Width, i % Width);
            var isInk = classes == Digits.Length ? (Digits[digit][cell / 7] >> (6 - cell % 7) & 1) == 1 : random.Next(2) == 1;
            values[i] = isInk ? 1 : -1;
        }

        codes = Buffer("codes", Tensor.FromArray(values, [classes, Width]));
    }

    protected override Tensor Compute(Tensor input) => -(input.Unsqueeze(1) - codes).Square().Sum([2]);
}
