using Fovea.Imaging;

namespace Fovea.Tests.Cli;

/// <summary>Small sets of made-up pictures on disk.</summary>
internal static class SmallDataset
{
    /// <summary>Grey 28 x 28 pictures in class folders: bars that lie or stand, with noise.</summary>
    public static string Bars(string folder, int perClass, params string[] classes)
    {
        classes = classes.Length > 0 ? classes : ["lying", "standing"];
        for (var c = 0; c < classes.Length; c++)
        {
            Directory.CreateDirectory(Path.Combine(folder, classes[c]));
            for (var i = 0; i < perClass; i++)
                Bar(new Random(c * 1000 + i), c).Save(Path.Combine(folder, classes[c], $"{i:000}.png"));
        }

        return folder;
    }

    /// <summary>A recipe that trains LeNet-5 on the bars.</summary>
    public static string BarRecipe(string path, string extra = "")
    {
        File.WriteAllText(path, """
            model: { name: lenet5 }
            data: { format: image-folder, validation_fraction: 0.25 }
            batch_size: 8
            epochs: 4
            seed: 3
            precision: fp32
            optimizer: { name: sgd, learning_rate: 0.02, momentum: 0.9 }
            schedule: { name: cosine, by: step }
            transforms: { train: [horizontal_flip, { random_affine: { degrees: 10 } }] }

            """ + extra);
        return path;
    }

    private static Image Bar(Random random, int kind)
    {
        var image = new Image(new ImageSize(28, 28), 1);
        var at = 4 + random.Next(16);
        for (var y = 0; y < 28; y++)
        {
            for (var x = 0; x < 28; x++)
            {
                var across = kind % 2 == 0 ? y : x;
                image.Data[y * 28 + x] = (byte)(random.Next(60) + (across >= at && across < at + 4 + kind / 2 * 4 ? 160 : 0));
            }
        }

        return image;
    }
}
