using System.Globalization;
using System.Text;
using System.Text.Json;
using Fovea.Imaging;

namespace Fovea.Data.Writing;

/// <summary>YOLO text: images/SPLIT, labels/SPLIT and data.yaml; an object with a mask becomes a polygon, one without a box.</summary>
internal sealed class YoloWriter(string folder, LabelSpace labels, Losses losses) : IAnnotationWriter
{
    private readonly List<string> splits = [];

    public string PictureFolder(string? split) => split is null ? "images" : $"images/{split}";

    public void Write(string? split, IEnumerable<OutgoingSample> samples)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, "labels", split ?? "")).FullName;
        if (split is not null)
            splits.Add(split);
        foreach (var sample in samples)
        {
            var lines = (sample.Sample.Annotation.Instances ?? []).Where(Keeps).Select(instance => Line(instance, sample.Size));
            File.WriteAllLines(Path.Combine(target, sample.Stem + ".txt"), lines);
        }
    }

    public void Finish()
    {
        var text = new StringBuilder();
        foreach (var split in splits)
            text.Append(CultureInfo.InvariantCulture, $"{SplitKey(split)}: images/{split}\n");
        if (splits.Count == 0)
            text.Append("train: images\n");
        text.Append(CultureInfo.InvariantCulture, $"nc: {labels.Count}\nnames:\n");
        for (var label = 0; label < labels.Count; label++)
            text.Append(CultureInfo.InvariantCulture, $"  {label}: {JsonSerializer.Serialize(labels[label])}\n");
        File.WriteAllText(Path.Combine(folder, "data.yaml"), text.ToString());
    }

    /// <summary>data.yaml knows train, val and test.</summary>
    private static string SplitKey(string split) => SplitNames.Canonical(split) is "train" or "val" or "test" ? SplitNames.Canonical(split) : split;

    private bool Keeps(Instance instance)
    {
        if (instance.IsCrowd)
            losses.Count("crowd region left out: YOLO has none");
        else if (instance.IsDifficult)
            losses.Count("'difficult' mark lost: YOLO has none");
        if (!instance.IsCrowd && instance.Keypoints is not null)
            losses.Count("object's keypoints lost: only boxes and polygons are written");
        return !instance.IsCrowd;
    }

    private string Line(Instance instance, ImageSize size)
    {
        var line = new StringBuilder(instance.Label.ToString(CultureInfo.InvariantCulture));
        var rings = instance.Mask?.ToPolygons() ?? [];
        if (rings.Count > 1)
            losses.Count("mask of several parts or with holes joined into one polygon");
        if (instance.Mask is not null && rings.Count == 0)
            losses.Count("empty mask lost: its box is kept");
        if (rings.Count > 0)
        {
            var ring = PolygonBridge.Join(rings);
            for (var i = 0; i < ring.Length; i++)
                Append(line, ring[i] / (i % 2 == 0 ? size.Width : size.Height));
            return line.ToString();
        }

        var box = instance.Box;
        Append(line, ((double)box.X1 + box.X2) / 2 / size.Width);
        Append(line, ((double)box.Y1 + box.Y2) / 2 / size.Height);
        Append(line, ((double)box.X2 - box.X1) / size.Width);
        Append(line, ((double)box.Y2 - box.Y1) / size.Height);
        return line.ToString();
    }

    // Eight decimals: a hundredth of a pixel in a picture a million pixels wide.
    private static void Append(StringBuilder line, double value) => line.Append(CultureInfo.InvariantCulture, $" {value:0.########}");
}
