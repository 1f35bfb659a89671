using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>The modules of Inception-v3 under the letters that the published code gives them; keys <c>branch1x1</c>, <c>branch3x3dbl_2</c> and so on.</summary>
internal static class InceptionModules
{
    /// <summary>Figure 5: 1x1, 5x5, two 3x3 in place of another 5x5, and the mean of 3x3 cells; 35x35 cells.</summary>
    public static ParallelChains A(int inChannels, int pooled) => new ParallelChains()
        .Chain(("branch1x1", new NormedConvolution(inChannels, 64, 1)))
        .Chain(("branch5x5_1", new NormedConvolution(inChannels, 48, 1)), ("branch5x5_2", new NormedConvolution(48, 64, 5, padding: 2)))
        .Chain(
            ("branch3x3dbl_1", new NormedConvolution(inChannels, 64, 1)), ("branch3x3dbl_2", new NormedConvolution(64, 96, 3, padding: 1)),
            ("branch3x3dbl_3", new NormedConvolution(96, 96, 3, padding: 1)))
        .Chain(("pool", Mean()), ("branch_pool", new NormedConvolution(inChannels, pooled, 1)));

    /// <summary>Figure 10: halves the map, 35x35 to 17x17, beside a pool that does.</summary>
    public static ParallelChains B(int inChannels) => new ParallelChains()
        .Chain(("branch3x3", new NormedConvolution(inChannels, 384, 3, stride: 2)))
        .Chain(
            ("branch3x3dbl_1", new NormedConvolution(inChannels, 64, 1)), ("branch3x3dbl_2", new NormedConvolution(64, 96, 3, padding: 1)),
            ("branch3x3dbl_3", new NormedConvolution(96, 96, 3, stride: 2)))
        .Chain(("pool", new MaxPool2d(3, stride: 2)));

    /// <summary>Figure 6 with n = 7: rows of 1x7 and 7x1; 17x17 cells.</summary>
    public static ParallelChains C(int width)
    {
        const int channels = 768;
        return new ParallelChains()
            .Chain(("branch1x1", new NormedConvolution(channels, 192, 1)))
            .Chain(("branch7x7_1", new NormedConvolution(channels, width, 1)), ("branch7x7_2", Across(width, width)), ("branch7x7_3", Down(width, 192)))
            .Chain(
                ("branch7x7dbl_1", new NormedConvolution(channels, width, 1)), ("branch7x7dbl_2", Down(width, width)), ("branch7x7dbl_3", Across(width, width)),
                ("branch7x7dbl_4", Down(width, width)), ("branch7x7dbl_5", Across(width, 192)))
            .Chain(("pool", Mean()), ("branch_pool", new NormedConvolution(channels, 192, 1)));
    }

    /// <summary>Halves the map, 17x17 to 8x8.</summary>
    public static ParallelChains D()
    {
        const int channels = 768;
        return new ParallelChains()
            .Chain(("branch3x3_1", new NormedConvolution(channels, 192, 1)), ("branch3x3_2", new NormedConvolution(192, 320, 3, stride: 2)))
            .Chain(
                ("branch7x7x3_1", new NormedConvolution(channels, 192, 1)), ("branch7x7x3_2", Across(192, 192)), ("branch7x7x3_3", Down(192, 192)),
                ("branch7x7x3_4", new NormedConvolution(192, 192, 3, stride: 2)))
            .Chain(("pool", new MaxPool2d(3, stride: 2)));
    }

    /// <summary>The mean of 3x3 cells, to which the zeros beyond the border count too.</summary>
    public static AvgPool2d Mean() => new(3, stride: 1, padding: 1);

    private static NormedConvolution Across(int inChannels, int outChannels) => new(inChannels, outChannels, (1, 7), padding: (0, 3));

    private static NormedConvolution Down(int inChannels, int outChannels) => new(inChannels, outChannels, (7, 1), padding: (3, 0));
}

/// <summary>Figure 7: two of the branches end in 1x3 and 3x1 kernels beside each other, for many channels on the coarsest map.</summary>
internal sealed class InceptionE : Layer
{
    private readonly NormedConvolution ones;
    private readonly NormedConvolution reduced;
    private readonly NormedConvolution across;
    private readonly NormedConvolution down;
    private readonly NormedConvolution[] twice;
    private readonly NormedConvolution twiceAcross;
    private readonly NormedConvolution twiceDown;
    private readonly AvgPool2d mean = InceptionModules.Mean();
    private readonly NormedConvolution pooled;

    public InceptionE(int inChannels)
    {
        ones = Child("branch1x1", new NormedConvolution(inChannels, 320, 1));
        reduced = Child("branch3x3_1", new NormedConvolution(inChannels, 384, 1));
        across = Child("branch3x3_2a", new NormedConvolution(384, 384, (1, 3), padding: (0, 1)));
        down = Child("branch3x3_2b", new NormedConvolution(384, 384, (3, 1), padding: (1, 0)));
        twice = [Child("branch3x3dbl_1", new NormedConvolution(inChannels, 448, 1)), Child("branch3x3dbl_2", new NormedConvolution(448, 384, 3, padding: 1))];
        twiceAcross = Child("branch3x3dbl_3a", new NormedConvolution(384, 384, (1, 3), padding: (0, 1)));
        twiceDown = Child("branch3x3dbl_3b", new NormedConvolution(384, 384, (3, 1), padding: (1, 0)));
        pooled = Child("branch_pool", new NormedConvolution(inChannels, 192, 1));
    }

    protected override Tensor Compute(Tensor input)
    {
        // All parts are joined at once: joining the pairs first would hold them twice.
        var few = reduced.Forward(input);
        var fewTwice = ParallelChains.Run(twice, input);
        return Aten.Cat(
            [ones.Forward(input), across.Forward(few), down.Forward(few), twiceAcross.Forward(fewTwice), twiceDown.Forward(fewTwice), pooled.Consume(mean.Forward(input))], 1);
    }
}
