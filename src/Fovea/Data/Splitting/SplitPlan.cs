using Fovea.Data.Readers;
using Fovea.Torch.Serialization;

namespace Fovea.Data.Splitting;

/// <summary>Which image belongs to which part, by the ids of the images: it is kept as a text file and survives added files.</summary>
public sealed class SplitPlan
{
    private readonly Dictionary<string, string> partOf;

    /// <summary>Creates a plan.</summary>
    /// <param name="description">One line on how it was made.</param>
    /// <param name="parts">The parts in their order: "train", "val".</param>
    /// <param name="images">The part of every image id, in the order they are to be written.</param>
    /// <exception cref="FoveaException">An image is in two parts or in one that is not listed.</exception>
    public SplitPlan(string description, IReadOnlyList<string> parts, IEnumerable<(string Id, string Part)> images)
    {
        Description = description;
        Parts = parts;
        Images = [.. images];
        partOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (id, part) in Images)
        {
            if (!parts.Contains(part))
                throw new FoveaException($"split: found part '{part}' for image '{id}', expected one of {string.Join(", ", parts)}");
            if (!partOf.TryAdd(id, part))
                throw new FoveaException($"split: found image '{id}' twice, expected it once");
        }
    }

    /// <summary>One line on how it was made: data set, seed, shares.</summary>
    public string Description { get; }

    /// <summary>The parts in their order.</summary>
    public IReadOnlyList<string> Parts { get; }

    /// <summary>Every image id with its part.</summary>
    public IReadOnlyList<(string Id, string Part)> Images { get; }

    /// <summary>The images of a part.</summary>
    /// <param name="dataset">The data set the plan was made for.</param>
    /// <param name="part">One of <see cref="Parts"/>.</param>
    /// <exception cref="FoveaException">There is no such part, or plan and data set do not hold the same images.</exception>
    public IDataset Part(IDataset dataset, string part) => Select(dataset, part, inside: true, part);

    /// <summary>All images but those of a part: what is trained on when <paramref name="part"/> is the fold to measure on.</summary>
    /// <param name="dataset">The data set the plan was made for.</param>
    /// <param name="part">One of <see cref="Parts"/>.</param>
    /// <exception cref="FoveaException">There is no such part, or plan and data set do not hold the same images.</exception>
    public IDataset Except(IDataset dataset, string part) => Select(dataset, part, inside: false, $"without {part}");

    /// <summary>Writes the plan as text: a comment, the parts, then "part TAB image id" a line. Only a whole file takes the place of another.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        var lines = Images.Select(static image => $"{image.Part}\t{image.Id}")
            .Prepend($"parts\t{string.Join('\t', Parts)}").Prepend($"# {Description}");
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
            foreach (var line in lines)
                writer.WriteLine(line);
        });
    }

    /// <summary>Reads a plan that <see cref="Save"/> wrote.</summary>
    /// <exception cref="DataException">A line is not as it should be.</exception>
    public static SplitPlan Load(string path)
    {
        if (!File.Exists(path))
            throw new DataException(path, null, "nothing", "a split file, as `fovea data split` writes");
        var description = "";
        string[]? parts = null;
        var images = new List<(string, string)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (number, text) in Files.Lines(path))
        {
            var fields = text.Split('\t');
            if (text.StartsWith('#'))
                description = text.TrimStart('#', ' ');
            else if (parts is null)
                parts = fields is ["parts", _, ..] ? fields[1..] : throw new DataException(path, $"line {number}", $"'{text}'", "'parts' and their names, separated by tabs");
            else if (fields.Length != 2 || !parts.Contains(fields[0]))
                throw new DataException(path, $"line {number}", $"'{text}'", $"one of {string.Join(", ", parts)}, a tab and an image id");
            else if (!seen.Add(fields[1]))
                throw new DataException(path, $"line {number}", $"image '{fields[1]}' a second time", "every image once");
            else
                images.Add((fields[1], fields[0]));
        }

        return new SplitPlan(description, parts ?? throw new DataException(path, null, "no parts", "a split file, as `fovea data split` writes"), images);
    }

    private IDataset Select(IDataset dataset, string part, bool inside, string name)
    {
        if (!Parts.Contains(part))
            throw new FoveaException($"split: found no part '{part}', expected one of {string.Join(", ", Parts)}");
        var indices = new List<int>();
        for (var i = 0; i < dataset.Count; i++)
        {
            var id = dataset[i].Id;
            if (!partOf.TryGetValue(id, out var its))
                throw new FoveaException($"{dataset.Name}: found image '{id}' that the split does not know, expected the data set it was made for; make the split again");
            if (its == part == inside)
                indices.Add(i);
        }

        return Images.Count == dataset.Count
            ? dataset.Subset(indices, name)
            : throw new FoveaException($"{dataset.Name}: found {Counted.Of(dataset.Count, "image")}, expected the {Images.Count} that the split was made for");
    }
}
