using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>
/// Anchors (Ren et al. 2015, section 3.1): at every cell of every feature map, boxes of given sizes and aspect ratios, centred on
/// the corner of the cell (no half-cell offset) and rounded to whole pixels, half to even, as torchvision's weights expect.
/// </summary>
public sealed class AnchorGenerator
{
    private readonly float[][] cells;

    /// <summary>Creates the anchors of a cell of each feature map.</summary>
    /// <param name="sizes">For each feature map the square roots of the areas, pixels.</param>
    /// <param name="ratios">For each feature map the aspect ratios, height / width.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or a size or ratio is not positive.</exception>
    public AnchorGenerator(IReadOnlyList<float[]> sizes, IReadOnlyList<float[]> ratios)
    {
        if (sizes.Count == 0 || sizes.Count != ratios.Count)
            throw new ArgumentException($"found sizes for {sizes.Count} feature maps and ratios for {ratios.Count}, expected both for each of one or more", nameof(ratios));
        if (sizes.Concat(ratios).Any(values => values.Length == 0 || values.Any(value => !(value > 0))))
            throw new ArgumentException("found an empty list or a value that is not above 0 among sizes and ratios, expected positive numbers", nameof(sizes));
        cells = [.. sizes.Zip(ratios, static (size, ratio) => AnchorKernel.Cell(size, ratio))];
    }

    /// <summary>Anchors at a cell of each feature map.</summary>
    public IReadOnlyList<int> CountPerCell => Array.ConvertAll(cells, static cell => cell.Length / 4);

    /// <summary>The same ratios on every feature map.</summary>
    /// <param name="sizes">For each feature map the square roots of the areas, pixels.</param>
    /// <param name="ratios">Aspect ratios, height / width.</param>
    public static AnchorGenerator WithRatios(IReadOnlyList<float[]> sizes, params float[] ratios) =>
        new(sizes, [.. sizes.Select(_ => ratios)]);

    /// <summary>The anchors of all feature maps for images of one (padded) size, map after map, row after row, cell after cell.</summary>
    /// <param name="maps">Height and width of each feature map.</param>
    /// <param name="image">Size of the padded images; the stride of a map is this divided by its size, rounded down.</param>
    /// <param name="device">Where the result goes.</param>
    /// <returns>[A, 4], Float32, <see cref="BoxFormat.Xyxy"/>.</returns>
    /// <exception cref="ArgumentException">There are more or fewer maps than the generator was made for, or one is empty.</exception>
    public Tensor Generate(IReadOnlyList<ImageSize> maps, ImageSize image, Device device)
    {
        if (maps.Count != cells.Length)
            throw new ArgumentException($"found {maps.Count} feature maps, expected {cells.Length}, for which sizes were given", nameof(maps));
        if (maps.Any(map => map.Height < 1 || map.Width < 1))
            throw new ArgumentException($"found feature maps of {string.Join(", ", maps)}, expected at least one cell in each", nameof(maps));
        using var scope = new TensorScope();
        var counts = maps.Select((map, level) => map.Height * map.Width * cells[level].Length).ToArray();
        var anchors = Tensor.Empty([counts.Sum() / 4, 4]);
        var memory = anchors.Memory<float>();
        for (var level = 0; level < maps.Count; level++)
        {
            var stride = new ImageSize(image.Height / maps[level].Height, image.Width / maps[level].Width);
            AnchorKernel.Grid(cells[level], maps[level], stride, memory[..counts[level]]);
            memory = memory[counts[level]..];
        }

        return scope.Keep(device.IsCuda ? anchors.To(device) : anchors);
    }
}
