using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.Classification.InceptionBranches;

namespace Fovea.Models.Classification;

/// <summary>The modules of Inception-v3 under the letters that the published code gives them; keys <c>branch1x1</c>, <c>branch3x3dbl_2</c> and so on.</summary>
internal static class InceptionModules
{
    /// <summary>Figure 5: 1x1, 5x5, two 3x3 in place of another 5x5, and the mean of 3x3 cells; 35x35 cells.</summary>
    public static InceptionBranches A(int inChannels, int pooled) => new InceptionBranches()
        .Chain(("branch1x1", new NormedConvolution(inChannels, 64, 1)))
        .Chain(("branch5x5_1", new NormedConvolution(inChannels, 48, 1)), ("branch5x5_2", new NormedConvolution(48, 64, 5, padding: 2)))
        .Chain(
            ("branch3x3dbl_1", new NormedConvolution(inChannels, 64, 1)), ("branch3x3dbl_2", new NormedConvolution(64, 96, 3, padding: 1)),
            ("branch3x3dbl_3", new NormedConvolution(96, 96, 3, padding: 1)))
        .Chain(("pool", PaddedMean()), ("branch_pool", new NormedConvolution(inChannels, pooled, 1)));

    /// <summary>Figure 10: halves the map, 35x35 to 17x17, beside a pool that does.</summary>
    public static InceptionBranches B(int inChannels) => new InceptionBranches()
        .Chain(("branch3x3", new NormedConvolution(inChannels, 384, 3, stride: 2)))
        .Chain(
            ("branch3x3dbl_1", new NormedConvolution(inChannels, 64, 1)), ("branch3x3dbl_2", new NormedConvolution(64, 96, 3, padding: 1)),
            ("branch3x3dbl_3", new NormedConvolution(96, 96, 3, stride: 2)))
        .Chain(("pool", Pool()));

    /// <summary>Figure 6 with n = 7: rows of 1x7 and 7x1; 17x17 cells.</summary>
    public static InceptionBranches C(int width)
    {
        const int channels = 768;
        return new InceptionBranches()
            .Chain(("branch1x1", new NormedConvolution(channels, 192, 1)))
            .Chain(("branch7x7_1", new NormedConvolution(channels, width, 1)), ("branch7x7_2", Across(width, width, 7)), ("branch7x7_3", Down(width, 192, 7)))
            .Chain(
                ("branch7x7dbl_1", new NormedConvolution(channels, width, 1)), ("branch7x7dbl_2", Down(width, width, 7)), ("branch7x7dbl_3", Across(width, width, 7)),
                ("branch7x7dbl_4", Down(width, width, 7)), ("branch7x7dbl_5", Across(width, 192, 7)))
            .Chain(("pool", PaddedMean()), ("branch_pool", new NormedConvolution(channels, 192, 1)));
    }

    /// <summary>Halves the map, 17x17 to 8x8.</summary>
    public static InceptionBranches D()
    {
        const int channels = 768;
        return new InceptionBranches()
            .Chain(("branch3x3_1", new NormedConvolution(channels, 192, 1)), ("branch3x3_2", new NormedConvolution(192, 320, 3, stride: 2)))
            .Chain(
                ("branch7x7x3_1", new NormedConvolution(channels, 192, 1)), ("branch7x7x3_2", Across(192, 192, 7)), ("branch7x7x3_3", Down(192, 192, 7)),
                ("branch7x7x3_4", new NormedConvolution(192, 192, 3, stride: 2)))
            .Chain(("pool", Pool()));
    }

    /// <summary>The mean of 3x3 cells, to which the zeros beyond the border count too.</summary>
    public static AvgPool2d PaddedMean() => new(3, stride: 1, padding: 1);
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
    private readonly AvgPool2d mean = InceptionModules.PaddedMean();
    private readonly NormedConvolution pooled;

    public InceptionE(int inChannels)
    {
        ones = Child("branch1x1", new NormedConvolution(inChannels, 320, 1));
        reduced = Child("branch3x3_1", new NormedConvolution(inChannels, 384, 1));
        across = Child("branch3x3_2a", Across(384, 384, 3));
        down = Child("branch3x3_2b", Down(384, 384, 3));
        twice = [Child("branch3x3dbl_1", new NormedConvolution(inChannels, 448, 1)), Child("branch3x3dbl_2", new NormedConvolution(448, 384, 3, padding: 1))];
        twiceAcross = Child("branch3x3dbl_3a", Across(384, 384, 3));
        twiceDown = Child("branch3x3dbl_3b", Down(384, 384, 3));
        pooled = Child("branch_pool", new NormedConvolution(inChannels, 192, 1));
    }

    protected override Tensor Compute(Tensor input)
    {
        // All parts are joined at once: joining the pairs first would hold them twice.
        var few = reduced.Forward(input);
        var fewTwice = Run(twice, input);
        return Aten.Cat(
            [ones.Forward(input), across.Forward(few), down.Forward(few), twiceAcross.Forward(fewTwice), twiceDown.Forward(fewTwice), pooled.Consume(mean.Forward(input))], 1);
    }
}
