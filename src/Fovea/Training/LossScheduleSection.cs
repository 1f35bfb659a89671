using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>A factor that goes in a straight line from one value to another: a boundary loss that comes in, a focal loss that joins late.</summary>
public sealed record LossScheduleSection
{
    /// <summary>The factor until <c>start_epoch</c>.</summary>
    [Within(0)]
    public required double From { get; init; }

    /// <summary>The factor from <c>end_epoch</c> on.</summary>
    [Within(0)]
    public required double To { get; init; }

    /// <summary>The epoch, from 0, up to which the factor stays.</summary>
    [Within(0)]
    public int StartEpoch { get; init; }

    /// <summary>The epoch from which on the factor stays; that of <c>start_epoch</c> makes it a jump.</summary>
    [Within(0)]
    public required int EndEpoch { get; init; }

    /// <summary>The factor in an epoch.</summary>
    /// <param name="epoch">Epoch, from 0.</param>
    public double At(int epoch) => epoch >= EndEpoch ? To
        : epoch <= StartEpoch ? From
        : From + (To - From) * (epoch - StartEpoch) / (EndEpoch - StartEpoch);
}
