using System.Buffers.Binary;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>Every recipe of a classifier begins on a few pictures in the format that it names.</summary>
[LeakCheck]
public sealed class ClassificationRecipesTests
{
    private const int Steps = 2;
    private const int Pictures = 6;

    public static TheoryData<string> Names => new(Directory.GetFiles(Path.Combine(TestRepository.Root, "recipes"), "*.yaml")
        .Where(static path => ModelCatalog.Find(Recipe.Load(path).Model.Name).Task == ModelTask.Classification).Select(static path => Path.GetFileName(path)!).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Takes_its_first_steps(string name)
    {
        using var temp = new TempFolder();
        var path = Path.Combine(TestRepository.Root, "recipes", name);
        var data = Directory.CreateDirectory(temp.File("data")).FullName;
        Write(data, Recipe.Load(path));
        var recipe = Recipe.Load(path, [$"data.folder={data}", "batch_size=2", "accumulation=1"]);
        using var session = TrainingSession.Start(recipe, "begin", temp.File("run"), Device.Cpu);
        var heard = new FirstSteps();
        session.Trainer.Listen(heard);
        Assert.Throws<OperationCanceledException>(() => session.Trainer.Run());
        Assert.Equal(Steps, heard.Losses.Count);
        Assert.All(heard.Losses, static loss => Assert.True(double.IsFinite(loss)));
    }

    private static void Write(string folder, Recipe recipe)
    {
        switch (recipe.Data.Format)
        {
            case "cifar":
                // A record is a label and three planes of 32 x 32.
                File.WriteAllBytes(Path.Combine(folder, "data_batch_1.bin"), Noise(Pictures * 3073, everyLabel: 3073));
                File.WriteAllBytes(Path.Combine(folder, "test_batch.bin"), Noise(Pictures * 3073, everyLabel: 3073));
                break;
            case "idx":
                foreach (var split in (string[])["train", "t10k"])
                {
                    WriteIdx(Path.Combine(folder, $"{split}-images-idx3-ubyte"), [Pictures, 28, 28], Noise(Pictures * 28 * 28));
                    WriteIdx(Path.Combine(folder, $"{split}-labels-idx1-ubyte"), [Pictures], Noise(Pictures, everyLabel: 1));
                }

                break;
            default:
                WritePictures(folder, recipe);
                break;
        }
    }

    private static void WritePictures(string folder, Recipe recipe)
    {
        string[] splits = recipe.Data.TrainSplit is { } split ? [split, recipe.Data.ValidationSplit!] : [""];
        var rows = new List<string> { "picture,one,two" };
        for (var i = 0; i < 2 * Pictures * splits.Length; i++)
        {
            var home = recipe.Task == ModelTask.MultiLabel ? folder : Path.Combine(folder, splits[i % splits.Length], i / 2 % 2 == 0 ? "one" : "two");
            Directory.CreateDirectory(home);
            var picture = new Image(new ImageSize(260, 280), 3);
            new Random(i).NextBytes(picture.Data);
            picture.Save(Path.Combine(home, $"{i}.jpg"));
            rows.Add($"{i}.jpg,{i % 2},{i / 2 % 2}");
        }

        if (recipe.Task == ModelTask.MultiLabel)
            File.WriteAllLines(Path.Combine(folder, "labels.csv"), rows);
    }

    private static void WriteIdx(string path, int[] sides, byte[] values)
    {
        using var file = File.Create(path);
        file.Write([0, 0, 8, (byte)sides.Length]);
        Span<byte> number = stackalloc byte[4];
        foreach (var side in sides)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, side);
            file.Write(number);
        }

        file.Write(values);
    }

    // With labels of ten classes at every n-th place.
    private static byte[] Noise(int length, int? everyLabel = null)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        for (var i = 0; everyLabel is { } step && i < length; i += step)
            bytes[i] = (byte)(i / step % 10);
        return bytes;
    }

    private sealed class FirstSteps : ITrainingListener
    {
        public List<double> Losses { get; } = [];

        public void Stepped(StepReport step)
        {
            Losses.Add(step.Loss);
            if (Losses.Count == Steps)
                throw new OperationCanceledException();
        }

        public void Evaluated(int epoch, Evaluation evaluation, bool isBest) => Assert.Fail("found an evaluation, expected the first steps alone");
    }
}
