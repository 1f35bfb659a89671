using System.Numerics;

namespace Fovea.Ops.Kernels;

/// <summary>Boxes as offsets from reference boxes (Girshick et al. 2014, appendix C), and back.</summary>
internal static class BoxCodingKernel
{
    /// <summary>Encodes each box against the reference of its row.</summary>
    /// <param name="boxes">N boxes (x1, y1, x2, y2).</param>
    /// <param name="references">N reference boxes of positive size.</param>
    /// <param name="weights">What the offsets of x, y, width and height are multiplied by.</param>
    /// <param name="codes">N rows of 4 offsets.</param>
    public static void Encode<T>(ReadOnlyMemory<T> boxes, ReadOnlyMemory<T> references, BoxWeights weights, Memory<T> codes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var half = T.CreateChecked(0.5);
        var (wx, wy) = (T.CreateChecked(weights.X), T.CreateChecked(weights.Y));
        var (ww, wh) = (T.CreateChecked(weights.Width), T.CreateChecked(weights.Height));
        Cores.For(boxes.Length / 4, 8192, (from, to) =>
        {
            var source = boxes.Span;
            var anchor = references.Span;
            var target = codes.Span;
            for (var i = 4 * from; i < 4 * to; i += 4)
            {
                var (width, height) = (anchor[i + 2] - anchor[i], anchor[i + 3] - anchor[i + 1]);
                var (boxWidth, boxHeight) = (source[i + 2] - source[i], source[i + 3] - source[i + 1]);
                target[i] = wx * (source[i] + half * boxWidth - (anchor[i] + half * width)) / width;
                target[i + 1] = wy * (source[i + 1] + half * boxHeight - (anchor[i + 1] + half * height)) / height;
                target[i + 2] = ww * T.Log(boxWidth / width);
                target[i + 3] = wh * T.Log(boxHeight / height);
            }
        });
    }

    /// <summary>Decodes the offsets of each row, 4 for every class, against the reference of the row.</summary>
    /// <param name="codes">N rows of 4 K offsets.</param>
    /// <param name="references">N reference boxes.</param>
    /// <param name="weights">What the offsets were multiplied by.</param>
    /// <param name="clip">Largest logarithm of a growth in size.</param>
    /// <param name="boxes">N rows of K boxes (x1, y1, x2, y2).</param>
    public static void Decode<T>(ReadOnlyMemory<T> codes, ReadOnlyMemory<T> references, BoxWeights weights, double clip, Memory<T> boxes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (references.Length == 0)
            return;
        var perRow = codes.Length / (references.Length / 4);
        var (half, limit) = (T.CreateChecked(0.5), T.CreateChecked(clip));
        var (wx, wy) = (T.CreateChecked(weights.X), T.CreateChecked(weights.Y));
        var (ww, wh) = (T.CreateChecked(weights.Width), T.CreateChecked(weights.Height));
        Cores.For(references.Length / 4, Math.Max(1, 8192 / Math.Max(1, perRow)), (from, to) =>
        {
            var code = codes.Span;
            var anchor = references.Span;
            var target = boxes.Span;
            for (var row = from; row < to; row++)
            {
                var (width, height) = (anchor[4 * row + 2] - anchor[4 * row], anchor[4 * row + 3] - anchor[4 * row + 1]);
                var (cx, cy) = (anchor[4 * row] + half * width, anchor[4 * row + 1] + half * height);
                for (var i = row * perRow; i < (row + 1) * perRow; i += 4)
                {
                    var (x, y) = (code[i] / wx * width + cx, code[i + 1] / wy * height + cy);
                    var halfWidth = half * (T.Exp(T.Min(code[i + 2] / ww, limit)) * width);
                    var halfHeight = half * (T.Exp(T.Min(code[i + 3] / wh, limit)) * height);
                    (target[i], target[i + 1], target[i + 2], target[i + 3]) = (x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight);
                }
            }
        });
    }
}
