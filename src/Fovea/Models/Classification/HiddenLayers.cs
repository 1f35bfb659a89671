using Fovea.Torch.Nn;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>The two hidden linear layers of Krizhevsky et al. 2012 and the output behind them. Keys <c>fc6</c>, <c>fc7</c>, <c>fc8</c>.</summary>
internal static class HiddenLayers
{
    private const int Cells = 6;
    private const int Hidden = 4096;

    /// <param name="channels">Channels of the last map, of which 6x6 cells are seen.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="activation">What follows the hidden layers.</param>
    /// <param name="dropout">Share of their outputs dropped in training.</param>
    public static Sequential Of(int channels, int classes, ActivationKind activation, double dropout) => new(
    [
        // Nothing changes at the published size, and other sizes fit the linear layers.
        Named("cells", new AdaptiveAvgPool2d(Cells)), Named("flat", new Flatten()),
        Named("fc6", new Linear(channels * Cells * Cells, Hidden)), Named("relu6", activation.Make()), Named("drop6", new Dropout(dropout)),
        Named("fc7", new Linear(Hidden, Hidden)), Named("relu7", activation.Make()), Named("drop7", new Dropout(dropout)),
        Named("fc8", new Linear(Hidden, classes)),
    ]);
}
