using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>A training of the tiny network on corners, in a folder.</summary>
internal sealed class Run : IDisposable
{
    public Run(string folder, string yaml, bool resume = false, Action<int, int, bool>? giving = null, (int, int)? poisoned = null, int batchSize = 8, bool calm = false)
    {
        var recipe = Recipe.Parse(yaml, "tiny.yaml");
        Folder = resume ? RunFolder.Open(folder) : RunFolder.Create(folder);
        RandomState.Seed((ulong)recipe.Seed);
        Model = new TinyNetwork(4, calm);
        try
        {
            Trainer = new Trainer(new TrainingParts
            {
                Recipe = recipe,
                Model = Model,
                Training = new CornerSource(48, batchSize, 1, shuffle: true) { Giving = (e, b) => giving?.Invoke(e, b, false), Poisoned = poisoned },
                Validation = new CornerSource(40, 16, 2, shuffle: false) { Giving = (e, b) => giving?.Invoke(e, b, true) },
                Labels = new LabelSpace(["a", "b", "c", "d"]),
                Folder = Folder,
            });
            File.WriteAllText(Folder.Recipe, recipe.ToYaml());
            if (resume)
                Trainer.Resume(Folder.Last);
        }
        catch
        {
            Model.Dispose();
            throw;
        }
    }

    public RunFolder Folder { get; }

    public TinyNetwork Model { get; }

    public Trainer Trainer { get; }

    public void Dispose()
    {
        Trainer.Dispose();
        Model.Dispose();
    }
}
