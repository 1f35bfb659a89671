using System.Globalization;
using System.Xml.Linq;

namespace Fovea.Data.Writing;

/// <summary>PASCAL VOC detection: Annotations, JPEGImages, ImageSets/Main, and labels.txt to keep the order of the classes.</summary>
internal sealed class VocWriter(string folder, LabelSpace labels, Losses losses) : IAnnotationWriter
{
    public string PictureFolder(string? split) => "JPEGImages";

    public void Write(string? split, IEnumerable<OutgoingSample> samples)
    {
        Directory.CreateDirectory(Path.Combine(folder, "Annotations"));
        var stems = new List<string>();
        foreach (var sample in samples)
        {
            Create(sample).Save(Path.Combine(folder, "Annotations", sample.Stem + ".xml"));
            stems.Add(sample.Stem);
        }

        if (split is null)
            return;
        var lists = Directory.CreateDirectory(Path.Combine(folder, "ImageSets", "Main")).FullName;
        File.WriteAllLines(Path.Combine(lists, split + ".txt"), stems);
    }

    public void Finish() => File.WriteAllLines(Path.Combine(folder, "labels.txt"), labels.Names);

    private XDocument Create(OutgoingSample sample) => new(new XElement(
        "annotation",
        new XElement("folder", "JPEGImages"),
        new XElement("filename", sample.PictureName),
        new XElement("size", new XElement("width", sample.Size.Width), new XElement("height", sample.Size.Height), new XElement("depth", 3)),
        new XElement("segmented", 0),
        (sample.Sample.Annotation.Instances ?? []).Where(Keeps).Select(CreateObject)));

    private bool Keeps(Instance instance)
    {
        if (instance.IsCrowd)
            losses.Count("crowd region left out: VOC has none");
        else if (instance.Mask is not null)
            losses.Count("mask lost: VOC XML holds boxes");
        if (!instance.IsCrowd && instance.Keypoints is not null)
            losses.Count("object's keypoints lost: VOC XML holds boxes");
        return !instance.IsCrowd;
    }

    /// <summary>1-based inclusive corners; fractions stay, as in VOC's own later files.</summary>
    private XElement CreateObject(Instance instance) => new(
        "object",
        new XElement("name", labels[instance.Label]),
        new XElement("truncated", 0),
        new XElement("difficult", instance.IsDifficult ? 1 : 0),
        new XElement(
            "bndbox",
            new XElement("xmin", Text(Numbers.Exact(instance.Box.X1) + 1)), new XElement("ymin", Text(Numbers.Exact(instance.Box.Y1) + 1)),
            new XElement("xmax", Text(Numbers.Exact(instance.Box.X2))), new XElement("ymax", Text(Numbers.Exact(instance.Box.Y2)))));

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}
