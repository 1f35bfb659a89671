using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fovea.Cli.Predictions;

/// <summary>A prediction as one line of JSON.</summary>
internal static class PredictionJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="file">The picture.</param>
    /// <param name="size">Its size.</param>
    /// <param name="prediction">What the network says.</param>
    /// <param name="labels">The classes.</param>
    /// <param name="top">How many classes of a classification are listed.</param>
    /// <param name="score">The probability from which a class is answered yes, where an image may have several.</param>
    /// <param name="drawing">File that the annotated picture was written to, or null.</param>
    /// <param name="map">File that the label map was written to, or null.</param>
    /// <returns>UTF-8, without a line end.</returns>
    public static ReadOnlyMemory<byte> Line(string file, ImageSize size, Prediction prediction, LabelSpace labels, int top, float score, string? drawing, string? map)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("image", file);
            json.WriteNumber("width", size.Width);
            json.WriteNumber("height", size.Height);
            if (prediction.Probabilities is { } probabilities)
            {
                if (prediction.IsMultiLabel)
                    WriteAnswers(json, probabilities, labels, score);
                WriteClasses(json, probabilities, labels, top);
            }

            if (prediction.Detections is { } detections)
                WriteDetections(json, detections, labels);
            if (prediction.Map is { } pixels)
                WriteMap(json, pixels, labels, map);
            if (drawing is not null)
                json.WriteString("drawing", drawing);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteAnswers(Utf8JsonWriter json, float[] probabilities, LabelSpace labels, float score)
    {
        json.WriteStartArray("labels");
        foreach (var i in Enumerable.Range(0, probabilities.Length).Where(i => probabilities[i] >= score))
            json.WriteStringValue(labels[i]);
        json.WriteEndArray();
    }

    private static void WriteClasses(Utf8JsonWriter json, float[] probabilities, LabelSpace labels, int top)
    {
        json.WriteStartArray("classes");
        foreach (var i in Enumerable.Range(0, probabilities.Length).OrderByDescending(i => probabilities[i]).Take(top))
        {
            json.WriteStartObject();
            json.WriteString("label", labels[i]);
            json.WriteNumber("score", probabilities[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteDetections(Utf8JsonWriter json, IReadOnlyList<Detection> detections, LabelSpace labels)
    {
        json.WriteStartArray("detections");
        foreach (var found in detections)
        {
            json.WriteStartObject();
            json.WriteString("label", labels[found.Label]);
            json.WriteNumber("score", found.Score);
            json.WriteStartArray("box");
            foreach (var edge in new[] { found.Box.X1, found.Box.Y1, found.Box.X2, found.Box.Y2 })
                json.WriteNumberValue(MathF.Round(edge, 2));
            json.WriteEndArray();
            if (found.Mask is { } mask)
            {
                // COCO's own form, height first.
                json.WriteStartObject("mask");
                json.WriteStartArray("size");
                json.WriteNumberValue(mask.Size.Height);
                json.WriteNumberValue(mask.Size.Width);
                json.WriteEndArray();
                json.WriteString("counts", mask.ToString());
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter json, LabelMap map, LabelSpace labels, string? file)
    {
        var counts = new long[256];
        foreach (var value in map.Values)
            counts[value]++;
        json.WriteStartArray("pixels");
        for (var i = 0; i < labels.Count; i++)
        {
            if (counts[i] == 0)
                continue;
            json.WriteStartObject();
            json.WriteString("label", labels[i]);
            json.WriteNumber("count", counts[i]);
            json.WriteNumber("share", Math.Round((double)counts[i] / map.Values.Length, 6));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (file is not null)
            json.WriteString("map", file);
    }
}
