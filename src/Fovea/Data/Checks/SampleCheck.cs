using System.Globalization;
using System.Security.Cryptography;
using Fovea.Data.Readers;
using Fovea.Imaging;

namespace Fovea.Data.Checks;

/// <summary>What the examination of one sample found.</summary>
internal sealed record SampleResult(FaultLog Problems, int Objects, long[] ClassCounts, string Path)
{
    /// <summary>Hash of the picture's bytes, or null when it was not read.</summary>
    public string? Hash { get; init; }
}

/// <summary>Examines every sample: picture, size, objects, masks and maps.</summary>
internal static class SampleCheck
{
    public static SampleResult[] Run(IDataset dataset, bool decode, IProgress<double>? progress, CancellationToken cancellation)
    {
        var results = new SampleResult[dataset.Count];
        AllCores.For(dataset.Count, i => results[i] = Check(dataset, i, decode), progress, cancellation);
        return results;
    }

    private static SampleResult Check(IDataset dataset, int index, bool decode)
    {
        var log = new FaultLog(FaultPolicy.Skip);
        var counts = new long[dataset.Labels.Count];
        var sample = Read(dataset, index, decode, log);
        if (sample is null)
            return new SampleResult(log, 0, counts, DatasetCheck.PathOf(dataset, index));
        var hash = CheckPicture(dataset, index, sample, decode, log);
        if (decode && hash is not null && sample.DepthPath is { } depth)
            CheckDepth(depth, ImageInfo.Read(sample.ImagePath).Size, log);
        var instances = sample.Annotation.Instances;
        foreach (var instance in instances ?? [])
            counts[instance.Label]++;
        foreach (var label in sample.Annotation.ImageLabels)
            counts[label]++;
        foreach (var value in sample.Annotation.Map?.Values ?? [])
        {
            if (value != LabelMap.Ignore)
                counts[value]++;
        }

        if (sample.Annotation.Map is { } map && !map.Values.AsSpan().ContainsAnyExcept(LabelMap.Ignore))
            log.Warn(FaultKind.MaskValues, sample.AnnotationPath ?? sample.ImagePath, "values", "no pixel with a class", "a class for some of them: the image trains nothing and is measured by nothing");
        if (instances is not null)
            CheckObjects(sample, instances, decode && dataset.Content.HasFlag(DatasetContent.Masks), log);
        return new SampleResult(log, instances?.Count ?? 0, counts, sample.ImagePath) { Hash = hash };
    }

    private static Sample? Read(IDataset dataset, int index, bool decode, FaultLog log)
    {
        try
        {
            return decode ? dataset.Load(index) : dataset[index];
        }
        catch (DataException fault)
        {
            log.Add(fault, fault.Field switch
            {
                "size" => FaultKind.MaskSize,
                "values" => FaultKind.MaskValues,
                DepthPicture.Field => FaultKind.Depth,
                null => Files.IsPicture(fault.File) ? FaultKind.PictureUnreadable : FaultKind.AnnotationMalformed,
                _ => fault.Field.Contains("keypoints", StringComparison.Ordinal) ? FaultKind.Keypoints : FaultKind.MaskMalformed,
            });
            return null;
        }
    }

    /// <summary>Decodes the picture or reads its header; returns a hash of the file for finding it a second time.</summary>
    private static string? CheckPicture(IDataset dataset, int index, Sample sample, bool decode, FaultLog log)
    {
        var isFile = File.Exists(sample.ImagePath);
        try
        {
            if (isFile && sample.DeclaredSize is { } declared && Pictures.SizeProblem(sample, declared, ImageInfo.Read(sample.ImagePath)) is { } problem)
            {
                log.Add(problem);
                return null;
            }

            if (!isFile)
                return decode ? Convert.ToHexString(SHA256.HashData(dataset.LoadImage(index, ImageChannels.Unchanged).Data)) : null;
            if (!decode)
            {
                ImageInfo.Read(sample.ImagePath);
                return null;
            }

            var bytes = File.ReadAllBytes(sample.ImagePath);
            Image.Decode(bytes, sample.ImagePath);
            return Convert.ToHexString(SHA256.HashData(bytes));
        }
        catch (DataException fault)
        {
            log.Add(fault, FaultKind.PictureUnreadable);
        }
        catch (Exception fault) when (fault is FoveaException or IOException or UnauthorizedAccessException)
        {
            log.Error(FaultKind.PictureUnreadable, sample.ImagePath, null, fault.Message, "a picture that can be read");
        }

        return null;
    }

    private static void CheckDepth(string path, ImageSize size, FaultLog log)
    {
        try
        {
            var depth = DepthPicture.Load(path, size);
            if (!depth.AsSpan<ushort>().ContainsAnyExcept((ushort)0))
                log.Warn(FaultKind.Depth, path, DepthPicture.Field, "0 everywhere", "measurements; 0 is none");
        }
        catch (DataException fault)
        {
            log.Add(fault, FaultKind.Depth);
        }
    }

    private static void CheckObjects(Sample sample, IReadOnlyList<Instance> instances, bool masksExpected, FaultLog log)
    {
        var file = sample.AnnotationPath ?? sample.ImagePath;
        if (instances.Count == 0)
        {
            log.Add(new DataProblem(
                Severity.Note, FaultKind.NoObjects, file, Path.GetFileName(sample.ImagePath), "no objects", "objects, or none on purpose: it trains as background"));
        }

        var seen = new Dictionary<(int, Box), int>();
        for (var i = 0; i < instances.Count; i++)
        {
            var instance = instances[i];
            var field = instance.Id is null ? $"object {i + 1}" : int.TryParse(instance.Id, CultureInfo.InvariantCulture, out _) ? $"annotation {instance.Id}" : instance.Id;
            if (!seen.TryAdd((instance.Label, instance.Box), i))
                log.Warn(FaultKind.DuplicateObject, file, field, "the class and box of an earlier object of this image", "every object once");
            if (masksExpected && instance.Mask is null)
                log.Warn(FaultKind.MaskMalformed, file, field, "no mask", "a mask as the other objects have; without it the object trains no mask");
            if (instance.Mask is { Area: 0 })
                log.Warn(FaultKind.MaskMalformed, file, field, "a mask without pixels", "the pixels of the object");
        }
    }
}
