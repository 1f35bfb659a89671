using System.Diagnostics;
using Fovea.Reports;
using Fovea.Training;

namespace Fovea.Cli.Runs;

/// <summary>Keeps a run's report up to date without taking more than a small share of the time.</summary>
internal sealed class ReportKeeper(TrainingSession session, RunVoice voice) : ITrainingListener, IDisposable
{
    // A report is made again when the last one took less than this share of the time since.
    private const double Share = 0.02;

    private long lastWritten;
    private double cost;
    private Evaluation? waiting;

    public void Evaluated(int epoch, Evaluation evaluation, bool isBest)
    {
        waiting = evaluation;
        if (lastWritten == 0 || cost < Share * Stopwatch.GetElapsedTime(lastWritten).TotalSeconds)
            Write();
    }

    /// <summary>Writes what has not been written yet, however the run ended.</summary>
    public void Dispose() => Write();

    private void Write()
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            if (waiting is not null)
                SamplePictures.Save(session.Folder, waiting, session.Data.Validation);
            waiting = null;
            RunReport.Write(session.Folder);
        }
        catch (FoveaException e)
        {
            // Training must not end because its report cannot be written; the checkpoints have errors of their own.
            voice.Say($"the report was not written: {e.Message}");
        }

        cost = Stopwatch.GetElapsedTime(start).TotalSeconds;
        lastWritten = Stopwatch.GetTimestamp();
    }
}
