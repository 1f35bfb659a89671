namespace Fovea.Data;

/// <summary>How a data set is opened.</summary>
public sealed record DatasetOptions
{
    /// <summary>The format, or null to find it from what lies in the folder.</summary>
    public DatasetFormat? Format { get; init; }

    /// <summary>The split, such as "train" or "val", or null for all images of the folder.</summary>
    public string? Split { get; init; }

    /// <summary>The classes in their order, or null to take them from the folder. A class that is not among them is a fault.</summary>
    public LabelSpace? Labels { get; init; }

    /// <summary>What is done about faulty annotations.</summary>
    public FaultPolicy Faults { get; init; }

    /// <summary>Values of masks that mean "no class": such pixels become <see cref="LabelMap.Ignore"/>. VOC's 255 is always among them.</summary>
    public IReadOnlyList<byte> IgnoreValues { get; init; } = [];
}
