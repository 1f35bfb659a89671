using System.Globalization;
using System.Text.Json;
using Fovea.Torch.Serialization;

namespace Fovea.Data.Writing;

/// <summary>COCO JSON: annotations/instances_SPLIT.json with masks as compressed run lengths, pictures in SPLIT/ (or images/).</summary>
internal sealed class CocoWriter(string folder, LabelSpace labels, KeypointLayout? keypoints) : IAnnotationWriter
{
    public string PictureFolder(string? split) => split ?? "images";

    public void Write(string? split, IEnumerable<OutgoingSample> samples)
    {
        var annotations = Directory.CreateDirectory(Path.Combine(folder, "annotations")).FullName;
        var name = split is null ? "instances.json" : $"instances_{split}.json";
        // Images are a few words each and are held back until the annotations are out: every sample is read once.
        var images = new List<(long Id, string Name, ImageSize Size)>();
        AtomicFile.Write(Path.Combine(annotations, name), stream =>
        {
            using var json = new Utf8JsonWriter(stream);
            json.WriteStartObject();
            json.WriteStartObject("info");
            json.WriteString("description", "written by Fovea");
            json.WriteEndObject();
            WriteCategories(json);
            json.WriteStartArray("annotations");
            var ids = new IdGiver();
            var imageIds = new IdGiver();
            foreach (var sample in samples)
            {
                var image = imageIds.Next(sample.Sample.Id);
                images.Add((image, sample.PictureName, sample.Size));
                foreach (var instance in sample.Sample.Annotation.Instances ?? [])
                    WriteAnnotation(json, instance, ids.Next(instance.Id), image);
                if (json.BytesPending > 1 << 20)
                    json.Flush();
            }

            json.WriteEndArray();
            WriteImages(json, images);
            json.WriteEndObject();
        });
    }

    public void Finish()
    {
    }

    private static void WriteImages(Utf8JsonWriter json, List<(long Id, string Name, ImageSize Size)> images)
    {
        json.WriteStartArray("images");
        foreach (var (id, name, size) in images)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("file_name", name);
            json.WriteNumber("width", size.Width);
            json.WriteNumber("height", size.Height);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteCategories(Utf8JsonWriter json)
    {
        json.WriteStartArray("categories");
        for (var label = 0; label < labels.Count; label++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", label + 1);
            json.WriteString("name", labels[label]);
            if (keypoints is not null)
            {
                json.WriteStartArray("keypoints");
                foreach (var name in keypoints.Names)
                    json.WriteStringValue(name);
                json.WriteEndArray();
                json.WriteStartArray("skeleton");
                foreach (var (from, to) in keypoints.Skeleton)
                    WriteNumbers(json, null, [from + 1, to + 1]);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAnnotation(Utf8JsonWriter json, Instance instance, long id, long image)
    {
        var box = instance.Box;
        var (x, y) = (Numbers.Exact(box.X1), Numbers.Exact(box.Y1));
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", image);
        json.WriteNumber("category_id", instance.Label + 1);
        WriteNumbers(json, "bbox", [x, y, Numbers.Exact(box.X2) - x, Numbers.Exact(box.Y2) - y]);
        json.WriteNumber("area", instance.Area ?? instance.Mask?.Area ?? (double)box.Area);
        json.WriteNumber("iscrowd", instance.IsCrowd ? 1 : 0);
        if (instance.IsDifficult)
            json.WriteNumber("difficult", 1);
        if (instance.Mask is { } mask)
        {
            json.WriteStartObject("segmentation");
            WriteNumbers(json, "size", [mask.Size.Height, mask.Size.Width]);
            json.WriteString("counts", mask.ToString());
            json.WriteEndObject();
        }

        if (instance.Keypoints is { } points)
        {
            WriteNumbers(json, "keypoints", points.SelectMany(static point => new[] { Numbers.Exact(point.X), Numbers.Exact(point.Y), point.Visibility }));
            json.WriteNumber("num_keypoints", points.Count(static point => point.Visibility > 0));
        }

        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string? name, IEnumerable<decimal> values)
    {
        if (name is null)
            json.WriteStartArray();
        else
            json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    /// <summary>Keeps ids that are numbers and not yet taken, and gives new ones to the others.</summary>
    private sealed class IdGiver
    {
        private readonly HashSet<long> taken = [];
        private long last;

        public long Next(string? wanted)
        {
            if (long.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && taken.Add(id))
                return id;
            while (!taken.Add(++last))
            {
            }

            return last;
        }
    }
}
