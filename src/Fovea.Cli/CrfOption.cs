using System.CommandLine;
using Fovea.Models.Segmentation;
using Fovea.Ops;
using Fovea.Training;

namespace Fovea.Cli;

/// <summary>The option that sharpens the maps of a semantic network.</summary>
internal static class CrfOption
{
    public static Option<bool> Create() => new("--crf") { Description = "Sharpen the maps of a semantic network along the borders seen in the picture, with a fully connected CRF (takes seconds a picture)." };

    /// <exception cref="FoveaException">The network gives no maps.</exception>
    public static void Apply(Predictor predictor)
    {
        if (predictor.Model is not Segmenter segmenter)
            throw new FoveaException($"--crf: found {predictor.Card.Model}, a network of {predictor.Card.Task.ToString().ToLowerInvariant()}, expected one that gives the class of every pixel");
        segmenter.Crf = new DenseCrf();
    }
}
