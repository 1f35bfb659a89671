using System.Globalization;
using Fovea.Reports;
using Fovea.Training;

namespace Fovea.Cli.Runs;

/// <summary>Trains a session as the command line does: says everything, keeps the report up to date.</summary>
internal static class SessionRun
{
    public static TrainingOutcome Train(TrainingSession session, CancellationToken stop)
    {
        using var voice = RunVoice.For(session.Folder);
        using var report = new ReportKeeper(session, voice);
        if (session.Trainer.State is { Step: > 0 } state)
        {
            voice.Say(state.Epoch < session.Facts.Epochs
                ? string.Create(CultureInfo.InvariantCulture, $"continuing {session.Folder.Path} after {Counted.Of(state.Step, "step")}, in epoch {state.Epoch + 1}")
                : $"{session.Folder.Path} is finished after {Counted.Of(state.Epoch, "epoch")}; to train its weights further start a new run with --set fine_tuning.weights={session.Folder.Best}");
        }

        voice.Say(session.Facts.Lines);
        foreach (var line in session.Facts.Data.SelectMany(static part => part.Notes).Distinct().Concat(session.Remarks))
            voice.Say(line);
        session.Trainer.Listen(voice);
        session.Trainer.Listen(report);
        try
        {
            var outcome = voice.During(() => session.Trainer.Run(stop));
            Conclude(session, voice, outcome);
            return outcome;
        }
        catch (FoveaException e)
        {
            voice.Say($"stopped: {e.Message.ReplaceLineEndings(" ")}");
            throw;
        }
    }

    private static void Conclude(TrainingSession session, RunVoice voice, TrainingOutcome outcome)
    {
        var (folder, state) = (session.Folder, session.Trainer.State);
        var skipped = session.Skipped.ToList();
        if (skipped.Count > 0)
            voice.Say($"skipped {Counted.Of(skipped.Count, "image")} that cannot be read, such as {skipped[0].Reason}");
        if (outcome == TrainingOutcome.Interrupted)
        {
            voice.Say(string.Create(CultureInfo.InvariantCulture, $"stopped after {Counted.Of(state.Step, "step")}; everything is saved. To go on: fovea train --resume --out {folder.Path}"));
            return;
        }

        var best = state.Best is { } value ? string.Create(CultureInfo.InvariantCulture, $"best {session.Trainer.Metric} {value:0.0000} in epoch {state.BestEpoch}") : "no figure was finite";
        voice.Say($"{(outcome == TrainingOutcome.StoppedEarly ? $"stopped early after epoch {state.Epoch}, as the figure no longer improved" : "done")}: {best}");
        voice.Say($"report   {folder.Report}");
        voice.Say($"weights  {folder.Best}");
        voice.Say($"next     fovea predict {folder.Path} IMAGES --out pictures");
    }
}
