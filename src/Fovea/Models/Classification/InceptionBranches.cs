using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// Branches on one input, whose outputs are joined along the channels in their order: an Inception module. A branch is one
/// child under its name, or several one after another where the published names are flat.
/// </summary>
internal sealed class InceptionBranches : Layer
{
    private readonly List<Layer[]> branches = [];
    private Identity? joined;

    public InceptionBranches(params IEnumerable<(string Name, Layer Branch)> branches)
    {
        foreach (var (name, branch) in branches)
            this.branches.Add([Child(name, branch)]);
    }

    /// <summary>Appends a branch of several layers.</summary>
    /// <returns>This.</returns>
    public InceptionBranches Chain(params IEnumerable<(string Name, Layer Layer)> layers)
    {
        var chain = layers.Select(layer => Child(layer.Name, layer.Layer)).ToArray();
        for (var i = 1; i < chain.Length; i++)
        {
            if (chain[i - 1] is Conv2d convolution && chain[i] is BatchNorm2d norm)
                Pair(convolution, norm);
        }

        branches.Add(chain);
        return this;
    }

    /// <summary>Gives the joined map a name, by which it is found where the module itself has none.</summary>
    /// <returns>This.</returns>
    public InceptionBranches Join(string name)
    {
        joined = Child(name, new Identity());
        return this;
    }

    /// <summary>Applies layers one after another and frees what lies between; the input stays.</summary>
    public static Tensor Run(IReadOnlyList<Layer> layers, Tensor input)
    {
        var current = layers[0].Forward(input);
        foreach (var layer in layers.Skip(1))
            current = layer.Consume(current);
        return current;
    }

    /// <summary>A convolution of rows, 1xn, that keeps the size.</summary>
    public static NormedConvolution Across(int inChannels, int outChannels, int n) => new(inChannels, outChannels, (1, n), padding: (0, n / 2));

    /// <summary>A convolution of columns, nx1, that keeps the size.</summary>
    public static NormedConvolution Down(int inChannels, int outChannels, int n) => new(inChannels, outChannels, (n, 1), padding: (n / 2, 0));

    /// <summary>The mean of 3x3 cells, of which those beyond the border do not count, and a 1x1 convolution.</summary>
    public static Sequential Mean(int inChannels, int outChannels) => new(
        new AvgPool2d(3, stride: 1, padding: 1, countIncludePad: false), new NormedConvolution(inChannels, outChannels, 1));

    /// <summary>The maximum of 3x3 cells, at every other.</summary>
    public static MaxPool2d Pool(int padding = 0) => new(3, stride: 2, padding: padding);

    /// <summary>Equal blocks one after another.</summary>
    public static Sequential Repeated(int count, Func<Layer> block) => new(Enumerable.Range(0, count).Select(_ => block()));

    protected override Tensor Compute(Tensor input)
    {
        var output = Aten.Cat([.. branches.Select(branch => Run(branch, input))], 1);
        return joined?.Forward(output) ?? output;
    }
}
