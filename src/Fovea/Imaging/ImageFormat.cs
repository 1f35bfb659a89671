namespace Fovea.Imaging;

/// <summary>The file formats that are read.</summary>
public enum ImageFormat
{
    /// <summary>JPEG: grey, YCbCr, RGB, CMYK and YCCK, baseline and progressive.</summary>
    Jpeg,

    /// <summary>PNG: every depth, palette, alpha and interlacing.</summary>
    Png,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>TIFF; the first page.</summary>
    Tiff,

    /// <summary>WebP, lossy or lossless; the first frame.</summary>
    WebP,

    /// <summary>GIF; the first frame.</summary>
    Gif,
}
