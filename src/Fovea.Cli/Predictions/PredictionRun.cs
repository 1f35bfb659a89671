using System.Diagnostics;
using System.Globalization;
using Fovea.Data;
using Fovea.Data.Writing;
using Fovea.Imaging;
using Fovea.Imaging.Drawing;
using Fovea.Torch.Serialization;
using Fovea.Training;
using Fovea.Transforms;

namespace Fovea.Cli.Predictions;

/// <summary>Predicts pictures one after the other, the next being decoded meanwhile, and writes what comes out.</summary>
internal sealed class PredictionRun(Predictor predictor) : IDisposable
{
    private const string StandardOutput = "-";

    private readonly FileNames names = new();
    private readonly List<string> skipped = [];
    private Stream? lines;

    /// <summary>Folder for annotated pictures, or null to draw none.</summary>
    public string? Pictures { get; init; }

    /// <summary>File for the JSON lines; null or "-" for standard output.</summary>
    public string? Json { get; init; }

    /// <summary>The data set whose values label maps are written with, or null for class numbers.</summary>
    public DatasetFormat? MapValues { get; init; }

    /// <summary>Detections below this score are left out; of several classes of an image those are answered yes that reach it.</summary>
    public float Score { get; init; }

    /// <summary>How many classes of a classification are listed.</summary>
    public int Top { get; init; }

    /// <summary>Whether pictures that cannot be read are left out and listed at the end.</summary>
    public bool SkipBroken { get; init; }

    public void Predict(IReadOnlyList<string> files)
    {
        Prepare();
        Task<Decoded>? ahead = null;
        for (var i = 0; i < files.Count; i++)
        {
            // One picture needs no second thread, which would only cost its start.
            var current = ahead?.GetAwaiter().GetResult() ?? Decode(files[i]);
            ahead = i + 1 < files.Count ? Task.Run(Next(files[i + 1])) : null;
            if (current.Fault is { } fault)
            {
                if (!SkipBroken)
                    throw fault;
                skipped.Add(fault.Message);
                continue;
            }

            Predict(current);
        }

        lines!.Flush();
    }

    /// <summary>Says where the time went, on standard error so that standard output stays JSON.</summary>
    public void Report()
    {
        var times = predictor.Times;
        if (times.Images > 0)
        {
            var each = 1000.0 / times.Images;
            var drawing = Pictures is null ? "" : string.Create(CultureInfo.InvariantCulture, $", drawing {times.Drawing * each:0.0}");
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Counted.Of(times.Images, "picture")}; milliseconds each: decoding {times.Decoding * each:0.0}, preprocessing {times.Preprocessing * each:0.0}, network {times.Network * each:0.0}, decoding of outputs {times.OutputDecoding * each:0.0}{drawing}"));
        }

        if (skipped.Count > 0)
            Console.Error.WriteLine($"skipped {Counted.Of(skipped.Count, "picture")} that cannot be read:");
        foreach (var reason in skipped)
            Console.Error.WriteLine($"  {reason}");
        if (Pictures is not null)
            Console.Error.WriteLine($"pictures are in {Pictures}");
    }

    public void Dispose() => lines?.Dispose();

    private void Prepare()
    {
        try
        {
            if (Pictures is not null)
                Directory.CreateDirectory(Pictures);
            lines = Json is null or StandardOutput ? Console.OpenStandardOutput() : new FileStream(Json, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Unwritable((Pictures is not null && !Directory.Exists(Pictures) ? Pictures : Json)!, e);
        }
    }

    private void Predict(Decoded picture)
    {
        predictor.Times.Decoding += picture.Seconds;
        var image = picture.Scene!.Image;
        var prediction = predictor.Predict([picture.Scene])[0];
        if (prediction.Detections is { } detections)
            prediction = prediction with { Detections = [.. detections.Where(found => found.Score >= Score)] };
        var start = Stopwatch.GetTimestamp();
        string? drawing = null, map = null;
        if (Pictures is not null)
        {
            var name = names.Free(Path.GetFileNameWithoutExtension(picture.File));
            drawing = Path.Combine(Pictures, name + (image.Width * image.Height < 4096 ? ".png" : ".jpg"));
            ObjectDrawing.Draw(image, prediction, predictor.Labels, new DrawingStyle { MinimumScore = Score }).ToImage().Save(drawing);
            if (prediction.Map is { } pixels)
            {
                map = Path.Combine(Pictures, name + "_map.png");
                if (MapValues is { } format)
                    AtomicFile.Write(map, stream => stream.Write(BenchmarkMaps.Encode(pixels, predictor.Labels, format)));
                else
                    new Image(pixels.Size, 1, pixels.Values).Save(map);
            }
        }

        predictor.Times.Drawing += Stopwatch.GetElapsedTime(start).TotalSeconds;
        lines!.Write(PredictionJson.Line(picture.File, image.Size, prediction, predictor.Labels, Top, Score, drawing, map).Span);
        lines.WriteByte((byte)'\n');
    }

    private Func<Decoded> Next(string file) => () => Decode(file);

    private Decoded Decode(string file)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            return new Decoded(file, predictor.Read(file), null, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        catch (FoveaException e)
        {
            return new Decoded(file, null, e, 0);
        }
    }

    private sealed record Decoded(string File, Scene? Scene, FoveaException? Fault, double Seconds);
}
