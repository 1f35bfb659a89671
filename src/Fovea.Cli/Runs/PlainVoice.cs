using System.Diagnostics;
using Fovea.Training;

namespace Fovea.Cli.Runs;

/// <summary>Lines for a file or a pipe: the first step, then one line every half minute.</summary>
internal sealed class PlainVoice(RunFolder folder) : RunVoice(folder)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private long lastLine;

    public override void Stepped(StepReport step)
    {
        if (lastLine != 0 && Stopwatch.GetElapsedTime(lastLine) < Interval)
            return;
        lastLine = Stopwatch.GetTimestamp();
        Say($"epoch {step.Epoch}/{step.Epochs} step {step.StepInEpoch}/{step.StepsPerEpoch}: {Describe(step)}");
    }

    public override void Evaluating(int images, int of)
    {
    }

    protected override void Show(string line) => Console.Out.WriteLine(line);
}
