using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea.Training;

/// <summary>Where a run stands, besides its tensors: everything that a continued run needs to give the same numbers.</summary>
public sealed record TrainingState
{
    /// <summary>Epochs whose training and evaluation are done.</summary>
    public int Epoch { get; init; }

    /// <summary>Batches of the current epoch that are done.</summary>
    public int Batch { get; init; }

    /// <summary>Steps of the optimizer in all; also the lines of losses.jsonl.</summary>
    public long Step { get; init; }

    /// <summary>Evaluations in all; also the lines of metrics.jsonl.</summary>
    public long Evaluations { get; init; }

    /// <summary>Best value of the deciding metric so far, or null.</summary>
    public double? Best { get; init; }

    /// <summary>Epoch of the best value, from 1.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Best value that early stopping has seen, or null.</summary>
    public double? StoppingBest { get; init; }

    /// <summary>Evaluations without improvement, as early stopping counts.</summary>
    public int EvaluationsWithoutGain { get; init; }

    /// <summary>Sums of the loss terms over the batches of the current epoch.</summary>
    public IReadOnlyDictionary<string, double> LossSums { get; init; } = new Dictionary<string, double>();

    /// <summary>Where a plateau schedule stands.</summary>
    public PlateauState Plateau { get; init; } = new();

    /// <summary>Factor of loss scaling.</summary>
    public double LossScale { get; init; }

    /// <summary>Steps since the factor of loss scaling changed.</summary>
    public int LossScaleAge { get; init; }

    /// <summary>Seconds of training so far.</summary>
    public double Seconds { get; init; }

    internal static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };
}
