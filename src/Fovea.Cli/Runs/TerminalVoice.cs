using Fovea.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fovea.Cli.Runs;

/// <summary>A bar on a terminal for the running epoch, with the lines above it.</summary>
internal sealed class TerminalVoice(RunFolder folder) : RunVoice(folder)
{
    private ProgressTask? bar;
    private string text = "";

    public override T During<T>(Func<T> work) => AnsiConsole.Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 24 }, new TextColumn(() => text))
        .Start(context =>
        {
            bar = context.AddTask("starting", maxValue: 1);
            try
            {
                return work();
            }
            finally
            {
                bar = null;
            }
        });

    public override void Stepped(StepReport step)
    {
        Move($"epoch {step.Epoch}/{step.Epochs}", step.StepInEpoch, step.StepsPerEpoch);
        text = $"{step.StepInEpoch}/{step.StepsPerEpoch}  {Describe(step)}";
    }

    public override void Evaluating(int images, int of)
    {
        Move("evaluating", images, of);
        text = $"{images}/{Counted.Of(of, "image")}";
    }

    protected override void Show(string line) => AnsiConsole.WriteLine(line);

    private void Move(string description, int value, int of)
    {
        if (bar is null)
            return;
        bar.Description = description;
        bar.MaxValue = of;
        bar.Value = value;
    }

    private sealed class TextColumn(Func<string> text) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(text()) { Overflow = Overflow.Ellipsis };
    }
}
