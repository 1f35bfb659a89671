namespace Fovea.Torch.Serialization;

/// <summary>What may be left out when weights are loaded, and why; there is no other way not to load everything.</summary>
/// <param name="Reason">Why, in words that are shown to the user, such as "the head has 3 classes instead of 1000".</param>
/// <param name="LeavesOut">Whether a name is left out: in the network it keeps its values, in the file it is ignored.</param>
public sealed record PartialLoading(string Reason, Func<string, bool> LeavesOut);

/// <summary>What loading a weights file did.</summary>
public sealed record LoadReport
{
    /// <summary>Number of tensors loaded.</summary>
    public required int Loaded { get; init; }

    /// <summary>Names of the network that kept their values.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>Names of the file that the network does not have.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>Names whose element type was converted.</summary>
    public IReadOnlyList<string> Converted { get; init; } = [];

    /// <summary>Why some were left out; null when everything was loaded.</summary>
    public string? Reason { get; init; }

    /// <summary>One sentence for the user.</summary>
    public override string ToString()
    {
        var text = $"loaded {Counted.Of(Loaded, "tensor")}";
        if (Converted.Count > 0)
            text += $", {Converted.Count} converted to another precision";
        if (Reason is not null)
            text += $"; {Reason}: {Kept.Count} kept as initialised ({List(Kept)}), {Ignored.Count} of the file ignored ({List(Ignored)})";
        return text;
    }

    private static string List(IReadOnlyList<string> names) =>
        names.Count == 0 ? "none" : string.Join(", ", names.Take(4)) + (names.Count > 4 ? ", ..." : "");
}
