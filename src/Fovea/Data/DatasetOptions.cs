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

    /// <summary>What is done about boxes that are empty, inverted or outside their image; null for the same as <see cref="Faults"/>.</summary>
    public FaultPolicy? BoxFaults { get; init; }

    /// <summary>
    /// What the values of mask PNGs stand for: a class name, or <see cref="NoClass"/> for pixels that count neither in training
    /// nor in evaluation. Values that are not mentioned are class numbers, 0 and 255 those of a mask of two classes.
    /// </summary>
    public IReadOnlyDictionary<byte, string> PixelValues { get; init; } = new Dictionary<byte, string>();

    /// <summary>
    /// The value of the first class in mask PNGs: 0, or 1 where 0 is no class, as in ADE20K, SUN RGB-D and NYU; the others follow in order.
    /// Null for what the format says, which is 0 unless it is one of these.
    /// </summary>
    public int? FirstClassValue { get; init; }

    /// <summary>The name of the folder of depth pictures, for sets of colour and depth that have several; null for the only one.</summary>
    public string? DepthFolder { get; init; }

    /// <summary>The name in <see cref="PixelValues"/> of values that are no class: "ignore".</summary>
    public const string NoClass = "ignore";
}
