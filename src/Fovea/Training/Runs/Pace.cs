using System.Diagnostics;

namespace Fovea.Training;

/// <summary>How fast a run goes, over the steps of about the last ten seconds.</summary>
internal sealed class Pace
{
    private const double Window = 10;

    private readonly Queue<(double Seconds, double Waited, int Images)> steps = new();
    private double seconds, waited;
    private int images;
    private long stepStart = Stopwatch.GetTimestamp();
    private double stepWaited;

    /// <summary>Images per second.</summary>
    public double ImagesPerSecond => seconds > 0 ? images / seconds : 0;

    /// <summary>Share of the time spent waiting for data.</summary>
    public double WaitShare => seconds > 0 ? waited / seconds : 0;

    /// <summary>Seconds of a step.</summary>
    public double SecondsPerStep => steps.Count > 0 ? seconds / steps.Count : 0;

    /// <summary>Begins anew after a pause that is not training.</summary>
    public void Start() => (stepStart, stepWaited) = (Stopwatch.GetTimestamp(), 0);

    /// <summary>Runs something that waits for data.</summary>
    public T Wait<T>(Func<T> body)
    {
        var start = Stopwatch.GetTimestamp();
        var result = body();
        stepWaited += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return result;
    }

    /// <summary>Ends a step.</summary>
    /// <returns>Seconds it took.</returns>
    public double Step(int imagesOfStep)
    {
        var elapsed = Stopwatch.GetElapsedTime(stepStart).TotalSeconds;
        steps.Enqueue((elapsed, stepWaited, imagesOfStep));
        (seconds, waited, images) = (seconds + elapsed, waited + stepWaited, images + imagesOfStep);
        while (steps.Count > 1 && seconds - steps.Peek().Seconds > Window)
        {
            var old = steps.Dequeue();
            (seconds, waited, images) = (seconds - old.Seconds, waited - old.Waited, images - old.Images);
        }

        Start();
        return elapsed;
    }
}
