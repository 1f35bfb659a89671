using Fovea.Imaging;

namespace Fovea.Data.Scenes;

/// <summary>Places objects one on the other and knows which pixels of each can be seen.</summary>
internal sealed class SceneLayout(ImageSize size, double minVisible)
{
    private const byte Nothing = 255;
    private readonly byte[] owners = Filled(size);
    private readonly List<(int Full, int Visible)> areas = [];

    public List<SceneObject> Objects { get; } = [];

    /// <summary>Puts an object in front of the others, unless it, or what it hides, would be seen too little.</summary>
    public bool TryAdd(SceneObject item)
    {
        var (left, top, right, bottom) = item.Bounds(size);
        var inside = new List<int>();
        var hidden = new int[Objects.Count];
        for (var row = top; row < bottom; row++)
        {
            for (var column = left; column < right; column++)
            {
                if (item.Coverage(column, row) < 0.5)
                    continue;
                var at = row * size.Width + column;
                inside.Add(at);
                if (owners[at] != Nothing)
                    hidden[owners[at]]++;
            }
        }

        var full = FullArea(item);
        if (inside.Count < minVisible * full || hidden.Where((count, i) => areas[i].Visible - count < minVisible * areas[i].Full).Any())
            return false;
        for (var i = 0; i < hidden.Length; i++)
            areas[i] = (areas[i].Full, areas[i].Visible - hidden[i]);
        foreach (var at in inside)
            owners[at] = (byte)Objects.Count;
        areas.Add((full, inside.Count));
        Objects.Add(item);
        return true;
    }

    /// <summary>The visible part of every object, from back to front.</summary>
    public Instance[] Instances() => [.. Objects.Select((item, i) =>
    {
        var mask = RunLengthMask.FromBitmap(Array.ConvertAll(owners, owner => owner == i ? (byte)1 : (byte)0), size);
        return new Instance(item.Label, mask.BoundingBox) { Mask = mask, Area = mask.Area };
    })];

    /// <summary>Area of the whole object, were nothing in front of it and no edge to the picture.</summary>
    private static int FullArea(SceneObject item)
    {
        var side = 2 * (int)Math.Ceiling(item.Radius) + 4;
        var centred = item with { X = side / 2.0, Y = side / 2.0 };
        var area = 0;
        for (var row = 0; row < side; row++)
        {
            for (var column = 0; column < side; column++)
                area += centred.Coverage(column, row) >= 0.5 ? 1 : 0;
        }

        return area;
    }

    private static byte[] Filled(ImageSize size)
    {
        var owners = new byte[size.Height * size.Width];
        Array.Fill(owners, Nothing);
        return owners;
    }
}
