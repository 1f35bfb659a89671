using System.CommandLine;
using System.CommandLine.Parsing;
using Fovea.Training;

namespace Fovea.Cli;

/// <summary>The options by which the maps of a semantic network are sharpened.</summary>
internal sealed class CrfOption
{
    private readonly Option<bool> crf = new("--crf")
    {
        Description = "Sharpen the maps of a semantic network along the borders seen in the picture, with a fully connected CRF (takes seconds a picture); 'false' leaves out one that came with the weights.",
    };

    private readonly Option<string[]> settings = new("--crf-set")
    {
        Description = "Parameters of the CRF, separated by commas: iterations=10, gaussian_weight=3, gaussian_reach=1 (pixels), bilateral_weight=4, bilateral_reach=67 (pixels), bilateral_colour=3 (of 255).",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(crf);
        command.Options.Add(settings);
    }

    /// <exception cref="FoveaException">The network gives no maps, or a parameter does not fit.</exception>
    public void Apply(ParseResult parsed, Predictor predictor)
    {
        string[] assignments = [.. (parsed.GetValue(settings) ?? []).SelectMany(static text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        if (parsed.GetResult(crf) is { Implicit: false } && !parsed.GetValue(crf))
            predictor.Crf = assignments.Length == 0 ? null : throw new UsageException("--crf-set: found beside --crf false, expected one of the two");
        else if (assignments.Length > 0 || parsed.GetValue(crf))
            predictor.Crf = (predictor.Crf ?? new CrfSection()).With(assignments);
    }
}
