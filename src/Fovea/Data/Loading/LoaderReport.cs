namespace Fovea.Data.Loading;

/// <summary>An image that was skipped.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record SkippedImage(string Path, string Reason);

/// <summary>What a loader did in an epoch so far.</summary>
/// <param name="Images">Images handed out.</param>
/// <param name="Waited">How long the consumer waited for data.</param>
/// <param name="Elapsed">How long the epoch has run, from the first request to the last.</param>
/// <param name="DroppedObjects">Objects that augmentations pushed out of their pictures.</param>
public readonly record struct LoaderReport(int Images, TimeSpan Waited, TimeSpan Elapsed, long DroppedObjects)
{
    /// <summary>The share of its time that the consumer waited for data, 0 to 1.</summary>
    public double WaitShare => Elapsed > TimeSpan.Zero ? Waited / Elapsed : 0;
}
