using System.CommandLine;
using Fovea.Cli.Runs;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea train RECIPE</c>: trains a network on a folder of labelled images.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var recipe = new Argument<string?>("RECIPE") { Description = "A recipe file, or the name of one that comes with Fovea; not needed with --resume.", Arity = ArgumentArity.ZeroOrOne };
        var data = new Option<string?>("--data") { Description = "Folder of the data; takes the place of data.folder in the recipe." };
        var output = new Option<string?>("--out") { Description = "Folder of the run; runs/RECIPE when not given." };
        var resume = new Option<bool>("--resume") { Description = "Continue the run in --out to the same numbers as if it had not been stopped." };
        var set = new Option<string[]>("--set") { Description = "Put KEY=VALUE into the recipe, such as --set epochs=20; may be given often." };
        var skip = new Option<bool>("--skip-broken") { Description = "Leave out pictures and masks that cannot be read, and count them; the same as --set data.skip_broken=true." };
        var device = new Option<string?>("--device") { Description = "cpu, cuda or cuda:N; cpu when not given." };
        var precision = new Option<string?>("--precision") { Description = "auto, fp32, bf16, or fp16 on cuda; takes the place of the recipe's." };
        var folds = new Option<string?>("--folds") { Description = "Train K times, each time measuring on another K-th of the data; all leaves each image (or group, see data.group_by) out once." };
        var findRate = new Option<bool>("--find-lr") { Description = "Only try learning rates, draw the loss over them and suggest one; nothing is trained." };
        var command = new Command("train", """
            Train a network on a folder of labelled images. Ctrl-C or a request to end (SIGTERM) saves, says how to go on, and ends with
            exit code 1: only a run that came to its end gives 0. 2 is a command line at fault.

            Example: fovea train lenet5_mnist --data mnist --out runs/digits
            """)
        {
            recipe, data, output, resume, set, skip, device, precision, folds, findRate,
        };
        command.SetAction(parsed =>
        {
            var overrides = parsed.GetValue(set) is { } assignments ? assignments.ToList() : [];
            if (parsed.GetValue(precision) is { } wanted)
                overrides.Add($"precision={wanted}");
            if (parsed.GetValue(skip))
                overrides.Add("data.skip_broken=true");
            if (parsed.GetValue(data) is { } folder)
                overrides.Add($"data.folder={Path.GetFullPath(folder)}");
            var request = new TrainRequest(parsed.GetValue(recipe), parsed.GetValue(output), overrides, parsed.GetValue(device), parsed.GetValue(folds));
            if (!parsed.GetValue(findRate))
                return Run(request, parsed.GetValue(resume));
            return request is { Recipe: not null, Folds: null } && !parsed.GetValue(resume)
                ? RateSweep.Run(request)
                : throw new UsageException("train: --find-lr needs a RECIPE, and goes with neither --resume nor --folds");
        });
        return command;
    }

    private static int Run(TrainRequest request, bool resume)
    {
        if (request.Recipe is null && !(resume && request.Output is not null))
            throw new UsageException("train: expected a RECIPE, or --resume with --out FOLDER");
        if (request.Folds is not null)
            FoldRuns.FoldCount(request);
        using var signals = new StopSignals();
        if (request.Folds is not null)
            return FoldRuns.Run(request, resume, signals);
        using var session = resume ? Continue(request) : Start(request);
        var outcome = SessionRun.Train(session, signals.Token);
        return outcome == TrainingOutcome.Interrupted ? ExitCode.Failed : ExitCode.Done;
    }

    private static TrainingSession Start(TrainRequest request)
    {
        var recipe = request.Load();
        return TrainingSession.Start(recipe, request.Name, request.Output ?? RunFolder.FreePath(request.UsualOutput), Device.Parse(request.Device ?? "cpu"));
    }

    private static TrainingSession Continue(TrainRequest request)
    {
        var folder = RunFolder.Open(request.Output ?? request.UsualOutput);
        request.CheckSame(folder);
        return TrainingSession.Continue(folder);
    }
}
