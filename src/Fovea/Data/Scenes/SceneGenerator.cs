using Fovea.Imaging;

namespace Fovea.Data.Scenes;

/// <summary>A generated picture and what is in it.</summary>
/// <param name="Picture">The picture, RGB.</param>
/// <param name="Objects">Its objects from back to front, with masks and boxes of what is visible of them.</param>
public sealed record Scene(Image Picture, IReadOnlyList<Instance> Objects);

/// <summary>
/// Makes labelled pictures: shapes of several classes with textures, turned, of many sizes and colours, partly hiding each
/// other, on backgrounds with gradients, clouds and streaks. The same seed and number give the same scene on every machine.
/// </summary>
public sealed class SceneGenerator
{
    private const int Attempts = 30;
    private const double Contrast = 45;
    private readonly SceneOptions options;

    /// <summary>Creates a generator.</summary>
    /// <param name="options">What the scenes look like.</param>
    /// <exception cref="FoveaException">A size, number or share is out of its range, or a shape is unknown.</exception>
    public SceneGenerator(SceneOptions options)
    {
        foreach (var shape in options.Shapes)
            SceneShapes.Distance(shape, 0, 0);
        Require(options.Size.Width >= 32 && options.Size.Height >= 32, $"size {options.Size}", "at least 32x32");
        Require(options.MinObjects >= 0 && options.MaxObjects >= options.MinObjects && options.MaxObjects <= 250, $"{options.MinObjects} to {options.MaxObjects} objects", "0 <= least <= greatest <= 250");
        Require(options.MinRadius > 0 && options.MaxRadius >= options.MinRadius && options.MaxRadius <= 0.5, $"radii {options.MinRadius} to {options.MaxRadius}", "0 < least <= greatest <= 0.5");
        Require(options.MinVisible is > 0 and <= 1, $"visible share {options.MinVisible}", "above 0, at most 1");
        this.options = options;
        Labels = new LabelSpace(options.Shapes);
    }

    /// <summary>The classes: the shapes in the order of the options.</summary>
    public LabelSpace Labels { get; }

    /// <summary>Makes a scene.</summary>
    /// <param name="seed">Seed of a set of scenes.</param>
    /// <param name="number">Number of the scene in the set.</param>
    public Scene Generate(int seed, int number)
    {
        var random = new Random(Mix(seed, number));
        var background = new SceneBackground(random);
        var layout = new SceneLayout(options.Size, options.MinVisible);
        var count = random.Next(options.MinObjects, options.MaxObjects + 1);
        for (var i = 0; i < count; i++)
        {
            for (var attempt = 0; attempt < Attempts && !layout.TryAdd(Place(random, background.Mean)); attempt++)
            {
            }
        }

        return new Scene(Render(background, layout.Objects, random), layout.Instances());
    }

    private SceneObject Place(Random random, Colour background)
    {
        var side = Math.Min(options.Size.Width, options.Size.Height);
        var radius = side * (options.MinRadius + (options.MaxRadius - options.MinRadius) * random.NextDouble());
        var label = random.Next(Labels.Count);
        Colour colour;
        do
            colour = Colour.Random(random);
        while (colour.DistanceTo(background) < Contrast);
        return new SceneObject(
            Labels[label], label, options.Size.Width * random.NextDouble(), options.Size.Height * random.NextDouble(), radius,
            2 * Math.PI * random.NextDouble(), 0.85 + 0.15 * random.NextDouble(), ScenePaint.Random(random, colour));
    }

    private Image Render(SceneBackground background, IReadOnlyList<SceneObject> objects, Random random)
    {
        var (height, width) = (options.Size.Height, options.Size.Width);
        var pixels = new Colour[height * width];
        for (var row = 0; row < height; row++)
        {
            for (var column = 0; column < width; column++)
                pixels[row * width + column] = background.At((column + 0.5) / width, (row + 0.5) / height);
        }

        foreach (var item in objects)
            Draw(item, pixels);
        var image = new Image(options.Size, 3);
        for (var i = 0; i < pixels.Length; i++)
        {
            image.Data[3 * i] = Level(pixels[i].R, random);
            image.Data[3 * i + 1] = Level(pixels[i].G, random);
            image.Data[3 * i + 2] = Level(pixels[i].B, random);
        }

        return image;
    }

    private void Draw(SceneObject item, Colour[] pixels)
    {
        var (left, top, right, bottom) = item.Bounds(options.Size);
        for (var row = top; row < bottom; row++)
        {
            for (var column = left; column < right; column++)
            {
                var coverage = item.Coverage(column, row);
                if (coverage > 0)
                {
                    ref var pixel = ref pixels[row * options.Size.Width + column];
                    pixel = pixel.Mix(item.ColourAt(column, row), coverage);
                }
            }
        }
    }

    private byte Level(double value, Random random)
    {
        // Three evenly spread numbers make a noise that is nearly normal, at a third of the cost.
        var noise = (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2 * options.Noise;
        return (byte)Math.Clamp(value + noise + 0.5, 0, 255);
    }

    /// <summary>A seed for every scene that shares nothing with its neighbours' (the finaliser of SplitMix64).</summary>
    private static int Mix(int seed, int number)
    {
        var bits = ((ulong)(uint)seed << 32) | (uint)number;
        bits += 0x9e3779b97f4a7c15;
        bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
        bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
        return (int)(bits ^ (bits >> 31));
    }

    private static void Require(bool holds, string found, string expected)
    {
        if (!holds)
            throw new FoveaException($"scene: found {found}, expected {expected}");
    }
}
