namespace Fovea.Imaging;

/// <summary>How pixel values between pixels are found.</summary>
public enum Interpolation
{
    /// <summary>The nearest pixel.</summary>
    Nearest,

    /// <summary>Linear between the four nearest pixels, half-pixel centres, no smoothing when shrinking (OpenCV, torch without antialias).</summary>
    Bilinear,

    /// <summary>Linear with a filter as wide as the shrinking demands, bit-exact with Pillow; what published classification weights need.</summary>
    BilinearAntialias,

    /// <summary>Mean over the area that shrinks into a pixel.</summary>
    Area,

    /// <summary>Cubic convolution, no smoothing when shrinking.</summary>
    Cubic,

    /// <summary>Cubic convolution with a filter as wide as the shrinking demands, bit-exact with Pillow; what timm's Inception weights need.</summary>
    BicubicAntialias,
}
