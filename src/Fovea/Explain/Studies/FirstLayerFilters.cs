using Fovea.Imaging;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Explain;

/// <summary>The kernels of the first convolution as pictures: the one layer whose weights can be looked at, since its inputs are colours.</summary>
public static class FirstLayerFilters
{
    private const int Enlargement = 6, Gap = 2;

    /// <summary>The kernels in a grid, each pixel of a kernel enlarged.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eachOnItsOwn">Whether every kernel is stretched from black to white; otherwise one scale holds for all, so that weak ones look weak.</param>
    /// <exception cref="FoveaException">The network has no convolution of images.</exception>
    public static Image Draw(Module network, bool eachOnItsOwn = false)
    {
        var first = network.NamedModules().Select(static part => part.Value).OfType<Conv2d>().FirstOrDefault()
            ?? throw new FoveaException($"filters: found no convolution of images in {network.GetType().Name}, expected one");
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var weight = first.Weight.Detach().To(Device.Cpu, Dtype.Float32);
        if (network is VisionModel { Preprocessing.BlueFirst: true })
            weight = weight.Flip([1]);
        // Kernels of other than three colours are shown map by map.
        var kernels = weight.Shape[1] == 3 ? weight : weight.Reshape([-1, 1, weight.Shape[2], weight.Shape[3]]);
        var (least, greatest) = eachOnItsOwn
            ? (kernels.Amin([1, 2, 3], keepdim: true), kernels.Amax([1, 2, 3], keepdim: true))
            : (kernels.Min(), kernels.Max());
        return Grid(((kernels - least) / (greatest - least + 1e-7)).Clamp(0, 1));
    }

    private static Image Grid(Tensor kernels)
    {
        var (count, channels, height, width) = ((int)kernels.Shape[0], (int)kernels.Shape[1], (int)kernels.Shape[2], (int)kernels.Shape[3]);
        var columns = (int)Math.Ceiling(Math.Sqrt(count));
        var rows = (count + columns - 1) / columns;
        var (tileHeight, tileWidth) = (height * Enlargement + Gap, width * Enlargement + Gap);
        var grid = new Image(new ImageSize(rows * tileHeight + Gap, columns * tileWidth + Gap), channels);
        grid.Data.AsSpan().Fill(255);
        for (var i = 0; i < count; i++)
        {
            var tile = TensorPicture.ToImage(kernels[i]).Resize(new ImageSize(height * Enlargement, width * Enlargement), Interpolation.Nearest);
            var (top, left) = (i / columns * tileHeight + Gap, i % columns * tileWidth + Gap);
            for (var y = 0; y < tile.Height; y++)
                tile.Data.AsSpan(y * tile.Width * channels, tile.Width * channels).CopyTo(grid.Data.AsSpan(((top + y) * grid.Width + left) * channels));
        }

        return grid;
    }
}
