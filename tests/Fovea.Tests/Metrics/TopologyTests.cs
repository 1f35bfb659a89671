using Fovea.Metrics;

namespace Fovea.Tests.Metrics;

/// <summary>Pictures that are bent without a change of topology.</summary>
public class TopologyTests
{
    // Counter-clockwise from the east, as bits of a neighbourhood row by row.
    private static readonly int[] Around = [4, 2, 1, 0, 3, 5, 6, 7];

    [Fact]
    public void Pixels_may_turn_where_Yokois_number_is_one()
    {
        for (var around = 0; around < 256; around++)
            Assert.Equal(Yokoi(k => around >> Around[k] & 1) == 1, BendablePicture.MayTurn(around));
    }

    /// <summary>
    /// Everything that the truth can be bent into is tried, and every order in which pixels can turn towards the prediction, which is all that
    /// the published algorithm does: no order is much better than row by row, and what is left is the algorithm's.
    /// </summary>
    [Fact]
    public void Bending_finds_what_the_published_algorithm_can_find()
    {
        var size = new ImageSize(4, 4);
        var random = new Random(11);
        var (pairs, best, least) = (0, 0, 0);
        for (var truth = 0; truth < 12; truth++)
        {
            // A wall between two cells, not quite straight.
            var column = random.Next(4);
            var start = Enumerable.Range(0, 4).Aggregate(0xffff, (picture, row) => picture & ~(1 << 4 * row + Math.Clamp(column + random.Next(-1, 2), 0, 3)));
            var reachable = Reachable(start);
            for (var i = 0; i < 25; i++)
            {
                var target = start ^ (random.Next(1 << 16) & random.Next(1 << 16));
                var found = TopologyWarp.Of(Picture(start), Picture(target), size).Differing;
                Assert.True(found >= Nearest(reachable, target), $"{start:x} against {target:x}: {found}, which no bending gives");
                pairs++;
                best += found == Nearest(Reachable(start, target), target) ? 1 : 0;
                least += found == Nearest(reachable, target) ? 1 : 0;
            }
        }

        Console.WriteLine($"bending: of {pairs} pairs the best order in {best}, the least of all bendings in {least}");
        Assert.True(best > 0.95 * pairs, $"the best order in {best} of {pairs}");
        Assert.True(least > 0.5 * pairs, $"the least in {least} of {pairs}");

        static int Nearest(IEnumerable<int> pictures, int target) => pictures.Min(picture => int.PopCount(picture ^ target));
    }

    [Theory]
    [InlineData("1100011", "1110111")]
    [InlineData("1000011", "1110111")]
    [InlineData("110011", "111011")]
    [InlineData("0011", "1111")]
    [InlineData("000", "000")]
    public void A_border_is_left_one_pixel_wide_halfway_between_objects(string drawn, string expected) =>
        Assert.Equal(Rows(expected), BorderThinning.Of(Rows(drawn), new ImageSize(1, drawn.Length)));

    [Fact]
    public void Objects_stay_apart_and_what_divides_nothing_goes_away()
    {
        // Two cells with a wide wall, a whisker that ends within the first, and a hole in it that is a pixel in the end.
        string[] rows =
        [
            "1111110000111",
            "1111110000111",
            "1001110000111",
            "1001110000111",
            "1111110000111",
            "1111000000111",
            "1111110000111",
        ];
        var size = new ImageSize(rows.Length, rows[0].Length);
        var thin = BorderThinning.Of(Rows(rows), size);
        Assert.Equal(2, Fovea.Imaging.ConnectedComponents.Label(thin, size, diagonal: false).Count);
        for (var y = 0; y < size.Height; y++)
        {
            var wall = Enumerable.Range(5, 8).Where(x => thin[y * size.Width + x] == 0).ToList();
            Assert.InRange(Assert.Single(wall), 7, 8);
        }

        Assert.Equal(size.Height + 1, thin.Count(static value => value == 0));
        // Thin already: nothing changes.
        Assert.Equal(thin, BorderThinning.Of(thin, size));
    }

    [Fact]
    public void Thinned_borders_cost_nothing_however_wide_they_were_drawn()
    {
        var size = new ImageSize(6, 9);
        var truth = new LabelMap(size, [.. Enumerable.Range(0, 54).Select(static i => i % 9 == 4 ? (byte)0 : (byte)1)]);
        // Of each cell of four columns one is called border.
        float[] foreground = [.. Enumerable.Range(0, 54).Select(static i => i % 9 is >= 3 and <= 5 ? 0.1f : 0.9f)];
        var evaluator = new MembraneEvaluator([0.5]);
        Assert.Equal(1, evaluator.Add(truth, foreground), 12);
        var values = evaluator.Compute().Values;
        Assert.Equal(1, values["v_rand_thinned"], 12);
        Assert.Equal(1, values["v_info_thinned"], 12);
        // 18 of 24 pixels together and 6 alone, twice: Σp² = Σs² = 2·(18² + 6), Σt² = 2·24².
        var split = (18 * 18 + 6) / (24.0 * 24);
        Assert.Equal(2 * split / (split + 1), values["v_rand"], 12);
    }

    /// <summary>All pictures that a picture can be bent into, bit i being pixel i; with a target those on the way to which no pixel turns away from it.</summary>
    private static HashSet<int> Reachable(int start, int? target = null)
    {
        var seen = new HashSet<int> { start };
        var waiting = new Queue<int>(seen);
        while (waiting.TryDequeue(out var picture))
        {
            for (var i = 0; i < 16; i++)
            {
                if ((target is not { } wanted || ((picture ^ wanted) >> i & 1) == 1) && MayTurn(picture, i) && seen.Add(picture ^ 1 << i))
                    waiting.Enqueue(picture ^ 1 << i);
            }
        }

        return seen;
    }

    private static bool MayTurn(int picture, int i)
    {
        var (y, x) = (i / 4, i % 4);
        return Yokoi(k => At(y + Around[k] switch { < 3 => -1, < 5 => 0, _ => 1 }, x + Around[k] switch { 0 or 3 or 5 => -1, 1 or 6 => 0, _ => 1 })) == 1;

        int At(int row, int column) => row is < 0 or > 3 || column is < 0 or > 3 ? 0 : picture >> (4 * row + column) & 1;
    }

    // The number of objects, connected by sides, that meet at a pixel.
    private static int Yokoi(Func<int, int> at) => Enumerable.Range(0, 4).Sum(k => at(2 * k) - at(2 * k) * at(2 * k + 1) * at((2 * k + 2) % 8));

    private static byte[] Picture(int bits) => [.. Enumerable.Range(0, 16).Select(i => (byte)(bits >> i & 1))];

    private static byte[] Rows(params string[] rows) => [.. rows.SelectMany(row => row).Select(static pixel => (byte)(pixel - '0'))];
}
