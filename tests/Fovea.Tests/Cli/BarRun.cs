using Fovea.Tests.Imaging;

namespace Fovea.Tests.Cli;

/// <summary>A trained LeNet-5 for the tests that use one.</summary>
public sealed class BarRun : IDisposable
{
    private readonly TempFolder temp = new();

    public BarRun()
    {
        Data = SmallDataset.Bars(temp.File("bars"), 40);
        Recipe = SmallDataset.BarRecipe(temp.File("bars.yaml"));
        Folder = temp.File("run");
        Output = CommandLine.Run("train", Recipe, "--data", Data, "--out", Folder).Output;
    }

    public string Data { get; }

    public string Recipe { get; }

    public string Folder { get; }

    public string Output { get; }

    public string File(string name) => temp.File(name);

    public void Dispose() => temp.Dispose();
}
