using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>The colour of pixels that lie outside the source picture; black by default.</summary>
public readonly record struct Fill
{
    private readonly IReadOnlyList<byte>? values;

    /// <summary>Creates a fill.</summary>
    /// <param name="values">One value for all channels, or one for each, 0 to 255.</param>
    public Fill(params IReadOnlyList<byte> values) => this.values = values;

    /// <summary>The grey of letterboxes, 114.</summary>
    public static Fill LetterboxGrey { get; } = new(114);

    /// <summary>The values for a picture of some channels; an alpha channel without a value of its own is opaque.</summary>
    /// <exception cref="FoveaException">There are neither one value nor as many as channels.</exception>
    public byte[] For(int channels)
    {
        var given = values is null or [] ? [0] : values;
        if (given.Count == channels)
            return [.. given];
        if (given.Count == 1)
            return [.. Enumerable.Range(0, channels).Select(channel => channel == 3 ? byte.MaxValue : given[0])];
        if (given.Count == 3 && channels == 4)
            return [.. given, byte.MaxValue];
        throw new FoveaException($"fill: found {given.Count} values, expected 1 or {channels}, one for each channel of the picture");
    }

    /// <summary>Whether two fills have the same values.</summary>
    public bool Equals(Fill other) => (values ?? [0]).SequenceEqual(other.values ?? [0]);

    /// <inheritdoc/>
    public override int GetHashCode() => (values ?? [0]).Aggregate(17, HashCode.Combine);

    internal void Paint(Image image)
    {
        if (image.Type != PixelType.UInt8)
            throw new FoveaException($"fill: found a picture of {image.Type}, expected 8 bits; convert it first");
        var color = For(image.Channels);
        if (color.AsSpan().Count(color[0]) == color.Length)
        {
            image.Data.AsSpan().Fill(color[0]);
            return;
        }

        for (var at = 0; at < image.Data.Length; at += color.Length)
            color.CopyTo(image.Data, at);
    }
}
