using Fovea.Data;
using Fovea.Data.Loading;

namespace Fovea.Benchmarks.Cases;

/// <summary>Decoding, resizing, normalising and batching of photographs, on all cores; time for an image.</summary>
internal static class LoaderThroughput
{
    private const int BatchSize = 16;

    /// <summary>Photographs of flowers to 224 by 224 pixels.</summary>
    public static void MeasureClassification() => Measure("flowers", ModelTask.Classification, 224, new DatasetOptions());

    /// <summary>Micrographs of blood cells with their boxes to 416 by 416 pixels.</summary>
    public static void MeasureDetection() => Measure("bccd", ModelTask.Detection, 416, new DatasetOptions { Faults = FaultPolicy.Skip });

    private static void Measure(string name, ModelTask task, int side, DatasetOptions options)
    {
        var dataset = Dataset.Open(Path.Combine(Folder(), name), options);
        var preprocessing = new Preprocessing { SizeRule = SizeRule.Exact, Height = side, Width = side };
        var loader = new DataLoader(dataset, task, preprocessing, new LoaderOptions { BatchSize = BatchSize, Shuffle = true });
        var epoch = 0;
        Measurement.Report(
            () =>
            {
                foreach (var batch in loader.Epoch(epoch++))
                    batch.Dispose();
            },
            repetitions: 8,
            unitsPerCall: dataset.Count);
    }

    private static string Folder() => Environment.GetEnvironmentVariable("FOVEA_DATA")
        ?? Path.Combine(Environment.GetEnvironmentVariable("FOVEA_HOME") ?? Directory.GetCurrentDirectory(), "..", "shared", "data");
}
