using Fovea.Imaging;

namespace Fovea.Transforms.Kernels;

/// <summary>Scales, mirrors, shifts and cuts masks run by run, without ever drawing them.</summary>
internal static class RunLengths
{
    /// <summary>Takes every pixel of the result from one row and one column of the source.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="columns">Source column of every column of the result, -1 for none.</param>
    /// <param name="rows">Source row of every row of the result, -1 for none; in rising order, or in falling order when <paramref name="flipRows"/>.</param>
    /// <param name="flipRows">Whether the rows fall.</param>
    public static RunLengthMask Remap(RunLengthMask mask, int[] columns, int[] rows, bool flipRows = false)
    {
        var (height, rowCount) = (mask.Size.Height, rows.Length);
        var (spans, firstOfColumn) = Columns(mask);
        var rank = Ranks(rows, height, flipRows);
        var runs = new RunBuilder(new ImageSize(rowCount, columns.Length));
        for (var column = 0; column < columns.Length; column++)
        {
            if (columns[column] < 0)
                continue;
            var (first, end) = (firstOfColumn[columns[column]], firstOfColumn[columns[column] + 1]);
            for (var i = first; i < end; i++)
            {
                var (start, stop) = flipRows ? spans[first + end - 1 - i] : spans[i];
                var (from, to) = (rank[start], rank[stop]);
                if (flipRows)
                    (from, to) = (rowCount - to, rowCount - from);
                runs.Add((long)column * rowCount + from, to - from);
            }
        }

        return runs.ToMask();
    }

    // The runs of ones cut at column ends, and for every column the number of runs before it.
    private static (List<(int Start, int Stop)> Spans, int[] FirstOfColumn) Columns(RunLengthMask mask)
    {
        var (height, width) = (mask.Size.Height, mask.Size.Width);
        var spans = new List<(int, int)>(mask.Counts.Length);
        var firstOfColumn = new int[width + 1];
        var column = 0;
        long position = 0;
        for (var run = 0; run < mask.Counts.Length; run++)
        {
            var end = position + mask.Counts[run];
            for (; run % 2 == 1 && position < end; position = Math.Min(end, (column + 1L) * height))
            {
                for (var at = (int)(position / height); column < at;)
                    firstOfColumn[++column] = spans.Count;
                spans.Add(((int)(position - (long)column * height), (int)(Math.Min(end, (column + 1L) * height) - (long)column * height)));
            }

            position = end;
        }

        while (column < width)
            firstOfColumn[++column] = spans.Count;
        return (spans, firstOfColumn);
    }

    // For every source row, how many rows of the (unflipped) result come from rows before it.
    private static int[] Ranks(int[] rows, int height, bool flipped)
    {
        var rank = new int[height + 1];
        var count = rows.Length;
        int Source(int i) => rows[flipped ? count - 1 - i : i];
        var next = 0;
        while (next < count && Source(next) < 0)
            next++;
        for (var row = 0; row <= height; row++)
        {
            while (next < count && Source(next) >= 0 && Source(next) < row)
                next++;
            rank[row] = next;
        }

        return rank;
    }
}
