using System.Text;

namespace Fovea.Imaging;

public sealed partial class RunLengthMask
{
    /// <summary>Reads the compressed text form of COCO files.</summary>
    /// <param name="compressed">Counts in groups of five bits with a continuation bit, each offset by 48; from the third on
    /// as the difference to the count two before.</param>
    /// <param name="size">Size of the image.</param>
    /// <exception cref="FoveaException">The text is cut off, has a character outside '0' to 'o', or does not sum to the size.</exception>
    public static RunLengthMask Parse(string compressed, ImageSize size)
    {
        var counts = new List<uint>();
        long total = 0;
        for (var at = 0; at < compressed.Length;)
        {
            var value = ReadNumber(compressed, ref at);
            // The first two counts stand for themselves and so does the third.
            if (counts.Count > 2)
                value += counts[^2];
            if (value is < 0 or > uint.MaxValue)
                throw new FoveaException($"run-length text: found count {value} before character {at}, expected 0 to {uint.MaxValue}");
            counts.Add((uint)value);
            total += value;
        }

        var expected = (long)size.Height * size.Width;
        return total == expected
            ? new RunLengthMask(size, [.. counts])
            : throw new FoveaException($"run-length text: found runs of {total} pixels in all, expected {expected} for {size}");
    }

    /// <summary>The compressed text form of COCO files.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Counts.Length * 2);
        for (var i = 0; i < Counts.Length; i++)
        {
            long value = i > 2 ? (long)Counts[i] - Counts[i - 2] : Counts[i];
            bool more;
            do
            {
                var bits = (int)(value & 31);
                value >>= 5;
                // The sixth bit says that more follow; the fifth of the last group is the sign.
                more = value != ((bits & 16) != 0 ? -1 : 0);
                text.Append((char)((more ? bits | 32 : bits) + 48));
            }
            while (more);
        }

        return text.ToString();
    }

    private static long ReadNumber(string text, ref int at)
    {
        long value = 0;
        for (var shift = 0; ; shift += 5)
        {
            if (at == text.Length)
                throw new FoveaException("run-length text: found an unfinished count at the end, expected the whole text");
            var bits = text[at] - 48;
            if (bits is < 0 or > 63 || shift > 35)
                throw new FoveaException($"run-length text: found '{text[at]}' at character {at}, expected '0' to 'o' in counts of at most 32 bits");
            at++;
            value |= (long)(bits & 31) << shift;
            if ((bits & 32) == 0)
                return (bits & 16) != 0 ? value | -1L << (shift + 5) : value;
        }
    }
}
