using Fovea.Imaging;
using Fovea.Imaging.Drawing;
using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>Draws what methods find on the picture that the network saw.</summary>
public static class ExplanationDrawing
{
    // Single pixels with a huge gradient would leave all others dark.
    private const double Brightest = 0.995;

    /// <summary>An overlay: heat over the picture, what speaks against the score as dark as what says nothing; or gradients as a picture of their own.</summary>
    /// <param name="subject">What was asked.</param>
    /// <param name="raw">What the method gave, <c>[h, w]</c> or <c>[C, H, W]</c>.</param>
    /// <param name="asGradient">Whether three dimensions are shown as colours (guided backpropagation, deconvnet) or as heat (shares).</param>
    /// <param name="showsScale">Whether the scale of the heat stands beside it.</param>
    public static SvgCanvas Draw(Subject subject, Tensor raw, bool asGradient, bool showsScale = true)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var size = subject.Origin.NetworkSize;
        if (asGradient && raw.Rank == 3)
            return Plain(TensorPicture.OfGradient(raw.Narrow(1, 0, size.Height).Narrow(2, 0, size.Width), subject.Model.Preprocessing));
        var heat = Seen(subject, raw);
        var values = heat.To(Device.Cpu, Dtype.Float32).Contiguous().ToArray<float>();
        var high = raw.Shape[-1] < size.Width ? values.Max() : Quantile(values, Brightest);
        return HeatMapDrawing.Draw(values, size, Picture(subject), ColourMap.Jet, range: (0, Math.Max(high, 1e-7)), showsScale: showsScale);
    }

    /// <summary>The heat of every pixel that is no padding, <c>[H, W]</c>, in the caller's scope.</summary>
    public static Tensor Seen(Subject subject, Tensor raw)
    {
        using var scope = new TensorScope();
        var size = subject.Origin.NetworkSize;
        return scope.Keep(ExplanationMethod.Heat(raw, subject.Size).Narrow(0, 0, size.Height).Narrow(1, 0, size.Width).Clone());
    }

    /// <summary>The picture that the network saw.</summary>
    public static Image Picture(Subject subject) => TensorPicture.OfInput(subject.Images, subject.Model.Preprocessing, subject.Origin.NetworkSize);

    /// <summary>A picture as a drawing; small ones enlarged, with their pixels as squares.</summary>
    public static SvgCanvas Plain(Image image)
    {
        var scale = Math.Max(1, Math.Round(480.0 / Math.Max(image.Width, image.Height)));
        return new SvgCanvas(image.Width * scale, image.Height * scale).Picture(image, 0, 0, image.Width * scale, image.Height * scale, smooth: scale < 4);
    }

    private static double Quantile(float[] values, double share)
    {
        var sorted = values.Where(float.IsFinite).Order().ToArray();
        return sorted.Length == 0 ? 1 : sorted[(int)(share * (sorted.Length - 1))];
    }
}
