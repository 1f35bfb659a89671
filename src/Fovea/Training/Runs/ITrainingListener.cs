namespace Fovea.Training;

/// <summary>Hears what a trainer does. Calls come on the training thread, in order; what is not needed need not be implemented.</summary>
public interface ITrainingListener
{
    /// <summary>Something worth a line was decided or happened.</summary>
    void Say(string line)
    {
    }

    /// <summary>A step of the optimizer was taken.</summary>
    void Stepped(StepReport step)
    {
    }

    /// <summary>Part of an evaluation is done.</summary>
    /// <param name="images">Images so far.</param>
    /// <param name="of">Images in all.</param>
    void Evaluating(int images, int of)
    {
    }

    /// <summary>An evaluation is complete and written to the run's folder.</summary>
    /// <param name="epoch">Epochs trained, from 1.</param>
    /// <param name="evaluation">What it found.</param>
    /// <param name="isBest">Whether it is the best so far.</param>
    void Evaluated(int epoch, Evaluation evaluation, bool isBest)
    {
    }
}

/// <summary>Where a run is after a step.</summary>
public sealed record StepReport
{
    /// <summary>The running epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs of the recipe.</summary>
    public required int Epochs { get; init; }

    /// <summary>Step within the epoch, from 1.</summary>
    public required int StepInEpoch { get; init; }

    /// <summary>Steps of an epoch.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Steps in all.</summary>
    public required long Step { get; init; }

    /// <summary>The terms of the loss, means over the batches of the step.</summary>
    public required IReadOnlyList<KeyValuePair<string, double>> Terms { get; init; }

    /// <summary>Sum of the terms.</summary>
    public required double Loss { get; init; }

    /// <summary>The learning rate of the step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Images trained on per second, lately.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Share of the time spent waiting for data, lately, 0 to 1.</summary>
    public required double WaitShare { get; init; }

    /// <summary>Time until the last epoch ends, as it looks now.</summary>
    public required TimeSpan Remaining { get; init; }
}
